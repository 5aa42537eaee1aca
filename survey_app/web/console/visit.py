"""A visit: one request of a staff page, who asks, and in which language.

Who may open a page stands in its signature: ``def page(visit: RunsSessions)`` is open to staff with the right
``run-sessions``, ``def page(visit: SignedIn)`` to all signed-in staff, ``def page(visit: Anyone)`` on purpose to everyone.
A guard test walks the routes and fails for one that says none of these. Such a visit knows which organisations the right
of its page reaches, and finds projects and sessions only there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Final, cast
from urllib.parse import quote

from fastapi import Depends
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import care
from survey_app.fieldwork.register_sheet import LARGEST_SHEET
from survey_app.fieldwork.rights import Right, find_reach, may, rights_of
from survey_app.fieldwork.session import Session, is_code
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.languages import Language
from survey_app.foundation.settings import Settings
from survey_app.lan.presence import Presence
from survey_app.questionnaire.loader import Questionnaires
from survey_app.questionnaire.translation import Catalogues
from survey_app.storage import audit, sessions, staff, structure
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database
from survey_app.storage.staff import Staff
from survey_app.web.console.accounts import WINDOW_MINUTES, SignInTries, hash_token
from survey_app.web.console.origin import is_from_here
from survey_app.web.console.tour import TOUR_COOKIE, Stop, find_stop
from survey_app.web.kit.pages import Page, Words, show
from survey_app.web.kit.staff_language import LANGUAGES, choose_language

LANGUAGE_COOKIE: Final = "staff-language"
SIGN_IN: Final = "/console/sign-in"
LARGEST_FORM: Final = 16_384  # bytes
SECRET_FIELDS: Final = frozenset({"password", "again", "current", "code"})
"""Fields that never go back into a page."""
_CODE: Final = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
"""What a code looks like: anything else that somebody typed does not belong into the log."""


class StopHere(Exception):  # noqa: N818 - not an error: the page is another one
    """Ends a request early with this reply."""

    def __init__(self, reply: Response) -> None:
        super().__init__()
        self.reply = reply


class SignedOut(Exception):  # noqa: N818 - the same
    """Nobody is signed in any more, and a form was sent: it is kept until they are."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit = visit


class ConsoleRoute(APIRoute):
    """A route that answers with the reply of a ``StopHere``, and reads no body larger than a form of ours."""

    largest: ClassVar[int] = LARGEST_FORM
    """Bytes of a form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.method == "POST" and not self._is_small(request.headers.get("content-length", "")):
                return await run_in_threadpool(error_page, request, 413)
            try:
                return await inner(request)
            except SignedOut as signed_out:
                typed = await _read_typed(request)
                return await run_in_threadpool(_ask_again, signed_out.visit, typed)
            except StopHere as stop:
                return stop.reply

        return answer

    def _is_small(self, announced: str) -> bool:
        return announced.isdecimal() and int(announced[:9]) <= self.largest


async def _read_typed(request: Request) -> tuple[tuple[str, str], ...]:
    """Return what was typed into a form, but no password and no file."""
    async with request.form() as form:
        typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return tuple((name, value) for name, value in typed if name not in SECRET_FIELDS)


class SheetRoute(ConsoleRoute):
    """A route that takes a file: a small sheet."""

    largest: ClassVar[int] = LARGEST_SHEET + LARGEST_FORM


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a staff page.

    ``desk``: the tab that is open; ``here``: the address; ``who`` is signed in, ``rights`` what they may do;
    ``is_backup_due``: who looks after backups is reminded; ``is_demo``, ``may_reset``: this is the demonstration, and its
    data can be made anew; ``tour``: where the reader is on its tour.
    """

    desk: str
    here: str
    who: str | None
    languages: tuple[Language, ...]
    is_synthetic: bool
    rights: frozenset[Right] = frozenset()
    is_backup_due: bool = False
    is_demo: bool = False
    may_reset: bool = False
    tour: Stop | None = None


