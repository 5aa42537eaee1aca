"""A release may add nothing to what was too narrow before it, and what told nothing new is safe by itself."""

from collections.abc import Mapping

import numpy as np
import pytest
from brute_force import MOST, what_agrees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from protection_worlds import Place, count, one_project, rows, small_policy

from survey_app.aggregation.tables import TOTAL, Axis, LinkedTables
from survey_app.protection.assurance import LOW_COUNT, NARROWED, attack_counts
from survey_app.protection.knowledge import Known
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import Status

INSIDE, PUBLIC = load_policy("inside"), load_policy("public")
ROW = count(one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9}))
HIDDEN = {"not-much", "not-at-all"}


def atoms(answer) -> frozenset[int]:
    return ROW.tables[0].cells[answer, TOTAL].atoms


def attacked(hidden, known, policy=INSIDE) -> set[tuple[str, str]]:
    statuses = {
        (0, codes): Status.WITHHELD if codes[0] in hidden else Status.PUBLISHED for codes in ROW.tables[0].cells
    }
    found = attack_counts(ROW, statuses, policy, known)
    return {(violation.where[1][0], violation.attack) for violation in found.violations}


def test_a_range_that_was_narrow_before_may_stay_as_it_is() -> None:
    known = [Known(atoms("not-much"), 1, 4), Known(atoms("negative"), 11, 11)]
    assert attacked(HIDDEN, known) == set()


def test_a_range_that_was_narrow_before_may_not_be_narrowed_by_one_person() -> None:
    known = [Known(atoms("not-much"), 1, 4), Known(atoms("not-at-all"), 8, 20)]
    assert ("not-much", NARROWED) in attacked(HIDDEN, known)  # negative says 11: at most 3 of them


def test_a_range_that_was_wide_before_may_not_become_narrow() -> None:
    known = [Known(atoms("not-at-all"), 8, 20)]
    assert ("not-much", NARROWED) in attacked(HIDDEN, known)


def test_what_another_tier_told_leaves_nothing_to_protect_but_its_neighbours() -> None:
    told = [Known(atoms("not-at-all"), 9, 9)]
    assert attacked({*HIDDEN, "negative", "positive", "a-little"}, told) == set()
    assert ("not-much", NARROWED) in attacked(HIDDEN, told)


def test_a_release_that_tells_nothing_new_is_safe_whatever_was_told_before() -> None:
    everything = {codes[0] for codes in ROW.tables[0].cells}
    told = [Known(atoms(answer), n, n) for answer, n in (("negative", 11), ("not-at-all", 9), (TOTAL, 53))]
    assert attacked(everything, told, PUBLIC) == set()
    assert attacked(everything - {"negative", TOTAL}, told, PUBLIC) == set()


def test_the_narrowest_range_is_that_of_what_could_not_be_computed_before() -> None:
    known = [Known(atoms(answer), n, n) for answer, n in (("negative", 11), ("not-at-all", 9))]  # so the rest is 2
    statuses = {(0, codes): Status.PUBLISHED if codes[0] == TOTAL else Status.WITHHELD for codes in ROW.tables[0].cells}
    assert attack_counts(ROW, statuses, INSIDE, known).narrowest >= INSIDE.interval_width


def test_a_low_count_that_was_told_before_may_not_be_printed_again() -> None:
    told = [Known(atoms(answer), n, n) for answer, n in (("negative", 11), ("not-at-all", 9), ("not-much", 2))]
    everything = {codes[0] for codes in ROW.tables[0].cells}
    assert attacked(everything - {"not-much"}, told) == {("not-much", LOW_COUNT)}


# -- against the attacker who lists every data set -------------------------------------------------------------------


few = st.integers(0, 6)
YES_OR_NO = Axis("answer", {"answered": TOTAL, "a-lot": "answered", "not-much": "answered"})


@st.composite
def releases(draw) -> tuple[LinkedTables, dict, list[Known]]:
    """Two projects, any of their figures published, and any of them known within bounds from before."""
    projects = {code: ("ghent", {"a-lot": draw(few), "not-much": draw(few)}) for code in ("g1", "g2")}
    linked = count(rows((Place("ghent"),), projects, scale=YES_OR_NO))
    cells = linked.tables[0].cells
    figures = sorted({cell.atoms for cell in cells.values()}, key=sorted)
    shown = draw(st.sets(st.sampled_from(figures)))
    known = [
        Known(each, max(0, _people(linked, each) - draw(few)), _people(linked, each) + draw(few))
        for each in draw(st.lists(st.sampled_from(figures), max_size=4, unique=True))
    ]
    statuses = {
        (0, codes): Status.PUBLISHED if cell.atoms in shown else Status.WITHHELD for codes, cell in cells.items()
    }
    return linked, statuses, known


def _people(linked: LinkedTables, each: frozenset[int]) -> int:
    return sum(linked.atoms[atom] for atom in each)


def _range(data: np.ndarray, each: frozenset[int]) -> tuple[int, int]:
    values = data[:, sorted(each)].sum(axis=1)
    return int(values.min()), int(values.max())


def learned(linked, statuses: Mapping, known, policy) -> list[str]:
    """Return the withheld figures of which the release tells more than it may, by listing every data set."""
    facts = [(fact.atoms, fact.least, MOST * 9 if fact.greatest is None else fact.greatest) for fact in known]
    told = {fact.atoms for fact in known if fact.least == fact.greatest}
    published = [
        (cell.atoms, linked.count(cell), linked.count(cell))
        for codes, cell in linked.tables[0].cells.items()
        if statuses[0, codes] is Status.PUBLISHED
    ]
    before, after = what_agrees(linked, facts), what_agrees(linked, [*facts, *published])
    found = []
    for codes, cell in linked.tables[0].cells.items():
        if statuses[0, codes] is Status.PUBLISHED or cell.atoms in told:
            continue
        (least, most), (low, high) = _range(before, cell.atoms), _range(after, cell.atoms)
        people = linked.count(cell)
        is_low = 0 < people < policy.smallest_count
        enough = min(most, max(policy.smallest_count, policy.interval_width))
        if high - low < min(policy.interval_width, most - least) or (is_low and (low > least or high < enough)):
            found.append(f"{codes}: {least}..{most} before, {low}..{high} after")
    return found


def check_new_knowledge_is_refused(case) -> None:
    linked, statuses, known = case
    policy = small_policy(group=3)
    found = attack_counts(linked, statuses, policy, known)
    if not any(violation.attack == NARROWED for violation in found.violations):
        assert learned(linked, statuses, known, policy) == []


@settings(
    deadline=None, database=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(releases())
def test_whoever_lists_every_data_set_finds_no_new_knowledge_that_was_let_through(case) -> None:
    check_new_knowledge_is_refused(case)


@pytest.mark.slow
@settings(deadline=None, database=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(releases())
def test_whoever_lists_every_data_set_finds_no_new_knowledge_that_was_let_through_for_long(case) -> None:
    check_new_knowledge_is_refused(case)
