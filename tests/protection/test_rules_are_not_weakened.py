"""Mutation of the rules: each one weakened by one, switched off or moved makes a test fail that passes without.

Each mutant is one change in the source of one function. The function gets the code of its mutant, and the test that should
notice runs: it must fail. Rules 1, 6, 7 and 8, the ledger and the audit: ``test_rules_elsewhere_are_not_weakened``.
"""

from dataclasses import replace
from typing import Any

import pytest
import test_assurance
import test_coarser_releases
import test_rounding
import test_rules_and_known_attacks as rules
import test_what_a_release_may_add as additions
from mutants import Mutant
from protection_worlds import Place, count, one_project, rows, table_of

from survey_app.aggregation.tables import TOTAL, Coordinates
from survey_app.protection import (
    assurance,
    class_disclosure,
    empty_cells,
    engine,
    folding,
    low_counts,
    percentages,
    rounding,
)
from survey_app.protection.assurance import NARROWED, AttackResult, attack
from survey_app.protection.assurance.search import Search
from survey_app.protection.engine import protect
from survey_app.protection.knowledge import Known
from survey_app.protection.percentages import percentage_of
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedCell, ProtectedTables, Refused, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


# -- tests that no other file has ------------------------------------------------------------------------------------


def check_the_limit_of_percentages() -> None:
    part, nine, ten = (ProtectedCell(Coordinates("t", "people"), n, Status.PUBLISHED) for n in (5, 9, 10))
    assert percentage_of(part, ten, 10) == 50
    assert percentage_of(part, nine, 10) is None


def check_a_release_has_no_low_count() -> None:
    result = protect(count(one_project({"a-lot": 30, "a-little": 12, "not-much": 4, "not-at-all": 9})), INSIDE)
    assert isinstance(result, ProtectedTables)
    assert attack(result.tables, INSIDE).is_clean


def check_a_group_of_nineteen_is_small() -> None:
    result = protect(count(one_project({"a-lot": 19})), INSIDE)
    assert table_of(result.tables, "item:helpful").cells["a-lot", TOTAL].value is None


def check_a_range_of_four_people_is_too_narrow() -> None:
    known = [Known(additions.atoms("not-at-all"), 7, 20)]  # 11 are negative: not at all 7 to 11
    assert ("not-at-all", NARROWED) in additions.attacked(additions.HIDDEN, known)


def check_a_partner_of_four_is_folded() -> None:
    places = (Place("charleroi"), Place("binche", "charleroi"))
    world = rows(places, {"c1": ("charleroi", {"a-lot": 30, "not-much": 8}), "b1": ("binche", {"a-lot": 4})})
    assert protect(count(world), INSIDE).folded == {"binche": "charleroi"}


def check_a_folded_partner_does_not_change_what_is_told_again() -> None:
    places = (Place("charleroi"), Place("binche", "charleroi"))
    world = rows(places, {"c1": ("charleroi", {"a-lot": 30, "not-much": 8}), "b1": ("binche", {"a-lot": 4})})
    first = protect(count(world), INSIDE)
    again = protect(count(world), INSIDE, [test_coarser_releases.remembered(first, world, "inside", 1)])
    assert again.tables == first.tables


def check_the_finest_release_is_tried_first() -> None:
    result = protect(count(test_coarser_releases.WORLD), INSIDE)
    assert result.certificate.step == "full"


def check_rounding_moves_by_less_than_the_base() -> None:
    world = one_project({"a-lot": 33, "a-little": 22, "not-much": 14, "missing": 11})
    test_rounding.check_rounding(*test_rounding.rounded(world), test_rounding.PUBLIC)


def check_the_rows_beside_a_folded_partner_tell_nothing_of_it() -> None:
    places = (Place("charleroi"), Place("binche", "charleroi"))
    of_the_partner = dict.fromkeys(("a-lot", "a-little", "missing", "no-answer"), 1)
    world = rows(places, {"c1": ("charleroi", {"a-lot": 30, "not-much": 8}), "b1": ("binche", of_the_partner)})
    cells = table_of(protect(count(world), INSIDE).tables, "item:helpful").cells
    assert None in (cells["not-much", "charleroi-own"].value, cells["not-much", "c1"].value)


