"""Stories: groups of people who come one after the other, and the releases that are made of them, attacked one by one.

Everything is drawn from a ``random.Random``: Hypothesis gives one that it can shrink, the long run one with a seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from random import Random
from unittest.mock import patch

import numpy as np
from brute_force import what_agrees
from protection_worlds import FULL_SCALE, TYPICAL, Person, Place, Project, World, count, small_policy

from survey_app.aggregation.tables import TOTAL, Axis, Coordinates, LinkedTables, NotAsked, SessionPlace
from survey_app.protection import differencing, engine
from survey_app.protection.assurance import attack
from survey_app.protection.class_disclosure import gave_one_answer
from survey_app.protection.engine import protect
from survey_app.protection.exact_totals import take_exact_totals
from survey_app.protection.policy import Policy, load_policy
from survey_app.protection.protected import (
    Certificate,
    EarlierRelease,
    ProtectedCell,
    ProtectedTable,
    ProtectedTables,
    Refused,
    Status,
)
from survey_app.protection.reasons import EngineUsed
from survey_app.protection.rounding import _wherever
from survey_app.protection.tau_argus import EngineAnswer

YES_OR_NO = Axis("answer", {"answered": TOTAL, "a-lot": "answered", "not-much": "answered"})
PLACES = (Place("ghent"), Place("ninove", "ghent"), Place("liege"))
MOST_PEOPLE = 6  # in one atom of a data set that is tried: a whole group in one answer
TIERS = ("inside", "network", "public")
KINDS = ("grows", "parts", "both")
RETURNS = 0.15  # of what leaves
SMALL = {
    "inside": replace(small_policy(group=4), name="inside"),
    "network": replace(small_policy(group=4), name="network"),
    "public": replace(small_policy(k=4, width=4, group=5), name="public"),
}


@dataclass(frozen=True)
class Group:
    """People who came together: to one session of a project."""

    session: str
    project: str
    module: str
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Told:
    """One release of a story: for whom, about which groups (by number). ``is_return``: the exact totals of all that came."""

    tier: str
    groups: tuple[int, ...]
    project: str | None = None
    is_return: bool = False


@dataclass(frozen=True)
class Story:
    """Who came, in their order, and the releases that were asked for, in theirs."""

    places: tuple[Place, ...]
    projects: tuple[Project, ...]
    groups: tuple[Group, ...]
    told: tuple[Told, ...]
    scale: Axis = FULL_SCALE
    has_details: bool = True

    def counted(self, told: Told) -> LinkedTables:
        """Count what a release of this story counts, with what the ledger keeps of its sessions."""
        groups = [self.groups[number] for number in told.groups]
        organisations = {project.code: project.organisation for project in self.projects}
        responses: Counter[str] = Counter()
        for group in groups:
            responses[group.session] += len(group.people)
        places = {
            group.session: SessionPlace(
                organisations[group.project], self.lead_of(organisations[group.project]), group.project, group.module
            )
            for group in groups
        }
        return replace(count(self.world(told)), responses=dict(responses), session_places=places)

    def lead_of(self, organisation: str) -> str:
        """Return the lead of an organisation, ``""`` for a lead itself."""
        return next(place.lead or "" for place in self.places if place.organisation == organisation)

    def world(self, told: Told) -> World:
        """Return what a release of this story counts."""
        groups = [self.groups[number] for number in told.groups]
        met = {group.project for group in groups}
        projects = tuple(project for project in self.projects if project.code in met)
        owners = {project.organisation for project in projects}
        owners |= {place.lead for place in self.places if place.organisation in owners and place.lead}
        return World(
            tuple(place for place in self.places if place.organisation in owners),
            projects,
            tuple(person for group in groups for person in group.people),
            scale=self.scale,
            has_modules=self.has_details,
            has_indicator=self.has_details,
            sessions=frozenset(group.session for group in groups),
        )


# -- drawing them ----------------------------------------------------------------------------------------------------


def draw_tiny_story(chance: Random, kind: str) -> Story:
    """Three groups answering yes or no: six atoms, so that every data set can be listed.

    ``kind``: ``grows``, one project to which more people come; ``parts``, up to three projects, all there from the start;
    ``both``.
    """
    how_many = 1 if kind == "grows" else chance.randint(1, 3)
    projects = tuple(
        Project(f"j{number}", chance.choice(PLACES).organisation, ("helpful",)) for number in range(how_many)
    )
    groups: list[Group] = []
    for number in range(3):
        project = chance.choice(projects)
        before = [group.session for group in groups if group.project == project.code]
        session = chance.choice([f"10000{number}", *before])  # a group may be added late to an old session
        many = (chance.choice((0, 1, 2, 3)), chance.choice((0, 0, 1, 2, 3)))
        people = [
            Person(project.code, "m1", "female", "18-60", {"helpful": answer})
            for answer, times in zip(YES_OR_NO.leaves, many if any(many) else (1, 0), strict=True)
            for _ in range(times)
        ]
        groups.append(Group(session, project.code, "m1", tuple(people)))
    told = _draw_releases(chance, groups, come=len(groups) if kind == "parts" else 1)
    return Story(PLACES, projects, tuple(groups), told, YES_OR_NO, has_details=False)


def draw_story(chance: Random) -> Story:
    """Groups of up to 30 people of one to three organisations, several questions, modules, genders and ages."""
    projects = tuple(
        Project(
            f"j{number}",
            chance.choice(PLACES).organisation,
            ("helpful", *(item for item in ("speaking", "work") if chance.random() < 0.4)),
            ("m1", "m2")[: chance.randint(1, 2)],
        )
        for number in range(chance.randint(1, 3))
    )
    groups = tuple(_draw_group(chance, number, chance.choice(projects)) for number in range(chance.randint(1, 6)))
    return Story(PLACES, projects, groups, _draw_releases(chance, groups, come=1))


def _draw_group(chance: Random, number: int, project: Project) -> Group:
    shares = TYPICAL | {"a-lot": chance.choice((5, 40, 200)), "not-much": chance.choice((0, 3, 20))}
    module = chance.choice(project.modules)
    people = tuple(
        Person(
            project.code,
            module,
            chance.choices(("female", "male"), (3, 2))[0],
            chance.choices(("18-60", "over-60"), (9, 1))[0],
            {item: chance.choices(list(shares), list(shares.values()))[0] for item in project.items},
        )
        for _ in range(chance.choice((1, 3, 8, 14, 20, 30)))
    )
    return Group(f"{100000 + number}", project.code, module, people)


def _draw_releases(chance: Random, groups: Sequence[Group], come: int) -> tuple[Told, ...]:
    """Draw up to six releases, now and then an indicator return; ``come`` groups are there at the start, then more."""
    told: list[Told] = []
    for _ in range(chance.randint(1, 6)):
        come = min(len(groups), come + chance.randint(0, 2))
        if chance.random() < RETURNS:
            told.append(Told("public", tuple(range(come)), is_return=True))
            continue
        of_one = chance.choice([None, None, *sorted({group.project for group in groups[:come]})])
        about = tuple(n for n in range(come) if of_one in (None, groups[n].project))
        told.append(Told(chance.choice(TIERS), about, of_one))
    return tuple(told)


# -- telling them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Release:
    """One release that left, or the answer that nothing may leave."""

    told: Told
    linked: LinkedTables
    result: ProtectedTables | Refused

    def remembered(self, number: int) -> EarlierRelease:
        """Return what the ledger keeps of it."""
        cells = tuple(cell for table in self.result.tables for cell in table.cells.values())
        made = datetime(2026, 7, 1 + number, tzinfo=UTC)
        kept = self.linked.responses, self.linked.session_places
        name = f"{'return' if self.told.is_return else 'release'}{number}"
        return EarlierRelease(name, made, self.told.tier, self.linked.sessions, cells, *kept)


def take_return(linked: LinkedTables) -> ProtectedTables:
    """Return the exact totals as they leave: of all together; by gender and age where the world has them; none withheld."""
    taken = take_exact_totals(linked, load_policy("public"), "crossed")
    figures = {figure.at: figure.people for each in taken for figure in each.figures}
    whole = linked.tables[0]
    if not taken:
        figures = {cell.at: linked.count(cell) for codes, cell in whole.cells.items() if codes[1] == TOTAL}
    cells = {(str(number),): ProtectedCell(at, n, Status.PUBLISHED) for number, (at, n) in enumerate(figures.items())}
    return ProtectedTables((ProtectedTable("return", (), cells),), {}, Certificate(0, None, (), ()))


def tell(story: Story, policies: Mapping[str, Policy]) -> Iterator[Release]:
    """Make the releases of a story, each with the ledger of those before."""
    ledger: list[EarlierRelease] = []
    for number, told in enumerate(story.told):
        linked = story.counted(told)
        if told.is_return:
            release = Release(told, linked, take_return(linked))
        else:
            with _policies(policies):
                release = Release(told, linked, protect(linked, policies[told.tier], ledger))
        yield release
        if isinstance(release.result, ProtectedTables):
            ledger.append(release.remembered(number))


@contextmanager
def _policies(policies: Mapping[str, Policy]) -> Iterator[None]:
    with patch.object(differencing, "load_policy", policies.__getitem__):
        yield


# -- the attackers ---------------------------------------------------------------------------------------------------


def found_in_files(release: Release, policy: Policy) -> list[str]:
    """Return what the assurance finds in the files of a release, and low counts that are printed."""
    assert isinstance(release.result, ProtectedTables)
    found = [str(lost) for lost in attack(release.result.tables, policy, release.result.folded).violations]
    cells = [cell for table in release.result.tables for cell in table.cells.values()]
    found += [
        f"{cell.at} shows {cell.value}"
        for cell in cells
        if cell.status is Status.PUBLISHED and 0 < (cell.value or 0) < policy.smallest_count
    ]
    return found


def found_by_subtracting(story: Story, releases: Sequence[Release], policies: Mapping[str, Policy]) -> list[str]:
    """Return the low differences of figures of the last release with those of each earlier one, where one holds the other.

    Whoever reads both knows no smaller figure than the one of the two tiers that shows more may show. After a return, what
    could be computed before the last release is no news: the law takes no notice of what left before it.
    """
    new = _told_by(releases[-1])
    found = []
    for old in releases[:-1]:
        then_counted, now_counted = set(old.told.groups), set(releases[-1].told.groups)
        if not (then_counted <= now_counted or then_counted > now_counted):
            continue
        smallest = min(policies[release.told.tier].smallest_count for release in (old, releases[-1]))
        for at, then in _told_by(old).items():
            difference = abs(new.get(at, then) - then)
            if 0 < difference < smallest and not _is_old_news(story, releases, old, at):
                found.append(f"{at}: {then}, then {new[at]}")
    return found


def _is_old_news(story: Story, releases: Sequence[Release], old: Release, at: Coordinates) -> bool:
    """Say whether a return lies behind, and its readers could compute the difference from what left before the last release."""
    if not any(release.told.is_return for release in releases):
        return False
    readers = {old.told.tier, releases[-1].told.tier, "public"}
    told = [
        _whom(story, release, each)
        for release in releases[:-1]
        if release.told.tier in readers
        for each in _told_by(release)
        if _aside_from_whom(each) == _aside_from_whom(at)
    ]
    asked = _whom(story, releases[-1], at) - _whom(story, old, at)
    return bool(np.linalg.matrix_rank([*told, asked]) == np.linalg.matrix_rank(told))


def _whom(story: Story, release: Release, at: Coordinates) -> np.ndarray:
    """Return a one for each group and leaf of the scale that a figure counts: what says "yes" less "a lot" says "a little"."""
    answers = [float((at.answer or TOTAL) in _upwards(story.scale, leaf)) for leaf in story.scale.leaves]
    return np.outer(_who(story, release, at), answers).ravel()


def _upwards(axis: Axis, code: str) -> tuple[str, ...]:
    return (code, *(_upwards(axis, axis.parents[code]) if code in axis.parents else ()))


def _who(story: Story, release: Release, at: Coordinates) -> np.ndarray:
    """Return a one for each group that a figure of a release counts."""
    organisations = {project.code: project.organisation for project in story.projects}
    items = {project.code: project.items for project in story.projects}
    leads = {place.organisation: place.lead for place in story.places}
    place = at.project or at.organisation.partition("+")[0] or TOTAL
    return np.array(
        [
            number in release.told.groups
            and at.item in {"", *items[group.project]}
            and at.module in {"", group.module}
            and _lies_in(group.project, place, organisations, leads, release.result.folded)
            for number, group in enumerate(story.groups)
        ],
        dtype=float,
    )


def _aside_from_whom(at: Coordinates) -> Coordinates:
    item = "helpful" if at.measure == "asked" else at.item  # which everybody is asked
    return replace(at, measure="", organisation="", project="", module="", item=item, answer="")


def _told_by(release: Release) -> dict[Coordinates, int]:
    assert isinstance(release.result, ProtectedTables)
    nobody_asked = {
        cell.at for table in release.linked.tables for cell in table.cells.values() if isinstance(cell.atoms, NotAsked)
    }
    folded = release.result.folded
    return {
        _with_folded(_wherever(cell.at), folded): cell.value
        for table in release.result.tables
        for cell in table.cells.values()
        if cell.status is Status.PUBLISHED and cell.value is not None and cell.at not in nobody_asked
    }


def _with_folded(at: Coordinates, folded: Mapping[str, str]) -> Coordinates:
    """Name a lead's own figure by whom it counts: the partners that are folded into it, too."""
    partners = sorted(partner for partner, lead in folded.items() if at.organisation == f"{lead}-own")
    return replace(at, organisation="+".join([at.organisation, *partners]))


