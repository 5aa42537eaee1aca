"""Each rule switched off: an attack works that does not work with the rule."""

from typing import Any

import pytest
from brute_force import exposed
from protection_worlds import SHORT_SCALE, Place, count, one_project, rows, small_policy, table_of

from survey_app.aggregation.tables import TOTAL
from survey_app.protection import engine
from survey_app.protection.assurance import GROUPS, LOW_COUNT, NARROWED, AttackResult, attack
from survey_app.protection.complement import Complement
from survey_app.protection.engine import protect
from survey_app.protection.folding import FoldedTables
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables, Refused
from survey_app.protection.reasons import Reason

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


def blind(*_args: Any, **_more: Any) -> AttackResult:
    """Stand in for the assurance and find nothing, so that a rule switched off is not mended by it."""
    return AttackResult((), 0, None, ())


def without_completion(_given, withheld, _worth=0.0) -> Complement:
    return Complement(frozenset(withheld), frozenset())


def attacks_on(world, policy=INSIDE) -> set[str]:
    result = protect(count(world), policy)
    assert isinstance(result, ProtectedTables), result
    return {violation.attack for violation in attack(result.tables, policy, result.folded).violations}


DISSENT = one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9})
AGREED = one_project({"a-lot": 12})


def test_with_every_rule_on_no_attack_works() -> None:
    assert attacks_on(DISSENT) == set()
    assert attacks_on(AGREED) == set()


def test_without_low_counts_one_is_read(monkeypatch) -> None:
    monkeypatch.setattr(engine, "attack_counts", blind)
    monkeypatch.setattr(engine, "is_low", lambda _people, _policy: False)
    assert LOW_COUNT in attacks_on(DISSENT)


def test_without_class_disclosure_a_group_is_seen_to_agree(monkeypatch) -> None:
    monkeypatch.setattr(engine, "attack_counts", blind)
    monkeypatch.setattr(engine, "disclosing_groups", lambda *_: ())
    assert GROUPS in attacks_on(AGREED)


def test_without_complementary_suppression_a_count_is_computed(monkeypatch) -> None:
    monkeypatch.setattr(engine, "attack_counts", blind)
    monkeypatch.setattr(engine, "complete", without_completion)
    assert attacks_on(DISSENT) == {NARROWED}


def test_without_complementary_suppression_listing_every_data_set_tells_the_count_too(monkeypatch) -> None:
    monkeypatch.setattr(engine, "attack_counts", blind)
    monkeypatch.setattr(engine, "complete", without_completion)
    policy = small_policy(group=3)
    linked = count(rows((Place("ghent"),), {"g1": ("ghent", {"a-lot": 5, "not-much": 1})}, scale=SHORT_SCALE))
    assert exposed(linked, protect(linked, policy), policy)


def test_without_folding_the_partner_has_rows(monkeypatch) -> None:
    monkeypatch.setattr(engine, "fold_small_partners", lambda linked, _policy: FoldedTables(linked, frozenset(), {}))
    world = rows(
        (Place("charleroi"), Place("binche", "charleroi")),
        {"c1": ("charleroi", {"a-lot": 30}), "b1": ("binche", {"a-lot": 3})},
    )
    assert "binche" in table_of(protect(count(world), INSIDE).tables, "item:helpful").axes[1].codes


def test_with_folding_but_without_hidden_rows_what_the_partner_did_not_answer_is_computed(monkeypatch) -> None:
    world = rows(
        (Place("charleroi"), Place("binche", "charleroi")),
        {
            "c1": ("charleroi", {"a-lot": 30, "not-much": 8}),
            "b1": ("binche", dict.fromkeys(("a-lot", "a-little", "missing", "no-answer"), 1)),
        },
    )

    def difference(result) -> int | None:
        cells = table_of(result.tables, "item:helpful").cells
        pair = cells["not-much", "charleroi-own"].value, cells["not-much", "c1"].value
        return None if None in pair else pair[0] - pair[1]

    assert difference(protect(count(world), INSIDE)) is None
    monkeypatch.setattr(engine, "attack_counts", blind)
    monkeypatch.setattr(engine, "_hidden_cells", lambda _case: ())
    assert difference(protect(count(world), INSIDE)) == 0


def test_without_the_engine_the_assurance_withholds_or_refuses(monkeypatch) -> None:
    monkeypatch.setattr(engine, "complete", without_completion)
    for world in (DISSENT, AGREED):
        result = protect(count(world), INSIDE)
        assert isinstance(result, Refused) or attack(result.tables, INSIDE, result.folded).is_clean


def test_without_low_counts_the_assurance_withholds_or_refuses(monkeypatch) -> None:
    monkeypatch.setattr(engine, "is_low", lambda _people, _policy: False)
    result = protect(count(DISSENT), INSIDE)
    assert isinstance(result, Refused) or attack(result.tables, INSIDE, result.folded).is_clean


def test_a_release_that_cannot_be_protected_is_refused_without_a_count(monkeypatch) -> None:
    from survey_app.protection.assurance import Violation

    linked = count(DISSENT)
    at = linked.tables[0].cells["not-much", TOTAL].at

    def always_wins(*_args: Any, **_more: Any) -> AttackResult:
        return AttackResult((Violation(at, NARROWED, (0, ("not-much", TOTAL))),), 1, 0, ())

    monkeypatch.setattr(engine, "attack_counts", always_wins)
    result = protect(linked, INSIDE)
    assert isinstance(result, Refused)
    assert result.reasons == (Reason(NARROWED, at),)
