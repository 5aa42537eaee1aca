"""``survey-app staff``: accounts of staff."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from survey_app.fieldwork.rights import Post, Role
    from survey_app.storage.database import Database

app = typer.Typer(help="Accounts of staff.", no_args_is_help=True)


class RoleName(StrEnum):
    """Roles that an account can have."""

    FACILITATOR = "facilitator"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


@app.command("add", epilog="Example: survey-app staff add anna --role manager --organisation gent")
def add(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    role: Annotated[
        list[RoleName],
        typer.Option(
            help="facilitator: sessions of an organisation. manager: its set-up, results and partners too. reviewer: "
            "releases of all organisations. editor: languages. administrator: staff, keys, backup. Can be repeated."
        ),
    ] = [RoleName.MANAGER],  # noqa: B006 - Typer's default, never changed
    organisation: Annotated[
        str, typer.Option(help="Where a facilitator or a manager works; not needed where there is only one lead.")
    ] = "",
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
) -> None:
    """Add an account. The password is asked twice and never shown."""
    from survey_app.commands.installation import opened
    from survey_app.web.console.accounts import add_member

    with opened() as here:
        posts = [_place(here.db, each.value, organisation) for each in role]
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask()
        member = add_member(here.db, name, password, *posts)
    typer.echo(f'"{member.name}" can sign in as {_say(member.posts)}.')


def _place(db: Database, role: Role, organisation: str) -> Post:
    """Return the post of a role: at the organisation named, or at the only lead that there is."""
    from survey_app.fieldwork.rights import AT_AN_ORGANISATION, Post
    from survey_app.storage.structure import list_organisations

    if role not in AT_AN_ORGANISATION:
        return Post(role)
    there = list_organisations(db)
    leads = [one.code for one in there if one.lead is None]
    chosen = organisation or (leads[0] if len(leads) == 1 else "")
    if chosen in {one.code for one in there}:
        return Post(role, chosen)
    known = ", ".join(one.code for one in there) or "none yet; set one up first with survey-app setup"
    raise RequestMistakenError(f"a {role} works for an organisation: add --organisation CODE. There are: {known}.")


def _say(posts: Iterable[Post]) -> str:
    return ", ".join(
        f"{post.role} of {post.organisation}" if post.organisation else post.role for post in sorted(posts)
    )


@app.command("reset", epilog="Example: survey-app staff reset anna")
def reset(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
) -> None:
    """Give an account a new password and take its second step away, for who lost both. It is signed out everywhere."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.web.console.accounts import reset_member

    with opened() as here:
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask()
        reset_member(here.db, name, password, clock.now())
    typer.echo(f'"{name}" can sign in with the new password.')


@app.command("list", epilog="Example: survey-app staff list")
def list_accounts() -> None:
    """Print the name and the roles of each account, one a line."""
    from survey_app.commands.installation import opened
    from survey_app.storage.staff import list_staff

    with opened() as here:
        for member in list_staff(here.db):
            typer.echo(f"{member.name}\t{_say(member.posts)}")


@app.command("invited", epilog="Example: survey-app staff invited")
def list_invited() -> None:
    """Print the links that nobody used yet, one a line: number, what for, until when, and who made it."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.storage.staff import list_open_links

    with opened() as here:
        for one in list_open_links(here.db, clock.now()):
            what = f"new password of {one.link.staff}" if one.link.post is None else _say([one.link.post])
            until = one.until.astimezone(clock.BELGIUM).isoformat(sep=" ", timespec="minutes")
            typer.echo(f"{one.number}\t{what}\t{until}\t{one.by or 'on the machine'}")


@app.command("withdraw", epilog="Example: survey-app staff withdraw 4f1d02c97be8")
def withdraw(number: Annotated[str, typer.Argument(help="Its number, as survey-app staff invited prints it.")]) -> None:
    """Make a link that nobody used yet worthless. Who still needs one is invited again."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.storage.audit import MACHINE
    from survey_app.web.console import accounts

    with opened() as here:
        if not accounts.withdraw(here.db, number, MACHINE, clock.now()):
            raise RequestMistakenError(f'no open link is called "{number}". Look at: survey-app staff invited')
    typer.echo(f"{number} is withdrawn: its link opens nothing any more.")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise RequestMistakenError("there is no terminal to ask for a password. Give it with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
