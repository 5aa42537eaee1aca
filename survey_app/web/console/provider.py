"""What the console needs of an identity provider: the way there, the way back, and who it says came.

``openid`` speaks with a real one. It and the packages that it needs are imported where a provider is set, and only there.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Literal, Protocol

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from survey_app.foundation.settings import Settings
from survey_app.storage.staff import Identity
from survey_app.web.console.visit import Kept

TRIP_MINUTES: Final = 10
"""How long signing in at the provider may take."""
MOST_TRIPS: Final = 1000
_MOST_NOTED: Final = 40
_NOTED_MINUTES: Final = 15

Reason = Literal[
    "away",
    "code-refused",
    "expired",
    "no-code",
    "not-in-order",
    "wrong-algorithm",
    "wrong-audience",
    "wrong-issuer",
    "wrong-nonce",
    "wrong-signature",
]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody is signed in: the provider did not answer (``away``), or what it sent proves nothing."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Trip:
    """The way of one browser to the provider and back.

    ``state``, ``nonce`` and ``verifier`` tie what comes back to it; ``back`` is where it comes back to. ``to``: the page
    that it wanted; ``kept``: what its owner had typed; ``links``: whose account is to be linked, ``""`` for signing in.
    """

    back: str
    to: str = ""
    kept: Kept | None = None
    links: str = ""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)


class Provider(Protocol):
    """An identity provider. None of these takes longer than some seconds."""

    @property
    def issuer(self) -> str:
        """The address that is its name."""

    def way_in(self, trip: Trip) -> str | None:
        """Return the address at which to sign in there, ``None`` where it does not answer."""

    def redeem(self, trip: Trip, code: str, issuer: str) -> Identity | Doubt:
        """Return who came back with this code. ``issuer``: from whom it says it comes, ``""`` where it does not say."""

    def way_out(self, back: str) -> str | None:
        """Return the address that signs a browser out there, ``None`` where there is none or it does not answer."""


class Trips:
    """The trips that are under way, in the memory of this process: each comes back once, to the browser that began it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: OrderedDict[str, tuple[Trip, datetime]] = OrderedDict()
        self._noted: RateLimitItem = RateLimitItemPerMinute(_MOST_NOTED, _NOTED_MINUTES)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def begin(self, trip: Trip, now: datetime) -> str:
        """Remember a trip; return the token that its browser keeps. Of too many, the oldest is forgotten."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._under_way[token] = (trip, now + timedelta(minutes=TRIP_MINUTES))
            while len(self._under_way) > MOST_TRIPS:
                self._under_way.popitem(last=False)
        return token

    def end(self, token: str, state: str, now: datetime) -> Trip | None:
        """Return the trip of this browser where ``state`` is its own, and forget it in any case."""
        with self._lock:
            trip, until = self._under_way.pop(token, (None, now))
        if trip is None or until <= now:
            return None
        return trip if secrets.compare_digest(trip.state.encode(), state.encode()) else None

    def may_be_noted(self) -> bool:
        """Say whether one more refusal goes into the log: anybody can cause one, and nothing is ever deleted there."""
        return self._limiter.hit(self._noted)


def open_provider(settings: Settings) -> Provider | None:
    """Return the identity provider of these settings, ``None`` where there is none. It is not asked anything yet.

    Raises:
        RequestMistakenError: its secret or its certificates cannot be read.
    """
    if not settings.oidc_issuer:
        return None
    from survey_app.web.console.openid import OpenIdProvider, read_client  # noqa: PLC0415 - only where one is set

    return OpenIdProvider(read_client(settings))
