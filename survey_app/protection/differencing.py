"""Rule 6 of the disclosure specification: a release against every earlier one, of every tier.

Atoms are cut into the people that earlier releases tell apart (``cohorts``, ``splitting``). Then every figure that was ever
published is an equation over the atoms of the new release, and all that can be computed from several releases - what one
added, what others leave of it, what two that overlap have in common - is computed by the same attack as everything else.
No relation between two releases is a case of its own.

**Whom the attack must not find.** The people by which releases differ are groups that no table shows. Where such a group has
a low count in any cell of any table (rule 2), or gave one answer (rule 3), that cell is a figure of its own, always withheld:
a *shadow*. The engine withholds what would tell it, the assurance attacks it, and readers never see it.

**What waits.** A figure that is withheld now, and of which the same readers (or the public) were told an earlier state, is
``held``: the earlier value is repeated and marked. **What was withheld stays withheld** for the same people, so that two
releases show no more than one, unless the earlier tier was stricter than this one.

What a release told of an item that the new one does not count enters no equation; one that is counted under another code,
because two scales meet now or met then, does (``scales``). The registers of organisations are compared by the names of places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_app.aggregation.tables import Coordinates, LinkedTables, NotAsked, UnprotectedCell, UnprotectedTable
from survey_app.protection.class_disclosure import disclosing_groups
from survey_app.protection.cohorts import Cohorts, People, connected, divide, related
from survey_app.protection.knowledge import Known
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy, PolicyError, load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedCell, Status
from survey_app.protection.scales import asked_otherwise, code_now
from survey_app.protection.splitting import Split, Told, is_of_scope, split, what_of

Codes = tuple[str, ...]
Where = tuple[int, Codes]
Atoms = frozenset[int]
_OF_TABLETS = frozenset({"met", "began"})
EVERYBODY = "public"  # the tier whose releases every reader has


class NoPolicyForTierError(Exception):
    """An earlier release was made for a ``tier`` whose policy is missing or faulty: nothing can be compared with it."""

    def __init__(self, tier: str) -> None:
        super().__init__(tier)
        self.tier = tier


@dataclass(frozen=True, slots=True)
class Differences:
    """What earlier releases ask of this one.

    ``linked``: its tables over atoms that are cut; behind them, from the number ``shown`` on, the shadows, each of the table
    whose number ``shadow_of`` gives. ``withhold``: cells that must not be published, ``repeat`` cells that were withheld for
    the same people before. ``held``: cells of which an earlier value may be repeated, with it. ``known``: what is known from
    earlier releases of this tier, ``known_publicly`` from public ones and indicator returns, ``known_elsewhere`` from those of
    all other tiers. ``is_about_the_same``: one of them was about the same people. ``cut``: of each old atom, the new ones.
    """

    linked: LinkedTables
    shadow_of: Sequence[int] = ()
    withhold: frozenset[Where] = frozenset()
    repeat: frozenset[Where] = frozenset()
    held: Mapping[Where, int] = field(default_factory=dict)
    known: Sequence[Known] = ()
    known_publicly: Sequence[Known] = ()
    known_elsewhere: Sequence[Known] = ()
    is_about_the_same: bool = False
    cut: Mapping[int, Atoms] = field(default_factory=dict)

    @property
    def shown(self) -> int:
        return len(self.linked.tables) - len(self.shadow_of)

    def origin(self, number: int) -> int:
        """Return the number of the table that a table is a shadow of; of another table its own."""
        return number if number < self.shown else self.shadow_of[number - self.shown]

    def in_new_atoms(self, facts: Iterable[Known]) -> tuple[Known, ...]:
        """Say what is known of old atoms of the new ones."""
        return tuple(
            replace(fact, atoms=frozenset(new for atom in fact.atoms for new in self.cut.get(atom, (atom,))))
            for fact in facts
        )


def compare(linked: LinkedTables, policy: Policy, earlier: Iterable[EarlierRelease]) -> Differences:
    """Compare the counts of a release with every earlier release.

    Raises:
        NoPolicyForTierError: an earlier release names a tier whose policy is missing or faulty.
        NoDataSetError: no data set was found that agrees with the counts and the earlier releases.
    """
    tiers = {tier: _policy_of(tier) for tier in sorted({release.tier for release in earlier})}
    ledger = related(linked, earlier)
    if not ledger:
        return Differences(linked)
    return _Comparison(linked, policy, ledger, tiers).run()


def _policy_of(tier: str) -> Policy:
    try:
        return load_policy(tier)
    except PolicyError as error:
        raise NoPolicyForTierError(tier) from error


class _Comparison:
    def __init__(
        self, linked: LinkedTables, policy: Policy, ledger: Sequence[EarlierRelease], tiers: Mapping[str, Policy]
    ) -> None:
        self._linked, self._policy, self._ledger, self._tiers = linked, policy, ledger, tiers
        self._people = People(linked, ledger)
        self._counted = [self._people.counted_by(release) for release in ledger]
        self._cells = [list(self._as_counted_now(*each)) for each in zip(ledger, self._counted, strict=True)]

    def _as_counted_now(self, release: EarlierRelease, counted: Cohorts) -> Iterator[tuple[ProtectedCell, Cohorts]]:
        """Yield each cell of an earlier release whose item anybody of now was asked, by its code of now, with its people."""
        codes: dict[str, tuple[str | None, Cohorts]] = {}
        for cell, cohorts in self._people.of_each_cell(release):
            item = cell.at.item
            if cell.at.measure in _OF_TABLETS:  # of an item whatever its scale
                yield cell, cohorts
                continue
            if item not in codes:
                others = asked_otherwise(item, release, self._people)
                codes[item] = code_now(item, counted, self._linked, self._people), others
            code, others = codes[item]
            if code is not None:
                yield (cell if code == item else replace(cell, at=replace(cell.at, item=code))), cohorts & ~others

    def run(self) -> Differences:
        told = dict.fromkeys(self._told())
        done = split(self._linked, self._people, told, self._scopes())
        now = _cells_of(done.linked)
        shadows, shadow_of = self._shadows(done)
        known = self._known(done, told)
        own = {fact for fact, tier in known if tier == self._policy.name}
        others = {fact: None for fact, _ in known if fact not in own}
        public = {fact for fact, tier in known if tier == EVERYBODY}
        registers = tuple(self._registers())
        cut = {atom: frozenset(part for _, part in parts) for atom, parts in done.parts.items() if len(parts) > 1}
        return Differences(
            linked=replace(done.linked, tables=(*done.linked.tables, *shadows)),
            shadow_of=shadow_of,
            withhold=frozenset(self._contradicted(done)),
            repeat=frozenset(self._repeated(done, now)),
            held=dict(self._held(done)),
            known=(*registers, *(fact for fact, tier in known if tier == self._policy.name)),
            known_publicly=tuple(fact for fact in others if fact in public),
            known_elsewhere=tuple(others),
            is_about_the_same=self._people.now in self._counted,
            cut=cut,
        )

    # -- what was told -----------------------------------------------------------------------------------------------

    def _told(self) -> Iterator[Told]:
        for release, counted, cells in zip(self._ledger, self._counted, self._cells, strict=True):
            for cell, cohorts in cells:
                if cell.value is not None and cell.status is Status.PUBLISHED and cell.at.measure != "registered":
                    yield Told(what_of(cell.at), cohorts, cell.value, release.tier, is_part=cohorts != counted)

    def _scopes(self) -> Mapping[Coordinates, set[Cohorts]]:
        """Return, for each thing that a release told of anybody, whom this release is about."""
        scopes: dict[Coordinates, set[Cohorts]] = defaultdict(set)
        for counted, cells in zip(self._counted, self._cells, strict=True):
            for cell, _ in cells:
                if cell.value is not None:
                    scopes[what_of(cell.at)].add(counted)
        return scopes

    @staticmethod
    def _known(done: Split, told: Iterable[Told]) -> Mapping[tuple[Known, str], None]:
        return {
            (Known(atoms, one.people, one.people), one.tier): None
            for one in told
            if one not in done.contradicted
            for atoms in done.counting(one.what, one.cohorts, is_part=one.is_part)
            if atoms
        }

    def _registers(self) -> Iterator[Known]:
        """Yield the figures of registers that are as they were told, whatever tier told them: no answer is among them."""
        told = {
            (replace(cell.at, period=""), cell.value)
            for cells in self._cells
            for cell, _ in cells
            if cell.at.measure == "registered" and cell.status is Status.PUBLISHED
        }
        for table in self._linked.tables:
            for cell in table.cells.values():
                count = self._linked.count(cell)
                if isinstance(count, int) and (replace(cell.at, period=""), count) in told:
                    yield Known(_atoms_of(cell), count, count)

    def _contradicted(self, done: Split) -> Iterator[Where]:
        """Yield what counts the same of the same people as a figure that the counts contradict."""
        lost = {
            (number, one.cohorts)
            for one in done.contradicted
            for number in done.figures.counting(one.what, is_part=one.is_part)
        }
        touched = {part for number, cohorts in lost for mask, part in done.people_in(number) if mask & cohorts}
        whats = {one.what for one in done.contradicted}
        for number, table in enumerate(done.linked.tables):
            for codes, cell in table.cells.items():
                if (
                    what_of(cell.at) in whats
                    and isinstance(cell.atoms, frozenset)
                    and not touched.isdisjoint(cell.atoms)
                ):
                    yield number, codes

    def _repeated(self, done: Split, now: Mapping[Atoms, Sequence[Where]]) -> Iterator[Where]:
        for release, counted, cells in zip(self._ledger, self._counted, self._cells, strict=True):
            if self._tiers[release.tier].smallest_count > self._policy.smallest_count:
                continue
            for cell, cohorts in cells:
                if cell.status is not Status.PUBLISHED and not cohorts & ~self._people.now:
                    for atoms in done.counting(what_of(cell.at), cohorts, is_part=cohorts != counted):
                        yield from now.get(atoms, ())

    def _held(self, done: Split) -> Iterator[tuple[Where, int]]:
        """Yield the cells that count more people than were told to the same readers, the latest state last."""
        for release, counted, cells in zip(self._ledger, self._counted, self._cells, strict=True):
            if release.tier not in {self._policy.name, EVERYBODY}:
                continue
            told = dict(self._told_again(done, counted, cells))
            for number, table in enumerate(self._linked.tables):
                for codes, cell in table.cells.items():
                    part = None if isinstance(cell.atoms, NotAsked) else done.within(cell.atoms, counted)
                    if part and part in told and part != _atoms_of(done.linked.tables[number].cells[codes]):
                        yield (number, codes), told[part]

    def _told_again(
        self, done: Split, counted: Cohorts, cells: Iterable[tuple[ProtectedCell, Cohorts]]
    ) -> Iterator[tuple[Atoms, int]]:
        for cell, cohorts in cells:
            if cell.status is Status.PUBLISHED and cell.value is not None and not is_low(cell.value, self._policy):
                for atoms in done.counting(what_of(cell.at), cohorts, is_part=cohorts != counted):
                    yield atoms, cell.value

    # -- whom no table shows -----------------------------------------------------------------------------------------

    def _shadows(self, done: Split) -> tuple[list[UnprotectedTable], list[int]]:
        """Return the tables of people by which releases differ, and of which table each is a shadow."""
        scopes = [*self._counted, *(mask for release in self._ledger for mask in self._people.moved_since(release))]
        apart = dict.fromkeys((*divide(self._people.now, scopes), *self._told_apart(done)))
        here = [(self._linked, _parts_within(done, cohorts)) for cohorts in apart]
        gone = [(_of_scope(self._linked), _parts_gone(done, cohorts)) for cohorts in self._gone()]
        shadows: dict[tuple[int, frozenset[Atoms]], UnprotectedTable] = {}
        for linked, parts in (*here, *gone):
            counts = tuple(_count(done, parts.get(atom)) for atom in range(len(linked.atoms)))
            for number, cells in _sensitive(replace(linked, atoms=counts), self._policy).items():
                table = _shadow(self._linked.tables[number], cells, parts, done.linked.tables[number])
                if table.cells:
                    shadows[number, frozenset(_atoms_of(cell) for cell in table.cells.values())] = table
        return list(shadows.values()), [number for number, _ in shadows]

    def _told_apart(self, done: Split) -> Iterable[Cohorts]:
        """Yield whom figures tell apart: more people at once than releases do, where one of these told nothing of an answer."""
        cells = (_atoms_of(cell) for table in self._linked.tables for cell in table.cells.values())
        masks = {frozenset(mask for atom in atoms for mask, _ in done.parts.get(atom, ())) for atoms in cells}
        return sorted({together for each in masks for together in connected(sorted(each))})

    def _gone(self) -> Iterable[Cohorts]:
        """Return whom only earlier releases counted: by the releases that did, and by what each row of them leaves of now."""
        away = self._people.everybody & ~self._people.now
        rows = (cohorts & away for cells in self._cells for _, cohorts in cells if cohorts & self._people.now)
        return dict.fromkeys(each for each in (*divide(away, self._counted), *rows) if each)


def _cells_of(linked: LinkedTables) -> Mapping[Atoms, Sequence[Where]]:
    found: dict[Atoms, list[Where]] = defaultdict(list)
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, frozenset):
                found[cell.atoms].append((number, codes))
    return found


def _of_scope(linked: LinkedTables) -> LinkedTables:
    """Return the tables without places and modules: nobody knows where people are counted who are not counted now."""
    tables = (
        replace(table, cells={codes: cell for codes, cell in table.cells.items() if is_of_scope(table, codes)})
        for table in linked.tables
    )
    return replace(linked, tables=tuple(tables))


def _atoms_of(cell: UnprotectedCell) -> Atoms:
    return frozenset() if isinstance(cell.atoms, NotAsked) else cell.atoms


Parts = Mapping[int, Atoms | None]
"""Of old atoms, the new ones that count some people in them; ``None`` where these are not told apart."""


def _parts_within(done: Split, cohorts: Cohorts) -> Parts:
    return {atom: done.within((atom,), cohorts) for atom in done.parts}


def _parts_gone(done: Split, cohorts: Cohorts) -> Parts:
    """Return the parts of people that only earlier releases counted; the first atom of a leaf stands for all that it counts."""
    first: dict[frozenset[int], int] = {}
    for atom, leaf in sorted(done.figures.leaf_of.items()):
        first.setdefault(leaf, atom)
    return {
        first[leaf]: frozenset(part for mask, part in others if not mask & ~cohorts)
        for leaf, others in done.others.items()
    }


def _count(done: Split, atoms: Atoms | None) -> int:
    return sum(done.linked.atoms[atom] for atom in atoms or ())


def _sensitive(linked: LinkedTables, policy: Policy) -> Mapping[int, Sequence[Codes]]:
    """Return, by table, the cells with a low count and those of groups that gave one answer."""
    found: dict[int, Sequence[Codes]] = {}
    for number, table in enumerate(linked.tables):
        codes_of = {id(cell): codes for codes, cell in table.cells.items()}
        low = [codes for codes, cell in table.cells.items() if _is_low(linked, cell, policy)]
        alike = [codes_of[id(cell)] for group in disclosing_groups(linked, table, policy) for cell in group]
        if low or alike:
            found[number] = tuple(dict.fromkeys((*low, *alike)))
    return found


def _is_low(linked: LinkedTables, cell: UnprotectedCell, policy: Policy) -> bool:
    count = linked.count(cell)
    return cell.at.measure != "registered" and isinstance(count, int) and is_low(count, policy)


def _shadow(table: UnprotectedTable, codes: Iterable[Codes], parts: Parts, cut: UnprotectedTable) -> UnprotectedTable:
    """Return a table with some cells of some people only; without those that a cell of the table itself shows."""
    cells = {}
    for each in codes:
        cell = table.cells[each]
        found = [parts.get(atom, frozenset()) for atom in _atoms_of(cell)]
        atoms = frozenset[int]().union(*(part for part in found if part is not None))
        if atoms and None not in found and atoms != _atoms_of(cut.cells[each]):
            cells[each] = UnprotectedCell(cell.at, atoms)
    return UnprotectedTable(table.name, table.axes, cells, table.answer_axis)
