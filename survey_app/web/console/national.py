"""R.2.9 over all instances, on the desk "Review": exact totals added up, and ranges where a release is all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from survey_app import parcels
from survey_app.exchange.parcel import is_as_told
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.population import word_report
from survey_app.report.blocks import Row, Section, Table
from survey_app.report.indicator_return import INDICATOR
from survey_app.report.national import MARGINS, Range, Rows, add_up, read_exact, read_protected
from survey_app.report.wording import Wording
from survey_app.storage import indicator_returns, received
from survey_app.storage.received import ReceivedAudit, ReceivedRelease
from survey_app.web.console.received import how_it_stands, read_received, say_moment
from survey_app.web.console.shelf import ALL, list_readable, read_in_words
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReturnsIndicator
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/review/national", route_class=ConsoleRoute, include_in_schema=False)

OUTSIDE: Final = ("network", "public")


@dataclass(frozen=True, slots=True)
class Source:
    """What an instance adds to the national figures. ``kind``: ``exact``, ``protected`` or ``nothing``; empty name: here."""

    name: str
    kind: Literal["exact", "protected", "not-yet", "failed", "nothing"]
    at: str = ""


@dataclass(frozen=True, slots=True)
class NationalPage(ConsolePage):
    """R.2.9 from the start of the programme to the end of a half-year, over all instances."""

    period: str
    sources: tuple[Source, ...]
    tables: tuple[Section, ...]


@router.get("")
def show_national(visit: ReturnsIndicator, period: str = "") -> HTMLResponse:
    """Add up what every instance told of R.2.9: exact totals, and what its releases show."""
    chosen = choose_half_year(visit, period)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    found = [_own_part(visit, chosen), *_other_parts(visit, chosen)]
    visit.note("national-read", chosen)
    page = NationalPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        period=f"..{chosen}",
        sources=tuple(source for source, _ in found),
        tables=tuple(_national_tables(add_up(rows for _, rows in found), words)),
    )
    return show("console/national.html", page)


def _own_part(visit: DutyVisit, period: str) -> tuple[Source, Rows]:
    """Return what is known here: the last exact totals, else what the last release from the start shows."""
    made = [one for one in indicator_returns.list_returns(visit.db) if one.period == f"..{period}"]
    for one in reversed(made):
        folder = Path(one.folder)
        if is_as_told(folder, "return", one.hash):
            return Source("", "exact", say_moment(visit, one.created)), read_exact((folder / INDICATOR).read_bytes())
    for release in reversed(list_readable(visit)):
        if (release.period, release.scope) == (f"..{period}", ALL) and release.tier in OUTSIDE:
            reading = read_in_words(visit, release)
            if reading is not None and not reading.is_rounded:
                return Source("", "protected", say_moment(visit, release.created)), read_protected(reading.tables)
    return Source("", "nothing"), {}


def _other_parts(visit: DutyVisit, period: str) -> Iterator[tuple[Source, Rows]]:
    """Give what each other instance sent for the same time, the exact totals before a release."""
    sent = [one for one in received.list_received(visit.db) if (one.period, one.scope) == (f"..{period}", ALL)]
    names = {parcel.sender: parcel.sender_name for parcel in received.list_parcels(visit.db)}
    audits = received.list_audits(visit.db)
    for sender, name in sorted(names.items(), key=lambda one: (one[1], one[0])):
        of_them = [one for one in sent if one.sender == sender]
        best_first = sorted(of_them, key=lambda one: (one.kind == "return", one.created), reverse=True)
        yield _part_of(visit, name, best_first, audits)


def _part_of(
    visit: DutyVisit, name: str, best_first: Sequence[ReceivedRelease], audits: Mapping[str, ReceivedAudit]
) -> tuple[Source, Rows]:
    """Return what counts of an instance: nothing that did not stand the attack here, or was not attacked yet."""
    kind: Literal["not-yet", "failed", "nothing"] = "nothing"
    for one in best_first:
        folder = parcels.sound_folder(one, visit.settings.data_dir)
        if folder is None:
            continue
        stands = how_it_stands(one, audits.get(one.hash))
        if stands == "exact":
            return Source(name, "exact", say_moment(visit, one.created)), read_exact((folder / INDICATOR).read_bytes())
        if stands != "sound":
            kind = stands
            continue
        reading = read_received(visit, one, folder)
        if reading is not None and not reading.is_rounded:
            return Source(name, "protected", say_moment(visit, one.created)), read_protected(reading.tables)
    return Source(name, kind), {}


def _national_tables(rows: Rows, words: Wording) -> Iterator[Section]:
    """Put the sums into words, a table for each scale."""
    _ = words.gettext
    for item, found in sorted(rows.items()):
        lines = tuple(Row(_breakdown(words, *row), (_say(found[row], words),)) for row in MARGINS if row in found)
        table = Table(_("By gender and by age"), (_("Breakdown"), _("People who found it helpful")), lines)
        yield Section(f"item-{item}", words.item(item), (table,))


def _breakdown(words: Wording, gender: str, age: str) -> str:
    return words.age(age) if gender == "total" else words.gender(gender)


def _say(found: Range, words: Wording) -> str:
    _ = words.gettext
    if found.is_exact:
        return str(found.low)
    if found.high is None:
        return _("at least %(low)d") % {"low": found.low}
    return _("between %(low)d and %(high)d") % {"low": found.low, "high": found.high}


def choose_half_year(visit: DutyVisit, period: str) -> str:
    """Return a half-year that was asked for; the last one in which a release was made where none was."""
    try:
        return read_period(period).half
    except RequestMistakenError:
        made = [read_period(one.period).half for one in list_readable(visit)]
        return max(made, default=period_of(clock.today()).code)
