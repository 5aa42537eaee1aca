"""The tablet's own page, for staff and without signing in: what this tablet can do, and what waits on it.

It holds nothing of a person and no secret, so that the tablet keeps it for when there is no network.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from survey_app.foundation.languages import STAFF_LANGUAGES, Language
from survey_app.lan.presence import Presence
from survey_app.web.kit.pages import Page, show
from survey_app.web.kit.staff_language import LANGUAGES, choose_language
from survey_app.web.respond.edition import marks
from survey_app.web.respond.modules import tablet_modules

router = APIRouter()


@dataclass(frozen=True, slots=True)
class TabletPage(Page):
    """What the tablet itself fills in. ``enrolment``: where it learns to trust this computer; empty without ``--lan``."""

    languages: tuple[Language, ...]
    enrolment: str

    @property
    def modules(self) -> tuple[str, ...]:
        return tablet_modules()


@router.get("/tablet")
def choose_page(request: Request) -> Response:
    """Lead to the page in the language of the tablet."""
    language = choose_language(None, request.headers.get("accept-language", ""))
    return RedirectResponse(f"/tablet/{language.tag}", status_code=303)


@router.get("/tablet/{tag}")
def show_tablet(request: Request, tag: str) -> Response:
    """Show what this tablet can do."""
    if tag not in STAFF_LANGUAGES:
        return RedirectResponse("/tablet", status_code=303)
    language = choose_language(tag, "")
    presence: Presence | None = request.app.state.presence
    page = TabletPage(
        words=request.app.state.catalogues.messages(language.tag),
        language=language,
        languages=LANGUAGES,
        enrolment=presence.enrolment if presence is not None else "",
    )
    return show("tablet/tablet.html", page, headers=marks(request.app.state.contents.edition))
