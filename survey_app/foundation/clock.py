"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# A session's date is the date on the wall of a Belgian welfare centre.
BELGIUM = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in Belgium."""
    return now().astimezone(BELGIUM).date()
