"""Tallies become sums of their session, once each, and nothing else of them is kept."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import builders
import pytest
from sqlalchemy import text

from survey_app.collection.tally import Tally
from survey_app.fieldwork.session import MOST_PEOPLE
from survey_app.storage.comprehension import Added, add_tally, list_sums
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CLOSED = datetime(2026, 5, 12, 16, tzinfo=UTC)


@pytest.fixture
def code(db: Database) -> str:
    return builders.open_session(db).code


def tally(finished: int = 5, tally_id: UUID | None = None, **items: Mapping[str, int]) -> Tally:
    return Tally(tally_id or uuid4(), finished, items or {"helpful": {"met": finished, "long": 2}})


def rows_of(db: Database, table: str) -> list[tuple[object, ...]]:
    with db.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}")))


def test_tallies_of_several_tablets_become_one_sum(db: Database, code: str) -> None:
    assert add_tally(db, code, tally(5), LONG_AGO) is Added.ADDED_NOW
    assert add_tally(db, code, tally(3, housing={"met": 3, "left": 1}), LONG_AGO) is Added.ADDED_NOW
    assert list_sums(db, [code]) == (
        (code, "", "finished", 8),
        (code, "helpful", "long", 2),
        (code, "helpful", "met", 5),
        (code, "housing", "left", 1),
        (code, "housing", "met", 3),
    )


def test_a_tally_that_is_sent_again_is_added_once(db: Database, code: str) -> None:
    one = tally()
    assert [add_tally(db, code, one, LONG_AGO) for _ in range(3)] == [
        Added.ADDED_NOW,
        Added.ADDED_BEFORE,
        Added.ADDED_BEFORE,
    ]
    assert (code, "", "finished", 5) in list_sums(db, [code])


def test_a_tally_that_came_twice_at_the_same_moment_is_added_once(db: Database, code: str) -> None:
    tallies = [tally(2) for _ in range(12)]

    def send(part: int) -> None:
        for one in tallies[part:] + tallies[:part]:
            add_tally(db, code, one, LONG_AGO)

    threads = [threading.Thread(target=send, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (code, "", "finished", 24) in list_sums(db, [code])


def test_a_tally_cannot_make_a_group_larger_than_any_group_is(db: Database, code: str) -> None:
    add_tally(db, code, tally(MOST_PEOPLE - 1), LONG_AGO)
    before = rows_of(db, "comprehension"), rows_of(db, "tally")
    assert add_tally(db, code, tally(1, helpful={"met": 1, "left": 1}), LONG_AGO) is Added.TOO_MANY
    assert (rows_of(db, "comprehension"), rows_of(db, "tally")) == before


def test_ids_of_tallies_are_forgotten_when_their_session_takes_no_more(db: Database, code: str) -> None:
    builders.open_session(db, "111111", closed_at=CLOSED)
    add_tally(db, "111111", tally(), CLOSED - timedelta(days=1))
    assert len(rows_of(db, "tally")) == 1
    add_tally(db, code, tally(), CLOSED + timedelta(days=1))
    assert [row[0] for row in rows_of(db, "tally")] == [code]
    assert ("111111", "", "finished", 5) in list_sums(db, ["111111"])


def test_the_sums_have_a_session_an_item_a_measure_and_people_only(db: Database) -> None:
    with db.reading() as connection:
        names = {
            table: list(connection.execute(text(f"SELECT * FROM {table}")).keys())
            for table in ("comprehension", "tally")
        }
    assert names == {"comprehension": ["session", "item", "measure", "people"], "tally": ["session", "id"]}


def test_nothing_stored_tells_whose_tally_it_was(db: Database) -> None:
    """Two worlds with the same responses, in which other people listened again and took long: the same rows."""
    ids, tally_ids = [uuid4() for _ in range(6)], [uuid4() for _ in range(2)]
    people = [{"replayed-more": 1, "long": 1}, {"quick": 1}, {"quick": 1}, {"replayed-once": 1}, {}, {"long": 1}]
    worlds = []
    for number, order in enumerate((people, random.Random(7).sample(people, len(people)))):
        code = builders.open_session(db, f"{number + 1}00000").code
        for tablet, tally_id in enumerate(tally_ids):
            for response_id in ids[tablet * 3 : tablet * 3 + 3]:
                keep(db, code, builders.build_response(response_id=UUID(int=response_id.int ^ number)))
            mine = order[tablet * 3 : tablet * 3 + 3]
            measures = {measure for each in mine for measure in each}
            sums = {measure: sum(each.get(measure, 0) for each in mine) for measure in measures}
            add_tally(db, code, Tally(tally_id, 3, {"helpful": {"met": 3, **sums}}), LONG_AGO)
        worlds.append([line[1:] for line in list_sums(db, [code])])
    assert worlds[0] == worlds[1]
    assert not any(str(response_id) in str(rows_of(db, "comprehension") + rows_of(db, "tally")) for response_id in ids)
