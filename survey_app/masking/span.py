"""Where something stands in a text."""

from __future__ import annotations

Span = tuple[int, int]
"""Its first letter, and the one after its last."""
