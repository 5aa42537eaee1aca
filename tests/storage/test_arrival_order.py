"""Rule 1 on the disk: after a session nothing in any file tells who came first, whoever reads the raw bytes.

The strongest form is exact: where the same responses come in two different orders, every file is the same, byte for
byte, and so is everything that a facilitator saw of the counter. What is the same in both worlds cannot tell them apart.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import builders
import pytest
from intruder import BY_CHANCE, PAGE, draw_ids, guesses
from sqlalchemy import event, text

from survey_app.collection.comment import Comment, Written
from survey_app.storage import sessions
from survey_app.storage.arrival_order import forget_arrival_order
from survey_app.storage.comments import keep_comment
from survey_app.storage.copying import copy_database
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

CLOSED = datetime(2026, 5, 12, 16, tzinfo=UTC)
PEOPLE = 50
LOG_HEADER, FRAME_HEADER = 32, 24
COUNTERS_OF_CHANGES = (slice(24, 28), slice(92, 100))  # of the file: how many transactions, and by which SQLite
HEADER_OF_SHARED_MEMORY = 136

IDS = draw_ids(PEOPLE)
ARRIVED = random.Random(3).sample(range(PEOPLE), PEOPLE)
"""Numbers of the people in the order in which they came; the ids tell nothing of it."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A database file with an open session; two copies are the same in every byte."""
    path = tmp_path_factory.mktemp("prepared") / "survey.sqlite3"
    db = Database(f"sqlite:///{path}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    builders.open_session(db, "555555")
    db.close()
    return path


@pytest.fixture
def copies(prepared: Path, tmp_path: Path) -> Iterator[list[Database]]:
    opened = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        shutil.copy(prepared, tmp_path / name)
        opened.append(Database(f"sqlite:///{tmp_path / name / prepared.name}"))
    yield opened
    for db in opened:
        db.close()


def hand_in(db: Database, people: Sequence[int]) -> list[int]:
    """Hand in a response and a comment of each person; return what the counter showed after each."""
    seen = []
    for person in people:
        keep(
            db, builders.CODE, builders.build_response(response_id=IDS[person], language=("fr", "ar", "nl")[person % 3])
        )
        if person % 5 == 0:
            keep_comment(db, "ensemble", "2026-H1", Comment(IDS[-1 - person], Written(f"c{person}")))
        counter = sessions.counter(db, builders.CODE)
        assert counter is not None
        seen.append(counter.received)
    return seen


def read_files(db: Database) -> dict[str, bytes]:
    """The bytes of the database file, of its log and of the index of its log."""
    path = Path(str(db._engine.url.database))
    return {file.name: file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*"))}


def without_counters(name: str, content: bytes) -> bytes:
    if name.endswith("-shm"):
        return content[HEADER_OF_SHARED_MEMORY:]
    kept = bytearray(content)
    for place in COUNTERS_OF_CHANGES:
        kept[place] = bytes(len(kept[place]))
    return bytes(kept)


def pages_in_log(log: bytes) -> list[bytes]:
    """The pages in a log, one behind the other, without the random numbers and check sums before each."""
    frame = FRAME_HEADER + PAGE["sqlite"]
    return [log[at + FRAME_HEADER : at + frame] for at in range(LOG_HEADER, len(log), frame)]


def test_the_order_of_arrival_changes_no_byte_of_any_file_and_nothing_that_the_counter_showed(copies) -> None:
    seen = [hand_in(db, order) for db, order in zip(copies, (ARRIVED, ARRIVED[::-1]), strict=True)]
    assert seen[0] == seen[1] == list(range(1, PEOPLE + 1))
    before = [read_files(db) for db in copies]
    assert before[0]["survey.sqlite3-wal"] != before[1]["survey.sqlite3-wal"]

    for db in copies:
        assert sessions.close(db, builders.CODE, CLOSED)

    one, other = (read_files(db) for db in copies)
    assert len(one["survey.sqlite3"]) > PEOPLE * 100
    assert one["survey.sqlite3-wal"] == other["survey.sqlite3-wal"] == b""
    for name in one:
        assert without_counters(name, one[name]) == without_counters(name, other[name]), name


def test_an_intruder_with_the_files_orders_nobody_after_the_session_and_everybody_before(copies) -> None:
    db, _ = copies
    hand_in(db, ARRIVED)
    needles = [IDS[person].hex.encode() for person in ARRIVED]
    assert guesses(read_files(db)["survey.sqlite3-wal"], needles)["first place"] > 0.8
    sessions.close(db, builders.CODE, CLOSED)
    found = {name: guesses(content, needles) for name, content in read_files(db).items()}
    assert found["survey.sqlite3"]
    assert not found["survey.sqlite3-wal"]
    assert not found["survey.sqlite3-shm"]
    assert max(found["survey.sqlite3"].values()) < BY_CHANCE


def test_while_a_session_runs_one_look_shows_the_order_of_the_last_minute_only(copies) -> None:
    for db, order in zip(copies, (ARRIVED, ARRIVED[::-1]), strict=True):
        hand_in(db, order)
        assert forget_arrival_order(db)
        assert db.writings == db.writings_forgotten
        keep(db, builders.CODE, builders.build_response(response_id=UUID(int=7, version=4)))
        assert db.writings != db.writings_forgotten
    one, other = (read_files(db) for db in copies)
    assert without_counters("", one["survey.sqlite3"]) == without_counters("", other["survey.sqlite3"])
    assert UUID(int=7, version=4).hex.encode() in one["survey.sqlite3-wal"]
    assert pages_in_log(one["survey.sqlite3-wal"]) == pages_in_log(other["survey.sqlite3-wal"])


def test_a_backup_made_while_a_session_runs_tells_no_order(copies, tmp_path: Path) -> None:
    copied = []
    for number, (db, order) in enumerate(zip(copies, (ARRIVED, ARRIVED[::-1]), strict=True)):
        hand_in(db, order)
        copy_database(db, tmp_path / str(number))
        copied.append((tmp_path / str(number)).read_bytes())
    assert all(each.hex.encode() in copied[0] for each in IDS)
    assert without_counters("", copied[0]) == without_counters("", copied[1])


def test_what_was_deleted_leaves_no_byte(copies) -> None:
    db, _ = copies
    hand_in(db, ARRIVED)
    with db.writing() as connection:
        connection.execute(text("DELETE FROM response"))
    assert forget_arrival_order(db)
    assert not any(IDS[0].hex.encode() in content for content in read_files(db).values())


def test_a_long_reading_is_not_disturbed_and_forgetting_waits_for_it(copies) -> None:
    db, _ = copies
    hand_in(db, ARRIVED[:5])
    with db.reading() as connection:
        rows = connection.execution_options(yield_per=1).execute(text("SELECT id FROM response"))
        assert next(iter(rows)) is not None
        assert not forget_arrival_order(db)
        assert keep(db, builders.CODE, builders.build_response()) == "stored"
        rows.close()
    assert forget_arrival_order(db)


def read_relations(db: Database, tables: Sequence[str]) -> dict[str, bytes]:
    """The bytes of tables and of their indexes in the folder of PostgreSQL."""
    files = {}
    with db.writing() as connection:
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        named = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = CAST(:t AS regclass)"
        for table in tables:
            own = [table, *connection.execute(text(named), {"t": table}).scalars()]
            for relation in own:
                path = connection.execute(text("SELECT pg_relation_filepath(:r)"), {"r": relation}).scalar_one()
                files[relation] = folder / path
    with db._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
    return {relation: path.read_bytes() for relation, path in files.items()}


def test_on_postgresql_an_intruder_with_the_files_of_the_tables_orders_nobody(postgresql_db: Database) -> None:
    db = postgresql_db
    builders.open_session(db)
    builders.open_session(db, "555555")
    hand_in(db, ARRIVED)
    needles = [IDS[person].bytes for person in ARRIVED]
    before = read_relations(db, ["response"])["response"]
    assert guesses(before, needles, PAGE["postgresql"])["page, then from its end"] == 1
    transactions = [before[before.find(each) - 28 : before.find(each) - 20] for each in needles]
    assert len(set(transactions)) > 1

    sessions.close(db, builders.CODE, CLOSED)

    after = read_relations(db, ["response", "comment", "comprehension", "tally"])
    found = {name: guesses(content, needles, PAGE["postgresql"]) for name, content in after.items()}
    assert found["response"]
    assert max(value for readings in found.values() for value in readings.values()) < BY_CHANCE
    assert [after["response"].count(each) for each in needles] == [1] * PEOPLE


def test_on_postgresql_running_sessions_are_rewritten_too(postgresql_db: Database) -> None:
    db = postgresql_db
    builders.open_session(db)
    hand_in(db, ARRIVED[:20])
    assert forget_arrival_order(db)
    assert db.writings == db.writings_forgotten
    with db.reading() as connection:
        lying = connection.execute(text("SELECT id FROM response ORDER BY ctid")).scalars().all()
        assert connection.execute(text("SELECT count(DISTINCT xmin::text) FROM response")).scalar_one() == 1
    assert lying == sorted(IDS[person] for person in ARRIVED[:20])


def test_on_postgresql_a_role_that_may_not_rewrite_closes_the_session_and_the_log_says_what_is_left(
    postgresql_db: Database, capsys
) -> None:
    db = postgresql_db
    builders.open_session(db)
    hand_in(db, ARRIVED[:3])
    other = "clerk_of_sessions"
    with db.writing() as connection:
        connection.execute(text(f"CREATE ROLE {other}"))
        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {other}"))
    event.listen(db._engine, "begin", lambda connection: connection.execute(text(f"SET LOCAL ROLE {other}")))
    assert sessions.close(db, builders.CODE, CLOSED)
    assert not forget_arrival_order(db)
    said = capsys.readouterr()
    assert "arrival-order-not-forgotten" in said.out + said.err  # wherever the log of this process goes
