"""Report: protected tables become files for people and for programs.

In: `ProtectedTables`, the facts of the release (`ReleaseFacts`), words in the reader's language (`Wording`).
Out: a release folder: `release.json`, `tables.csv`, `tables.json`, a workbook and a report (PDF, DOCX) for each
language; and it read back.
Knows nothing of: responses, unprotected counts, databases, the web.
"""
