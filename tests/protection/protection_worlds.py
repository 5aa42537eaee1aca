"""Worlds to protect: organisations, projects, people and answers, counted into linked tables as aggregation does."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from survey_app.aggregation.tables import (
    TOTAL,
    Axis,
    Coordinates,
    LinkedTables,
    Measure,
    NotAsked,
    Place,
    UnprotectedCell,
    UnprotectedTable,
)
from survey_app.protection.policy import Number, Numbers, Policy
from survey_app.protection.protected import ProtectedTable

OFF_SCALE = ("not-understood", "not-for-me", "no-answer", "missing")
FULL_SCALE = Axis(
    "answer",
    {
        "answered": TOTAL,
        "positive": "answered",
        "a-lot": "positive",
        "a-little": "positive",
        "negative": "answered",
        "not-much": "negative",
        "not-at-all": "negative",
        "off-scale": TOTAL,
        **dict.fromkeys(OFF_SCALE, "off-scale"),
    },
)
SHORT_SCALE = Axis(
    "answer",
    {"answered": TOTAL, "a-lot": "answered", "not-much": "answered", "off-scale": TOTAL, "missing": "off-scale"},
)
GENDERS = ("female", "male", "non-binary", "undisclosed")
AGES = ("under-18", "18-60", "over-60", "undisclosed")
TYPICAL = {
    "a-lot": 80,
    "a-little": 10,
    "not-much": 3,
    "not-at-all": 1,
    "not-understood": 2,
    "not-for-me": 2,
    "no-answer": 1,
    "missing": 1,
}


@dataclass(frozen=True)
class Project:
    code: str
    organisation: str
    items: tuple[str, ...]
    modules: tuple[str, ...] = ("m1",)


@dataclass(frozen=True)
class Person:
    project: str
    module: str
    gender: str
    age: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class World:
    places: tuple[Place, ...]
    projects: tuple[Project, ...]
    people: tuple[Person, ...]
    scale: Axis = FULL_SCALE
    genders: tuple[str, ...] = GENDERS
    ages: tuple[str, ...] = AGES
    registered: Mapping[str, int] | None = None
    has_modules: bool = True
    has_indicator: bool = True
    sessions: frozenset[str] = frozenset({"100001"})

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item for project in self.projects for item in project.items))


def count(world: World) -> LinkedTables:
    """Count a world into the tables of a release about all organisations."""
    return _Counter(world).linked()


class _Counter:
    def __init__(self, world: World) -> None:
        self.world = world
        self.atoms: list[int] = []
        self.number: dict[tuple[str, ...], int] = {}
        self.place = _place_axis(world)
        self.below = {code: _below(self.place, code) for code in self.place.codes}
        self.leaves_below = {code: _below(world.scale, code) for code in world.scale.codes}
        self.modules = Axis("module", dict.fromkeys(sorted({m for p in world.projects for m in p.modules}), TOTAL))
        for project in world.projects:
            for item, module, answer in product(project.items, project.modules, world.scale.leaves):
                self._add("x", item, project.code, module, answer)
        if world.has_indicator:
            for answer, gender, age in product(world.scale.leaves, world.genders, world.ages):
                self._add("y", answer, gender, age)
        for person in world.people:
            for item, answer in person.answers.items():
                self.atoms[self.number["x", item, person.project, person.module, answer]] += 1
            if world.has_indicator:
                self.atoms[self.number["y", person.answers["helpful"], person.gender, person.age]] += 1

    def _add(self, *key: str) -> None:
        self.number[key] = len(self.atoms)
        self.atoms.append(0)

    def linked(self) -> LinkedTables:
        tables = [self._item_table(item) for item in self.world.items]
        if self.world.has_modules:
            tables += [self._module_table(item) for item in self.world.items]
        if self.world.has_indicator:
            tables.append(self._indicator())
        return LinkedTables(
            atoms=tuple(self.atoms),
            tables=tuple(tables),
            identities=tuple(self._identities()),
            ceilings=tuple(self._ceilings()),
            places=self.world.places,
            people=len(self.world.people),
            sessions=self.world.sessions,
        )

    def _identities(self) -> Iterable[tuple[frozenset[int], frozenset[int]]]:
        for project in self.world.projects:
            for module, (first, second) in product(
                project.modules, zip(project.items, project.items[1:], strict=False)
            ):
                yield self._session(first, project.code, module), self._session(second, project.code, module)
        if self.world.has_indicator:
            for answer in self.world.scale.leaves:
                yield (
                    frozenset(n for key, n in self.number.items() if key[:2] == ("x", "helpful") and key[4] == answer),
                    frozenset(n for key, n in self.number.items() if key[:2] == ("y", answer)),
                )

    def _ceilings(self) -> Iterable[tuple[frozenset[int], int]]:
        for project, people in (self.world.registered or {}).items():
            yield frozenset(n for key, n in self.number.items() if key[:3] == ("x", "helpful", project)), people

    def _session(self, item: str, project: str, module: str) -> frozenset[int]:
        return frozenset(self.number["x", item, project, module, answer] for answer in self.world.scale.leaves)

    def _item_table(self, item: str) -> UnprotectedTable:
        cells = {}
        for answer, place in product(self.world.scale.codes, self.place.codes):
            projects = set(self.below[place])
            atoms = [
                self.number["x", item, project.code, module, leaf]
                for project in self.world.projects
                if project.code in projects and item in project.items
                for module, leaf in product(project.modules, self.leaves_below[answer])
            ]
            asked = any(item in p.items for p in self.world.projects if p.code in projects)
            at = Coordinates(
                table=f"item:{item}",
                measure=_measure(answer),
                organisation=self._organisation(place),
                project=place if place in {p.code for p in self.world.projects} else TOTAL,
                item=item,
                answer=answer,
            )
            cells[answer, place] = UnprotectedCell(at, frozenset(atoms) if asked else NotAsked())
        return UnprotectedTable(f"item:{item}", (self.world.scale, self.place), cells, "answer")

    def _organisation(self, place: str) -> str:
        project = next((p for p in self.world.projects if p.code == place), None)
        return project.organisation if project else place

    def _module_table(self, item: str) -> UnprotectedTable:
        cells = {}
        for answer, module in product(self.world.scale.codes, self.modules.codes):
            atoms = [
                self.number["x", item, project.code, own, leaf]
                for project in self.world.projects
                if item in project.items
                for own, leaf in product(project.modules, self.leaves_below[answer])
                if module in (TOTAL, own)
            ]
            asked = any(item in p.items for p in self.world.projects if module == TOTAL or module in p.modules)
            at = Coordinates(table=f"module:{item}", measure=_measure(answer), module=module, item=item, answer=answer)
            cells[answer, module] = UnprotectedCell(at, frozenset(atoms) if asked else NotAsked())
        return UnprotectedTable(f"module:{item}", (self.world.scale, self.modules), cells, "answer")

    def _indicator(self) -> UnprotectedTable:
        gender_axis = Axis("gender", dict.fromkeys(self.world.genders, TOTAL))
        age_axis = Axis("age", dict.fromkeys(self.world.ages, TOTAL))
        cells = {}
        for answer, gender, age in product(self.world.scale.codes, gender_axis.codes, age_axis.codes):
            genders = self.world.genders if gender == TOTAL else (gender,)
            ages = self.world.ages if age == TOTAL else (age,)
            atoms = frozenset(
                self.number["y", leaf, some, old]
                for leaf, some, old in product(self.leaves_below[answer], genders, ages)
            )
            at = Coordinates(
                table="indicator", measure=_measure(answer), item="helpful", answer=answer, gender=gender, age=age
            )
            cells[answer, gender, age] = UnprotectedCell(at, atoms)
        return UnprotectedTable("indicator", (self.world.scale, gender_axis, age_axis), cells, "answer")


def _measure(answer: str) -> Measure:
    measures: dict[str, Measure] = {TOTAL: "asked", "answered": "answered"}
    return measures.get(answer, "people")


def _place_axis(world: World) -> Axis:
    parents: dict[str, str] = {}
    by_lead: dict[str, list[str]] = {}
    for place in world.places:
        by_lead.setdefault(place.lead or place.organisation, []).append(place.organisation)
    for lead, members in by_lead.items():
        parents[lead] = TOTAL
        for organisation in members:
            code = lead if len(members) == 1 else f"{lead}-own" if organisation == lead else organisation
            if code != lead:
                parents[code] = lead
            parents.update({p.code: code for p in world.projects if p.organisation == organisation})
    return Axis("place", parents)


def _below(axis: Axis, code: str) -> tuple[str, ...]:
    children = axis.children(code)
    return tuple(leaf for child in children for leaf in _below(axis, child)) if children else (code,)


def random_people(
    seed: int,
    sizes: Mapping[tuple[str, str], int],
    projects: Sequence[Project],
    shares: Mapping[str, int] = TYPICAL,
    genders: Sequence[str] = GENDERS,
    ages: Sequence[str] = AGES,
) -> tuple[Person, ...]:
    """Draw people: ``sizes`` of (project, module), answers by ``shares``, mostly women of 18 to 60."""
    chance = random.Random(seed)
    items = {project.code: project.items for project in projects}
    answers, weights = list(shares), list(shares.values())
    gender_weights = [55, 38, 2, 5][: len(genders)]
    age_weights = [6, 80, 10, 4][: len(ages)]
    return tuple(
        Person(
            project,
            module,
            chance.choices(genders, gender_weights)[0],
            chance.choices(ages, age_weights)[0],
            {item: chance.choices(answers, weights)[0] for item in items[project]},
        )
        for (project, module), size in sizes.items()
        for _ in range(size)
    )


def demo(seed: int = 1, people: int = 240) -> World:
    """Two lead organisations, one tiny partner, three projects: what a first release looks like."""
    projects = (
        Project("c1", "charleroi", ("helpful", "speaking", "letters", "doctor", "housing"), ("weak", "it")),
        Project("b1", "binche", ("helpful", "speaking", "letters", "doctor", "housing"), ("weak",)),
        Project("g1", "ghent", ("helpful", "speaking", "money", "work", "phone"), ("weak", "advanced")),
    )
    rest = people - 4
    sizes = {
        ("c1", "weak"): rest // 4,
        ("c1", "it"): rest // 4,
        ("b1", "weak"): 4,
        ("g1", "weak"): rest // 4,
        ("g1", "advanced"): rest - 3 * (rest // 4),
    }
    places = (Place("charleroi"), Place("binche", "charleroi"), Place("ghent"))
    return World(
        places, projects, random_people(seed, sizes, projects), registered={"c1": people, "b1": 6, "g1": people}
    )


def country(seed: int, people: int, projects: int = 20, domains: int = 7) -> World:
    """A country: leads with partners, 20 projects, 8 scale items."""
    items = ("helpful", *(f"domain{n}" for n in range(domains)))
    organisations = (Place("l0"), Place("l1"), Place("l2"), Place("p0", "l0"), Place("p1", "l0"), Place("p2", "l1"))
    made = tuple(
        Project(
            f"j{n}",
            organisations[n % 6].organisation,
            ("helpful", *(items[1 + (n + s) % domains] for s in range(4))),
            ("weak", "it", "craft"),
        )
        for n in range(projects)
    )
    sizes = {(p.code, m): people // (projects * 3) for p in made for m in p.modules}
    return World(organisations, made, random_people(seed, sizes, made))


def national(organisations: int, seed: int = 3, domains: int = 7, asked: int = 4) -> World:
    """A whole country: a lead for each dozen of organisations, the others partners; one project each, 8 scale items."""
    chance = random.Random(seed)
    leads = [f"l{number}" for number in range(max(1, organisations // 12))]
    places = [Place(lead) for lead in leads]
    places += [Place(f"p{number}", leads[number % len(leads)]) for number in range(organisations - len(leads))]
    made = tuple(
        Project(
            f"j{n}", place.organisation, ("helpful", *(f"d{(n + s) % domains}" for s in range(asked))), ("weak", "it")
        )
        for n, place in enumerate(places)
    )
    sizes = {
        (project.code, module): chance.randint(2, 30) if place.lead else chance.randint(60, 150)
        for project, place in zip(made, places, strict=True)
        for module in project.modules
    }
    return World(tuple(places), made, random_people(seed, sizes, made))


def small_policy(*, k: int = 3, dissenters: int = 2, group: int = 6, width: int = 3, coalition: int = 1) -> Policy:
    """A policy for worlds so small that every data set can be listed."""

    def number(value: int) -> Number:
        return Number(value=value, reason="small worlds", source="tests")

    numbers = Numbers(
        smallest_count=number(k),
        smallest_percentage_base=number(k),
        dissenters=number(dissenters),
        group_at_risk=number(group),
        interval_width=number(width),
        coalition=number(coalition),
        engine_seconds=number(5),
        smallest_comment_group=number(10),
        demographics_by_place=number(1),
    )
    return Policy("inside", 1, numbers)


def one_project(counts: Mapping[str, int], *, item: str = "helpful", organisation: str = "ghent") -> World:
    """One project, one item, one module: a single row of answers."""
    project = Project("g1", organisation, (item,))
    people = tuple(Person("g1", "m1", "female", "18-60", {item: a}) for a, n in counts.items() for _ in range(n))
    return World((Place(organisation),), (project,), people, has_modules=False, has_indicator=False)


def rows(places: Sequence[Place], projects: Mapping[str, tuple[str, Mapping[str, int]]], **world: object) -> World:
    """Projects of one item: code -> (organisation, answer -> people)."""
    made = tuple(Project(code, organisation, ("helpful",)) for code, (organisation, _) in projects.items())
    people = tuple(
        Person(code, "m1", "female", "18-60", {"helpful": answer})
        for code, (_, counts) in projects.items()
        for answer, n in counts.items()
        for _ in range(n)
    )
    return World(tuple(places), made, people, **{"has_modules": False, "has_indicator": False, **world})


def table_of(tables: Iterable[ProtectedTable], name: str) -> ProtectedTable:
    return next(table for table in tables if table.name == name)
