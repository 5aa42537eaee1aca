"""The door: sign in, sign out, the language of staff pages, the one-time link of the first administrator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.storage import staff as kept
from survey_app.storage import structure
from survey_app.storage.staff import Link, Staff
from survey_app.web.console import accounts
from survey_app.web.console.leaving import begin_link, leave_at_provider
from survey_app.web.console.visit import (
    LANGUAGE_COOKIE,
    LARGEST_FORM,
    SIGN_IN,
    Anyone,
    ConsolePage,
    ConsoleRoute,
    Kept,
    SignedIn,
    Visit,
    sign_in_page,
    stopped,
)
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

HOME: Final = "/console"
_YEAR: Final = 31_536_000  # seconds


@dataclass(frozen=True, slots=True)
class CodePage(ConsolePage):
    """Asks for the code of the second step. ``problem`` as on the sign-in page."""

    next: str
    problem: str
    kept: Kept | None = None
    wait_minutes: int = accounts.WINDOW_MINUTES


@dataclass(frozen=True, slots=True)
class ResumePage(ConsolePage):
    """Gives back what was typed before the sign-in ended, to be sent now."""

    kept: Kept


@dataclass(frozen=True, slots=True)
class FirstPage(ConsolePage):
    """A new account, or a new password where there is no post. ``errors``: field -> code of what is wrong with it.

    ``provider``: what staff call the identity provider that the account can be linked to, ``""`` where there is none.
    """

    post: Post | None
    organisation: str = ""
    name: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    shortest: int = accounts.SHORTEST_PASSWORD
    provider: str = ""


def local(address: str) -> str:
    """Return an address within the console, whatever was asked for: nobody is led to another site."""
    is_ours = address.startswith(f"{HOME}/") or address == HOME
    return address if is_ours and "\\" not in address and ".." not in address and address.isprintable() else HOME


@router.get("/sign-in")
def show_sign_in(visit: Anyone, next: str = HOME) -> Response:  # noqa: A002 - the name of the field in the address
    """Ask for name and password."""
    if visit.find_staff() is not None:
        return RedirectResponse(local(next), status_code=303)
    return sign_in_page(visit, to=local(next))


@router.post("/sign-in")
def sign_in(
    visit: Anyone,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the name of the field
    kept_form: Annotated[str, Form(alias="kept", max_length=LARGEST_FORM)] = "",
) -> Response:
    """Sign in, or say that it did not work without saying why."""
    to, form = local(next), read_kept(kept_form)
    if not visit.tries.may_try(name):
        return sign_in_page(visit, name=name, to=to, problem="wait", kept=form, status=429)
    member = accounts.check_password(visit.db, name, password)
    if member is None:
        return sign_in_page(visit, name=name, to=to, problem="wrong", kept=form, status=422)
    if member.totp is None:
        visit.tries.forgive(name)
    return take_next_step(visit, member, to, form)


@router.post("/sign-in/code")
def give_code(
    visit: Anyone,
    code: Annotated[str, Form(max_length=20)] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the name of the field
    kept_form: Annotated[str, Form(alias="kept", max_length=LARGEST_FORM)] = "",
) -> Response:
    """Take the second step, or say that the code is not right."""
    token = accounts.hash_token(visit.request.cookies.get(visit.cookie, ""))
    member = kept.find_signed_in(visit.db, token, clock.now(), waits=True)
    to, form = local(next), read_kept(kept_form)
    if member is None:
        return sign_in_page(visit, to=to, kept=form, status=422)
    if not visit.tries.may_try(member.name, "code"):
        return _code_page(visit, to, "wait", form, status=429)
    if not accounts.passes_second_step(visit.db, member, code, clock.now()):
        return _code_page(visit, to, "wrong", form, status=422)
    visit.tries.forgive(member.name)
    by_provider = kept.came_by_provider(visit.db, token)
    kept.end_staff_session(visit.db, token)
    return let_in(visit, member, to, form, by_provider=by_provider)


def read_kept(text: str) -> Kept | None:
    """Read a form that came back with the sign-in; ``None`` where there is none, or it is none of ours."""
    try:
        form = json.loads(text)
        typed = tuple((str(name), str(value)) for name, value in form["typed"])
        return Kept(local(str(form["to"])), typed, str(form["was"])) if typed else None
    except (ValueError, TypeError, KeyError):
        return None


@router.post("/sign-out")
def sign_out(visit: SignedIn) -> Response:
    """Sign this browser out, and at the identity provider where that one vouched for it."""
    token = accounts.hash_token(visit.request.cookies.get(visit.cookie, ""))
    by_provider = kept.came_by_provider(visit.db, token)
    kept.end_staff_session(visit.db, token)
    reply: Response = RedirectResponse(SIGN_IN, status_code=303)
    if by_provider:
        reply = leave_at_provider(visit) or reply
    reply.delete_cookie(visit.cookie, path="/", secure=visit.is_https, httponly=True, samesite="lax")
    return reply


@router.post("/language")
def choose_language(
    visit: Anyone,
    language: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the name of the field
) -> Response:
    """Remember the language of staff pages in this browser."""
    reply = RedirectResponse(local(next), status_code=303)
    if language in STAFF_LANGUAGES:
        reply.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_YEAR, path=HOME, secure=visit.is_https, httponly=True, samesite="lax"
        )
    return reply


@router.get("/first/{token}")
def show_first(visit: Anyone, token: str) -> Response:
    """Ask for the name and the password of a new account, or for a new password. Opening the page uses nothing up."""
    link = kept.peek_one_time_link(visit.db, accounts.hash_token(token), clock.now())
    if link is None:
        return stopped(visit, "link-gone", 404)
    return _first_page(visit, link, "", {})


@router.post("/first/{token}")
def use_first(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: Anyone,
    token: str,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
    link: Annotated[str, Form(alias="provider")] = "",
) -> Response:
    """Make the account and sign its owner in; or replace the password of one that is there.

    Who wants to sign in by the identity provider too is led there next: the account is made in any case.
    """
    door = kept.peek_one_time_link(visit.db, accounts.hash_token(token), clock.now())
    if door is None:
        return stopped(visit, "link-gone", 404)
    errors = _faults(door.staff or accounts.clean_name(name), password, again)
    if errors:
        return _first_page(visit, door, name, errors, status=422)
    if door.post is None:
        return _renew(visit, token, password)
    member = accounts.make_member(name, password, door.post)
    try:
        is_used = kept.use_one_time_link(visit.db, accounts.hash_token(token), member, clock.now())
    except RequestMistakenError:
        return _first_page(visit, door, name, {"name": "name-taken"}, status=422)
    if not is_used:
        return stopped(visit, "link-gone", 404)
    inside = let_in(visit, member, HOME)
    return _with_cookies(inside, begin_link(visit, member.name)) if link else inside


def _with_cookies(of: Response, to: Response) -> Response:
    """Give a reply the cookies of another one."""
    for cookie in of.headers.getlist("set-cookie"):
        to.headers.append("set-cookie", cookie)
    return to


def _renew(visit: Visit, token: str, password: str) -> Response:
    """Replace a password, and let its owner sign in with it: a second step is not passed by a link."""
    hashed = accounts.hash_password(password)
    name = kept.use_link_for_password(visit.db, accounts.hash_token(token), hashed, clock.now())
    if name is None:
        return stopped(visit, "link-gone", 404)
    visit.tries.forgive(name)
    return RedirectResponse(SIGN_IN, status_code=303)


def _faults(name: str, password: str, again: str) -> dict[str, str]:
    found = {"name": accounts.name_fault(name), "password": accounts.password_fault(password, name)}
    if found["password"] is None and again != password:
        found["again"] = "again-differs"
    return {word: code for word, code in found.items() if code is not None}


def take_next_step(
    visit: Visit, member: Staff, to: str, form: Kept | None = None, *, by_provider: bool = False
) -> Response:
    """Let in whom the first step proved, or ask for the second one where the account has it: whichever the first was."""
    if member.totp is None:
        return let_in(visit, member, to, form, by_provider=by_provider)
    hours = accounts.CODE_MINUTES / 60
    token = accounts.start_session(visit.db, member, hours, clock.now(), waits=True, by_provider=by_provider)
    reply = _code_page(visit, to, "", form)
    _set_cookie(visit, reply, token, timedelta(minutes=accounts.CODE_MINUTES))
    return reply


def let_in(visit: Visit, member: Staff, to: str, form: Kept | None = None, *, by_provider: bool = False) -> Response:
    """Sign in; where a form waits that the same person sent, give it back first."""
    hours = visit.settings.staff_hours
    token = accounts.start_session(visit.db, member, hours, clock.now(), by_provider=by_provider)
    reply: Response = RedirectResponse(to, status_code=303)
    if form is not None and form.was == member.name:
        page = ResumePage(words=visit.words, language=visit.language, frame=visit.frame("door", member), kept=form)
        reply = show("console/resume.html", page)
    # Longer than it is good for: by it the server knows whom to give back what was typed meanwhile.
    _set_cookie(visit, reply, token, timedelta(hours=hours) + kept.REMEMBERED)
    return reply


def _set_cookie(visit: Visit, reply: Response, token: str, lasts: timedelta) -> None:
    reply.set_cookie(
        visit.cookie,
        token,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=visit.is_https,
        httponly=True,
        samesite="lax",
    )


def _code_page(visit: Visit, to: str, problem: str, form: Kept | None, status: int = 200) -> HTMLResponse:
    page = CodePage(
        words=visit.words, language=visit.language, frame=visit.frame("door"), next=to, problem=problem, kept=form
    )
    return show("console/code.html", page, status=status)


def _first_page(visit: Visit, link: Link, name: str, errors: Mapping[str, str], status: int = 200) -> HTMLResponse:
    page = FirstPage(
        words=visit.words,
        language=visit.language,
        frame=visit.frame("door"),
        post=link.post,
        organisation=_name_of(visit, link.post),
        name=link.staff or name,
        errors=errors,
        provider=visit.settings.provider_name,
    )
    return show("console/first.html", page, status=status)


def _name_of(visit: Visit, post: Post | None) -> str:
    names = {one.code: one.name for one in structure.list_organisations(visit.db)}
    return "" if post is None else names.get(post.organisation, "")
