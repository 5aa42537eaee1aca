"""Tables of understanding are linked with the answers: attacked by writing down every data set, on small cases."""

from dataclasses import replace

import pytest
from brute_force import exposed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from protection_worlds import small_policy

from survey_app.aggregation.comprehension import UNDERSTANDING, Counted, People, count_tallies
from survey_app.aggregation.facts import TallyFact
from survey_app.aggregation.grids import answered_at, cross
from survey_app.aggregation.tables import TOTAL, Axis, Coordinates, LinkedTables, Place
from survey_app.protection.assurance import attack
from survey_app.protection.engine import protect
from survey_app.protection.protected import ProtectedTables

pytestmark = pytest.mark.usefixtures("without_tau_argus")
bounded = settings(
    deadline=None,
    database=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
few = st.integers(0, 7)
AT = Coordinates("item:helpful", "asked", period="2026-H1", item="helpful")
LANGUAGES = Axis("language", {"fr": TOTAL, "ti": TOTAL})


def check(linked: LinkedTables) -> None:
    policy = small_policy()
    released = protect(linked, policy)
    assert isinstance(released, ProtectedTables), released
    assert exposed(linked, released, policy) == []
    assert attack(released.tables, policy).is_clean


@given(st.lists(st.integers(0, 4), min_size=4, max_size=4))
@bounded
def test_nobody_learns_more_of_a_language_than_the_policy_allows(people: list[int]) -> None:
    """Two atoms of answers and four of languages: the answers' totals are the sums of the languages."""
    fr, ti, fr_other, ti_other = people
    atoms = (fr + ti, fr_other + ti_other, *people)
    item = cross(
        AT,
        (UNDERSTANDING,),
        {("not-understood",): frozenset({0}), ("other-answers",): frozenset({1})},
        lambda at, codes: answered_at(at, codes[0]),
    )
    leaves = {
        ("not-understood", "fr"): frozenset({2}),
        ("not-understood", "ti"): frozenset({3}),
        ("other-answers", "fr"): frozenset({4}),
        ("other-answers", "ti"): frozenset({5}),
    }
    language = cross(
        Coordinates("language:helpful", "asked", period="2026-H1", item="helpful"),
        (UNDERSTANDING, LANGUAGES),
        leaves,
        lambda at, codes: Coordinates(
            at.table,
            answered_at(at, codes[0]).measure,
            period="2026-H1",
            item="helpful",
            answer=codes[0],
            language=codes[1],
        ),
    )
    identities = ((frozenset({0}), frozenset({2, 3})), (frozenset({1}), frozenset({4, 5})))
    check(LinkedTables(atoms, (item, language), identities, places=(Place("ghent"),), people=sum(atoms[:2])))


@given(st.integers(0, 5), few, few, few, st.integers(0, 5))
@bounded
def test_nobody_learns_more_of_replays_and_leave_offs_than_the_policy_allows(
    untold: int, never: int, once: int, more: int, left: int
) -> None:
    """People who answered; of some the tablets tallied how often they listened again, and who left."""
    met = never + once + more
    if met + untold > 9:  # the list of data sets ends there
        untold, once, more = 0, min(once, 1), min(more, 1)
        met = never + once + more
    atoms = [met + untold]
    item = cross(
        AT, (Axis("module", {"m1": TOTAL}),), {("m1",): frozenset({0})}, lambda at, codes: replace(at, module=codes[0])
    )

    def add_atom(people: int) -> int:
        atoms.append(people)
        return len(atoms) - 1

    tallies = [
        TallyFact("111111", "", "finished", met),
        TallyFact("111111", "helpful", "met", met),
        TallyFact("111111", "helpful", "replayed-once", once),
        TallyFact("111111", "helpful", "replayed-more", more),
        TallyFact("111111", "helpful", "left", left),
    ]
    counted = Counted(Coordinates("", "asked", period="2026-H1"), (), {}, add_atom, atoms.__getitem__)
    added = count_tallies(counted, ["helpful"], tallies, People(frozenset({0}), met + untold))
    check(LinkedTables(tuple(atoms), (item, *added.tables), added.identities, people=met + untold))
