"""Answers that are all alike, and answers by mode and language: what these tables add to what an attacker can compute."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import every_pattern
import pytest
import small_worlds
from every_pattern import MODES, SCALE

from survey_app.aggregation import alike
from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import QuestionnaireFact, ResponseFact, SessionFact, TallyFact
from survey_app.aggregation.tables import LinkedTables, UnprotectedTable
from survey_app.protection.assurance import attack, attack_counts
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedCell, ProtectedTable, ProtectedTables, Status

ITEMS = ("helpful", "doctor", "housing")
LANGUAGES = ("fr", "ti")
FORM = QuestionnaireFact(
    "exit", 1, tuple(small_worlds.scale_item(item, "indicator" if item == "helpful" else "domain") for item in ITEMS)
)
NETWORK = load_policy("network")


@pytest.fixture(scope="module", autouse=True)
def alike_in_releases_of_several_projects() -> Iterator[None]:
    """How alike answers are is counted here in releases of several projects too: a harder world than what leaves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "MOST_PROJECTS", 3)
        yield


def world(seed: int) -> tuple[list[SessionFact], list[ResponseFact]]:
    """Three organisations, some with two modules; most people answer all alike, as people in need do."""
    chance = random.Random(seed)
    sessions = [
        small_worlds.session(
            f"{number}{module}",
            organisation=organisation,
            project=f"{organisation}-project",
            module=module,
            asked=frozenset(ITEMS if number or chance.random() < 0.7 else ITEMS[:2]),
        )
        for number, organisation in enumerate(("ghent", "liege", "charleroi"))
        for module in ("basic", "more")[: chance.choice((1, 1, 2))]
    ]
    asked = {each.organisation: each.asked for each in sessions}
    sessions = [replace(each, asked=asked[each.organisation]) for each in sessions]
    return sessions, [person for held in sessions for person in _people(held, chance)]


def _people(held: SessionFact, chance: random.Random) -> list[ResponseFact]:
    alike, top = chance.uniform(0.3, 0.97), chance.uniform(0.4, 0.97)
    people = []
    for _ in range(chance.randint(5, 40)):
        same = chance.choices(SCALE, (top, 1 - top, 0.05, 0.05))[0]
        answers = {
            item: same if chance.random() < alike else chance.choice(SCALE)
            for item in sorted(held.asked)
            if chance.random() < 0.97
        }
        mode, language = chance.choices(MODES, (8, 2, 1))[0], chance.choices(LANGUAGES, (3, 1))[0]
        people.append(ResponseFact(held.code, answers, {}, language, mode))
    return people


def count(sessions: list[SessionFact], people: list[ResponseFact]) -> LinkedTables:
    population = small_worlds.population(*sessions, questionnaires=(FORM,), languages=LANGUAGES)
    linked = build_linked_tables(population, people)
    assert isinstance(linked, LinkedTables)
    return linked


def found_by_patterns(
    sessions: list[SessionFact], released: ProtectedTables, tables: tuple[str, ...] = ("",)
) -> list[str]:
    """What somebody learns who thinks of people: ranges that are narrower than the policy allows."""
    patterns = every_pattern.Patterns(sessions, ITEMS, (*LANGUAGES, "other-language"))
    ranges = list(every_pattern.ranges(released, patterns, tables))
    return [f"{at} lies between {low} and {high}" for at, low, high in ranges if high - low < NETWORK.smallest_count]


def check(seed: int, tables: tuple[str, ...] = ("",)) -> list[str]:
    """Protect a world, then attack it by patterns (the figures of some tables) and from its files."""
    sessions, people = world(seed)
    released = protect(count(sessions, people), NETWORK)
    if not isinstance(released, ProtectedTables):
        return []
    readers = attack(released.tables, NETWORK, released.folded)
    found = [*found_by_patterns(sessions, released, tables), *(str(violation) for violation in readers.violations)]
    return [f"world {seed}: {each}" for each in found]


def test_nobody_who_thinks_of_people_learns_what_the_tables_withhold() -> None:
    assert [*check(0), *check(1)] == []


@pytest.mark.slow
def test_nobody_does_in_forty_other_worlds() -> None:
    assert [each for seed in range(100, 140) for each in check(seed, ("alike", "by-"))] == []


def test_who_gave_the_best_answer_to_all_is_part_of_who_gave_it_to_each() -> None:
    """The answers to the questions are withheld; 27 of 30 gave the best one to all. Untied, the attack would not see it."""
    linked = count([small_worlds.session(asked=frozenset(ITEMS))], nearly_all_top())
    statuses = {
        (number, codes): Status.PUBLISHED if _is_alike(table) or set(codes) == {"total"} else Status.WITHHELD
        for number, table in enumerate(linked.tables)
        for codes in table.cells
    }

    def lost(shown: LinkedTables) -> set[tuple[str, str]]:
        found = attack_counts(shown, statuses, NETWORK).violations
        return {(violation.at.item, violation.at.answer) for violation in found}

    assert {(item, "a-lot") for item in ITEMS} <= lost(linked)
    assert not {(item, "a-lot") for item in ITEMS} & lost(_untied(linked))


def nearly_all_top() -> list[ResponseFact]:
    """27 people who gave the best answer to all, and three who did not."""
    people = [small_worlds.response(**dict.fromkeys(ITEMS, "a-lot")) for _ in range(27)]
    return people + [small_worlds.response(helpful="a-little", doctor="not-much", housing="not-at-all")] * 3


