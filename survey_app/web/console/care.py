"""Desk "Care": how the installation is, in one look; a backup; restoring one stands beside it (``restoring``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Final

from babel.dates import format_datetime
from babel.numbers import format_decimal
from fastapi import APIRouter, Form
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from survey_app import care
from survey_app.backup.made_here import find_made, list_made, make_here, remove_made
from survey_app.backup.making import SHORTEST_PASSPHRASE
from survey_app.care import Finding, Light, Slot
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.lan.presence import Presence
from survey_app.web.console.naming import name_day
from survey_app.web.console.visit import BacksUp, ConsolePage, ConsoleRoute, DutyVisit, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/care", route_class=ConsoleRoute, include_in_schema=False)

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as its page says it: ``slots`` in the reader's words."""

    code: str
    light: Light
    slots: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class BackupLine:
    """A backup that waits here: its size in words."""

    name: str
    size: str


@dataclass(frozen=True, slots=True)
class CarePage(ConsolePage):
    """``is_sqlite``: backups are made here. ``done``: a code of what was done a moment ago; ``problem``: why no backup was."""

    findings: tuple[FindingLine, ...]
    made: tuple[BackupLine, ...]
    is_sqlite: bool
    done: str = ""
    problem: str = ""
    shortest: int = SHORTEST_PASSPHRASE
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_care(visit: BacksUp, done: str = "") -> HTMLResponse:
    """Show how the installation is."""
    return care_page(visit, done=done)


@router.post("/backups")
def make(visit: BacksUp, passphrase: Annotated[str, Form()] = "", again: Annotated[str, Form()] = "") -> Response:
    """Make a backup and open it again; it waits here until somebody has taken it to another disk."""
    errors: dict[str, str] = {}
    if len(passphrase) < SHORTEST_PASSPHRASE:
        errors |= {"passphrase": "passphrase-too-short"}
    elif passphrase != again:
        errors |= {"again": "again-differs"}
    if errors or not visit.db.is_sqlite:
        return care_page(visit, errors=errors, status=422)
    try:
        name, _ = make_here(visit.db, visit.settings.data_dir, passphrase, clock.now(), clock.today())
    except RequestMistakenError:
        return care_page(visit, problem="not-written", status=422)
    visit.note("backup-made", name)
    return RedirectResponse("/console/care?done=made#backups", status_code=303)


@router.get("/backups/{name}")
def download(visit: BacksUp, name: str) -> Response:
    """Hand out a backup that waits here; only its passphrase opens it."""
    found = find_made(visit.settings.data_dir, name)
    if found is None:
        return _no_such_backup(visit)
    visit.note("backup-taken", name)
    return FileResponse(found[0], media_type="application/octet-stream", filename=name)


@router.post("/backups/{name}/remove")
def remove(visit: BacksUp, name: str, elsewhere: Annotated[str, Form()] = "") -> Response:
    """Delete a backup here. Where it is kept elsewhere, tablets may forget what is in it."""
    is_elsewhere = elsewhere == "yes"
    if not remove_made(visit.db, visit.settings.data_dir, name, clock.now(), is_elsewhere=is_elsewhere):
        return _no_such_backup(visit)
    visit.note("backup-kept" if is_elsewhere else "backup-removed", name)
    return RedirectResponse(f"/console/care?done={'kept' if is_elsewhere else 'removed'}", status_code=303)


def _no_such_backup(visit: DutyVisit) -> Response:
    return stopped(visit, "no-page", 404)


def care_page(
    visit: DutyVisit,
    *,
    errors: Mapping[str, str] | None = None,
    done: str = "",
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Show the desk."""
    data_dir = visit.settings.data_dir
    found = care.look_around(visit.db, data_dir, clock.now(), _certificate_ends(visit))
    page = CarePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("care"),
        findings=tuple(_line(visit, one) for one in found),
        made=tuple(BackupLine(one.name, _size(visit, one.size)) for one in list_made(data_dir)),
        is_sqlite=visit.db.is_sqlite,
        done=done,
        problem=problem,
        errors=errors or {},
    )
    return show("console/care.html", page, status=status)


def _certificate_ends(visit: DutyVisit) -> tuple[datetime, datetime] | None:
    presence: Presence | None = visit.request.app.state.presence
    return None if presence is None else presence.certificate_ends


def _line(visit: DutyVisit, finding: Finding) -> FindingLine:
    return FindingLine(finding.code, finding.light, {word: _say(visit, slot) for word, slot in finding.slots.items()})


def _say(visit: DutyVisit, slot: Slot) -> str | int:
    if isinstance(slot, datetime):
        return format_datetime(slot, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale)
    return name_day(slot, visit.language) if isinstance(slot, date) else slot


def _size(visit: DutyVisit, size: int) -> str:
    return f"{format_decimal(round(max(size / _MEGABYTE, 0.1), 1), locale=visit.language.locale)} MB"
