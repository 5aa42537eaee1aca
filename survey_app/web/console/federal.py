"""Signing in by the identity provider: away and back again, and what is not believed.

It opens accounts that are there and were linked by their owner, who proved both: with the password here, and by signing in
there. Nobody becomes staff by it, and no role comes from it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.storage import audit
from survey_app.storage import staff as kept
from survey_app.storage.audit import Deed
from survey_app.storage.staff import Identity
from survey_app.web.console.leaving import (
    ACCOUNT,
    COMES_BACK,
    find_provider,
    find_trips,
    set_off,
    trip_cookie,
    whole_address,
)
from survey_app.web.console.provider import Doubt, Provider, Reason, Trip
from survey_app.web.console.sign_in import HOME, local, read_kept, take_next_step
from survey_app.web.console.visit import LARGEST_FORM, Anyone, ConsoleRoute, Visit, sign_in_page, stopped

router = APIRouter(prefix="/console/sign-in/provider", route_class=ConsoleRoute, include_in_schema=False)

Refusal = Reason | Literal["state-unknown", "denied", "not-linked", "linked-elsewhere", "other-account"]
_TOLD: Final[dict[str, str]] = {
    "away": "provider-away",
    "denied": "provider-denied",
    "state-unknown": "provider-gone",
    "other-account": "provider-gone",
    "not-linked": "provider-not-linked",
    "linked-elsewhere": "provider-linked-elsewhere",
}
"""What its reader is told of a refusal; of all others, that what came is not in order. The log has the reason itself."""


@router.post("")
def leave(
    visit: Anyone,
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the name of the field
    kept_form: Annotated[str, Form(alias="kept", max_length=LARGEST_FORM)] = "",
) -> Response:
    """Lead to the identity provider; what was typed before the last sign-in ended waits here meanwhile."""
    if find_provider(visit) is None:
        return stopped(visit, "no-page", 404)
    trip = Trip(whole_address(visit, COMES_BACK), local(next), read_kept(kept_form))
    return set_off(visit, trip) or _refuse(visit, trip, "away")


@router.get("/return")
def come_back(
    visit: Anyone,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    iss: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Sign in, or link, whom the provider sends back; or refuse, and write down why."""
    provider = find_provider(visit)
    if provider is None:
        return stopped(visit, "no-page", 404)
    trip = find_trips(visit).end(visit.request.cookies.get(trip_cookie(visit), ""), state, clock.now())
    reply = _refuse(visit, None, "state-unknown") if trip is None else _arrive(visit, provider, trip, code, iss)
    reply.delete_cookie(trip_cookie(visit), path="/", secure=visit.is_https, httponly=True, samesite="lax")
    return reply


def _arrive(visit: Visit, provider: Provider, trip: Trip, code: str, issuer: str) -> Response:
    if not code:
        return _refuse(visit, trip, "denied")
    came = provider.redeem(trip, code, issuer)
    if isinstance(came, Doubt):
        return _refuse(visit, trip, came.reason)
    return _link(visit, trip, came) if trip.links else _sign_in(visit, trip, came)


def _sign_in(visit: Visit, trip: Trip, came: Identity) -> Response:
    member = kept.find_by_identity(visit.db, came)
    if member is None:
        return _refuse(visit, trip, "not-linked")
    return take_next_step(visit, member, trip.to, trip.kept, by_provider=True)


def _link(visit: Visit, trip: Trip, came: Identity) -> Response:
    member = visit.find_staff()
    if member is None or member.name != trip.links:
        return _refuse(visit, trip, "other-account")
    deed = Deed(member.name, "provider-linked", f"staff {member.name}")
    if not kept.link_identity(visit.db, member.name, came, deed, clock.now()):
        return _refuse(visit, trip, "linked-elsewhere")
    return RedirectResponse(f"{ACCOUNT}?done=provider-linked", status_code=303)


def _refuse(visit: Visit, trip: Trip | None, reason: Refusal) -> Response:
    """Sign nobody in: say it in a sentence, and write the reason into the log, without anything of what came."""
    if reason != "away" and find_trips(visit).may_be_noted():
        audit.record(visit.db, Deed("" if trip is None else trip.links, "provider-refused", reason), clock.now())
    problem = _TOLD.get(reason, "provider-doubt")
    if trip is not None and trip.links and visit.find_staff() is not None:
        return RedirectResponse(f"{ACCOUNT}?problem={problem}", status_code=303)
    to, form = (HOME, None) if trip is None else (trip.to or HOME, trip.kept)
    name = "" if form is None else form.was
    return sign_in_page(visit, name=name, to=to, problem=problem, kept=form, status=503 if reason == "away" else 422)
