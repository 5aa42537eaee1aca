"""``survey-app staff``: accounts of staff."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from survey_app.foundation.errors import RequestMistakenError

app = typer.Typer(help="Accounts of staff.", no_args_is_help=True)


class RoleName(StrEnum):
    """Roles that an account can have."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    REPORTER = "reporter"


@app.command("add", epilog="Example: survey-app staff add anna --role manager")
def add(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    role: Annotated[
        RoleName,
        typer.Option(
            help="manager: sessions and releases inside the organisation. reporter: the exact totals of R.2.9 too. "
            "administrator: everything."
        ),
    ] = RoleName.MANAGER,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
) -> None:
    """Add an account. The password is asked twice and never shown."""
    from survey_app.commands.installation import opened
    from survey_app.web.console.accounts import add_member

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask()
    with opened() as here:
        member = add_member(here.db, name, password, role.value)
    typer.echo(f'"{member.name}" can sign in as {member.role}.')


@app.command("list", epilog="Example: survey-app staff list")
def list_accounts() -> None:
    """Print the name and the role of each account, one a line."""
    from survey_app.commands.installation import opened
    from survey_app.storage.staff import list_staff

    with opened() as here:
        for member in list_staff(here.db):
            typer.echo(f"{member.name}\t{member.role}")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise RequestMistakenError("there is no terminal to ask for a password. Give it with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