def found_by_listing(story: Story, releases: Sequence[Release], policies: Mapping[str, Policy]) -> list[str]:
    """Return what the last release newly tells of its withheld figures, to whoever writes down every data set.

    Its readers know the earlier releases of its tier; some know what is public too, and what the law made public; some know
    those of all tiers.
    """
    last = releases[-1]
    tier = last.told.tier
    found = []
    for readers in ({tier}, {tier, "public"}, set(TIERS)):
        earlier = [release for release in releases[:-1] if release.told.tier in readers]
        sums = [each for release in earlier for each in _sums_told(story, release)]
        before = what_agrees(_everybody(story), sums, MOST_PEOPLE)
        after = what_agrees(_everybody(story), [*sums, *_sums_told(story, last)], MOST_PEOPLE)
        found += _newly_told(story, releases, (before, after), policies[tier])
    return found


def _newly_told(
    story: Story, releases: Sequence[Release], data: tuple[np.ndarray, np.ndarray], policy: Policy
) -> Iterator[str]:
    """Find withheld figures of which less is left than the policy asks, or than was left before, where that was less.

    After a return, one that is withheld for others only needs no more than the law has left of these.
    """
    last, is_after_return = releases[-1], any(release.told.is_return for release in releases)
    figures = {frozenset(atoms): at for at, atoms, _ in _figures(story, last) if atoms}
    published = {frozenset(atoms) for _, atoms, status in _figures(story, last) if status is Status.PUBLISHED}
    before = {atoms: _range_of(data[0], atoms) for atoms in figures}
    sensitive = {atoms for atoms in figures if _is_sensitive(story, atoms, policy)}
    for atoms in figures.keys() - published:
        (least, most), (low, high) = before[atoms], _range_of(data[1], atoms)
        people = _people(story, atoms)
        is_low = 0 < people < policy.smallest_count
        enough = min(most, max(policy.smallest_count, policy.interval_width))
        if (least, most) == (low, high):
            continue
        width = min(policy.interval_width, most - least)
        if is_after_return and atoms not in sensitive:
            width = min(width, *_left_beside(atoms, {each: before[each] for each in sensitive}))
        if high - low < width or (is_low and (low > least or high < enough)):
            yield f"{figures[atoms]}: {least} to {most} before, {low} to {high} after"


