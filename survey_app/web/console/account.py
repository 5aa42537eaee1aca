"""Page "My account": the own password, the second step, signing out everywhere."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import segno
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.storage import staff as kept
from survey_app.storage import structure
from survey_app.storage.audit import Deed
from survey_app.web.console import accounts
from survey_app.web.console.leaving import begin_link, find_provider
from survey_app.web.console.visit import SIGN_IN, ConsolePage, ConsoleRoute, SignedIn, StaffVisit, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/account", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AccountPage(ConsolePage):
    """``posts``: each with the name of its organisation; ``done``: a code of what was changed a moment ago.

    ``provider``: what staff call the identity provider, ``""`` where there is none; ``problem``: a code of what went wrong
    with it.
    """

    posts: tuple[tuple[Post, str], ...]
    has_second_step: bool
    provider: str = ""
    is_linked: bool = False
    done: str = ""
    problem: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    shortest: int = accounts.SHORTEST_PASSWORD


@dataclass(frozen=True, slots=True)
class SecondStepPage(ConsolePage):
    """Shows the secret of a second step as picture and as text; it counts once a code proves that the phone has it."""

    secret: str
    drawn: str
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_account(visit: SignedIn, done: str = "", problem: str = "") -> HTMLResponse:
    """Show who is signed in, as what, and how."""
    return _account_page(visit, done=done, problem=problem)


@router.post("/password")
def change_password(
    visit: SignedIn,
    current: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Replace the password and sign out everywhere."""
    if not visit.tries.may_try(visit.staff.name):
        return _account_page(visit, errors={"current": "wait"}, status=429)
    errors = _faults(visit, current, password, again)
    if errors:
        return _account_page(visit, errors=errors, status=422)
    visit.tries.forgive(visit.staff.name)
    deed = Deed(visit.staff.name, "password-changed", f"staff {visit.staff.name}")
    kept.change_password(visit.db, visit.staff.name, accounts.hash_password(password), deed, clock.now())
    return RedirectResponse(SIGN_IN, status_code=303)


@router.post("/sign-out-everywhere")
def sign_out_everywhere(visit: SignedIn) -> Response:
    """Sign this account out in every browser."""
    kept.end_all_staff_sessions(visit.db, visit.staff.name)
    visit.note("signed-out-everywhere", f"staff {visit.staff.name}")
    return RedirectResponse(SIGN_IN, status_code=303)


@router.get("/second-step")
def show_second_step(visit: SignedIn) -> Response:
    """Show a new secret to put into a phone; nothing changes until a code of it comes back."""
    if visit.staff.totp is not None:
        return RedirectResponse("/console/account", status_code=303)
    return _second_step_page(visit, accounts.draw_secret(), {})


@router.post("/second-step")
def set_second_step(
    visit: SignedIn, secret: Annotated[str, Form(max_length=64)] = "", code: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Ask for the second step from now on, where the code proves that the phone has the secret."""
    if visit.staff.totp is not None or not accounts.is_secret(secret):
        return RedirectResponse("/console/account", status_code=303)
    if accounts.find_step(secret, code, clock.now()) is None:
        return _second_step_page(visit, secret, {"code": "code-wrong"}, status=422)
    deed = Deed(visit.staff.name, "second-step-set", f"staff {visit.staff.name}")
    kept.change_second_step(visit.db, visit.staff.name, secret, deed, clock.now())
    return RedirectResponse("/console/account?done=second-step", status_code=303)


@router.post("/second-step/remove")
def remove_second_step(visit: SignedIn, code: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Ask for it no longer; who asks shows that they still have it."""
    if not visit.tries.may_try(visit.staff.name, "code"):
        return _account_page(visit, errors={"code": "wait"}, status=429)
    if not accounts.passes_second_step(visit.db, visit.staff, code, clock.now()):
        return _account_page(visit, errors={"code": "code-wrong"}, status=422)
    deed = Deed(visit.staff.name, "second-step-removed", f"staff {visit.staff.name}")
    kept.change_second_step(visit.db, visit.staff.name, None, deed, clock.now())
    return RedirectResponse("/console/account?done=second-step-removed", status_code=303)


@router.post("/provider")
def link_provider(visit: SignedIn, known: Annotated[str, Form(alias="current")] = "") -> Response:
    """Lead to the identity provider, to sign in by it from then on; who asks shows that the account is theirs."""
    if find_provider(visit) is None:
        return stopped(visit, "no-page", 404)
    if not visit.tries.may_try(visit.staff.name):
        return _account_page(visit, errors={"provider": "wait"}, status=429)
    if accounts.check_password(visit.db, visit.staff.name, known) is None:
        return _account_page(visit, errors={"provider": "password-wrong"}, status=422)
    visit.tries.forgive(visit.staff.name)
    return begin_link(visit, visit.staff.name)


@router.post("/provider/remove")
def unlink_provider(visit: SignedIn) -> Response:
    """Let nobody in by the identity provider any more."""
    deed = Deed(visit.staff.name, "provider-unlinked", f"staff {visit.staff.name}")
    kept.unlink_identity(visit.db, visit.staff.name, deed, clock.now())
    return RedirectResponse("/console/account?done=provider-unlinked", status_code=303)


def _faults(visit: StaffVisit, current: str, password: str, again: str) -> dict[str, str]:
    if accounts.check_password(visit.db, visit.staff.name, current) is None:
        return {"current": "password-wrong"}
    fault = accounts.password_fault(password, visit.staff.name)
    if fault is not None:
        return {"password": fault}
    return {} if again == password else {"again": "again-differs"}


def _account_page(
    visit: StaffVisit, *, done: str = "", problem: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    names = {one.code: one.name for one in structure.list_organisations(visit.db)}
    page = AccountPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("account"),
        posts=tuple((post, names.get(post.organisation, "")) for post in sorted(visit.staff.posts)),
        has_second_step=visit.staff.totp is not None,
        provider=visit.settings.provider_name,
        is_linked=kept.is_linked(visit.db, visit.staff.name, visit.settings.oidc_issuer),
        done=done,
        problem=problem,
        errors=errors or {},
    )
    return show("console/account.html", page, status=status)


def _second_step_page(visit: StaffVisit, secret: str, errors: Mapping[str, str], status: int = 200) -> HTMLResponse:
    drawn = io.BytesIO()
    address = accounts.secret_address(visit.staff.name, secret)
    segno.make_qr(address, error="m").save(drawn, kind="png", scale=6, border=4)
    page = SecondStepPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("account"),
        secret=secret,
        drawn=f"data:image/png;base64,{b64encode(drawn.getvalue()).decode()}",
        errors=errors,
    )
    return show("console/second_step.html", page, status=status)
