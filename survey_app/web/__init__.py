"""Web: pages and API over HTTP. Reads a request, calls one journey, chooses a page.

In: requests. Out: pages, receipts, problems. Knows nothing of: tables, unprotected counts.
"""
