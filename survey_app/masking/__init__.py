"""Masking: what in a person's words could say who they are, found before anybody reads them.

In: a text in any language. Out: its identifying parts, each with its kind, and the text without them. It proposes; a
person decides. Knows nothing of: databases, pages, sound.
"""
