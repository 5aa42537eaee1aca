"""Report: protected tables become files for people and for programs.

In: `ProtectedTables`, the facts of the release (`ReleaseFacts`), words in the reader's language (`Wording`).
Out: a release folder: `release.json`, the tables (CSV with CSVW, JSON, Parquet), a dictionary, and for each language a
workbook, a report (PDF, DOCX) and an SPSS file; and it read back.
Knows nothing of: responses, unprotected counts, databases, the web.
"""
