"""Who did not understand, in which language, and what tablets tallied: counted, and tied to the responses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_worlds import ASKED, population, session

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import ContradictoryFacts, OneProject, ResponseDocument, TallyFact
from survey_app.aggregation.tables import LinkedTables

LANGUAGES = ("fr", "ti")


def said(language: str, number: int, code: str = "111111", **off: str) -> list[ResponseDocument]:
    answers = {} if "helpful" in off else {"helpful": "a-lot"}
    body = f'{{"answers": {answers}, "off_scale": {off}, "language": "{language}", "mode": "alone"}}'.replace("'", '"')
    return [ResponseDocument(code, body)] * number


def build(*documents: list[ResponseDocument], tallies: tuple[TallyFact, ...] = (), **changes: object) -> LinkedTables:
    sessions = changes.pop("sessions", (session(),))
    world = population(*sessions, languages=LANGUAGES, tallies=tallies, **changes)
    linked = build_linked_tables(world, [one for some in documents for one in some])
    assert isinstance(linked, LinkedTables)
    for left, right in linked.identities:
        assert sum(linked.atoms[a] for a in left) == sum(linked.atoms[a] for a in right)
    return linked


def test_who_did_not_understand_is_counted_by_language(read: Callable) -> None:
    found = read(
        build(said("fr", 4), said("ti", 3), said("ti", 2, helpful="not-understood"), said("yi", 1, helpful="no-answer"))
    )
    table = "language:helpful"
    assert found.count(table, "not-understood", "ti") == 2
    assert found.count(table, "other-answers", "ti") == 3
    assert found.count(table, "total", "fr") == 4
    assert found.count(table, "other-answers", "other-language") == 1
    assert found.count(table, "not-understood", "total") == found.count("item:helpful", "not-understood", "total") == 2
    at = found.table(table).cells["not-understood", "ti"].at
    assert (at.table, at.measure, at.item, at.answer, at.language) == (
        table,
        "people",
        "helpful",
        "not-understood",
        "ti",
    )


def test_the_options_of_an_item_share_one_sentence(read: Callable) -> None:
    found = read(build(said("ti", 3, change="not-understood")))
    assert found.count("language:change", "not-understood", "ti") == 3
    assert "language:change:slower" not in found.tables


def test_an_item_that_only_some_projects_ask_has_no_languages_in_a_larger_scope(read: Callable) -> None:
    other = session("222222", project="other", organisation="antwerp", asked=ASKED - {"doctor"})
    found = read(build(said("fr", 3), said("fr", 2, "222222"), sessions=(session(), other)))
    assert "language:helpful" in found.tables
    assert "language:doctor" not in found.tables
    alone = read(build(said("fr", 3), scope=OneProject("ghent", "sewing")))
    assert alone.table("language:doctor").cells["total", "fr"].at.project == "sewing"


TALLIES = (
    TallyFact("111111", "", "finished", 6),
    TallyFact("111111", "helpful", "met", 6),
    TallyFact("111111", "helpful", "replayed-once", 2),
    TallyFact("111111", "helpful", "long", 1),
    TallyFact("111111", "age", "met", 5),
    TallyFact("111111", "age", "left", 2),
)


def test_what_tablets_tallied_is_counted_in_people(read: Callable) -> None:
    found = read(build(said("fr", 6), tallies=TALLIES))
    assert [found.count("replays:helpful", code) for code in ("total", "replayed-never", "replayed-once")] == [6, 4, 2]
    assert [found.count("time:helpful", code) for code in ("quick", "usual", "long")] == [0, 5, 1]
    assert [found.count("leaving", code) for code in ("total", "finished", "left", "left:age")] == [8, 6, 2, 2]
    at = found.table("leaving").cells["left:age",].at
    assert (at.measure, at.item, at.answer) == ("began", "age", "left")
    assert "replays:housing" not in found.tables


def test_who_is_fast_is_quick_at_each_question_or_did_not_meet_it(read: Callable) -> None:
    quick = [TallyFact("111111", item, "quick", 4) for item in ("helpful", "age")]
    found = read(
        build(
            said("fr", 6),
            tallies=(*TALLIES, *quick, TallyFact("111111", "", "fast", 3), TallyFact("111111", "", "unhurried", 2)),
        )
    )
    assert [found.count("pace", code) for code in ("total", "fast", "unhurried")] == [5, 3, 2]
    fast, slow = (found.atoms("pace", code) for code in ("fast", "unhurried"))
    sides = [(left, right) for left, right in found.linked.identities if fast <= right]
    quick_at = [found.atoms(f"time:{item}", "quick") for item in ("helpful", "age")]
    assert all(any(atoms <= left for left, _ in sides) for atoms in quick_at)
    usual = found.atoms("time:helpful", "usual") | found.atoms("time:age", "usual")
    assert any(usual <= left and slow <= right for left, right in found.linked.identities)


@pytest.mark.parametrize(("people", "is_tied"), [(6, True), (9, True), (5, False)])
def test_tallied_people_are_tied_to_the_people_of_the_responses_as_far_as_they_can_be(
    people: int,
    is_tied: bool,  # noqa: FBT001 - a case
) -> None:
    linked = build(said("fr", people), tallies=TALLIES)
    tables = {table.name: table for table in linked.tables}
    finished = tables["leaving"].cells["finished",].atoms
    asked = tables["item:helpful"].cells["total", "total"].atoms
    assert any(asked == left and finished <= right for left, right in linked.identities) is is_tied


def test_without_tallies_and_languages_nothing_is_added() -> None:
    world = population(session())
    linked = build_linked_tables(world, said("fr", 3))
    assert isinstance(linked, LinkedTables)
    assert not any(table.name.startswith(("language", "replays", "time", "leaving")) for table in linked.tables)


def test_sums_that_no_tablet_counts_are_refused() -> None:
    with pytest.raises(ContradictoryFacts):
        TallyFact("111111", "helpful", "seconds", 3)
    with pytest.raises(ContradictoryFacts):
        build(said("fr", 3), tallies=(*TALLIES, TallyFact("111111", "age", "quick", 9)))
