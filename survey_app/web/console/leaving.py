"""Leads a browser to the identity provider: to sign in, to link an account, to sign out there too.

By a page, not by a redirect: what a form is answered with may lead to no other site (``form-action`` of our pages).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.web.console.provider import TRIP_MINUTES, Provider, Trip, Trips
from survey_app.web.console.visit import SIGN_IN, ConsolePage, Visit
from survey_app.web.kit.pages import show

COMES_BACK: Final = f"{SIGN_IN}/provider/return"
ACCOUNT: Final = "/console/account"


@dataclass(frozen=True, slots=True)
class LeavingPage(ConsolePage):
    """Says where the browser goes, and leads it there. ``is_out``: the reader is signed out here already."""

    provider: str
    address: str
    is_out: bool


def find_provider(visit: Visit) -> Provider | None:
    """Return the identity provider of this installation, ``None`` where there is none."""
    return cast("Provider | None", visit.request.app.state.provider)


def find_trips(visit: Visit) -> Trips:
    """Return the trips that are under way."""
    return cast("Trips", visit.request.app.state.trips)


def trip_cookie(visit: Visit) -> str:
    """Return the name of the cookie of a browser that is under way."""
    return "__Host-trip" if visit.is_https else "trip"


def whole_address(visit: Visit, path: str) -> str:
    """Return the whole address of a path here, as the provider knows it."""
    return f"{str(visit.settings.base_url or visit.request.base_url).rstrip('/')}{path}"


def set_off(visit: Visit, trip: Trip) -> Response | None:
    """Lead a browser to the provider; ``None`` where there is none, or it does not answer."""
    provider = find_provider(visit)
    address = None if provider is None else provider.way_in(trip)
    if address is None:
        return None
    reply = _leaving_page(visit, address)
    reply.set_cookie(
        trip_cookie(visit),
        find_trips(visit).begin(trip, clock.now()),
        max_age=TRIP_MINUTES * 60,
        path="/",
        secure=visit.is_https,
        httponly=True,
        samesite="lax",  # it must come along when the provider leads back
    )
    return reply


def begin_link(visit: Visit, name: str) -> Response:
    """Lead who is signed in to the provider, to link their account with who they are there."""
    away = RedirectResponse(f"{ACCOUNT}?problem=provider-away", status_code=303)
    return set_off(visit, Trip(whole_address(visit, COMES_BACK), links=name)) or away


def leave_at_provider(visit: Visit) -> Response | None:
    """Lead a browser that was signed out here to where the provider signs it out; ``None`` where it offers no such place."""
    provider = find_provider(visit)
    address = None if provider is None else provider.way_out(whole_address(visit, SIGN_IN))
    return None if address is None else _leaving_page(visit, address, is_out=True)


def _leaving_page(visit: Visit, address: str, *, is_out: bool = False) -> HTMLResponse:
    page = LeavingPage(
        words=visit.words,
        language=visit.language,
        frame=visit.frame("door"),
        provider=visit.settings.provider_name,
        address=address,
        is_out=is_out,
    )
    return show("console/leaving.html", page, headers={"refresh": f"0; url={address}"})
