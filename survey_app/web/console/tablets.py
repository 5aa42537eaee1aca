"""Desk "Tablets": enrol one by a QR code, see what waits on each, revoke one in a click."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Final

import segno
from babel.dates import format_datetime
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.device import LINK_HOURS, LONGEST_NAME, Device, Place, Tier, clean_name
from survey_app.foundation import clock
from survey_app.lan.presence import Presence
from survey_app.storage import devices, sessions, structure
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, KeepsTablets, stopped
from survey_app.web.kit.device_keys import hash_key
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/tablets", route_class=ConsoleRoute, include_in_schema=False)

GONE_AFTER: Final = timedelta(days=90)
"""A revoked tablet that keeps nothing leaves the list."""

_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """A tablet at one address, as it last said. ``cleared_in``: days until the browser may delete; ``seen``: in words.

    ``ready``: running sessions that open there without a network. ``is_unseen``: not seen since a backup was put back.
    """

    origin: str
    seen: str
    tier: Tier | None = None
    waiting: int = 0
    shelved: int = 0
    copies: int = 0
    persisted: bool = False
    room_left: int | None = None
    cleared_in: int | None = None
    ready: tuple[str, ...] = ()
    is_unseen: bool = False


@dataclass(frozen=True, slots=True)
class TabletCard:
    """One tablet; ``places``: the address seen last first."""

    id: str
    name: str
    organisation: str
    revoked_on: date | None
    places: tuple[PlaceCard, ...]
    kept: int


@dataclass(frozen=True, slots=True)
class TabletsPage(ConsolePage):
    """``errors``: field to code; ``name`` and ``chosen`` (an organisation): what was typed."""

    tablets: tuple[TabletCard, ...]
    organisations: tuple[tuple[str, str], ...]
    name: str = ""
    chosen: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_NAME


@dataclass(frozen=True, slots=True)
class EnrolTabletPage(ConsolePage):
    """The QR code of one tablet, shown once. ``drawn``: as an address of data; ``link`` holds the secret."""

    name: str
    link: str
    drawn: str
    hours: int = LINK_HOURS


@router.get("")
def show_tablets(visit: KeepsTablets) -> HTMLResponse:
    """Show every tablet within reach."""
    return _tablets_page(visit)


@router.post("")
def add(visit: KeepsTablets, name: Annotated[str, Form()] = "", organisation: Annotated[str, Form()] = "") -> Response:
    """Name a new tablet and show its QR code."""
    cleaned = clean_name(name)
    errors: dict[str, str] = {}
    if not cleaned:
        errors["name"] = "tablet-name"
    elif cleaned.casefold() in {
        one.device.name.casefold() for one in _within_reach(visit) if not one.device.revoked_on
    }:
        errors["name"] = "tablet-name-taken"
    if organisation not in visit.reached:
        errors["organisation"] = "organisation-missing"
    if errors:
        return _tablets_page(visit, name, organisation, errors, status=422)
    device = Device(secrets.token_hex(8), cleaned, organisation)
    devices.add_device(visit.db, device)
    visit.note("tablet-added", f"tablet {device.id}")
    return _enrol_page(visit, device)


@router.post("/{device}/link")
def make_link(visit: KeepsTablets, device: str) -> Response:
    """Show another QR code of a tablet, for another address or after its browser was emptied."""
    found = _find(visit, device)
    if found is None or found.revoked_on is not None:
        return stopped(visit, "no-page", 404)
    return _enrol_page(visit, found)


@router.post("/{device}/revoke")
def revoke(visit: KeepsTablets, device: str) -> Response:
    """Revoke a tablet: it can send nothing any more. Again changes nothing."""
    found = _find(visit, device)
    if found is None:
        return stopped(visit, "no-page", 404)
    devices.revoke(visit.db, found.id, clock.today())
    visit.note("tablet-revoked", f"tablet {found.id}")
    return RedirectResponse("/console/tablets", status_code=303)


def _find(visit: DutyVisit, device_id: str) -> Device | None:
    """Return a tablet within reach; each try to find another one is in the log."""
    found = devices.find_device(visit.db, device_id)
    if found is not None and found.organisation in visit.reached:
        return found
    visit.note("refused", f"tablet {device_id if _ID.fullmatch(device_id) else '?'}")
    return None


def _within_reach(visit: DutyVisit) -> tuple[devices.Kept, ...]:
    return tuple(one for one in devices.list_devices(visit.db) if one.device.organisation in visit.reached)


def _enrol_page(visit: DutyVisit, device: Device) -> HTMLResponse:
    token = secrets.token_urlsafe(32)
    now = clock.now()
    devices.add_link(visit.db, hash_key(token), device.id, now + timedelta(hours=LINK_HOURS), now)
    link = f"{_first_page(visit)}#enrol={token}"
    page = EnrolTabletPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("tablets"),
        name=device.name,
        link=link,
        drawn=segno.make_qr(link, error="m").svg_data_uri(border=3, light="#fff", omitsize=True),
    )
    return show("console/enrol_tablet.html", page)


def _first_page(visit: DutyVisit) -> str:
    """Return where a tablet begins: at the steps to trust this computer, or at its own page where that is not needed."""
    presence: Presence | None = visit.request.app.state.presence
    if presence is not None and visit.settings.base_url is None:
        return f"{presence.enrolment}/"
    return f"{visit.tablet_address}/tablet/{visit.language.tag}"


def _tablets_page(
    visit: DutyVisit, name: str = "", chosen: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    now = clock.now()
    running = _find_running(visit)
    names = {one.code: one.name for one in structure.list_organisations(visit.db)}
    page = TabletsPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("tablets"),
        tablets=tuple(_card(visit, one, names, running, now) for one in _within_reach(visit) if not _is_gone(one, now)),
        organisations=tuple((code, names[code]) for code in sorted(visit.reached)),
        name=name,
        chosen=chosen,
        errors=errors or {},
    )
    return show("console/tablets.html", page, status=status)


def _is_gone(one: devices.Kept, now: datetime) -> bool:
    revoked_on = one.device.revoked_on
    return revoked_on is not None and not one.kept and now.date() - revoked_on > GONE_AFTER


def _find_running(visit: DutyVisit) -> frozenset[str]:
    """Return the codes of the sessions within reach that take answers now."""
    projects = {project.code for project in visit.projects()}
    return frozenset(one.code for one in sessions.list_open(visit.db) if one.project in projects)


def _card(
    visit: DutyVisit, one: devices.Kept, names: Mapping[str, str], running: Container[str], now: datetime
) -> TabletCard:
    return TabletCard(
        id=one.device.id,
        name=one.device.name,
        organisation=names[one.device.organisation],
        revoked_on=one.device.revoked_on,
        places=tuple(
            _place(visit, place, running, now) for place in one.places if place == one.places[0] or place.may_keep(now)
        ),
        kept=one.kept,
    )


def _place(visit: DutyVisit, place: Place, running: Container[str], now: datetime) -> PlaceCard:
    if place.seen is None:
        return PlaceCard(place.origin, "")
    seen = format_datetime(place.seen.astimezone(clock.BELGIUM), format="short", locale=visit.language.locale)
    if place.state is None:
        return PlaceCard(place.origin, seen, is_unseen=True)
    return PlaceCard(
        origin=place.origin,
        seen=seen,
        tier=place.state.tier,
        waiting=place.state.waiting,
        shelved=place.state.shelved,
        copies=place.state.copies,
        persisted=place.state.persisted,
        room_left=place.state.room_left,
        cleared_in=place.days_until_cleared(now),
        ready=tuple(code for code in place.state.ready if code in running),
    )
