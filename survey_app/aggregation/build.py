"""Every table of a release, unprotected, tied together by atoms. The one entry: ``build_linked_tables``.

The tables, for the population of the closed sessions in the scope and period:

- ``indicator``: answer to R.2.9 x gender x age, at the level of the scope; gender and age meet nothing else;
- ``item:<code>``: answer x place (lead and its partners > organisation > project) for each item that was asked; for an
  item with several choices, each option by itself; a place where the item was not asked is not part of the table;
- ``module:<code>``: answer x module;
- ``alike`` and ``alike-module``: see ``alike``;
- ``by-mode:<code>`` and ``by-language:<code>``, of all organisations only: see ``circumstances``;
- ``language:<code>``, ``replays:<item>``, ``time:<item>``, ``leaving``: see ``comprehension``;
- ``registered``: people in the organisations' own registers, gender x age, and ``registered:place``. Both only where
  every project of the scope has a register: a sum over some of them would be read as the whole.

A release about one project has no places: its tables stand at the project's coordinates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from survey_app.aggregation.alike import batteries_of
from survey_app.aggregation.breakdowns import (
    AGE_AXIS,
    GENDER_AXIS,
    Asked,
    Breakdown,
    Layout,
    break_down,
    in_reading_order,
    layout_of,
)
from survey_app.aggregation.circumstances import count_circumstances, identify_not_understood
from survey_app.aggregation.comprehension import Added, Counted, People, count_languages, count_tallies
from survey_app.aggregation.facts import (
    ALIKE,
    ContradictoryFacts,
    NothingToCount,
    OneProject,
    Population,
    QuestionnaireFact,
    RegisterFact,
    ResponseDocument,
    ResponseFact,
    SessionFact,
    TallyFact,
)
from survey_app.aggregation.families import Families, Identity
from survey_app.aggregation.frame import Stratum, column_of, count_by, read_responses, strata_of
from survey_app.aggregation.grids import ByLeaves, answered_at, cross
from survey_app.aggregation.tables import (
    TOTAL,
    Axis,
    Coordinates,
    LinkedTables,
    Place,
    SessionPlace,
    UnprotectedTable,
)

if TYPE_CHECKING:
    import pandas as pd

_Atoms = frozenset[int]


def build_linked_tables(
    population: Population, responses: Iterable[ResponseFact | ResponseDocument]
) -> LinkedTables | NothingToCount:
    """Count everything that a release shows, and tell how the counts hang together.

    ``responses`` is a stream of the responses of the population's sessions, in any order. Every count is a number of
    persons. Raises ``ContradictoryFacts`` where the facts do not fit together.
    """
    sessions = tuple(sorted(population.sessions, key=lambda session: session.code))
    if not sessions:
        return NothingToCount(population.period, population.scope)
    _refuse_contradictions(sessions, population.scope)
    asked = break_down(sessions, population.questionnaires)
    strata = strata_of(sessions, asked)
    frame = read_responses(responses, sessions, asked, strata, population.languages)
    breakdowns = in_reading_order(asked.values(), population.questionnaires)
    families = Families(strata, breakdowns)
    release = _Release(population.period, population.scope, strata, breakdowns, families)
    release.count_items(frame)
    release.count_indicators(frame)
    release.count_registers(population.registers)
    if population.languages:
        release.count_languages(frame, population.languages)
    release.count_circumstances(frame, population.languages)
    release.count_tallies(population.tallies, _items_asked(sessions, population.questionnaires))
    return LinkedTables(
        atoms=tuple(release.atoms),
        tables=tuple(release.tables),
        identities=tuple(release.identities),
        ceilings=tuple(release.ceilings),
        places=_places(strata),
        people=len(frame),
        sessions=frozenset(session.code for session in sessions),
        session_places={session.code: _place_of(session) for session in sessions},
        scales=_scales(sessions, asked),
    )


def _scales(
    sessions: Iterable[SessionFact], asked: Mapping[Layout, Asked]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for session in sessions:
        breakdowns = asked[layout_of(session)].breakdowns
        ways = [(breakdown.item, breakdown.scale) for breakdown in breakdowns]
        ways += [(ALIKE, battery.scale) for battery in batteries_of(asked[layout_of(session)].codes, breakdowns)]
        for item, scale in ways:
            scales = found.setdefault(item, {})
            scales[scale] = scales.get(scale, frozenset()) | {session.code}
    return found


def _place_of(session: SessionFact) -> SessionPlace:
    return SessionPlace(session.organisation, session.lead or "", session.project, session.module)


def _refuse_contradictions(sessions: Sequence[SessionFact], scope: OneProject | None) -> None:
    codes = Counter(session.code for session in sessions)
    if len(codes) != len(sessions):
        raise ContradictoryFacts(f"sessions given twice: {sorted(code for code, times in codes.items() if times > 1)}")
    leads: dict[str, str | None] = {}
    projects: dict[str, str] = {}
    for session in sessions:
        if leads.setdefault(session.organisation, session.lead) != session.lead or session.lead == session.organisation:
            raise ContradictoryFacts(f'organisation "{session.organisation}": one lead, and never itself')
        if projects.setdefault(session.project, session.organisation) != session.organisation:
            raise ContradictoryFacts(f'project "{session.project}" belongs to one organisation')
    if any(leads.get(lead) for lead in leads.values() if lead):
        raise ContradictoryFacts("the lead of an organisation is a lead itself")
    if scope is not None and projects != {scope.project: scope.organisation}:
        raise ContradictoryFacts(f'the scope is project "{scope.project}", but other projects\' sessions were given')


def _items_asked(sessions: Iterable[SessionFact], questionnaires: Iterable[QuestionnaireFact]) -> tuple[str, ...]:
    """Return the ids of the items that any session asked, in the order in which the questionnaires ask them."""
    asked = {(session.questionnaire, session.version, item) for session in sessions for item in session.asked}
    ids = (item.id for each in questionnaires for item in each.items if (each.id, each.version, item.id) in asked)
    return tuple(dict.fromkeys(ids))


def _places(strata: Iterable[Stratum]) -> tuple[Place, ...]:
    leads = {stratum.organisation: stratum.lead for stratum in strata}
    leads.update(dict.fromkeys({lead for lead in leads.values() if lead}))
    return tuple(Place(code, leads[code]) for code in sorted(leads, key=lambda c: (leads[c] or c, leads[c] or "", c)))


@dataclass(frozen=True, slots=True)
class _PlaceAxis:
    """The tree of places, and the columns ``organisation`` and ``project`` of each of its codes."""

    axis: Axis
    columns: Mapping[str, tuple[str, str]]


def project_code(organisation: str, project: str) -> str:
    """Return the code of a project on the axis of places, where no organisation can have the same."""
    return f"{organisation}/{project}"


def place_axis(strata: Iterable[Stratum], leads: frozenset[str]) -> _PlaceAxis:
    """Return total > lead and its partners > organisation > project, for the places in these strata.

    The group has the code of its lead. ``leads`` are those that have partners: the part of such a lead itself is a
    level of its own, ``<lead>-own``.
    """
    groups: dict[str, dict[str, set[str]]] = {}
    for stratum in strata:
        members = groups.setdefault(stratum.lead or stratum.organisation, {})
        members.setdefault(stratum.organisation, set()).add(stratum.project)
    parents: dict[str, str] = {}
    columns = {TOTAL: (TOTAL, TOTAL)}

    def add(code: str, parent: str, organisation: str, project: str) -> str:
        if code in columns:
            raise ContradictoryFacts(f'"{code}" would name two places; give one organisation another code')
        parents[code], columns[code] = parent, (organisation, project)
        return code

    for lead, members in sorted(groups.items()):
        group = add(lead, TOTAL, lead, TOTAL)
        for organisation, projects in sorted(members.items(), key=lambda member: (member[0] != lead, member[0])):
            own = f"{lead}-own" if organisation == lead else organisation
            parent = add(own, group, own, TOTAL) if lead in leads else group
            for project in sorted(projects):
                add(project_code(organisation, project), parent, organisation, project)
    return _PlaceAxis(Axis("place", parents), columns)


@dataclass(slots=True)
class _Release:
    """The tables of one release while they are being counted."""

    period: str
    scope: OneProject | None
    strata: tuple[Stratum, ...]
    breakdowns: tuple[Breakdown, ...]
    families: Families
    tables: list[UnprotectedTable] = field(default_factory=list)
    ceilings: list[tuple[_Atoms, int]] = field(default_factory=list)

    @property
    def atoms(self) -> list[int]:
        return self.families.atoms

    @property
    def identities(self) -> list[Identity]:
        return self.families.identities

    @property
    def _add_atom(self) -> Callable[[int], int]:
        return self.families.add_atom

    def count_items(self, frame: pd.DataFrame) -> None:
        """Count each breakdown by place and by module, and how alike the answers of each person are."""
        self.families.count(frame)
        for breakdown in self.breakdowns:
            self.tables.append(self._place_table(f"item:{breakdown.code}", breakdown))
            self.tables.append(self._module_table(f"module:{breakdown.code}", breakdown))
        for breakdown in self.families.alike:
            suffix = "" if breakdown.code == ALIKE else f":{breakdown.scale}"
            self.tables.append(self._place_table(f"alike{suffix}", breakdown))
            self.tables.append(self._module_table(f"alike-module{suffix}", breakdown))

    @property
    def _leads(self) -> frozenset[str]:
        """Return the leads that have partners in the scope."""
        return frozenset(stratum.lead for stratum in self.strata if stratum.lead)

    def _gather(self, breakdown: Breakdown, key: Callable[[Stratum], tuple[str, ...]]) -> ByLeaves:
        """Return the atoms of each answer at each place or module that ``key`` names."""
        family = self.families.of[breakdown.code]
        found: dict[tuple[str, ...], set[int]] = {}
        for number, stratum in self.families.asking(breakdown):
            for leaf in breakdown.leaves:
                found.setdefault((leaf, *key(stratum)), set()).update(family[number, leaf])
        return {leaves: frozenset(atoms) for leaves, atoms in found.items()}

    def _at(self, table: str, breakdown: Breakdown) -> Coordinates:
        """Return the coordinates that every cell of a table has in common."""
        organisation, project = (self.scope.organisation, self.scope.project) if self.scope else ("", "")
        return Coordinates(
            table, "asked", organisation=organisation, project=project, period=self.period, item=breakdown.code
        )

    def _place_table(self, name: str, breakdown: Breakdown) -> UnprotectedTable:
        at = self._at(name, breakdown)
        if self.scope is not None:
            atoms = self._gather(breakdown, lambda _stratum: ())
            return cross(at, (breakdown.axis,), atoms, lambda at, codes: answered_at(at, codes[0]))
        places = place_axis((stratum for _number, stratum in self.families.asking(breakdown)), self._leads)
        atoms = self._gather(breakdown, lambda stratum: (project_code(stratum.organisation, stratum.project),))

        def place(at: Coordinates, codes: tuple[str, ...]) -> Coordinates:
            organisation, project = places.columns[codes[1]]
            return replace(answered_at(at, codes[0]), organisation=organisation, project=project)

        return cross(at, (breakdown.axis, places.axis), atoms, place)

    def _module_table(self, name: str, breakdown: Breakdown) -> UnprotectedTable:
        modules = Axis("module", dict.fromkeys(sorted({s.module for _n, s in self.families.asking(breakdown)}), TOTAL))
        atoms = self._gather(breakdown, lambda stratum: (stratum.module,))
        return cross(
            self._at(name, breakdown),
            (breakdown.axis, modules),
            atoms,
            lambda at, codes: replace(answered_at(at, codes[0]), module=codes[1]),
        )

    def count_indicators(self, frame: pd.DataFrame) -> None:
        """Count R.2.9 by gender and age: one table, or one for each scale where two would meet."""
        indicators = [breakdown for breakdown in self.breakdowns if breakdown.is_indicator]
        for breakdown in reversed(indicators):
            name = "indicator" if len(indicators) == 1 else f"indicator:{breakdown.code}"
            people = count_by(frame, column_of(breakdown.code), "gender", "age")
            leaves = product(breakdown.leaves, GENDER_AXIS.leaves, AGE_AXIS.leaves)
            atoms: ByLeaves = {codes: frozenset({self._add_atom(people.get(codes, 0))}) for codes in leaves}
            table = cross(
                self._at(name, breakdown),
                (breakdown.axis, GENDER_AXIS, AGE_AXIS),
                atoms,
                lambda at, codes: replace(answered_at(at, codes[0]), gender=codes[1], age=codes[2]),
            )
            self.tables.insert(0, table)
            self._identify_answers(breakdown, table)

    def _identify_answers(self, breakdown: Breakdown, table: UnprotectedTable) -> None:
        """Say that each answer to R.2.9 counts the same persons by place as by gender and age."""
        for (leaf,), by_place in self._gather(breakdown, lambda _stratum: ()).items():
            self.identities.append((by_place, _atoms_of(table, (leaf, TOTAL, TOTAL))))

    def count_languages(self, frame: pd.DataFrame, languages: Sequence[str]) -> None:
        """Count who did not understand, by item and language."""
        self._add(count_languages(self._counted, self.breakdowns, frame, languages))

    def count_circumstances(self, frame: pd.DataFrame, languages: Sequence[str]) -> None:
        """Count R.2.9 by mode and by language, where more than one lead with its partners is in the release."""
        if self.scope is not None or len({stratum.lead or stratum.organisation for stratum in self.strata}) == 1:
            return
        indicators = [breakdown for breakdown in self.breakdowns if breakdown.is_indicator]
        self._add(count_circumstances(self._counted, indicators, frame, languages))
        tables = {table.name: table for table in self.tables}
        for breakdown in indicators:
            pair = [tables.get(f"{kind}:{breakdown.code}") for kind in ("by-language", "language")]
            if pair[0] is not None and pair[1] is not None:
                self.identities.extend(identify_not_understood(pair[0], pair[1]))

    def count_tallies(self, tallies: Iterable[TallyFact], items: Sequence[str]) -> None:
        """Count what tablets tallied: replays, time and leave-offs."""
        atoms = frozenset[int]().union(*(self.families.someone(number) for number in range(len(self.strata))))
        everybody = People(atoms, sum(self.atoms[atom] for atom in atoms))
        self._add(count_tallies(self._counted, items, tallies, everybody))

    @property
    def _counted(self) -> Counted:
        organisation, project = (self.scope.organisation, self.scope.project) if self.scope else ("", "")
        at = Coordinates("", "asked", organisation=organisation, project=project, period=self.period)
        return Counted(at, self.strata, self.families.of, self._add_atom, self.atoms.__getitem__)

    def _add(self, added: Added) -> None:
        self.tables += added.tables
        self.identities.extend(added.identities)

    def count_registers(self, registers: Iterable[RegisterFact]) -> None:
        """Count the people registered, and tell what an attacker who knows the registers concludes from them."""
        known = _registers(registers, {stratum.project for stratum in self.strata})
        for project, people in sorted(known.items()):
            self._cap_project(project, sum(people.values()))
        if len(known) < len({stratum.project for stratum in self.strata}):
            return
        scope = Counter[tuple[str, str]]()
        for people in known.values():
            scope.update(people)
        organisation, project = (self.scope.organisation, self.scope.project) if self.scope else ("", "")
        at = Coordinates("registered", "registered", organisation=organisation, project=project, period=self.period)
        leaves = product(GENDER_AXIS.leaves, AGE_AXIS.leaves)
        atoms: ByLeaves = {codes: frozenset({self._add_atom(scope[codes])}) for codes in leaves}
        table = cross(at, (GENDER_AXIS, AGE_AXIS), atoms, lambda at, codes: replace(at, gender=codes[0], age=codes[1]))
        self.tables.append(table)
        self._cap_brackets(table)
        if self.scope is None:
            places = self._register_places({project: sum(people.values()) for project, people in known.items()})
            self.tables.append(places)
            self.identities.append((_atoms_of(places, (TOTAL,)), _atoms_of(table, (TOTAL, TOTAL))))

    def _register_places(self, people: Mapping[str, int]) -> UnprotectedTable:
        places = place_axis(self.strata, self._leads)
        projects = {code: places.columns[code][1] for code in places.axis.leaves}
        atoms: ByLeaves = {(c,): frozenset({self._add_atom(people[project])}) for c, project in projects.items()}

        def place(at: Coordinates, codes: tuple[str, ...]) -> Coordinates:
            organisation, project = places.columns[codes[0]]
            return replace(at, organisation=organisation, project=project)

        return cross(Coordinates("registered:place", "registered", period=self.period), (places.axis,), atoms, place)

    def _cap_project(self, project: str, registered: int) -> None:
        atoms = frozenset[int]()
        for number, stratum in enumerate(self.strata):
            if stratum.project == project:
                atoms |= self.families.someone(number)
        self._cap(atoms, registered)

    def _cap_brackets(self, registered: UnprotectedTable) -> None:
        indicators = [table for table in self.tables if table.name.partition(":")[0] == "indicator"]
        if not indicators:
            return
        for gender, age in product((TOTAL, *GENDER_AXIS.leaves[:-1]), (TOTAL, *AGE_AXIS.leaves[:-1])):
            atoms = frozenset[int]().union(*(_atoms_of(table, (TOTAL, gender, age)) for table in indicators))
            self._cap(atoms, sum(self.atoms[atom] for atom in _atoms_of(registered, (gender, age))))

    def _cap(self, atoms: _Atoms, people: int) -> None:
        """Keep a ceiling that the responses respect.

        They may not: people answer twice, or see themselves as the register does not. Such a ceiling is no knowledge.
        """
        if atoms and sum(self.atoms[atom] for atom in atoms) <= people:
            self.ceilings.append((atoms, people))


def _registers(registers: Iterable[RegisterFact], projects: set[str]) -> Mapping[str, Counter[tuple[str, str]]]:
    """Return the people registered by gender and age for each of these projects that has a register."""
    known: dict[str, Counter[tuple[str, str]]] = {}
    for fact in registers:
        if fact.project in projects:
            known.setdefault(fact.project, Counter())[fact.gender, fact.age] += fact.people
    return known


def _atoms_of(table: UnprotectedTable, codes: tuple[str, ...]) -> _Atoms:
    atoms = table.cells[codes].atoms
    if not isinstance(atoms, frozenset):
        raise ContradictoryFacts(f'table "{table.name}" has a cell that nobody could choose')
    return atoms
