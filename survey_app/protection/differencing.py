"""Rule 6 of the disclosure specification, first form: a release against every earlier one.

Covered, for each earlier release whose sessions are the same as now, part of those of now, or contain those of now:

* **Part of now** (cumulative figures): a figure that was published then and is published now must have grown by 0 or by at
  least ``smallest_count``; grown by less, the earlier figure is repeated (``held``) and the new one withheld. A figure that
  shrank counts other people (a partner was folded then); it is withheld.
* **Contains now** (the whole, then one project): what is left must be 0 or at least ``smallest_count``, else withheld.
* **Same people** (the same sessions and responses; or a row whose published "asked" did not change): the earlier figures
  are known exactly. What was withheld then stays withheld, so that two releases show no more than one, unless the earlier
  tier was stricter than this one.
* **Wholes and their parts**: what is left of a whole when several releases about its parts are taken off (``remainders``).
* Everything known in one of these ways enters the equations of the engine and of the assurance, whatever its tier.

Left to the full specification (rules 6 to 8 and 10): sessions that overlap without one set containing the other; attacks on
the increments as tables of their own (the increment of a withheld figure can be narrowed by those of published ones); the
same pattern across periods; rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from survey_app.aggregation.tables import TOTAL, Coordinates, LinkedTables, UnprotectedCell
from survey_app.protection.knowledge import Known
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy, PolicyError, load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedCell, Status
from survey_app.protection.remainders import take_off_parts

Relation = Literal["same", "part", "whole", "apart"]
Where = tuple[int, tuple[str, ...]]
_DIMENSIONS = ("organisation", "project", "module", "answer", "gender", "age", "language")


class NoPolicyForTierError(Exception):
    """An earlier release was made for a ``tier`` whose policy is missing or faulty: nothing can be compared with it."""

    def __init__(self, tier: str) -> None:
        super().__init__(tier)
        self.tier = tier


@dataclass(slots=True)
class Differences:
    """What earlier releases ask of this one.

    ``withhold``: cells that must not be published, ``repeat`` cells that were withheld for the same people before.
    ``held``: cells that repeat an earlier figure, with that figure. ``known``: what is known from earlier releases of this
    tier, ``known_elsewhere`` from those of other tiers. ``is_about_the_same``: one of them was about the same people.
    """

    withhold: set[Where] = field(default_factory=set)
    repeat: set[Where] = field(default_factory=set)
    held: dict[Where, int] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    known_elsewhere: list[Known] = field(default_factory=list)
    is_about_the_same: bool = False


def compare(linked: LinkedTables, policy: Policy, earlier: Iterable[EarlierRelease]) -> Differences:
    """Compare the counts of a release with every earlier release, the oldest first.

    Raises:
        NoPolicyForTierError: an earlier release names a tier whose policy is missing or faulty.
    """
    differences = Differences()
    now = _cells_now(linked)
    ledger = sorted(earlier, key=lambda release: (release.created, release.id))
    for release in ledger:
        tier = _policy_of(release)
        relation = _relation(linked, release)
        if relation == "apart":
            continue
        differences.is_about_the_same |= relation == "same"
        _compare_release(linked, now, release, relation, (policy, tier), differences)
    _compare_remainders(linked, policy, ledger, differences)
    return differences


def _compare_remainders(
    linked: LinkedTables, policy: Policy, ledger: Sequence[EarlierRelease], differences: Differences
) -> None:
    own = take_off_parts(linked, policy, [release for release in ledger if release.tier == policy.name])
    every = take_off_parts(linked, policy, ledger)
    differences.withhold |= own.withhold | every.withhold
    differences.known += own.known
    differences.known_elsewhere += [fact for fact in every.known if fact not in own.known]


def _policy_of(release: EarlierRelease) -> Policy:
    try:
        return load_policy(release.tier)
    except PolicyError as error:
        raise NoPolicyForTierError(release.tier) from error


def _relation(linked: LinkedTables, release: EarlierRelease) -> Relation:
    if release.sessions == linked.sessions:
        return "same" if sum(release.responses.values()) == linked.people else "part"
    if release.sessions < linked.sessions:
        return "part"
    return "whole" if release.sessions > linked.sessions else "apart"


def _cells_now(linked: LinkedTables) -> Mapping[Coordinates, list[tuple[Where, UnprotectedCell]]]:
    cells: dict[Coordinates, list[tuple[Where, UnprotectedCell]]] = {}
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            cells.setdefault(_person_group(cell.at), []).append(((number, codes), cell))
    return cells


def _person_group(at: Coordinates) -> Coordinates:
    """Return coordinates without table and period; an unused dimension is the same as its total."""
    plain: dict[str, Any] = {name: "" if getattr(at, name) == TOTAL else getattr(at, name) for name in _DIMENSIONS}
    return replace(at, table="", period="", **plain)


def _row_of(at: Coordinates) -> Coordinates:
    return replace(_person_group(at), answer="", measure="asked")


def _compare_release(  # noqa: PLR0913, PLR0917 - the two sides of a comparison
    linked: LinkedTables,
    now: Mapping[Coordinates, Sequence[tuple[Where, UnprotectedCell]]],
    release: EarlierRelease,
    relation: Relation,
    policies: tuple[Policy, Policy],
    differences: Differences,
) -> None:
    policy, tier = policies
    then = {_person_group(cell.at): cell for cell in release.cells}
    facts = differences.known if tier.name == policy.name else differences.known_elsewhere
    for group, cell in then.items():
        for where, current in now.get(group, ()):
            count = linked.count(current)
            if not isinstance(count, int):
                continue
            asked = then.get(_row_of(cell.at))
            row = relation if relation == "same" or not _unchanged(linked, now, asked) else "same"
            facts.extend(_facts(current, cell, row))
            if cell.value is None:
                if relation == "same" and tier.smallest_count <= policy.smallest_count:
                    differences.repeat.add(where)
            else:
                _demand(where, count, cell, row, policy, differences)


def _unchanged(
    linked: LinkedTables,
    now: Mapping[Coordinates, Sequence[tuple[Where, UnprotectedCell]]],
    asked: ProtectedCell | None,
) -> bool:
    """Say whether a row counts the same people as then: as many were asked, and one set of sessions contains the other."""
    if asked is None or asked.status is not Status.PUBLISHED:
        return False
    return any(linked.count(cell) == asked.value for _, cell in now.get(_person_group(asked.at), ()))


def _facts(current: UnprotectedCell, cell: ProtectedCell, row: Relation) -> Iterable[Known]:
    if cell.value is None or not isinstance(current.atoms, frozenset):
        return
    if row == "whole":
        if cell.status is Status.PUBLISHED:
            yield Known(current.atoms, greatest=cell.value)
    elif row == "same" and cell.status is Status.PUBLISHED:
        yield Known(current.atoms, least=cell.value, greatest=cell.value)
    else:
        yield Known(current.atoms, least=cell.value)


def _demand(  # noqa: PLR0913, PLR0917 - the two sides of a comparison
    where: Where, count: int, cell: ProtectedCell, row: Relation, policy: Policy, differences: Differences
) -> None:
    value = cell.value or 0
    if row == "same":
        if count != value:
            differences.withhold.add(where)
    elif row == "whole":
        if value < count or is_low(value - count, policy):
            differences.withhold.add(where)
    elif count < value:
        differences.withhold.add(where)
    elif is_low(count - value, policy):
        differences.withhold.add(where)
        if not is_low(value, policy):
            differences.held[where] = value
