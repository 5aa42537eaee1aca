"""Storage: the only room that knows a database.

In: ``Response``, sessions, structure, staff, releases. Out: the same, and the documents of a session in an order that
says nothing. Knows nothing of: counting, protecting, pages. Its tables are not for other rooms.
"""
