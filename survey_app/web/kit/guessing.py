"""Slows down whoever guesses session codes. A group sits behind one address, so the limit is generous."""

from __future__ import annotations

import ipaddress
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

WRONG_CODES_A_MINUTE: Final = 30
SECONDS: Final = 60
_ONE_HOUSEHOLD: Final = 64  # bits of an IPv6 address that name one line; the rest changes at will


class WrongCodes:
    """Counts wrong session codes per address, in memory only and for a minute.

    An address over the limit is told nothing, right codes included: an answer to the right one would be the prize.
    """

    def __init__(self, most: int = WRONG_CODES_A_MINUTE) -> None:
        self._limit = RateLimitItemPerMinute(most)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def are_too_many(self, request: Request) -> bool:
        """Say whether this address must wait."""
        return not self._limiter.test(self._limit, _line_of(request))

    def note(self, request: Request) -> None:
        """Count one wrong code."""
        self._limiter.hit(self._limit, _line_of(request))


def _line_of(request: Request) -> str:
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:  # noqa: PLR2004 - IPv4
        return host
    return str(ipaddress.ip_network((address, _ONE_HOUSEHOLD), strict=False))
