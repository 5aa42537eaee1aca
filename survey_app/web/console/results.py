"""Desk "Results": what released tables say, item by item, place by place, period by period.

Every page shows a table that has left already, as its folder has it: there is no other way to a figure. What can be chosen
is which of the released tables is shown, never a selection of people, so that nothing can be subtracted that a release did
not allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from survey_app.foundation.periods import read_period
from survey_app.ledger import half_before
from survey_app.report.answering import tell_how_people_answered
from survey_app.report.blocks import Block, Points, Section, Table
from survey_app.report.reading import Earlier, Reading
from survey_app.report.results import Answers, read_answers
from survey_app.storage.ledger import Release
from survey_app.web.console.shelf import Line, describe, find_readable, list_readable, read_in_words
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SeesReleases, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/results", route_class=ConsoleRoute, include_in_schema=False)

_ITEM: Final = re.compile(r"[a-z0-9@:.-]{1,120}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list of released tables: codes, empty for all."""

    period: str = ""
    tier: str = ""
    scope: str = ""

    def fit(self, release: Release) -> bool:
        """Say whether a release is asked for."""
        wanted = ((self.period, release.period), (self.tier, release.tier), (self.scope, release.scope))
        return all(not wish or wish == found for wish, found in wanted)


@dataclass(frozen=True, slots=True)
class ResultsPage(ConsolePage):
    """The released tables to choose from, the latest first. ``scopes``: code and name."""

    released: tuple[Line, ...]
    periods: tuple[str, ...]
    tiers: tuple[str, ...]
    scopes: tuple[tuple[str, str], ...]
    filters: Filters


@dataclass(frozen=True, slots=True)
class ResultPage(ConsolePage):
    """What a released table says. ``sections`` is empty where its folder is not here. ``item``: the one it is about."""

    release: Line
    sections: tuple[Section, ...] = ()
    item: str = ""
    is_synthetic: bool = False


@router.get("")
def show_results(visit: SeesReleases, period: str = "", tier: str = "", scope: str = "") -> HTMLResponse:
    """Show which tables have been released."""
    readable = list_readable(visit)
    filters = Filters(period, tier, scope)
    lines = {release.scope: line.scope for release, line in zip(readable, describe(visit, readable), strict=True)}
    page = ResultsPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("results"),
        released=describe(visit, [release for release in reversed(readable) if filters.fit(release)]),
        periods=tuple(sorted({release.period for release in readable}, reverse=True)),
        tiers=tuple(sorted({release.tier for release in readable})),
        scopes=tuple(sorted(lines.items(), key=lambda line: (line[0] != "all", line[1]))),
        filters=filters,
    )
    return show("console/results.html", page)


@router.get("/{release_id}")
def show_result(visit: SeesReleases, release_id: str) -> Response:
    """Show what a released table says of each question."""
    release = find_readable(visit, release_id)
    if release is None:
        return stopped(visit, "no-release", 404)
    reading = read_in_words(visit, release)
    sections = () if reading is None else tuple(_overview(visit, reading))
    return show("console/result.html", _page(visit, release, reading, sections))


@router.get("/{release_id}/items/{item}")
def show_item(visit: SeesReleases, release_id: str, item: str) -> Response:
    """Show what a released table says of one question: by place, by module, and beside the other periods."""
    release = find_readable(visit, release_id)
    if release is None:
        return stopped(visit, "no-release", 404)
    reading = read_in_words(visit, release)
    if reading is None:
        return show("console/result.html", _page(visit, release, None, ()))
    if _ITEM.fullmatch(item) is None or all(each.item != item for each in reading.everybody()):
        return stopped(visit, "no-page", 404)
    sections = tuple(_about_item(visit, release, reading, item))
    return show("console/result.html", _page(visit, release, reading, sections, reading.told.wording.item(item)))


def _page(
    visit: DutyVisit, release: Release, reading: Reading | None, sections: tuple[Section, ...], item: str = ""
) -> ResultPage:
    return ResultPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("results"),
        release=describe(visit, [release])[0],
        sections=sections,
        item=item,
        is_synthetic=reading is not None and reading.told.facts.synthetic,
    )


def _overview(visit: DutyVisit, reading: Reading) -> Iterator[Section]:
    _ = visit.words.gettext
    blocks: list[Block] = [*reading.distributions(reading.scales())]
    if len(ranks := reading.ranks()) > 1:
        lines = tuple(_("%(rank)d. %(question)s") % {"rank": rank, "question": name} for rank, name in ranks)
        blocks.append(
            Points(
                (
                    _(
                        "From the most positive answers to the fewest; questions that share a place can not be told apart:"
                    ),
                    *lines,
                )
            )
        )
    yield Section("answers", _("Answers to each question"), tuple(blocks))
    if wishes := reading.wishes():
        yield Section("wishes", _("What people want to change"), tuple(reading.distributions(wishes)))
    earlier = _half_before(visit, reading)
    if earlier is not None:
        compared = Reading(reading.told, reading.tables, reading.smallest_base, earlier)
        if (changes := compared.change_table()) is not None:
            yield Section("changes", _("Change since the half-year before"), (changes,))
    if (covered := reading.coverage_table()) is not None:
        yield Section("coverage", _("Who answered"), (covered,))
    yield tell_how_people_answered(reading)


def _half_before(visit: DutyVisit, reading: Reading) -> Earlier | None:
    """Return the last release of the half-year before, for the same readers and scope, as its folder has it."""
    release = half_before(list_readable(visit), reading.told.facts)
    before = read_in_words(visit, release) if release else None
    return None if release is None or before is None or before.is_rounded else Earlier(release.period, before.tables)


def _sisters(visit: DutyVisit, release: Release) -> list[Release]:
    """Return the readable releases for the same readers and about the same scope, the first one first."""
    return [each for each in list_readable(visit) if (each.tier, each.scope) == (release.tier, release.scope)]


def _about_item(visit: DutyVisit, release: Release, reading: Reading, item: str) -> Iterator[Section]:
    _ = visit.words.gettext
    by_place = [each for each in read_answers(reading.tables) if each.item == item]
    yield Section("places", _("By place"), tuple(reading.distributions(by_place, reading.place, _("Place"))))
    by_module = [each for each in read_answers(reading.tables, "module") if each.item == item]
    if len(by_module) > 1:
        yield Section("modules", _("By module"), tuple(reading.distributions(by_module, reading.place, _("Module"))))
    if (periods := _over_periods(visit, release, item)) is not None:
        yield Section("periods", _("Period by period"), (periods,))


def _name_period(answers: Answers) -> str:
    return answers.at.period


def _over_periods(visit: DutyVisit, release: Release, item: str) -> Table | None:
    """Return an item in each half-year that was released, the last release of each; ``None`` where there is only one."""
    latest = {each.period: each for each in _sisters(visit, release) if not read_period(each.period).is_cumulative}
    tables: list[Table] = []
    for period in sorted(latest):
        reading = read_in_words(visit, latest[period])
        found = () if reading is None else tuple(each for each in reading.everybody() if each.item == item)
        if reading is not None and found:
            tables += reading.distributions(found, _name_period, visit.words.gettext("Period"))
    same = [table for table in tables if table.heads == tables[-1].heads]
    legend = {meaning: None for table in same for meaning in table.legend}
    if len(same) < 2:  # noqa: PLR2004 - one period stands above already
        return None
    return Table(same[-1].title, same[-1].heads, tuple(row for table in same for row in table.rows), tuple(legend))