def _left_beside(atoms: frozenset[tuple[int, str]], sensitive: Mapping[frozenset, tuple[int, int]]) -> Iterator[int]:
    """Yield how much was left of the widest sensitive figure of the same groups, and of the same answers."""
    for part in (0, 1):
        alike = {atom[part] for atom in atoms}
        widths = [most - least for each, (least, most) in sensitive.items() if {atom[part] for atom in each} == alike]
        yield max(widths, default=MOST_PEOPLE)


def _people(story: Story, atoms: Iterable[tuple[int, str]]) -> int:
    return sum(len(_answered(story, *atom)) for atom in atoms)


def _is_sensitive(story: Story, atoms: Iterable[tuple[int, str]], policy: Policy) -> bool:
    """Say whether a figure is withheld for its own sake: it is low, or its group gave one answer."""
    groups = {group for group, _ in atoms}
    counts = [sum(len(_answered(story, group, answer)) for group in groups) for answer in YES_OR_NO.leaves]
    return 0 < _people(story, atoms) < policy.smallest_count or gave_one_answer(sum(counts), max(counts), policy)


def _range_of(data: np.ndarray, atoms: Iterable[tuple[int, str]]) -> tuple[int, int]:
    values = data[:, [_column(*atom) for atom in atoms]].sum(axis=1)
    return int(values.min()), int(values.max())