@dataclass(frozen=True, slots=True)
class ConsolePage(Page):
    """Base of the contexts of staff pages."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was sent after its sender had been signed out.

    ``to``: the address that it was for; ``typed``: its fields; ``was``: who was signed in: it goes back to nobody else.
    """

    to: str
    typed: tuple[tuple[str, str], ...] = ()
    was: str = ""

    @property
    def written(self) -> str:
        """The same as text, to travel with the sign-in page."""
        return json.dumps({"to": self.to, "was": self.was, "typed": self.typed})


@dataclass(frozen=True, slots=True)
class SignInPage(ConsolePage):
    """``problem`` is a code: ``""``, ``wrong``, ``wait``, or what went wrong with the identity provider.

    ``kept``: what was typed before the sign-in ended. ``provider``: what staff call the identity provider, ``""`` where there
    is none.
    """

    name: str
    next: str
    problem: str
    kept: Kept | None = None
    wait_minutes: int = WINDOW_MINUTES
    provider: str = ""


@dataclass(frozen=True, slots=True)
class StoppedPage(ConsolePage):
    """One sentence that says why the page does not open. ``reason`` is a code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the installation it reached, the language it is answered in."""

    request: Request
    db: Database
    settings: Settings
    questionnaires: Questionnaires
    catalogues: Catalogues
    language: Language
    words: Words

    @property
    def wants_part(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us by https, directly or through a proxy."""
        base = self.settings.base_url
        return self.request.url.scheme == "https" or (base is not None and base.scheme == "https")

    @property
    def tablet_address(self) -> str:
        """The address that tablets open, without a slash at its end."""
        presence: Presence | None = self.request.app.state.presence
        if self.settings.base_url is None and presence is not None:
            return presence.best
        return str(self.settings.base_url or self.request.base_url).rstrip("/")

    @property
    def is_demo(self) -> bool:
        """Whether this is the demonstration, served as such."""
        return bool(self.request.app.state.is_demo)

    @property
    def reset_demo(self) -> Callable[[], None] | None:
        """What makes all data of the demonstration anew; ``None`` where nothing may."""
        return cast("Callable[[], None] | None", self.request.app.state.reset_demo)

    @property
    def cookie(self) -> str:
        """Name of the cookie of a signed-in browser. The prefix forbids that a neighbouring site sets it."""
        return "__Host-staff" if self.is_https else "staff"

    @property
    def address(self) -> str:
        """The address that the request comes from."""
        client = self.request.client
        return client.host if client else ""

    @property
    def tries(self) -> SignInTries:
        """The tries to sign in that this process has seen."""
        state = self.request.app.state
        if not hasattr(state, "sign_in_tries"):
            state.sign_in_tries = SignInTries()
        return cast("SignInTries", state.sign_in_tries)

    def find_staff(self) -> Staff | None:
        """Return who is signed in."""
        token = self.request.cookies.get(self.cookie)
        return None if token is None else staff.find_signed_in(self.db, hash_token(token), clock.now())

    def frame(self, desk: str, who: Staff | None = None) -> Frame:
        """Return what stands around the page."""
        is_synthetic = any(project.synthetic for project in structure.list_projects(self.db))
        here = self.request.url.path if self.request.method == "GET" else "/console"
        rights = frozenset() if who is None else rights_of(who.posts)
        is_demo = self.is_demo and who is not None
        return Frame(
            desk,
            here,
            None if who is None else who.name,
            LANGUAGES,
            is_synthetic,
            rights,
            is_backup_due="back-up" in rights and care.is_backup_due(self.db, clock.now()),
            is_demo=is_demo,
            may_reset=is_demo and "back-up" in rights and self.reset_demo is not None,
            tour=find_stop(self.request.cookies.get(TOUR_COOKIE), rights) if is_demo else None,
        )


@dataclass(frozen=True, slots=True)
class StaffVisit(Visit):
    """A request of signed-in staff."""

    staff: Staff

    def may(self, right: Right) -> bool:
        """Say whether this member of staff has a right anywhere."""
        return may(self.staff.posts, right)

    def reach(self, right: Right) -> frozenset[str]:
        """Return the codes of the organisations for which this member of staff has a right."""
        return find_reach(self.staff.posts, right, structure.list_organisations(self.db))

    def note(self, action: str, subject: str = "") -> None:
        """Write into the log that this member of staff did something: codes only, never content."""
        audit.record(self.db, Deed(self.staff.name, action, subject), clock.now())

    def desk(self, name: str) -> Frame:
        """Return what stands around the page of a desk."""
        return self.frame(name, self.staff)


@dataclass(frozen=True, slots=True)
class DutyVisit(StaffVisit):
    """A request of staff who have the right of its page. ``reached``: codes of the organisations where they have it.

    What lies elsewhere is not found; each try to find it is in the log, whether it exists or not.
    """

    right: Right
    reached: frozenset[str]

    def projects(self) -> tuple[Project, ...]:
        """Return the projects within reach, by code."""
        return tuple(one for one in structure.list_projects(self.db) if one.organisation in self.reached)

    def find_project(self, code: str) -> Project | None:
        """Return a project within reach."""
        found = structure.find_project(self.db, code)
        if found is not None and found.organisation in self.reached:
            return found
        self.note("refused", f"project {code if _CODE.fullmatch(code) else '?'}")
        return None

    def find_session(self, code: str) -> tuple[Session, Project] | None:
        """Return a session within reach, and its project."""
        if not is_code(code):
            return None
        found = sessions.find_with_project(self.db, code)
        if found is not None and found[1].organisation in self.reached:
            return found
        self.note("refused", f"session {code}")
        return None


def _visit(request: Request) -> Visit:
    visit = _read_visit(request)
    if not is_from_here(request):
        raise StopHere(stopped(visit, "other-site", 403))
    return visit


def _read_visit(request: Request) -> Visit:
    state = request.app.state
    language = choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))
    return Visit(
        request=request,
        db=state.database,
        settings=state.settings,
        questionnaires=state.questionnaires,
        catalogues=state.catalogues,
        language=language,
        words=state.catalogues.messages(language.tag),
    )


def find_signed_in(request: Request) -> StaffVisit | None:
    """Return the visit of who is signed in, before anything of the request is read."""
    visit = _read_visit(request)
    member = visit.find_staff()
    return None if member is None else StaffVisit(**_parts(visit), staff=member)


def _staff_visit(visit: Annotated[Visit, Depends(_visit)]) -> StaffVisit:
    member = visit.find_staff()
    if member is None:
        if visit.request.method == "POST":
            raise SignedOut(visit)
        raise StopHere(_to_sign_in(visit))
    return StaffVisit(**_parts(visit), staff=member)


def _parts(visit: Visit) -> dict[str, Any]:
    return {each.name: getattr(visit, each.name) for each in fields(visit)}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a page asks of its visitor: a right. Who does not have it anywhere finds no page, and the log says so."""

    right: Right

    def __call__(self, visit: Annotated[StaffVisit, Depends(_staff_visit)]) -> DutyVisit:
        if not visit.may(self.right):
            visit.note("refused", visit.request.scope["route"].path)
            raise StopHere(stopped(visit, "no-page", 404))
        return on_duty(visit, self.right)


def on_duty(visit: StaffVisit, right: Right) -> DutyVisit:
    """Return the visit with what a right reaches: nothing where this member of staff does not have it."""
    return DutyVisit(**{**_parts(visit), "right": right, "reached": visit.reach(right)})


def _to_sign_in(visit: Visit) -> Response:
    """Lead to the sign-in page, and from there back to the page that was asked for."""
    request = visit.request
    here = request.url.path if request.method == "GET" and not visit.wants_part else "/console"
    address = f"{SIGN_IN}?next={quote(here)}" if here != "/console" else SIGN_IN
    if visit.wants_part:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


def _ask_again(visit: Visit, typed: tuple[tuple[str, str], ...]) -> Response:
    """Ask who was signed out to sign in again, with what they typed kept on the page."""
    token = visit.request.cookies.get(visit.cookie)
    was = None if token is None else staff.find_signed_out(visit.db, hash_token(token))
    kept = Kept(visit.request.url.path, typed, was or "") if was is not None else Kept(visit.request.url.path)
    headers = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
    return sign_in_page(visit, name=kept.was, kept=kept, headers=headers if visit.wants_part else None)


def sign_in_page(  # noqa: PLR0913 - each way that the form can come back
    visit: Visit,
    *,
    name: str = "",
    to: str = "/console",
    problem: str = "",
    kept: Kept | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Ask for name and password."""
    page = SignInPage(
        words=visit.words,
        language=visit.language,
        frame=replace(visit.frame("door"), here=SIGN_IN),
        name=name,
        next=to,
        problem=problem,
        kept=kept,
        provider=visit.settings.provider_name,
    )
    return show("console/sign_in.html", page, status=status, headers=headers)


def stopped(visit: Visit, reason: str, status: int) -> Response:
    """Answer with one sentence that says why the page does not open."""
    who = visit.find_staff()
    page = StoppedPage(words=visit.words, language=visit.language, frame=visit.frame("", who), reason=reason)
    return show("console/stopped.html", page, status=status)


_REASONS: Final[Mapping[int, str]] = {404: "no-page", 405: "no-page", 413: "too-large", 500: "fault", 503: "not-now"}
_OUR_FAULT: Final = 500


def error_page(request: Request, status: int) -> Response:
    """Answer where no route did, in the reader's language and with a way back.

    The database is not asked where it may be what failed. A part that htmx fetches by itself stays as it was.
    """
    visit = _read_visit(request)
    is_ours = status >= _OUR_FAULT
    frame = (
        Frame("", "/console", None, LANGUAGES, is_synthetic=False) if is_ours else visit.frame("", visit.find_staff())
    )
    page = StoppedPage(visit.words, visit.language, frame, _REASONS.get(status, "not-understood"))
    headers = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
    if request.method == "GET":
        headers = {"HX-Reswap": "none"}
    return show("console/stopped.html", page, status=status, headers=headers if visit.wants_part else None)


Anyone = Annotated[Visit, Depends(_visit)]
SignedIn = Annotated[StaffVisit, Depends(_staff_visit)]
RunsSessions = Annotated[DutyVisit, Depends(Needs("run-sessions"))]
SetsUp = Annotated[DutyVisit, Depends(Needs("set-up"))]
AddsOrganisations = Annotated[DutyVisit, Depends(Needs("add-organisations"))]
SeesReleases = Annotated[DutyVisit, Depends(Needs("see-releases"))]
ReleasesInside = Annotated[DutyVisit, Depends(Needs("release-inside"))]
ReturnsIndicator = Annotated[DutyVisit, Depends(Needs("return-indicator"))]
ReviewsReleases = Annotated[DutyVisit, Depends(Needs("review-releases"))]
ReviewsComments = Annotated[DutyVisit, Depends(Needs("review-comments"))]
KeysInPapers = Annotated[DutyVisit, Depends(Needs("key-in-papers"))]
KeepsTablets = Annotated[DutyVisit, Depends(Needs("keep-tablets"))]
ManagesStaff = Annotated[DutyVisit, Depends(Needs("manage-staff"))]
KeepsKeys = Annotated[DutyVisit, Depends(Needs("keep-keys"))]
BacksUp = Annotated[DutyVisit, Depends(Needs("back-up"))]
EditsLanguages = Annotated[DutyVisit, Depends(Needs("edit-languages"))]
ReadsLog = Annotated[DutyVisit, Depends(Needs("read-log"))]
