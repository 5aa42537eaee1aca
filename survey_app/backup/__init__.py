"""Backup: everything that an installation is, in one locked file, and back again.

In: the data folder of an installation, a passphrase. Out: one file that only the passphrase opens; a data folder.
Knows nothing of: pages, answers, what the database holds.
"""
