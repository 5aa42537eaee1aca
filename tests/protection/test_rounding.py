"""Rule 10: every figure a multiple of the base, everything adds up, and nothing is told that the exact release does not."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from protection_worlds import Place, count, demo, one_project, rows, small_policy, table_of
from stories import KINDS, SMALL, draw_story, draw_tiny_story, tell

from survey_app.aggregation.tables import TOTAL
from survey_app.protection import rounding
from survey_app.protection.assurance import NOT_POSSIBLE, attack
from survey_app.protection.engine import protect
from survey_app.protection.percentages import percentage_of
from survey_app.protection.policy import Number, load_policy
from survey_app.protection.protected import ProtectedTables, Refused, Rounded, Status
from survey_app.protection.rounding import round_release

pytestmark = pytest.mark.usefixtures("without_tau_argus")
PUBLIC = load_policy("public")
BASE = Number(value=3, reason="small worlds", source="tests")


def rounded(world, policy=PUBLIC) -> tuple[ProtectedTables, ProtectedTables]:
    exact = protect(count(world), policy)
    assert isinstance(exact, ProtectedTables)
    result = round_release(exact, policy)
    assert isinstance(result, ProtectedTables)
    return exact, result


def check_sums(tables, folded) -> int:
    """Check every sum whose parts are all shown; return how many there were."""
    checked = 0
    for table in tables:
        for place, axis in enumerate(table.axes):
            for codes, cell in table.cells.items():
                parts = [table.cells[(*codes[:place], c, *codes[place + 1 :])] for c in axis.children(codes[place])]
                if not parts or {part.status for part in (cell, *parts)} != {Status.ROUNDED}:
                    continue
                checked += 1
                below = sum(part.value for part in parts)
                if axis.name == "place" and folded:
                    assert cell.value >= below  # a lead's row counts its partner too
                else:
                    assert cell.value == below, (table.name, codes)
    return checked


def check_rounding(exact, result, policy) -> None:
    base, how = policy.rounding_base, result.certificate.rounded
    assert how in (Rounded(base, base - 1), Rounded(base, 2 * base - 1))
    for before, after in zip(exact.tables, result.tables, strict=True):
        assert before.cells.keys() == after.cells.keys()
        for codes, cell in before.cells.items():
            other = after.cells[codes]
            assert (cell.value is None) == (other.value is None)
            if cell.value is None:
                continue
            assert other.value % base == 0
            if cell.status is Status.PUBLISHED:
                assert other.status is Status.ROUNDED
                assert abs(other.value - cell.value) <= how.reach
                assert (other.value == 0) == (cell.value == 0)
                assert other.value == 0 or other.value >= policy.smallest_count
    check_sums(result.tables, result.folded)
    found = attack(result.tables, policy, result.folded, how).violations
    lost_before = {lost.where for lost in attack(exact.tables, policy, exact.folded).violations}
    assert {lost.where for lost in found} <= lost_before


def test_every_figure_of_a_release_is_rounded_and_every_sum_adds_up() -> None:
    exact, result = rounded(demo())
    check_rounding(exact, result, PUBLIC)
    assert result.certificate.rounded == Rounded(5, 4)
    assert check_sums(result.tables, result.folded) > 100


def test_a_figure_that_stands_in_two_tables_is_rounded_once() -> None:
    _, result = rounded(demo())
    seen = {}
    for table in result.tables:
        for cell in table.cells.values():
            if cell.status is Status.ROUNDED:
                seen.setdefault(rounding._wherever(cell.at), set()).add(cell.value)
    assert len(seen) > 100
    assert all(len(values) == 1 for values in seen.values())


def test_conventional_rounding_would_not_add_up_here() -> None:
    world = one_project({"a-lot": 12, "a-little": 12, "not-much": 12, "not-at-all": 12})
    _, result = rounded(world)
    cells = table_of(result.tables, "item:helpful").cells
    four = [cells[answer, TOTAL].value for answer in ("a-lot", "a-little", "not-much", "not-at-all")]
    assert cells[TOTAL, TOTAL].value in (45, 50)  # and four times 10 would be 40
    assert sum(four) == cells["answered", TOTAL].value == cells[TOTAL, TOTAL].value


def test_where_no_figure_can_stay_within_the_base_it_stays_within_two(monkeypatch) -> None:
    exact = protect(count(one_project({"a-lot": 12, "not-much": 15})), PUBLIC)
    real = rounding._round
    monkeypatch.setattr(rounding, "_round", lambda figures, to: None if to.widest == 1 else real(figures, to))
    result = round_release(exact, PUBLIC)
    assert result.certificate.rounded == Rounded(5, 9)
    check_rounding(exact, result, PUBLIC)


def test_what_can_not_be_rounded_is_refused(monkeypatch) -> None:
    exact = protect(count(one_project({"a-lot": 12, "not-much": 15})), PUBLIC)
    monkeypatch.setattr(rounding, "_round", lambda *_: None)
    refused = round_release(exact, PUBLIC)
    assert isinstance(refused, Refused)
    assert refused.reasons[0].code == "not-rounded"


def test_a_rounding_that_tells_more_than_the_exact_figures_is_refused(monkeypatch) -> None:
    exact = protect(count(one_project({"a-lot": 30, "not-much": 15, "not-at-all": 3, "missing": 12})), PUBLIC)
    real = rounding._round
    monkeypatch.setattr(rounding, "_round", lambda figures, to: {n: v + 50 for n, v in real(figures, to).items()})
    assert isinstance(round_release(exact, PUBLIC), Refused)


def test_a_tier_without_a_base_is_not_rounded() -> None:
    inside = load_policy("inside")
    assert inside.rounding_base is None
    with pytest.raises(ValueError, match="inside"):
        round_release(protect(count(demo()), inside), inside)


def test_rounded_figures_that_contradict_each_other_are_found_in_the_files() -> None:
    _, result = rounded(one_project({"a-lot": 30, "a-little": 20, "not-much": 15}))
    table = result.tables[0]
    cells = {**table.cells, ("answered", TOTAL): replace(table.cells["answered", TOTAL], value=90)}
    broken = [replace(table, cells=cells)]
    assert {lost.attack for lost in attack(broken, PUBLIC, {}, Rounded(5, 4)).violations} == {NOT_POSSIBLE}


def test_the_percentage_of_rounded_figures_is_that_of_what_is_shown() -> None:
    _, result = rounded(one_project({"a-lot": 31, "a-little": 22, "not-much": 16}))
    cells = table_of(result.tables, "item:helpful").cells
    part, whole = cells["a-lot", TOTAL], cells["answered", TOTAL]
    assert percentage_of(part, whole, 10) == pytest.approx(100 * part.value / whole.value)
    assert percentage_of(replace(part, status=Status.PUBLISHED), whole, 10) is None


def test_a_lead_that_counts_a_folded_partner_may_be_more_than_its_projects() -> None:
    places = (Place("charleroi"), Place("binche", "charleroi"))
    world = rows(places, {"c1": ("charleroi", {"a-lot": 48, "not-much": 27}), "b1": ("binche", {"a-lot": 4})})
    exact, result = rounded(world)
    assert result.folded
    check_rounding(exact, result, PUBLIC)


bounded = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
chances = st.randoms(use_true_random=False)


@settings(bounded, max_examples=30)
@given(chances)
def test_every_release_of_a_random_sequence_can_be_rounded(chance) -> None:
    policy = replace(small_policy(), numbers=small_policy().numbers.model_copy(update={"rounding_base": BASE}))
    for release in tell(draw_tiny_story(chance, chance.choice(KINDS)), dict.fromkeys(SMALL, policy)):
        if isinstance(release.result, ProtectedTables) and not release.told.is_return:
            check_rounding(release.result, round_release(release.result, policy), policy)


@settings(bounded, max_examples=4, phases=[Phase.generate])
@given(chances)
def test_every_release_of_a_larger_random_sequence_can_be_rounded(chance) -> None:
    for release in tell(draw_story(chance), {tier: replace(PUBLIC, name=tier) for tier in SMALL}):
        if isinstance(release.result, ProtectedTables) and not release.told.is_return:
            check_rounding(release.result, round_release(release.result, PUBLIC), PUBLIC)
