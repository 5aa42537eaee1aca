"""Respond: what a respondent's tablet asks for: code, languages, the questionnaire's page, its worker, its API.

In: a session's code, a language, answers. Out: pages without anybody's answer, receipts, problems.
Knows nothing of: the console, counts, tables.
"""
