"""Exchange: releases as others receive them: read, verified, attacked again from their files alone.

In: release folders. Out: findings. Knows nothing of: responses, the database, the web.
"""
