"""Restoring a backup by page: after a fresh sign-in, with the consequences named; the server goes on with what came back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from survey_app.backup.restoring import Restored, restore_while_serving
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import audit
from survey_app.storage.audit import Deed
from survey_app.storage.database import UnavailableError
from survey_app.storage.sealing import ensure_key
from survey_app.web.console import accounts
from survey_app.web.console.visit import (
    LARGEST_FORM,
    BacksUp,
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    error_page,
    find_signed_in,
)
from survey_app.web.kit.pages import show

LARGEST_BACKUP: Final = 8_000_000_000  # bytes


class RestoreRoute(ConsoleRoute):
    """A route that takes a whole backup, but reads no large body of somebody who may not restore."""

    largest: ClassVar[int] = LARGEST_BACKUP

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            announced = request.headers.get("content-length", "")
            is_small = announced.isdecimal() and int(announced[:11]) <= LARGEST_FORM
            if request.method == "POST" and not is_small and not await run_in_threadpool(_may_restore, request):
                return await run_in_threadpool(error_page, request, 404)
            return await inner(request)

        return answer

    def _is_small(self, announced: str) -> bool:
        return announced.isdecimal() and int(announced[:11]) <= self.largest


router = APIRouter(prefix="/console/care/restore", route_class=RestoreRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RestorePage(ConsolePage):
    """``needs_code``: whoever is signed in has a second step. ``problem``: a code of why nothing was restored."""

    needs_code: bool
    is_sqlite: bool
    is_on_network: bool
    problem: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RestoredPage(ConsolePage):
    """What is back: numbers only."""

    sessions: int
    responses: int
    set_aside: str
    is_on_network: bool


def _may_restore(request: Request) -> bool:
    found = find_signed_in(request)
    return found is not None and found.may("back-up")


@router.get("")
def show_restore(visit: BacksUp) -> HTMLResponse:
    """Say what restoring means, and ask for the file."""
    return _page(visit)


@router.post("")
def restore(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: BacksUp,
    file: Annotated[UploadFile | None, File()] = None,
    passphrase: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    sure: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Restore a backup; or say why not, with nothing changed."""
    if not visit.db.is_sqlite:
        return _page(visit, status=422)
    errors = _faults(file, passphrase, sure)
    if file is None or (errors := errors or _doubts(visit, password, code)):
        return _page(visit, errors=errors, status=422)
    try:
        restored = _restore(visit, file, passphrase)
    except RequestMistakenError:
        return _page(visit, problem="not-opened", status=422)
    except UnavailableError:
        return _page(visit, problem="in-use", status=503)
    ensure_key(visit.db, clock.today())
    visit.request.app.state.take_up()
    audit.record(visit.db, Deed(visit.staff.name, "restored", f"backup {restored.facts.generation}"), clock.now())
    page = RestoredPage(
        words=visit.words,
        language=visit.language,
        frame=visit.frame("door"),
        sessions=restored.facts.sessions,
        responses=restored.facts.responses,
        set_aside=restored.set_aside.name if restored.set_aside else "",
        is_on_network=_is_on_network(visit),
    )
    return show("console/restored.html", page)


def _faults(file: UploadFile | None, passphrase: str, sure: str) -> dict[str, str]:
    missing = {
        "file": None if file is not None and file.filename else "file-missing",
        "passphrase": None if passphrase else "passphrase-missing",
        "sure": None if sure == "yes" else "sure-missing",
    }
    return {word: code for word, code in missing.items() if code is not None}


def _doubts(visit: DutyVisit, password: str, code: str) -> dict[str, str]:
    """Ask again who is there, as signing in does; the same number of tries."""
    name = visit.staff.name
    if not visit.tries.may_try(name):
        return {"password": "wait"}
    if accounts.check_password(visit.db, name, password) is None:
        return {"password": "password-wrong"}
    if visit.staff.totp is not None:
        if not visit.tries.may_try(name, "code"):
            return {"code": "wait"}
        if not accounts.passes_second_step(visit.db, visit.staff, code, clock.now()):
            return {"code": "code-wrong"}
    visit.tries.forgive(name)
    return {}


def _restore(visit: DutyVisit, file: UploadFile, passphrase: str) -> Restored:
    data_dir = visit.settings.data_dir
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as folder:
        taken = Path(folder) / "taken.backup"
        with taken.open("wb") as written:
            shutil.copyfileobj(file.file, written)
        return restore_while_serving(visit.db, taken, data_dir, passphrase, clock.now())


def _is_on_network(visit: DutyVisit) -> bool:
    return visit.request.app.state.presence is not None


def _page(
    visit: DutyVisit, *, errors: Mapping[str, str] | None = None, problem: str = "", status: int = 200
) -> HTMLResponse:
    page = RestorePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("care"),
        needs_code=visit.staff.totp is not None,
        is_sqlite=visit.db.is_sqlite,
        is_on_network=_is_on_network(visit),
        problem=problem,
        errors=errors or {},
    )
    return show("console/restore.html", page, status=status)