BESIDE = {
    "g1": ("ghent", {"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9}),
    "l1": ("liege", {"a-lot": 40, "a-little": 25, "not-much": 20, "not-at-all": 15}),
}


def check_a_first_choice_that_was_wrong_is_mended() -> None:
    choices = []
    real = engine._complete

    def wrong_at_first(case, withheld, *more: Any) -> frozenset[int]:
        choices.append(withheld)
        return frozenset(withheld) if len(choices) == 1 else real(case, withheld, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_complete", wrong_at_first)
        result = protect(count(rows((Place("ghent"), Place("liege")), BESIDE)), INSIDE)
    assert isinstance(result, ProtectedTables)
    assert result.certificate.step == "full"
    assert attack(result.tables, INSIDE).is_clean


def check_what_is_lost_does_not_leave() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "attack_counts", test_coarser_releases.always_lost)
        patch.setattr(engine, "_ROUNDS", 0)
        assert isinstance(protect(count(one_project({"a-lot": 40, "not-much": 20})), INSIDE), Refused)


def check_a_rounding_that_lies_is_not_let_through() -> None:
    with pytest.MonkeyPatch.context() as patch:
        test_rounding.test_a_rounding_that_tells_more_than_the_exact_figures_is_refused(patch)


AGREE = rules.test_a_small_group_of_which_all_but_two_gave_one_answer_discloses
LOW = rules.test_a_low_count_is_from_one_to_just_below_the_smallest_count
MUTANTS = (
    # Rule 2
    Mutant(
        "one less is low",
        low_counts.is_low,
        "< policy.smallest_count",
        "< policy.smallest_count - 1",
        lambda: LOW(4, True),
    ),
    Mutant("one person is not low", low_counts.is_low, "0 < people", "1 < people", lambda: LOW(1, True)),
    Mutant("nobody is low", low_counts.is_low, "0 < people", "0 <= people", lambda: LOW(0, False)),
    Mutant(
        "low counts are not looked for",
        engine.primary_figures,
        "        low\n",
        "        frozenset()\n",
        check_a_release_has_no_low_count,
        alone=True,
    ),
    Mutant(
        "a base of one less",
        percentages.percentage_of,
        "max(smallest_base, 1)",
        "max(smallest_base - 1, 1)",
        check_the_limit_of_percentages,
    ),
    # Rule 3
    Mutant(
        "a smaller group is at risk",
        class_disclosure.gave_one_answer,
        "< policy.group_at_risk",
        "< policy.group_at_risk - 1",
        check_a_group_of_nineteen_is_small,
        alone=True,
    ),
    Mutant(
        "one fewer may answer otherwise",
        class_disclosure.gave_one_answer,
        "< policy.dissenters",
        "< policy.dissenters - 1",
        lambda: AGREE(12, 10, True),
    ),
    Mutant(
        "a group of one does not agree",
        class_disclosure.gave_one_answer,
        "0 < size",
        "1 < size",
        lambda: AGREE(1, 1, True),
    ),
    Mutant(
        "groups are not looked for",
        engine.primary_figures,
        "        | case.figures_at(_disclosing_cells(case))\n",
        "",
        rules.test_a_group_that_agrees_is_shown_by_its_size_only,
        alone=True,
    ),
    # Rule 4
    Mutant(
        "zeros of a group that agrees are told",
        class_disclosure.disclosing_groups,
        "if answer != TOTAL and not isinstance(cell.atoms, NotAsked)",
        "if answer != TOTAL and linked.count(cell)",
        rules.test_a_zero_of_a_group_that_agrees_looks_like_any_withheld_cell,
        alone=True,
    ),
    Mutant(
        "not asked is withheld",
        empty_cells.show_cell,
        "ProtectedCell(at, 0, Status.PUBLISHED)",
        "ProtectedCell(at, None, Status.WITHHELD)",
        rules.test_a_question_that_was_not_asked_is_published_as_nobody,
    ),
    # Rule 5
    Mutant(
        "nothing is completed",
        engine._complete,
        "    for known in case.attackers:",
        "    for known in ():",
        check_a_release_has_no_low_count,
        alone=True,
    ),
    Mutant(
        "only much smaller partners are folded",
        folding.fold_small_partners,
        "is_low(_people_of(linked, place.organisation), policy)",
        "is_low(_people_of(linked, place.organisation) + 1, policy)",
        check_a_partner_of_four_is_folded,
    ),
    Mutant(
        "the lead's own row is told",
        engine._hidden_cells,
        "if case.is_hidden((number, codes))",
        "if False",
        check_the_rows_beside_a_folded_partner_tell_nothing_of_it,
        alone=True,
    ),
    # Rule 9
    Mutant(
        "the assurance lets a low count through",
        assurance._seen_at_once,
        "0 < count < policy.smallest_count",
        "0 < count < policy.smallest_count - 4",
        test_assurance.test_a_low_count_in_print_is_found,
    ),
    Mutant(
        "the assurance lets a group through",
        assurance._seen_at_once,
        "size - count < policy.dissenters",
        "size - count < policy.dissenters - 3",
        test_assurance.test_a_group_that_agreed_in_print_is_found,
    ),
    Mutant(
        "the assurance is content with one person less",
        Search.__init__,
        "max(policy.interval_width, ",
        "max(policy.interval_width - 1, ",
        check_a_range_of_four_people_is_too_narrow,
    ),
    Mutant(
        "what the assurance finds is not heard",
        engine._withstand,
        "if found.is_clean or case.effort.is_spent",
        "if True",
        check_a_first_choice_that_was_wrong_is_mended,
    ),
    Mutant(
        "what the assurance finds does not stop a release",
        engine._finest,
        "if found.is_clean and",
        "if",
        check_what_is_lost_does_not_leave,
    ),
    # Rule 10
    Mutant(
        "a figure is rounded one base further",
        rounding._Programme.bind,
        "self._high[column] = below",
        "self._low[column] = self._high[column] = 1 + below",
        check_rounding_moves_by_less_than_the_base,
    ),
    Mutant(
        "rounded figures need not add up",
        rounding._Programme.add_up,
        "self._rows.append",
        "list().append",
        test_rounding.test_conventional_rounding_would_not_add_up_here,
    ),
    Mutant(
        "a rounding is not attacked",
        rounding.round_release,
        "if _tells_no_more(protected, result, policy)",
        "if True",
        check_a_rounding_that_lies_is_not_let_through,
    ),
    # the order of the steps
    Mutant(
        "earlier releases are compared before partners are folded",
        engine.protect,
        "_cases(folded, policy, earlier)",
        "_cases(replace(folded, linked=linked), policy, earlier)",
        check_a_folded_partner_does_not_change_what_is_told_again,
    ),
    Mutant(
        "complements are chosen before what rules withhold",
        engine._finest,
        "primary | repeated | coarser",
        "repeated | coarser",
        check_a_release_has_no_low_count,
        alone=True,
    ),
    Mutant(
        "what does not add up is protected first",
        engine.protect,
        "    if faults:\n",
        "    if False:\n",
        rules.test_tables_that_do_not_add_up_are_refused,
    ),
    Mutant(
        "the coarsest release is tried first",
        engine._finest,
        "enumerate(steps)",
        "enumerate(list(steps)[::-1])",
        check_the_finest_release_is_tried_first,
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_weakened_rule_is_noticed(mutant, monkeypatch) -> None:
    if mutant.alone:
        monkeypatch.setattr(engine, "attack_counts", lambda *_, **__: AttackResult((), 0, None, ()))
    mutant.noticed_by()
    monkeypatch.setattr(mutant.function, "__code__", mutant.code())
    with pytest.raises((AssertionError, AttributeError, TypeError, KeyError)):
        mutant.noticed_by()


@pytest.mark.parametrize("tier", ["inside", "network", "public"])
def test_a_range_or_a_base_below_the_smallest_count_is_no_policy(tier) -> None:
    """The two numbers that may not be smaller than another one."""
    from survey_app.protection.policy import PolicyError, policy_as_applied

    for field in ("interval_width", "smallest_percentage_base", "group_at_risk"):
        policy = load_policy(tier)
        weaker = getattr(policy.numbers, field).model_copy(update={"value": policy.smallest_count - 1})
        numbers = policy.numbers.model_copy(update={field: weaker})
        with pytest.raises(PolicyError, match=field):
            policy_as_applied(replace(policy, numbers=numbers).as_applied())
