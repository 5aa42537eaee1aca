"""Aggregation: from responses to exact counts.

In: plain facts (`facts`): sessions, questionnaires' items, register counts, a stream of responses.
Out: `LinkedTables`, every unprotected table of one release tied together by its atoms, or `NothingToCount`.
Knows nothing of: files of questionnaires, databases, the web, policies, what may be published.
"""
