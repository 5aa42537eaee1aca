"""Properties over random worlds. A longer run: ``HYPOTHESIS_PROFILE=long`` and the marker ``slow``."""

import csv
import os
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from brute_force import MOST, exposed, what_fits
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from protection_worlds import (
    SHORT_SCALE,
    Person,
    Place,
    Project,
    World,
    count,
    random_people,
    small_policy,
)

from survey_app.aggregation.tables import NotAsked
from survey_app.protection.assurance import attack
from survey_app.protection.engine import protect
from survey_app.protection.folding import fold_small_partners
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import Refused, Status
from survey_app.protection.reasons import Reason

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
pytestmark = pytest.mark.usefixtures("without_tau_argus")
bounded = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ANSWERS = ("a-lot", "not-much", "missing")
few = st.integers(0, 6)
row = st.fixed_dictionaries(dict.fromkeys(ANSWERS, few)) | few.map(lambda n: {"a-lot": n, "not-much": 0, "missing": 0})


def people_of(project, module, answers) -> tuple[Person, ...]:
    return tuple(
        Person(project, module, "female", "18-60", {"helpful": a}) for a, n in answers.items() for _ in range(n)
    )


@st.composite
def tiny_worlds(draw) -> World:
    """Six atoms: two projects with one question, one project with two modules, or one project with two questions."""
    shape = draw(st.sampled_from(["beside", "partner", "modules", "questions"]))
    first, second = draw(row), draw(row)
    plain = {"scale": SHORT_SCALE, "has_indicator": False}
    if shape == "modules":
        projects = (Project("g1", "ghent", ("helpful",), ("m1", "m2")),)
        people = people_of("g1", "m1", first) + people_of("g1", "m2", second)
        return World((Place("ghent"),), projects, people, **plain)
    if shape == "questions":
        projects = (Project("g1", "ghent", ("helpful", "work")),)
        size = min(sum(first.values()), MOST)  # what is listed must hold the truth
        others = draw(st.lists(st.sampled_from(ANSWERS), min_size=size, max_size=size))
        people = tuple(
            Person("g1", "m1", "female", "18-60", {"helpful": p.answers["helpful"], "work": other})
            for p, other in zip(people_of("g1", "m1", first), others, strict=False)
        )
        return World((Place("ghent"),), projects, people, has_modules=False, **plain)
    places = (Place("ghent"), Place("ninove", "ghent" if shape == "partner" else None))
    projects = (Project("g1", "ghent", ("helpful",)), Project("n1", "ninove", ("helpful",)))
    people = people_of("g1", "m1", first) + people_of("n1", "m1", second)
    return World(places, projects, people, has_modules=False, **plain)


def check_by_enumeration(world) -> None:
    policy, linked = small_policy(), count(world)
    result = protect(linked, policy)
    if isinstance(result, Refused):  # nothing leaves rather than a folder of withheld cells
        assert result.reasons == (Reason("nothing-to-show"),)
        return
    event("withheld" if result.withheld_primary else "nothing withheld")
    event("folded" if result.folded else "not folded")
    assert exposed(linked, result, policy) == []
    found = attack(result.tables, policy, result.folded)
    assert found.is_clean, [str(violation) for violation in found.violations]


@settings(bounded, max_examples=60, derandomize=True)
@given(tiny_worlds())
def test_whoever_lists_every_possible_data_set_learns_nothing_forbidden(world) -> None:
    check_by_enumeration(world)


@pytest.mark.slow
@settings(bounded, max_examples=3000 if LONG else 400)
@given(tiny_worlds())
def test_whoever_lists_every_possible_data_set_learns_nothing_forbidden_for_long(world) -> None:
    check_by_enumeration(world)


@st.composite
def random_worlds(draw) -> World:
    """Random hierarchies, questions, modules, sizes and habits of answering."""
    leads = draw(st.integers(1, 2))
    places = [Place(f"l{n}") for n in range(leads)]
    places += [
        Place(f"p{n}", draw(st.sampled_from(places[:leads])).organisation) for n in range(draw(st.integers(0, 2)))
    ]
    items = ("helpful", "speaking", "work")
    projects = tuple(
        Project(
            f"j{n}",
            draw(st.sampled_from(places)).organisation,
            ("helpful", *draw(st.sets(st.sampled_from(items[1:])).map(sorted))),
            tuple(draw(st.sets(st.sampled_from(("m1", "m2")), min_size=1).map(sorted))),
        )
        for n in range(draw(st.integers(1, 3)))
    )
    sizes = {(p.code, m): draw(st.integers(0, 4) | st.integers(5, 60)) for p in projects for m in p.modules}
    shares = {
        "a-lot": draw(st.integers(1, 90)),
        "a-little": 10,
        "not-much": draw(st.integers(0, 20)),
        "not-at-all": 2,
        "not-understood": draw(st.integers(0, 5)),
        "missing": 2,
    }
    people = random_people(draw(st.integers(0, 10**6)), sizes, projects, shares)
    registers = {p.code: draw(st.integers(0, 150)) for p in projects if draw(st.booleans())}
    return World(tuple(places), projects, people, registered=registers, has_indicator=draw(st.booleans()))


