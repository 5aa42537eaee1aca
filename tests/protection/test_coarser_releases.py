"""What can not be protected in full leaves coarser, by stated steps; only what is lost even then is refused."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from protection_worlds import Place, Project, World, count, random_people, rows, table_of
from small_worlds import population, response, scale_item, session

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.circumstances import tells_circumstances
from survey_app.aggregation.facts import QuestionnaireFact
from survey_app.aggregation.tables import TOTAL, LinkedTables
from survey_app.protection import engine
from survey_app.protection.assurance import NARROWED, AttackResult, Violation, attack, attack_counts
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedTables, Refused, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
PROJECTS = (
    Project("c1", "charleroi", ("helpful", "speaking"), ("weak", "it")),
    Project("b1", "binche", ("helpful", "speaking"), ("weak",)),
    Project("g1", "ghent", ("helpful",), ("weak", "it")),
)
SIZES = {("c1", "weak"): 24, ("c1", "it"): 21, ("b1", "weak"): 4, ("g1", "weak"): 26, ("g1", "it"): 23}
WORLD = World(
    (Place("charleroi"), Place("binche", "charleroi"), Place("ghent")),
    PROJECTS,
    random_people(5, SIZES, PROJECTS),
    registered={"c1": 90, "b1": 6, "g1": 80},
)


def remembered(result, world, tier, number) -> EarlierRelease:
    cells = tuple(cell for table in result.tables for cell in table.cells.values())
    sizes = {session: len(world.people) for session in world.sessions}
    return EarlierRelease(f"r{number}", datetime(2026, 7, number, tzinfo=UTC), tier, world.sessions, cells, sizes)


@cache
def released(*tiers: str) -> tuple[ProtectedTables, ...]:
    """Release the world for one tier after the other, each with the ledger of those before."""
    ledger: list[EarlierRelease] = []
    results = []
    for number, tier in enumerate(tiers, 1):
        result = protect(count(WORLD), load_policy(tier), ledger)
        assert isinstance(result, ProtectedTables), result
        results.append(result)
        ledger.append(remembered(result, WORLD, tier, number))
    return tuple(results)


@pytest.mark.parametrize("tiers", [("inside", "network", "public"), ("public", "inside", "network")])
def test_every_tier_can_be_served_in_any_order(tiers) -> None:
    for tier, result in zip(tiers, released(*tiers), strict=True):
        assert result.certificate.step == "full"
        assert attack(result.tables, load_policy(tier), result.folded).is_clean


def test_the_public_learns_nothing_that_staff_inside_were_not_told() -> None:
    inside, _, public = (
        {cell.at: cell.value for table in result.tables for cell in table.cells.values()}
        for result in released("inside", "network", "public")
    )
    told = [at for at, value in public.items() if value is not None]
    assert len(told) > 100
    assert all(inside[at] == public[at] for at in told)


def losing_while(is_detail) -> Callable[..., AttackResult]:
    """An assurance that loses as long as a detail is published."""

    def attacked(linked, statuses, policy, *more: Any) -> AttackResult:
        for (number, codes), status in statuses.items():
            table = linked.tables[number]
            if status is Status.PUBLISHED and is_detail(table, codes):
                return AttackResult((Violation(table.cells[codes].at, NARROWED, (number, codes)),), 1, 0, ())
        return attack_counts(linked, statuses, policy, *more)

    return attacked


def always_lost(linked, *_more: Any) -> AttackResult:
    table = linked.tables[0]
    codes, cell = next(iter(table.cells.items()))
    return AttackResult((Violation(cell.at, NARROWED, (0, codes)),), 1, 0, ())


def code_of(table, codes, axis) -> str:
    return next((code for each, code in zip(table.axes, codes, strict=True) if each.name == axis), TOTAL)


def is_by_module(table, codes) -> bool:
    return code_of(table, codes, "module") != TOTAL


def is_by_project(table, codes) -> bool:
    return code_of(table, codes, "place") in {"c1", "b1", "g1"}


def is_by_gender_and_age(table, codes) -> bool:
    return TOTAL not in (code_of(table, codes, "gender"), code_of(table, codes, "age"))


@pytest.mark.parametrize(
    ("is_detail", "step"),
    [(is_by_module, "no-modules"), (is_by_project, "no-projects"), (is_by_gender_and_age, "no-crossings")],
)
def test_the_detail_that_is_lost_is_dropped_and_the_grid_stays(is_detail, step, monkeypatch) -> None:
    monkeypatch.setattr(engine, "attack_counts", losing_while(is_detail))
    monkeypatch.setattr(engine, "_ROUNDS", 0)  # what is lost is not mended cell by cell
    linked = count(WORLD)
    result = protect(linked, load_policy("inside"))
    assert result.certificate.step == step
    assert len(result.tables) == len(linked.tables)
    details = [cell for table in result.tables for codes, cell in table.cells.items() if is_detail(table, codes)]
    asked = [cell for cell in details if cell.value is not None]
    assert details
    assert all(cell.value == 0 for cell in asked)  # nobody was asked there: not a figure
    assert table_of(result.tables, "item:helpful").cells[TOTAL, TOTAL].value is not None


# -- by mode and by language -----------------------------------------------------------------------------------------


def two_organisations() -> LinkedTables:
    """Two organisations with forty people each, who answered alone or with a helper, in two languages."""
    held = [
        session(f"{number}", organisation=name, project=name, asked=frozenset({"helpful"}))
        for number, name in enumerate(("a", "b"))
    ]
    people = [
        replace(
            response(each.code, helpful=("a-lot", "a-little", "not-much")[number % 3]),
            mode="alone" if number % 4 else "with-helper",
            language="fr" if number % 5 else "ti",
        )
        for each in held
        for number in range(40)
    ]
    form = QuestionnaireFact("exit", 1, (scale_item("helpful", "indicator"),))
    linked = build_linked_tables(population(*held, questionnaires=(form,), languages=("fr", "ti")), people)
    assert isinstance(linked, LinkedTables)
    return replace(linked, responses={each.code: 40 for each in held})


def is_by_circumstance(table, _codes) -> bool:
    return tells_circumstances(table.name)


def test_by_mode_and_language_nothing_leaves_where_that_costs_all_the_rest(monkeypatch) -> None:
    linked = two_organisations()
    full = protect(linked, load_policy("network"))
    monkeypatch.setattr(engine, "attack_counts", losing_while(is_by_circumstance))
    monkeypatch.setattr(engine, "_ROUNDS", 0)
    coarser = protect(linked, load_policy("network"))
    assert (full.certificate.step, coarser.certificate.step) == ("full", "no-circumstances")
    assert {table.name for table in full.tables} - {table.name for table in coarser.tables} == {
        "by-mode:helpful",
        "by-language:helpful",
    }
    assert table_of(coarser.tables, "item:helpful") == table_of(full.tables, "item:helpful")
    assert attack(coarser.tables, load_policy("network")).is_clean


def test_what_an_earlier_release_told_by_mode_and_language_stays_among_what_is_attacked(monkeypatch) -> None:
    linked = two_organisations()
    first = protect(linked, load_policy("inside"))
    cells = tuple(cell for table in first.tables for cell in table.cells.values())
    earlier = EarlierRelease(
        "r1",
        datetime(2026, 7, 1, tzinfo=UTC),
        "inside",
        linked.sessions,
        cells,
        linked.responses,
        linked.session_places,
    )
    attacked: list[set[str]] = []
    monkeypatch.setattr(engine, "EFFORT", 0.0)

    def remembering(shown, *more: Any) -> AttackResult:
        attacked.append({table.name for table in shown.tables})
        return always_lost(shown, *more)

    monkeypatch.setattr(engine, "attack_counts", remembering)
    assert isinstance(protect(linked, load_policy("network"), [earlier]), Refused)
    assert len(attacked) > 3
    assert all({"by-mode:helpful", "by-language:helpful"} <= names for names in attacked)


def test_what_was_told_already_needs_no_work_to_be_told_again(monkeypatch) -> None:
    first = released("inside")[0]
    monkeypatch.setattr(engine, "EFFORT", 0.0)
    again = protect(count(WORLD), load_policy("inside"), [remembered(first, WORLD, "inside", 1)])
    assert again.tables == first.tables


@pytest.mark.parametrize("tier", ["inside", "public"])
def test_when_the_work_is_used_up_a_release_that_would_tell_nothing_is_refused(tier, monkeypatch) -> None:
    ledger = [] if tier == "inside" else [remembered(released("inside")[0], WORLD, "inside", 1)]
    monkeypatch.setattr(engine, "EFFORT", 0.0)
    assert isinstance(protect(count(WORLD), load_policy(tier), ledger), Refused)


def test_what_is_lost_even_when_nothing_new_is_told_is_refused(monkeypatch) -> None:
    ledger = [remembered(released("inside")[0], WORLD, "inside", 1)]
    monkeypatch.setattr(engine, "attack_counts", always_lost)
    assert isinstance(protect(count(WORLD), load_policy("inside"), ledger), Refused)


PARTNERS = (Place("charleroi"), Place("binche", "charleroi"))
SMALL_REGISTER = rows(
    PARTNERS,
    {"c1": ("charleroi", {"a-lot": 30, "a-little": 20, "not-much": 12}), "b1": ("binche", {"a-lot": 2, "not-much": 1})},
    registered={"c1": 80, "b1": 3},
)


def test_a_partner_with_a_small_register_does_not_hide_the_figures_of_its_lead() -> None:
    result = protect(count(SMALL_REGISTER), load_policy("inside"))
    cells = table_of(result.tables, "item:helpful").cells
    assert cells[TOTAL, TOTAL].value == 65
    assert cells[TOTAL, "charleroi"].value == 65
    assert cells["a-little", "charleroi"].value == 20


def test_a_partner_with_a_small_register_keeps_all_that_its_register_leaves() -> None:
    linked = count(SMALL_REGISTER)
    result = protect(linked, load_policy("inside"))
    cells = table_of(result.tables, "item:helpful").cells
    for answer in (TOTAL, "answered", "positive", "negative", "a-lot", "not-much"):
        assert None in (cells[answer, "charleroi-own"].value, cells[answer, "c1"].value)
    assert result.certificate.narrowest_interval == 3


ONCE = """
import json, sys
sys.path.insert(0, {here!r})
from protection_worlds import country, count
from survey_app.protection import engine
from survey_app.protection.policy import load_policy
from survey_app.protection.reasons import EngineUsed
from survey_app.protection.tau_argus import EngineAnswer
engine.ask_engine = lambda *args, **more: EngineAnswer(frozenset(args[2]), EngineUsed("tau-argus-silent"))
result = engine.protect(count(country(3, 200, 4, 2)), load_policy("inside"))
print(json.dumps([cell.value for table in result.tables for cell in table.cells.values()]))
"""


def test_the_same_figures_leave_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", ONCE.format(here=str(Path(__file__).parent))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1
    assert len(json.loads(said.pop())) > 100