def _column(group: int, answer: str) -> int:
    return group * len(YES_OR_NO.leaves) + YES_OR_NO.leaves.index(answer)


def _answered(story: Story, group: int, answer: str) -> list[Person]:
    return [person for person in story.groups[group].people if person.answers["helpful"] == answer]


def _everybody(story: Story) -> LinkedTables:
    everywhere = product(range(len(story.groups)), YES_OR_NO.leaves)
    return LinkedTables(tuple(len(_answered(story, *atom)) for atom in everywhere), ())


def _sums_told(story: Story, release: Release) -> Iterator[tuple[frozenset[int], int, int]]:
    for _, atoms, status, value in _cells(story, release):
        if status is Status.PUBLISHED and atoms:
            yield frozenset(_column(*atom) for atom in atoms), value, value


def _figures(story: Story, release: Release) -> Iterator[tuple[Coordinates, list[tuple[int, str]], Status]]:
    for at, atoms, status, _ in _cells(story, release):
        yield at, atoms, status


def _cells(story: Story, release: Release) -> Iterator[tuple[Coordinates, list[tuple[int, str]], Status, int]]:
    """Yield each cell that readers see, with the groups and answers that it counts."""
    assert isinstance(release.result, ProtectedTables)
    if release.told.is_return:
        for cell in release.result.tables[0].cells.values():
            leaves = YES_OR_NO.leaves if cell.at.answer in (TOTAL, "answered") else (cell.at.answer,)
            yield cell.at, list(product(release.told.groups, leaves)), cell.status, cell.value or 0
        return
    folded = release.result.folded
    lead_of = {place.organisation: place.lead for place in story.places}
    organisations = {project.code: project.organisation for project in story.projects}
    for table in release.result.tables:
        for (answer, place), cell in table.cells.items():
            groups = [
                number
                for number in release.told.groups
                if _lies_in(story.groups[number].project, place, organisations, lead_of, folded)
            ]
            leaves = YES_OR_NO.leaves if answer in (TOTAL, "answered") else (answer,)
            yield cell.at, list(product(groups, leaves)), cell.status, cell.value or 0


