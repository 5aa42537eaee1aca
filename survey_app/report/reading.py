"""A release read in one language: its tables as rows of words and bars. What every page and document of results says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError

from survey_app.protection.protected import ProtectedTable, Status
from survey_app.report.blocks import Row, Shade, Table, draw_bar, shades_of
from survey_app.report.intervals import Interval, Verdict
from survey_app.report.results import (
    ANSWERED,
    Answers,
    Change,
    Coverage,
    compare,
    coverage,
    of_all,
    options,
    rank,
    read_answers,
    scales,
)
from survey_app.report.told import Told
from survey_app.report.wording import split_item

SIDES: Final[tuple[Shade, Shade]] = ("positive", "negative")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The release of the half-year before, for the same readers and about the same scope: its period and tables."""

    period: str
    tables: tuple[ProtectedTable, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A release and its reader. ``smallest_base``: the fewest answers that a percentage is computed on."""

    told: Told
    tables: tuple[ProtectedTable, ...]
    smallest_base: int
    earlier: Earlier | None = None

    def everybody(self) -> tuple[Answers, ...]:
        """Return the answers of all people together, item by item."""
        return of_all(read_answers(self.tables))

    def scales(self) -> tuple[Answers, ...]:
        """Return those of questions with a scale."""
        return scales(self.everybody())

    def wishes(self) -> tuple[Answers, ...]:
        """Return those of the options of questions with several answers."""
        return options(self.everybody())

    def coverage(self) -> tuple[Coverage, ...]:
        """Return how many of the registered answered."""
        return coverage(self.tables, self.smallest_base)

    def changes(self) -> tuple[tuple[Answers, Change], ...]:
        """Return how each question with a scale changed since the half-year before, where that can be computed."""
        if self.earlier is None:
            return ()
        before = {each.item: each for each in of_all(read_answers(self.earlier.tables))}
        pairs = (
            (now, compare(now, before[now.item], self.smallest_base)) for now in self.scales() if now.item in before
        )
        return tuple((now, change) for now, change in pairs if change is not None)

    @property
    def is_rounded(self) -> bool:
        """Say whether the figures are rounded."""
        return any(cell.status is Status.ROUNDED for table in self.tables for cell in table.cells.values())

    # -- in words ----------------------------------------------------------------------------------------------------

    def distributions(
        self, answers: Iterable[Answers], label: Callable[[Answers], str] | None = None, head: str = ""
    ) -> list[Table]:
        """Return a table with bars for each scale that the answers were given on; ``head``: of the first column."""
        by_scale: dict[tuple[str, ...], list[Answers]] = {}
        for each in answers:
            by_scale.setdefault(each.scale, []).append(each)
        question = self.told.wording.gettext("Question")
        return [self._distribution(same, label or self.name, head or question) for same in by_scale.values()]

    def name(self, answers: Answers) -> str:
        """Name the question of answers."""
        return self.told.wording.item(answers.item)

    def place(self, answers: Answers) -> str:
        """Name the place or module of answers."""
        if answers.at.module:
            return self.told.wording.module(answers.at.module)
        if answers.depth == 0:
            return self.told.scope()
        return self.told.wording.place(answers.at, is_group=answers.is_group)

    def _distribution(self, same: Sequence[Answers], label: Callable[[Answers], str], head: str) -> Table:
        _ = self.told.wording.gettext
        first = same[0]
        shades = shades_of(first)
        counted = (*first.scale, ANSWERED) if first.scale else (first.said, ANSWERED)
        share = _("Share of positive answers") if first.scale else _("Share who chose it")
        names = {code: self.told.wording.answer(first.item, code) for code in counted}
        rows = tuple(self._row(each, counted, label(each)) for each in same)
        used = {part.shade for row in rows if row.bar for part in row.bar.parts}
        meanings: dict[Shade, str] = {shade: names[code] for code, shade in shades.items()}
        meanings |= {side: self.told.wording.answer(first.item, side) for side in SIDES}
        return Table(
            title=_("Answers") if first.scale else _("Chosen"),
            heads=(head, *names.values(), share, _("Range of chance")),
            rows=rows,
            legend=tuple((shade, name) for shade, name in meanings.items() if shade in used) if first.scale else (),
        )

    def _row(self, answers: Answers, counted: Sequence[str], head: str) -> Row:
        return Row(
            head=head,
            cells=(*(self.told.say_count(answers.cells[code]) for code in counted), *self.say_estimate(answers)),
            depth=answers.depth,
            bar=draw_bar(answers, self.smallest_base),
            key=answers.item,
        )

    def say_estimate(self, answers: Answers) -> tuple[str, str]:
        """Say the share of what is told first, and where it may lie."""
        estimate = answers.estimate(answers.said, self.smallest_base)
        part, base = answers.cells[answers.said], answers.cells[ANSWERED]
        share = self.told.say_percentage(estimate.share if estimate else None, part, base)
        if estimate is None:
            return share, share
        return share, self.say_interval(estimate.interval) if estimate.interval else "-"

    def say_interval(self, interval: Interval) -> str:
        """Say from where to where an interval goes."""
        words = {"low": self.told.say_percent(interval.low), "high": self.told.say_percent(interval.high)}
        return self.told.wording.gettext("%(low)s to %(high)s") % words

    def change_table(self) -> Table | None:
        """Return the table of changes since the half-year before; ``None`` where nothing can be compared."""
        changes = self.changes()
        if self.earlier is None or not changes:
            return None
        _ = self.told.wording.gettext
        period = self.told.wording.period
        return Table(
            title=_("Share of positive answers"),
            heads=(
                _("Question"),
                period(self.earlier.period),
                period(self.told.facts.period),
                _("Change in points"),
                _("Verdict"),
            ),
            rows=tuple(self._change_row(answers, change) for answers, change in changes),
        )

    def _change_row(self, answers: Answers, change: Change) -> Row:
        _ = self.told.wording.gettext
        low, high = _points(change.interval.low), _points(change.interval.high)
        points = _("%(change)s (%(low)s to %(high)s)") % {"change": _points(change.change), "low": low, "high": high}
        cells = (
            self.told.say_percent(change.before.share),
            self.told.say_percent(change.now.share),
            points,
            self.say_verdict(change.verdict),
        )
        return Row(self.name(answers), cells, key=answers.item)

    def say_verdict(self, verdict: Verdict) -> str:
        """Say in plain words whether a share is larger, smaller, or nobody can tell."""
        _ = self.told.wording.gettext
        return {"more": _("more"), "fewer": _("fewer"), "cannot-tell": _("cannot tell")}[verdict]

    def name_language(self, tag: str) -> str:
        """Name a language in that of the reader: a document has not the letters of all of them."""
        wording = self.told.wording
        try:
            return str(Locale.parse(tag.replace("-", "_")).get_display_name(wording.language) or tag)
        except (ValueError, UnknownLocaleError):
            return wording.language_of(tag)

    def coverage_table(self) -> Table | None:
        """Return how many answered of those registered, by place; ``None`` without a register."""
        covered = self.coverage()
        if not covered:
            return None
        _ = self.told.wording.gettext
        by_place = {(one.at.organisation, one.at.project): one for one in covered}
        rows = tuple(
            self._coverage_row(answers, by_place[answers.at.organisation, answers.at.project])
            for answers in read_answers(self.tables)
            if answers.item == covered[0].at.item and (answers.at.organisation, answers.at.project) in by_place
        )
        return Table(
            title=_("Who answered, of those registered"),
            heads=(_("Place"), _("n registered"), _("n asked"), _("Coverage")),
            rows=rows,
        )

    def _coverage_row(self, answers: Answers, one: Coverage) -> Row:
        _ = self.told.wording.gettext
        share = self.told.say_percentage(one.share, one.answered, one.registered)
        if one.is_exceeded:
            share = _("more than registered")
        cells = (self.told.say_count(one.registered), self.told.say_count(one.answered), share)
        return Row(self.place(answers), cells, depth=answers.depth)

    def ranks(self) -> tuple[tuple[int, str], ...]:
        """Return the domains from the highest share on: rank and question. The indicator is not one of them."""
        indicator = self.indicator_items()
        domains = (each for each in self.scales() if split_item(each.item)[0] not in indicator)
        return tuple((one.rank, self.name(one.answers)) for one in rank(domains, self.smallest_base))

    def indicator_items(self) -> frozenset[str]:
        """Return the id of the item that R.2.9 is read from."""
        return frozenset(
            split_item(next(iter(table.cells.values())).at.item)[0]
            for table in self.tables
            if table.name.partition(":")[0] in {"indicator", "indicator-gender", "indicator-age"}
        )


def _points(share: float) -> str:
    """Say a difference of shares in points, with its sign."""
    points = round(100 * share)
    return f"+{points}" if points > 0 else str(points).replace("-", "\N{MINUS SIGN}")
