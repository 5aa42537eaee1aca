"""``survey-app paper``: forms to print for who does not want a tablet, or where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Print paper forms.", no_args_is_help=True)


@app.command("form", epilog="Example: survey-app paper form --project parole --language ar --out form-ar.pdf")
def form(  # noqa: PLR0913 - what staff may wish
    project: Annotated[str, typer.Option(help="Code of the project.")],
    language: Annotated[str, typer.Option(help="Language of the form, such as ar or fa-AF.")],
    out: Annotated[Path, typer.Option(help="PDF file to write.")],
    *,
    large_print: Annotated[bool, typer.Option(help="Large letters, for people who see little.")] = False,
    session: Annotated[str | None, typer.Option(help="Code of a session of the project, to print on the form.")] = None,
    staff_language: Annotated[str, typer.Option(help="Language of the small print for staff: fr, nl or en.")] = "fr",
) -> None:
    """Write the form of a project in one language as PDF, A4, with the letters of its script inside."""
    from survey_app.commands.installation import opened
    from survey_app.foundation.errors import RequestMistakenError
    from survey_app.foundation.languages import STAFF_LANGUAGES
    from survey_app.paper.printing import print_form
    from survey_app.papers import FormRequest, prepare_form
    from survey_app.storage import sessions, structure

    if staff_language not in STAFF_LANGUAGES:
        raise RequestMistakenError(f'"{staff_language}" is no language of staff. Choose: {", ".join(STAFF_LANGUAGES)}.')
    with opened() as here:
        known = structure.find_project(here.db, project)
        if known is None:
            raise RequestMistakenError(f'there is no project "{project}". Look at your set-up file.')
        found = sessions.find(here.db, session) if session is not None else None
        if session is not None and (found is None or found.project != project):
            raise RequestMistakenError(
                f'project "{project}" has no session {session}. Leave --session out, or mend it.'
            )
        wanted = FormRequest(language, staff_language, found, is_large=large_print)
        printed = print_form(
            prepare_form(known, here.questionnaires, here.catalogues, here.languages[known.form], wanted)
        )
    out.write_bytes(printed)
    typer.echo(f"{out} is written.")
