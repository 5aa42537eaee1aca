"""Sequences of up to six releases of groups that grow or are parts of each other, each attacked. ``make attack`` does more.

Those of six atoms are attacked by listing every data set too; the large ones from their files and by subtracting.
"""

import json
from collections import Counter
from dataclasses import replace

import attack_many
import pytest
import stories
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from stories import KINDS, SMALL, check_story, draw_story, draw_tiny_story

from survey_app.protection import engine
from survey_app.protection.differencing import _Comparison
from survey_app.protection.policy import load_all_policies
from survey_app.protection.protected import ProtectedTables, Refused

pytestmark = pytest.mark.usefixtures("without_tau_argus")
bounded = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
chances = st.randoms(use_true_random=False)


@settings(bounded, max_examples=100)
@given(chances, st.sampled_from(KINDS))
def test_whoever_lists_every_data_set_learns_nothing_new_from_any_release_of_a_sequence(chance, kind) -> None:
    for what in check_story(draw_tiny_story(chance, kind), SMALL):
        event(what)


@settings(bounded, max_examples=8, phases=[Phase.generate])
@given(chances)
def test_whoever_subtracts_earlier_releases_learns_nothing_from_a_larger_sequence(chance) -> None:
    for what in check_story(draw_story(chance), load_all_policies()):
        event(what)


def _forget_returns(patch: pytest.MonkeyPatch) -> None:
    def protect(linked, policy, ledger) -> ProtectedTables | Refused:
        return engine.protect(linked, policy, [left for left in ledger if not left.id.startswith("return")])

    patch.setattr(stories, "protect", protect)


def _nobody_reads_what_is_public_too(patch: pytest.MonkeyPatch) -> None:
    real = engine.compare
    patch.setattr(engine, "compare", lambda *all_: replace(real(*all_), known_publicly=()))


def _people_are_told_apart_by_releases_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_Comparison, "_told_apart", lambda *_: ())


@pytest.mark.parametrize(
    ("number", "switch_off"),
    [
        (46, _forget_returns),
        (574, _nobody_reads_what_is_public_too),
        (2413, _people_are_told_apart_by_releases_only),
    ],
)
def test_an_attack_with_a_return_works_as_soon_as_one_defence_is_off(number, switch_off, monkeypatch) -> None:
    assert attack_many.attack_one(attack_many.SEED, number)["indicator returns"]
    switch_off(monkeypatch)
    with pytest.raises(AssertionError, match=r"then|before"):
        attack_many.attack_one(attack_many.SEED, number)


def test_the_long_run_goes_on_where_it_was_stopped_and_tells_what_it_did(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(attack_many, "CHUNK", 12)
    done = tmp_path / "done.jsonl"
    first = attack_many.attack_chunk(seed=1, first=0)
    done.write_text(json.dumps(first) + '\n{"seed": 1, "fir')  # killed while it wrote
    assert attack_many.read_done(done, seed=1) == [first]
    assert attack_many.read_done(done, seed=2) == []
    assert attack_many.report([first]) == 0
    assert "12 worlds: " in capsys.readouterr().out
    assert first["done"]["attacked by listing every data set"] > 20


def test_the_long_run_counts_a_world_in_which_an_attack_worked_as_failed(monkeypatch, capsys) -> None:
    def works(_seed, number) -> Counter[str]:
        assert number != 3, "an attack worked"
        return Counter(releases=1)

    monkeypatch.setattr(attack_many, "attack_one", works)
    chunk = attack_many.attack_chunk(seed=1, first=0)
    assert attack_many.report([chunk]) == 1
    assert "world 3: an attack worked" in capsys.readouterr().out
