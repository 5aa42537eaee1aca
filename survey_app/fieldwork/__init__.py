"""Fieldwork: who asks, where, and under which code.

In: codes, names and dates typed by staff. Out: ``Organisation``, ``Project``, ``Module``, ``Session``,
``RegisterCount``. Knows nothing of: answers, databases, pages.
"""