def _untied(linked: LinkedTables) -> LinkedTables:
    """Give the tables of answers that are all alike atoms of their own, and no other tie than the number of people."""
    alike = sorted({atom for table in linked.tables if _is_alike(table) for atom in _atoms_of(table)})
    own = {atom: len(linked.atoms) + number for number, atom in enumerate(alike)}
    shown = frozenset(atom for table in linked.tables for atom in _atoms_of(table))

    def renamed(atoms: frozenset[int]) -> frozenset[int]:
        return frozenset(own[atom] for atom in atoms)

    tables = [
        replace(table, cells={codes: replace(cell, atoms=renamed(cell.atoms)) for codes, cell in table.cells.items()})
        if _is_alike(table)
        else table
        for table in linked.tables
    ]
    identities = [
        (renamed(left) if left <= own.keys() else left, right)
        for left, right in linked.identities
        if left | right <= shown
    ]
    return replace(
        linked,
        atoms=(*linked.atoms, *(linked.atoms[atom] for atom in alike)),
        tables=tuple(tables),
        identities=tuple(identities),
    )


def _is_alike(table: UnprotectedTable) -> bool:
    return table.name.startswith("alike")


def _atoms_of(table: UnprotectedTable) -> frozenset[int]:
    return frozenset[int]().union(*(cell.atoms for cell in table.cells.values() if isinstance(cell.atoms, frozenset)))


def test_whoever_did_not_answer_all_alike_stands_at_another_answer_somewhere() -> None:
    """All said the best of two questions; twenty did so of the third, as all who answered all alike are twenty."""
    held = small_worlds.session(asked=frozenset(ITEMS))
    people = [
        small_worlds.response(helpful="a-lot", doctor="a-lot", housing="a-lot" if number < 20 else "not-at-all")
        for number in range(40)
    ]
    linked = count([held], people)
    hidden = ("item:housing", "module:housing")
    statuses = {
        (number, codes): Status.PUBLISHED if table.name not in hidden or codes[0] == "total" else Status.WITHHELD
        for number, table in enumerate(linked.tables)
        for codes in table.cells
    }
    lost = {violation.at.answer for violation in attack_counts(linked, statuses, NETWORK).violations}
    assert "a-lot" in lost
    shown = frozenset(atom for table in linked.tables for atom in _atoms_of(table))
    loose = replace(linked, identities=tuple(pair for pair in linked.identities if pair[0] | pair[1] <= shown))
    assert "a-lot" not in {violation.at.answer for violation in attack_counts(loose, statuses, NETWORK).violations}


def test_a_reader_of_the_files_knows_that_who_gave_the_best_answer_to_all_gave_it_to_each() -> None:
    """The answers to one question are withheld; 27 of 30 gave the best one to all."""
    held = small_worlds.session(asked=frozenset(ITEMS))
    linked = count([held], nearly_all_top())
    tables = [_shown(linked, table) for table in linked.tables if table.name.partition(":")[0] in {"item", "alike"}]
    lost = {violation.at.answer for violation in attack(tables, NETWORK).violations}
    assert "a-lot" in lost
    apart = [table for table in tables if table.name != "alike"]
    assert "a-lot" not in {violation.at.answer for violation in attack(apart, NETWORK).violations}


def _shown(linked: LinkedTables, table: UnprotectedTable) -> ProtectedTable:
    """Show a table as it is, of the questions their sizes only, and of the answers to all what can be shown of them."""
    told = {"total"} if table.name != "alike" else {"total", "all-same", "all-top"}
    cells = {
        codes: ProtectedCell(cell.at, linked.count(cell), Status.PUBLISHED)
        if codes[0] in told
        else ProtectedCell(cell.at, None, Status.WITHHELD)
        for codes, cell in table.cells.items()
    }
    return ProtectedTable(table.name, table.axes, cells, table.answer_axis)


def test_who_was_fast_at_every_question_tells_who_was_quick_at_each() -> None:
    """38 of 40 were fast; how many were quick at one question is withheld, and lies between 38 and 40 all the same."""
    held = small_worlds.session(asked=frozenset(ITEMS))
    tallies = [TallyFact(held.code, "", "finished", 40), TallyFact(held.code, "", "fast", 38)]
    tallies += [TallyFact(held.code, "", "unhurried", 2), TallyFact(held.code, "doctor", "met", 40)]
    tallies.append(TallyFact(held.code, "doctor", "quick", 39))
    people = [small_worlds.response(helpful=SCALE[number % 4]) for number in range(40)]
    population = small_worlds.population(held, questionnaires=(FORM,), tallies=tuple(tallies))
    linked = build_linked_tables(population, people)
    assert isinstance(linked, LinkedTables)

    def lost(shown: LinkedTables) -> set[str]:
        statuses = {
            (number, codes): Status.WITHHELD
            if table.name == "time:doctor" and codes[0] != "total"
            else Status.PUBLISHED
            for number, table in enumerate(shown.tables)
            for codes in table.cells
        }
        found = attack_counts(shown, statuses, NETWORK).violations
        return {violation.at.answer for violation in found if violation.at.table == "time:doctor"}

    assert "quick" in lost(linked)
    without = tuple(table for table in linked.tables if table.name != "pace")
    assert "quick" not in lost(replace(linked, tables=without))
