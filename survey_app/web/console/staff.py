"""Desk "Staff": invite people, give and take roles, help who forgot a password or lost a phone, close accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast
from urllib.parse import quote

from babel.dates import format_datetime
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.rights import AT_AN_ORGANISATION, ROLES, Post, Role
from survey_app.fieldwork.structure import Organisation
from survey_app.foundation import clock
from survey_app.storage import staff as kept
from survey_app.storage import structure
from survey_app.storage.audit import Deed
from survey_app.storage.staff import LastAdministratorError, Link, Staff
from survey_app.web.console import accounts
from survey_app.web.console.naming import name_day
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ManagesStaff, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/staff", route_class=ConsoleRoute, include_in_schema=False)

HERE = "/console/staff"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the desk shows them; ``posts``: each with the name of its organisation."""

    name: str
    posts: tuple[tuple[Post, str], ...]
    has_second_step: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """A link that nobody used yet, for a new account with a post or for the password of ``name``.

    ``organisation``: name of the post's; ``by``: who made it, empty for the machine.
    """

    number: str
    post: Post | None
    organisation: str
    name: str
    until: str
    by: str


@dataclass(frozen=True, slots=True)
class StaffPage(ConsolePage):
    """Everybody with an account, and the form of an invitation. ``link``: the one made now; it is shown once.

    ``invited``: links that still let somebody in; ``done``: what became of one that was to be withdrawn; ``removed``:
    accounts that can be given back, each with the last day for it.
    """

    people: tuple[Person, ...]
    invited: tuple[Invited, ...]
    done: str
    removed: tuple[tuple[str, str], ...]
    organisations: tuple[Organisation, ...]
    role: str
    organisation: str
    link: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ROLES
    days: int = accounts.INVITATION_HOURS // 24


@dataclass(frozen=True, slots=True)
class PersonPage(ConsolePage):
    """One member of staff. ``problem``: a code; ``link``: for a new password, made now and shown once.

    ``is_linked``: they sign in by the identity provider too, which staff call ``provider``.
    """

    person: Person
    organisations: tuple[Organisation, ...]
    role: str = "facilitator"
    organisation: str = ""
    link: str = ""
    problem: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ROLES
    provider: str = ""
    is_linked: bool = False
    hours: int = accounts.LINK_HOURS
    undo_days: int = kept.GIVEN_BACK_WITHIN.days


@router.get("")
def show_staff(visit: ManagesStaff, done: str = "") -> HTMLResponse:
    """Show everybody who has an account, and who is invited."""
    return _staff_page(visit, "facilitator", "", done=done)