def check_by_attack(world, tier) -> None:
    linked, policy = count(world), load_policy(tier)
    result = protect(linked, policy)
    if isinstance(result, Refused):  # nothing leaves rather than a folder of withheld cells
        assert result.reasons == (Reason("nothing-to-show"),)
        return
    found = attack(result.tables, policy, result.folded)
    assert found.is_clean, [str(violation) for violation in found.violations[:3]]
    for table, shown in zip(linked.tables, result.tables, strict=True):
        for codes, cell in shown.cells.items():
            assert (cell.value is None) == (cell.status is Status.WITHHELD)
            if cell.status is Status.PUBLISHED:
                assert cell.value == 0 or cell.value >= policy.smallest_count
                if not result.folded and codes in table.cells:  # folded rows count more people than before
                    assert cell.value in (linked.count(table.cells[codes]), 0)


@settings(bounded, max_examples=12, derandomize=True)
@given(random_worlds(), st.sampled_from(["inside", "public"]))
def test_every_random_world_withstands_the_attack_from_its_files(world, tier) -> None:
    check_by_attack(world, tier)


@pytest.mark.slow
@settings(bounded, max_examples=1000 if LONG else 150)
@given(random_worlds(), st.sampled_from(["inside", "network", "public"]))
def test_every_random_world_withstands_the_attack_from_its_files_for_long(world, tier) -> None:
    check_by_attack(world, tier)


def test_a_range_is_stretched_to_its_end_before_it_is_called_too_narrow() -> None:
    """A drawn world in which whole persons are far apart in the last step only: four of five is not five."""
    with (Path(__file__).parent / "narrow_ranges.csv").open(newline="") as file:
        people = tuple(
            Person(
                row["project"],
                "m2",
                row["gender"],
                row["age"],
                {item: row[item] for item in ("helpful", "speaking", "work") if row[item]},
            )
            for row in csv.DictReader(file)
        )
    projects = (
        Project("j0", "l1", ("helpful",), ("m2",)),
        Project("j1", "l0", ("helpful", "speaking", "work"), ("m2",)),
    )
    check_by_attack(World((Place("l0"), Place("l1")), projects, people, registered={}), "inside")


# -- insiders --------------------------------------------------------------------------------------------------------


def learned_by_respondents(world, policy=None) -> list[str]:
    """Return what people who put together their own answers, and what was published, know for certain of somebody else's."""
    policy, linked = policy or small_policy(), count(world)
    result = protect(linked, policy)
    if isinstance(result, Refused):
        assert result.reasons == (Reason("nothing-to-show"),)
        return []
    linked = fold_small_partners(linked, policy).linked
    data = what_fits(linked, result)
    found = []
    for together in combinations_with_replacement(range(len(linked.atoms)), policy.coalition):
        own = np.bincount(together, minlength=len(linked.atoms))
        if (own > linked.atoms).any():
            continue
        fits = data[(data >= own).all(axis=1)]
        for table, shown in zip(linked.tables, result.tables, strict=True):
            for codes, cell in table.cells.items():
                if isinstance(cell.atoms, NotAsked) or (codes in shown.cells and shown.cells[codes].value is not None):
                    continue
                theirs = int(own[sorted(cell.atoms)].sum())
                others = fits[:, sorted(cell.atoms)].sum(axis=1) - theirs
                truth = int(linked.count(cell)) - theirs
                if 0 < truth < policy.smallest_count - policy.coalition and others.min() == others.max():
                    found.append(f"those in atoms {together} know {table.name} {codes}")
    return found


@settings(bounded, max_examples=40, derandomize=True)
@given(tiny_worlds())
def test_a_respondent_who_knows_the_own_answers_learns_nobody_elses(world) -> None:
    assert learned_by_respondents(world) == []


@settings(bounded, max_examples=15, derandomize=True)
@given(tiny_worlds())
def test_two_respondents_who_put_together_what_they_know_learn_no_third_ones_answer(world) -> None:
    assert learned_by_respondents(world, small_policy(k=4, dissenters=4, width=4, coalition=2)) == []


def test_without_complements_a_respondent_learns_the_other_ones_answer(monkeypatch) -> None:
    from survey_app.protection import engine
    from survey_app.protection.assurance import AttackResult
    from survey_app.protection.complement import Complement

    monkeypatch.setattr(
        engine, "complete", lambda _given, withheld, _worth=0.0: Complement(frozenset(withheld), frozenset())
    )
    monkeypatch.setattr(engine, "attack_counts", lambda *_args: AttackResult((), 0, None, ()))
    projects = (Project("g1", "ghent", ("helpful",)),)
    people = people_of("g1", "m1", {"a-lot": 6, "not-much": 1, "missing": 4})
    world = World((Place("ghent"),), projects, people, scale=SHORT_SCALE, has_modules=False, has_indicator=False)
    assert learned_by_respondents(world)
