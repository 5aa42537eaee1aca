"""What can go wrong with a database without anybody being at fault."""

from __future__ import annotations


class UnavailableError(Exception):
    """The database cannot keep anything now: locked, full, unreachable or out of connections. Nothing was stored."""
