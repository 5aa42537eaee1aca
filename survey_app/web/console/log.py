"""Desk "Log": who did what, the latest first, and whether the chain is whole. Codes only, never content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from babel.dates import format_datetime
from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from survey_app.foundation import clock
from survey_app.storage import audit
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, ReadsLog
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/log", route_class=ConsoleRoute, include_in_schema=False)

ON_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as staff read it. ``who`` is empty where a command was typed on the machine."""

    number: int
    when: str
    who: str
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class LogPage(ConsolePage):
    """A page of the log. ``broken_at``: number of the first entry that is not as it was written; 0: none.

    ``older``: the number before which the next page begins; 0 where this is the last one.
    """

    lines: tuple[Line, ...]
    broken_at: int
    older: int


@router.get("")
def show_log(visit: ReadsLog, before: Annotated[int, Query(ge=1)] | None = None) -> HTMLResponse:
    """Show a page of the log, and check the whole chain."""
    entries = audit.list_latest(visit.db, ON_A_PAGE, before)
    page = LogPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("log"),
        lines=tuple(
            Line(
                entry.number,
                format_datetime(entry.at, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale),
                entry.deed.who,
                entry.deed.action,
                entry.deed.subject,
            )
            for entry in entries
        ),
        broken_at=audit.find_break(visit.db) or 0,
        older=entries[-1].number if entries and entries[-1].number > 1 else 0,
    )
    return show("console/log.html", page)
