"""Exchange: what travels between instances: releases as others receive them, batches of closed sessions.

In: release folders; sessions with their responses; signals. Out: findings; sealed and signed batches and parcels, and what was in
them. Knows nothing of: the database, the web.
"""
