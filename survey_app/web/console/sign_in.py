"""The door: sign in, sign out, the language of staff pages, the one-time link of the first administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.rights import Post, Role
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.storage import staff as kept
from survey_app.storage.staff import Staff
from survey_app.web.console import accounts
from survey_app.web.console.visit import (
    LANGUAGE_COOKIE,
    SIGN_IN,
    Anyone,
    ConsolePage,
    ConsoleRoute,
    SignedIn,
    Visit,
    stopped,
)
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

HOME: Final = "/console"
_YEAR: Final = 31_536_000  # seconds


@dataclass(frozen=True, slots=True)
class SignInPage(ConsolePage):
    """``problem`` is a code: ``""``, ``wrong`` or ``wait``."""

    name: str
    next: str
    problem: str
    wait_minutes: int = accounts.WINDOW_MINUTES


@dataclass(frozen=True, slots=True)
class FirstPage(ConsolePage):
    """``errors``: field -> code of what is wrong with it."""

    role: Role
    name: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    shortest: int = accounts.SHORTEST_PASSWORD


def local(address: str) -> str:
    """Return an address within the console, whatever was asked for: nobody is led to another site."""
    is_ours = address.startswith(f"{HOME}/") or address == HOME
    return address if is_ours and "\\" not in address and ".." not in address and address.isprintable() else HOME


@router.get("/sign-in")
def show_sign_in(visit: Anyone, next: str = HOME) -> Response:  # noqa: A002 - the name of the field in the address
    """Ask for name and password."""
    if visit.find_staff() is not None:
        return RedirectResponse(local(next), status_code=303)
    return _sign_in_page(visit, "", local(next), "")


@router.post("/sign-in")
def sign_in(
    visit: Anyone,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the name of the field
) -> Response:
    """Sign in, or say that it did not work without saying why."""
    if not visit.tries.may_try(name, visit.address):
        return _sign_in_page(visit, name, local(next), "wait", status=429)
    member = accounts.check_password(visit.db, name, password)
    if member is None:
        return _sign_in_page(visit, name, local(next), "wrong", status=422)
    visit.tries.forgive(name)
    return _let_in(visit, member, local(next))


@router.post("/sign-out")
def sign_out(visit: SignedIn) -> Response:
    """Sign this browser out."""
    token = visit.request.cookies.get(visit.cookie, "")
    kept.end_staff_session(visit.db, accounts.hash_token(token))
    reply = RedirectResponse(SIGN_IN, status_code=303)
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
    """Ask for the name and the password of a new account. Opening the page does not use the link up."""
    post = kept.peek_one_time_link(visit.db, accounts.hash_token(token), clock.now())
    if post is None:
        return stopped(visit, "link-gone", 404)
    return _first_page(visit, post, "", {})


@router.post("/first/{token}")
def use_first(
    visit: Anyone,
    token: str,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Make the account and sign its owner in."""
    now = clock.now()
    post = kept.peek_one_time_link(visit.db, accounts.hash_token(token), now)
    if post is None:
        return stopped(visit, "link-gone", 404)
    errors = _faults(accounts.clean_name(name), password, again)
    if errors:
        return _first_page(visit, post, name, errors, status=422)
    member = accounts.make_member(name, password, post)
    try:
        is_used = kept.use_one_time_link(visit.db, accounts.hash_token(token), member, now)
    except RequestMistakenError:
        return _first_page(visit, post, name, {"name": "name-taken"}, status=422)
    if not is_used:
        return stopped(visit, "link-gone", 404)
    return _let_in(visit, member, HOME)


def _faults(name: str, password: str, again: str) -> dict[str, str]:
    found = {"name": accounts.name_fault(name), "password": accounts.password_fault(password)}
    if found["password"] is None and again != password:
        found["again"] = "again-differs"
    return {word: code for word, code in found.items() if code is not None}


def _let_in(visit: Visit, member: Staff, to: str) -> Response:
    hours = visit.settings.staff_hours
    token = accounts.start_session(visit.db, member, hours, clock.now())
    reply = RedirectResponse(to, status_code=303)
    reply.set_cookie(
        visit.cookie,
        token,
        max_age=int(timedelta(hours=hours).total_seconds()),
        path="/",
        secure=visit.is_https,
        httponly=True,
        samesite="lax",
    )
    return reply


def _sign_in_page(visit: Visit, name: str, to: str, problem: str, status: int = 200) -> HTMLResponse:
    page = SignInPage(
        words=visit.words, language=visit.language, frame=visit.frame("door"), name=name, next=to, problem=problem
    )
    return show("console/sign_in.html", page, status=status)


def _first_page(visit: Visit, post: Post, name: str, errors: Mapping[str, str], status: int = 200) -> HTMLResponse:
    page = FirstPage(
        words=visit.words, language=visit.language, frame=visit.frame("door"), role=post.role, name=name, errors=errors
    )
    return show("console/first.html", page, status=status)
