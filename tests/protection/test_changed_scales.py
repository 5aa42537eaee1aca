"""A scale that is changed between two versions: the same people are counted under another code, and compared all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import small_worlds as worlds

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import QuestionnaireFact, ResponseFact
from survey_app.aggregation.tables import LinkedTables
from survey_app.protection import differencing
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedTables, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")
FIRST = QuestionnaireFact("exit", 1, (worlds.HELPFUL,))
SECOND = QuestionnaireFact("exit", 2, (replace(worlds.HELPFUL, scale_version=2),))
OLD = worlds.session("111111", asked=frozenset({"helpful"}))
LATE = worlds.session("222222", asked=frozenset({"helpful"}))
NEW = worlds.session("333333", asked=frozenset({"helpful"}), version=2, project="cooking")
MANY = {"a-lot": 30, "a-little": 12, "not-much": 25}


def count(**answers: dict[str, int]) -> LinkedTables:
    """Count sessions by name: the old one, one that came late with the same scale, one with the new scale."""
    sessions = {"old": OLD, "late": LATE, "new": NEW}
    responses = [
        ResponseFact(sessions[name].code, {"helpful": answer}, {})
        for name, given in answers.items()
        for answer, times in given.items()
        for _ in range(times)
    ]
    population = worlds.population(*(sessions[name] for name in answers), questionnaires=(FIRST, SECOND))
    linked = build_linked_tables(population, responses)
    assert isinstance(linked, LinkedTables)
    return replace(linked, responses={sessions[name].code: sum(given.values()) for name, given in answers.items()})


def left(linked: LinkedTables) -> EarlierRelease:
    result = protect(linked, INSIDE)
    assert isinstance(result, ProtectedTables)
    cells = tuple(cell for table in result.tables for cell in table.cells.values())
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return EarlierRelease("r1", at, "inside", linked.sessions, cells, linked.responses, linked.session_places)


def told(linked: LinkedTables, earlier: EarlierRelease, item: str) -> set[int]:
    """How many people "a little" counts in print, anywhere in the release."""
    result = protect(linked, INSIDE, [earlier])
    assert isinstance(result, ProtectedTables)
    cells = [cell for table in result.tables for cell in table.cells.values()]
    return {
        cell.value
        for cell in cells
        if cell.value and (cell.at.item, cell.at.answer, cell.status) == (item, "a-little", Status.PUBLISHED)
    }


ALONE = count(old=MANY)
WITH_ANOTHER = count(old=MANY, late={"a-little": 1}, new=MANY)


def test_the_one_who_came_late_is_not_told_by_a_figure_that_has_its_scale_in_its_name_now() -> None:
    assert told(WITH_ANOTHER, left(ALONE), "helpful@much-4-1") == set()


def test_compared_by_the_code_alone_she_would_be(monkeypatch) -> None:
    monkeypatch.setattr(differencing, "code_now", lambda code, *_: code)
    assert told(WITH_ANOTHER, left(ALONE), "helpful@much-4-1") == {13}


def test_nor_by_one_that_had_its_scale_in_its_name_then_where_projects_tell_who_had_which() -> None:
    both = left(count(old=MANY, new=MANY))
    assert told(count(old=MANY, late={"a-little": 1}), both, "helpful") == set()


def test_what_people_said_on_the_other_scale_is_news_of_its_own() -> None:
    assert told(count(old=MANY, new=MANY), left(ALONE), "helpful@much-4-2") == {12}