def _lies_in(
    project: str,
    place: str,
    organisations: Mapping[str, str],
    lead_of: Mapping[str, str | None],
    folded: Mapping[str, str],
) -> bool:
    organisation = organisations[project]
    own = folded.get(organisation, organisation)
    above = {TOTAL, project, organisation, lead_of[organisation] or organisation}
    if place.endswith("-own"):
        return place == f"{own}-own"
    return place in above


def check_story(story: Story, policies: Mapping[str, Policy]) -> Counter[str]:
    """Make the releases of a story and let every attacker try each; what was done.

    Raises:
        AssertionError: an attack worked, or a release was refused although something could be shown.
    """
    done: Counter[str] = Counter()
    releases: list[Release] = []
    for release in tell(story, policies):
        if isinstance(release.result, Refused):
            assert [reason.code for reason in release.result.reasons] == ["nothing-to-show"], release.result
            done["with nothing to show"] += 1
            continue
        releases.append(release)
        if release.told.is_return:
            done["indicator returns"] += 1
            continue
        done["releases"] += 1
        if not any(release.linked.sessions & other.linked.sessions for other in releases[:-1]):
            done["attacked from their files"] += 1
            found = found_in_files(release, policies[release.told.tier])
            assert not found, found[:3]
        found = found_by_subtracting(story, releases, policies)
        assert not found, found[:3]
        if story.scale is YES_OR_NO:
            done["attacked by listing every data set"] += 1
            found = found_by_listing(story, releases, policies)
            assert not found, found[:3]
    return done


@contextmanager
def silence_tau_argus() -> Iterator[None]:
    """Leave everything to our own optimiser: tau-ARGUS takes half a second for each table."""
    with patch.object(engine, "ask_engine", _say_nothing):
        yield


def _say_nothing(_linked: LinkedTables, _linkage: object, withheld: Iterable[int], *_more: object) -> EngineAnswer:
    return EngineAnswer(frozenset(withheld), EngineUsed("tau-argus-silent"))