@router.post("/invite")
def invite(
    visit: ManagesStaff, role: Annotated[str, Form()] = "", organisation: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Make a link with which somebody creates their own account."""
    post = _read_post(visit, role, organisation)
    if not isinstance(post, Post):
        return _staff_page(visit, role, organisation, errors=post, status=422)
    path = accounts.make_link(visit.db, Link(post), accounts.INVITATION_HOURS, visit.staff.name, clock.now())
    return _staff_page(visit, role, organisation, link=_whole(visit, path))


@router.post("/links/{number}/withdraw")
def withdraw(visit: ManagesStaff, number: str) -> Response:
    """Make a link worthless that went to the wrong person, or that nobody needs any more."""
    is_gone = accounts.withdraw(visit.db, number, visit.staff.name, clock.now())
    return RedirectResponse(f"{HERE}?done={'withdrawn' if is_gone else 'not-open'}#invited", status_code=303)


@router.get("/{name}")
def show_person(visit: ManagesStaff, name: str) -> Response:
    """Show one member of staff."""
    member = kept.find_staff(visit.db, name)
    return stopped(visit, "no-page", 404) if member is None else _person_page(visit, member)


@router.post("/{name}/posts")
def give_post(
    visit: ManagesStaff,
    name: str,
    role: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
) -> Response:
    """Give one more role."""
    member = kept.find_staff(visit.db, name)
    if member is None:
        return stopped(visit, "no-page", 404)
    post = _read_post(visit, role, organisation)
    if not isinstance(post, Post):
        return _person_page(visit, member, role=role, organisation=organisation, errors=post, status=422)
    deed = Deed(visit.staff.name, "role-given", f"staff {name}: {accounts.say_post(post)}")
    kept.give_post(visit.db, name, post, deed, clock.now())
    return _to(name)


@router.post("/{name}/posts/remove")
def take_post(
    visit: ManagesStaff,
    name: str,
    role: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
) -> Response:
    """Take a role away."""
    member = kept.find_staff(visit.db, name)
    if member is None:
        return stopped(visit, "no-page", 404)
    post = Post(cast("Role", role), organisation)
    deed = Deed(visit.staff.name, "role-taken", f"staff {name}: {accounts.say_post(post)}")
    try:
        if post in member.posts:
            kept.take_post(visit.db, name, post, deed, clock.now())
    except LastAdministratorError:
        return _person_page(visit, member, problem="last-administrator", status=422)
    return _to(name)


@router.post("/{name}/link")
def help_in(visit: ManagesStaff, name: str) -> Response:
    """Make a link with which somebody who forgot their password chooses a new one."""
    member = kept.find_staff(visit.db, name)
    if member is None:
        return stopped(visit, "no-page", 404)
    path = accounts.make_link(visit.db, Link(staff=name), accounts.LINK_HOURS, visit.staff.name, clock.now())
    return _person_page(visit, member, link=_whole(visit, path))


@router.post("/{name}/second-step/remove")
def remove_second_step(visit: ManagesStaff, name: str) -> Response:
    """Take the second step of somebody who lost their phone away, and sign them out everywhere."""
    if kept.find_staff(visit.db, name) is None:
        return stopped(visit, "no-page", 404)
    deed = Deed(visit.staff.name, "second-step-removed", f"staff {name}")
    kept.change_second_step(visit.db, name, None, deed, clock.now())
    kept.end_all_staff_sessions(visit.db, name)
    return _to(name)


@router.post("/{name}/provider/remove")
def unlink_provider(visit: ManagesStaff, name: str) -> Response:
    """Let somebody in by the identity provider no longer: they left there, or another person uses it."""
    if kept.find_staff(visit.db, name) is None:
        return stopped(visit, "no-page", 404)
    kept.unlink_identity(visit.db, name, Deed(visit.staff.name, "provider-unlinked", f"staff {name}"), clock.now())
    return _to(name)


@router.post("/{name}/sign-out")
def sign_out(visit: ManagesStaff, name: str) -> Response:
    """Sign somebody out everywhere."""
    if kept.find_staff(visit.db, name) is None:
        return stopped(visit, "no-page", 404)
    kept.end_all_staff_sessions(visit.db, name)
    visit.note("signed-out-everywhere", f"staff {name}")
    return _to(name)


@router.post("/{name}/remove")
def remove(visit: ManagesStaff, name: str, sure: Annotated[str, Form()] = "") -> Response:
    """Remove an account, where the box says that it is meant."""
    member = kept.find_staff(visit.db, name)
    if member is None:
        return stopped(visit, "no-page", 404)
    if not sure:
        return _person_page(visit, member, errors={"sure": "sure-missing"}, status=422)
    try:
        kept.remove_staff(visit.db, name, Deed(visit.staff.name, "account-removed", f"staff {name}"), clock.now())
    except LastAdministratorError:
        return _person_page(visit, member, problem="last-administrator", status=422)
    return RedirectResponse(HERE, status_code=303)


@router.post("/{name}/give-back")
def give_back(visit: ManagesStaff, name: str) -> Response:
    """Give a removed account back as it was; one that is there stays as it is."""
    deed = Deed(visit.staff.name, "account-given-back", f"staff {name}")
    if not kept.give_back(visit.db, name, deed, clock.now()) and kept.find_staff(visit.db, name) is None:
        return stopped(visit, "no-page", 404)
    return _to(name)


def _to(name: str) -> Response:
    return RedirectResponse(f"{HERE}/{quote(name, safe='')}", status_code=303)


def _whole(visit: DutyVisit, path: str) -> str:
    """Return the whole address of a link, to hand over."""
    return f"{str(visit.settings.base_url or visit.request.base_url).rstrip('/')}{path}"


def _read_post(visit: DutyVisit, role: str, organisation: str) -> Post | dict[str, str]:
    """Read role and organisation; return what is wrong, by field."""
    if role not in ROLES:
        return {"role": "role-missing"}
    post = Post(role, organisation if role in AT_AN_ORGANISATION else "")
    known = {one.code for one in structure.list_organisations(visit.db)}
    if role in AT_AN_ORGANISATION and post.organisation not in known:
        return {"organisation": "organisation-missing"}
    return post


def _moment(visit: DutyVisit, moment: datetime) -> str:
    return format_datetime(moment, "short", tzinfo=clock.BELGIUM, locale=visit.language.locale)


def _person(member: Staff, names: Mapping[str, str]) -> Person:
    posts = tuple((post, names.get(post.organisation, "")) for post in sorted(member.posts))
    return Person(member.name, posts, has_second_step=member.totp is not None)


def _invited(visit: DutyVisit, names: Mapping[str, str]) -> tuple[Invited, ...]:
    return tuple(
        Invited(
            one.number,
            one.link.post,
            names.get(one.link.post.organisation, "") if one.link.post else "",
            one.link.staff or "",
            _moment(visit, one.until),
            one.by,
        )
        for one in kept.list_open_links(visit.db, clock.now())
    )


def _staff_page(  # noqa: PLR0913 - each way that the form can come back
    visit: DutyVisit,
    role: str,
    organisation: str,
    *,
    link: str = "",
    done: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    organisations = structure.list_organisations(visit.db)
    names = {one.code: one.name for one in organisations}
    page = StaffPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("staff"),
        people=tuple(_person(member, names) for member in kept.list_staff(visit.db)),
        invited=_invited(visit, names),
        done=done,
        removed=tuple(
            (name, name_day(until, visit.language)) for name, until in kept.list_removed(visit.db, clock.now())
        ),
        organisations=organisations,
        role=role,
        organisation=organisation,
        link=link,
        errors=errors or {},
    )
    return show("console/staff.html", page, status=status)


def _person_page(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    member: Staff,
    *,
    role: str = "facilitator",
    organisation: str = "",
    link: str = "",
    problem: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    organisations = structure.list_organisations(visit.db)
    page = PersonPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("staff"),
        person=_person(member, {one.code: one.name for one in organisations}),
        organisations=organisations,
        role=role,
        organisation=organisation,
        link=link,
        problem=problem,
        errors=errors or {},
        provider=visit.settings.provider_name,
        is_linked=kept.is_linked(visit.db, member.name, visit.settings.oidc_issuer),
    )
    return show("console/person.html", page, status=status)
