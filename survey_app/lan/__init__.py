"""LAN: a laptop that tablets trust without internet: its certificates, its name, its addresses.

In: a folder, a name, the time. Out: an authority that tablets trust once, a certificate that renews itself, a name that the
network knows. Knows nothing of: pages, database, sessions.
"""
