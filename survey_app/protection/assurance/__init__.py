"""Rule 9 of the disclosure specification: the independent attacker that has the last word on every release.

The attacker writes down everything that is known as a system of linear equations over whole numbers: published figures,
additivity, which groups are the same people, earlier releases, ceilings from registers, no negative counts. A withheld
figure is safe only when two data sets *of whole persons* that agree with all of it are found, in which the figure differs by
at least the policy's width; nothing that is merely not disproved counts as safe. The strict reading of the rule is taken:

* every withheld figure, primary or complementary, needs the full width, which is at least the smallest count, so that no
  range lies within 0 < x < k;
* a figure that *is* low (0 < x < k) needs both a data set in which it is 0 and one in which it is at least k;
* a group of fewer than ``group_at_risk`` people may not be seen to have given one answer. Where its answers are withheld,
  the width (never less than ``dissenters``) leaves for each answer a data set in which that many people gave another one.

**A release may add nothing to what was too narrow before it.** What registers and earlier releases tell, of whatever tier,
can not be made secret any more; demanding its width again would refuse every later release and protect nobody. So each
range is also computed without the new figures, with every data set allowed that agrees with the rest, broken persons
included, which makes that range too wide rather than too narrow. A figure whose range was narrower than demanded already
must keep the whole of it. Hence whatever the release newly tells of such a figure is a violation, and a release that tells
nothing new is safe by itself and needs no proof.

**A figure that is withheld for the sake of others only** needs no more than the sensitive ones of a line that it stands in
(a sum and its parts): with a partner of three people in its register, the lead's own figure beside it can move by three. It
needs as much as they, because a later release is compared with a withheld figure by its range.

``attack_counts`` knows the atoms and is asked before a release is written. ``attack`` works from published tables alone; it
sees less of what links the tables (not which sessions lie behind a module, nor that two questions were asked of the same
people, which need not be so where a project changed its questions), so that a release that passes the first passes
the second, and it is what anybody can repeat on a release folder.

**Insiders.** Facilitators know how many people came to each room: the engine asks for the attack with that as known, too. A
respondent knows one answer of each question, their own, and whatever is left to find is the others' answers. So do as many
as the policy's ``coalition`` says together. The width is at least one person more than they are, so that what they know fills
no range; this is tried on small worlds by listing every data set.

Nothing here is shared with the engine: neither code nor data structures nor the search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey_app.aggregation.tables import OTHER_ANSWERS, TOTAL, Axis, Coordinates, LinkedTables
from survey_app.protection.assurance.counts import system_of_counts
from survey_app.protection.assurance.reader import Readable, Reader, value_told
from survey_app.protection.assurance.search import NothingAgreesError, Search
from survey_app.protection.assurance.system import System, Where
from survey_app.protection.effort import Effort
from survey_app.protection.knowledge import Known
from survey_app.protection.policy import Policy
from survey_app.protection.protected import ProtectedTable, Rounded, Status
from survey_app.protection.reasons import Attack, Lost

ADDITIVITY: Final = "additivity"
WHOLE_PERSONS: Final = "whole-persons"
REGISTERS: Final = "registers"
EARLIER: Final = "earlier-releases"
GROUPS: Final = "one-answer"
LOW_COUNT: Final = "low-count"
NOT_POSSIBLE: Final = "not-possible"  # no data set agrees with the published figures
NARROWED: Final = "narrowed"  # the count can be computed, or narrowed too far, from the other figures


@dataclass(frozen=True, slots=True)
class Violation:
    """An attack that worked: on which cell, and which attack. Never says a hidden count."""

    at: Coordinates
    attack: Lost
    where: Where


@dataclass(frozen=True, slots=True)
class AttackResult:
    """``narrowest``: the least width proven for a withheld cell, in persons; the true range may be wider.

    Cells that could be computed before the release was made are not among them.
    """

    violations: tuple[Violation, ...]
    cells_attacked: int
    narrowest: int | None
    attacks: tuple[Attack, ...]

    @property
    def is_clean(self) -> bool:
        """Say whether no attack worked."""
        return not self.violations


_IMPOSSIBLE: Final = Violation(Coordinates("", "people"), NOT_POSSIBLE, (0, ()))


def attack_counts(  # noqa: PLR0913, PLR0917 - a release, and what is known and demanded
    linked: LinkedTables,
    statuses: Mapping[Where, Status],
    policy: Policy,
    known: Sequence[Known] = (),
    sensitive: Collection[Where] | None = None,
    effort: Effort | None = None,
) -> AttackResult:
    """Attack counts before they leave.

    Args:
        linked: the tables, hidden rows of folded partners included.
        statuses: of every cell that was asked, by number of the table and codes.
        policy: the policy of the release.
        known: what is known beside the release. Facts that contradict the counts are left out.
        sensitive: cells that a rule withholds; without them, all that are withheld. A low count is sensitive in any case.
        effort: what is left of it; once it is spent, all that is not proven counts as lost.
    """
    violations = list(_published_outright(linked, statuses, policy))
    system = system_of_counts(linked, statuses, policy, known, sensitive)
    if any(row.is_new for row in system.rows):
        violations += _lost(system, policy, effort or Effort())
    return _result(system, violations, bool(known))


def attack(
    tables: Sequence[ProtectedTable],
    policy: Policy,
    folded: Mapping[str, str] | None = None,
    rounded: Rounded | None = None,
) -> AttackResult:
    """Attack the tables of one release, from their coordinates and axes alone.

    Args:
        tables: every table of one release.
        policy: the policy that it names.
        folded: partner -> lead, as the release says: the lead's own row then counts people that no row below it shows.
        rounded: how the release says that its figures were rounded.
    """
    return attack_together(
        [Readable(tables, frozenset((folded or {}).values()), rounded.reach if rounded else 0)], policy
    )


def attack_together(releases: Sequence[Readable], policy: Policy) -> AttackResult:
    """Attack the last of some releases with everything that those before it tell; ``policy``: that of the last."""
    tables = releases[-1].tables
    violations = [
        violation
        for number, table in enumerate(tables)
        for violation in _seen_at_once(
            number,
            _values_told(table),
            {codes: cell.at for codes, cell in table.cells.items()},
            table.axes,
            table.answer_axis,
            policy,
        )
    ]
    reader = Reader(releases)
    system = reader.system()
    violations += [
        Violation(at, NARROWED, where) for where, at, people in reader.subtracted if 0 < people < policy.smallest_count
    ]
    violations += _lost(system, policy, Effort())
    return _result(system, violations, earlier=len(releases) > 1)


def _values_told(table: ProtectedTable) -> dict[tuple[str, ...], int]:
    values = {codes: value_told(cell) for codes, cell in table.cells.items()}
    return {codes: value for codes, value in values.items() if value is not None}


def _published_outright(linked: LinkedTables, statuses: Mapping[Where, Status], policy: Policy) -> Iterable[Violation]:
    for number, table in enumerate(linked.tables):
        shown = {
            codes: linked.count(cell)
            for codes, cell in table.cells.items()
            if statuses.get((number, codes)) is Status.PUBLISHED
        }
        counts = {codes: count for codes, count in shown.items() if isinstance(count, int)}
        at = {codes: table.cells[codes].at for codes in counts}
        yield from _seen_at_once(number, counts, at, table.axes, table.answer_axis, policy)


def _seen_at_once(  # noqa: PLR0913, PLR0917 - the parts of a table, of either kind
    number: int,
    counts: Mapping[tuple[str, ...], int],
    at: Mapping[tuple[str, ...], Coordinates],
    axes: Sequence[Axis],
    answer_axis: str | None,
    policy: Policy,
) -> Iterable[Violation]:
    """Find what a reader sees without computing: low counts, and groups of which (nearly) all gave one answer."""
    answer = next((place for place, axis in enumerate(axes) if axis.name == answer_axis), None)
    told = frozenset(axes[answer].leaves) - {OTHER_ANSWERS} if answer is not None else frozenset()
    for codes, count in counts.items():
        if 0 < count < policy.smallest_count:
            yield Violation(at[codes], LOW_COUNT, (number, codes))
        if answer is None or codes[answer] not in told:
            continue
        size = counts.get((*codes[:answer], TOTAL, *codes[answer + 1 :]))
        if size and size < policy.group_at_risk and size - count < policy.dissenters:
            yield Violation(at[codes], GROUPS, (number, codes))


def _lost(system: System, policy: Policy, effort: Effort) -> list[Violation]:
    try:
        found = Search(system, policy, effort).run()
    except NothingAgreesError:
        return [Violation(target.at, NOT_POSSIBLE, target.where) for target in system.targets] or [_IMPOSSIBLE]
    return [Violation(target.at, NARROWED, target.where) for target in found]


def _result(system: System, violations: Sequence[Violation], earlier: bool) -> AttackResult:  # noqa: FBT001
    widths = [int(target.highest - target.lowest) for target in system.targets if target.highest >= target.lowest]
    attacks: tuple[Attack, ...] = (
        LOW_COUNT,
        GROUPS,
        ADDITIVITY,
        WHOLE_PERSONS,
        *((REGISTERS, EARLIER) if earlier else ()),
    )
    return AttackResult(tuple(violations), len(system.targets), min(widths, default=None), attacks)
