"""A comment is kept apart from every response, opened in large groups only, and gone once a reviewer has decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import builders
import pytest
from sqlalchemy import text

from survey_app.collection.comment import Comment, Spoken, Words, Written
from survey_app.storage import comments, sessions
from survey_app.storage.comments import CommentKept, Group, keep_comment
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

CLOSED = datetime(2026, 5, 12, 16, tzinfo=UTC)
NOW = datetime(2026, 5, 20, 10, tzinfo=UTC)
H1 = "2026-H1"
LONG_AGO = "2025-H1"
_codes = count(600_001)


def comment(words: Words | None = None, comment_id: UUID | None = None) -> Comment:
    return Comment(comment_id or uuid4(), words or Written("Plus d'heures"))


def hold_session(db: Database, people: int, *, is_closed: bool = True, opened_on: date = date(2026, 5, 12)) -> str:
    """A session in which everybody answered."""
    code = builders.open_session(db, str(next(_codes)), people=people, opened_on=opened_on).code
    for _ in range(people):
        keep(db, code, builders.build_response())
    if is_closed:
        sessions.close(db, code, CLOSED)
    return code


def keep_some(db: Database, *texts: str, period: str = H1) -> list[Comment]:
    made = [comment(Written(each)) for each in texts]
    assert [keep_comment(db, "ensemble", period, each) for each in made] == [CommentKept.STORED_NOW] * len(made)
    return made


def open_now(db: Database) -> bool:
    return comments.open_comments(db, "ensemble", H1, 10)


def group_of(db: Database, period: str = H1) -> Group:
    (found,) = (group for group in comments.list_groups(db) if (group.project, group.period) == ("ensemble", period))
    return found


@pytest.mark.parametrize("words", [Written("መስመር"), Spoken(bytes(range(256)) * 20)], ids=["written", "spoken"])
def test_a_comment_is_stored_once_however_often_it_is_sent(db: Database, words: Words) -> None:
    hold_session(db, 10)
    sent = comment(words)
    assert [keep_comment(db, "ensemble", H1, sent) for _ in range(3)] == ["stored", "stored-before", "stored-before"]
    assert open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) == sent


def test_other_words_under_the_same_id_change_nothing(db: Database) -> None:
    hold_session(db, 10)
    (first,) = keep_some(db, "Merci")
    other = comment(Spoken(b"\x01\x02"), first.id)
    assert keep_comment(db, "ensemble", H1, other) is CommentKept.DIFFERENT
    assert keep_comment(db, "ensemble", "2026-H2", first) is CommentKept.DIFFERENT
    assert open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) == first


def test_the_table_of_comments_has_no_session_language_time_or_response(db: Database) -> None:
    with db.reading() as connection:
        columns = list(connection.execute(text("SELECT * FROM comment")).keys())
    assert columns == ["id", "project", "period", "stage", "written", "spoken", "passed", "decided_at"]


def test_nothing_in_the_database_joins_a_comment_to_a_response(db: Database) -> None:
    code = hold_session(db, 10, is_closed=False)
    (said,) = keep_some(db, "Merci")
    sessions.close(db, code, CLOSED)
    with db.reading() as connection:
        (row,) = connection.execute(text("SELECT * FROM comment")).mappings()
        responses = list(connection.execute(text("SELECT * FROM response")).mappings())
    kept = {str(value) for name, value in row.items() if name not in {"project", "period", "stage"}}
    assert len(responses) == 10
    for response in responses:
        assert not kept & {str(value) for value in response.values() if value is not None}
        assert str(said.id) not in str(response["document"])
    assert code not in str(dict(row))
    assert row["decided_at"] is None


def test_comments_come_out_in_the_order_of_their_random_ids(db: Database) -> None:
    hold_session(db, 10)
    kept = keep_some(db, *"edcba")
    assert open_now(db)
    read: list[UUID] = []
    while (found := comments.next_to_review(db, "ensemble", H1)) is not None:
        read.append(found.id)
        comments.decide(db, group_of(db), found.id, None, NOW)
    assert read == sorted(each.id for each in kept)


def test_on_sqlite_comments_lie_sorted_by_their_id(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    db.upgrade()
    with db.reading() as connection:
        written = connection.execute(text("SELECT sql FROM sqlite_schema WHERE name = 'comment'")).scalar_one()
    db.close()
    assert "WITHOUT ROWID" in written


def lying_order(db: Database) -> tuple[list[UUID], int]:
    """The ids as they lie, and how many transactions wrote them."""
    with db.reading() as connection:
        rows = connection.execute(text("SELECT id, xmin::text FROM comment ORDER BY ctid")).all()
    return [row[0] for row in rows], len({row[1] for row in rows})


@pytest.mark.parametrize("is_opened", [False, True], ids=["when a session closes", "when they are opened"])
def test_on_postgresql_the_order_of_arrival_is_hidden(postgresql_db: Database, is_opened: bool) -> None:  # noqa: FBT001
    db = postgresql_db
    code = hold_session(db, 20, is_closed=is_opened)
    ids = sorted((uuid4() for _ in range(12)), reverse=True)
    for each in ids:
        keep_comment(db, "ensemble", H1, comment(Spoken(b"\xff" * 3000), each))
    assert lying_order(db) == (ids, 12)

    assert open_now(db) if is_opened else sessions.close(db, code, CLOSED)

    assert lying_order(db) == (sorted(ids), 1)


def test_a_group_of_nine_is_never_opened(db: Database) -> None:
    hold_session(db, 9)
    keep_some(db, "Merci")
    assert not open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) is None
    assert group_of(db).to_review == 0


def test_a_group_of_ten_in_two_sessions_is_opened(db: Database) -> None:
    hold_session(db, 4)
    hold_session(db, 6)
    keep_some(db, "Merci")
    assert open_now(db)
    assert group_of(db) == Group("ensemble", H1, people=10, is_running=False, seen_at=10, to_review=1)


def test_nothing_is_opened_while_a_session_runs(db: Database) -> None:
    hold_session(db, 12)
    running = hold_session(db, 3, is_closed=False)
    keep_some(db, "Merci")
    assert not open_now(db)
    sessions.close(db, running, CLOSED)
    assert open_now(db)


def test_what_comes_later_waits_for_ten_more_people(db: Database) -> None:
    hold_session(db, 12)
    assert open_now(db), "an empty look counts as a look"
    keep_some(db, "Merci")
    hold_session(db, 9)
    assert not open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) is None
    hold_session(db, 1)
    assert open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) is not None


def test_half_years_and_projects_are_groups_of_their_own(db: Database) -> None:
    hold_session(db, 10)
    hold_session(db, 10, opened_on=date(2026, 7, 1))
    keep_some(db, "Merci", period="2026-H2")
    assert open_now(db)
    assert comments.next_to_review(db, "ensemble", H1) is None
    assert [(each.period, each.people) for each in comments.list_groups(db)] == [("2026-H2", 10), (H1, 10)]
    assert not comments.open_comments(db, "nowhere", H1, 10)


def test_nobody_with_a_join_code_can_fill_the_disk(db: Database) -> None:
    hold_session(db, 3, is_closed=False)
    keep_some(db, *"abcdef")
    assert keep_comment(db, "ensemble", H1, comment()) is CommentKept.FULL


def decide_all(db: Database, passed: str | None) -> list[Comment]:
    decided: list[Comment] = []
    while (found := comments.next_to_review(db, "ensemble", H1)) is not None:
        assert comments.decide(db, group_of(db), found.id, passed, NOW)
        decided.append(found)
    return decided


def test_a_decision_can_be_taken_back_for_a_minute_and_then_the_words_are_gone(db: Database) -> None:
    hold_session(db, 10)
    keep_comment(db, "ensemble", H1, comment(Spoken(b"\x11" * 100)))
    open_now(db)
    (said,) = decide_all(db, "Il demande plus d'heures.")
    comments.tidy(db, NOW + timedelta(seconds=59), LONG_AGO)
    assert comments.list_passed(db, "ensemble", H1) == ()
    assert comments.take_back(db, group_of(db), said.id, NOW + timedelta(seconds=59))
    assert comments.find_sound(db, group_of(db), said.id) == b"\x11" * 100

    decide_all(db, "Il demande plus d'heures.")
    assert not comments.take_back(db, group_of(db), said.id, NOW + timedelta(seconds=60))
    comments.tidy(db, NOW + timedelta(seconds=60), LONG_AGO)
    assert comments.list_passed(db, "ensemble", H1) == ("Il demande plus d'heures.",)
    with db.reading() as connection:
        (row,) = connection.execute(text("SELECT written, spoken, decided_at FROM comment")).all()
    assert tuple(row) == (None, None, None)


def test_a_rejected_comment_is_deleted_after_the_minute(db: Database) -> None:
    hold_session(db, 10)
    keep_some(db, "a", "b")
    open_now(db)
    decide_all(db, None)
    comments.tidy(db, NOW + timedelta(seconds=61), LONG_AGO)
    with db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM comment")).scalar_one() == 0


def test_a_comment_is_decided_on_once(db: Database) -> None:
    hold_session(db, 10)
    (said,) = keep_some(db, "a")
    assert not comments.decide(db, group_of(db), said.id, "a", NOW), "not opened yet"
    open_now(db)
    assert comments.decide(db, group_of(db), said.id, "a", NOW)
    assert not comments.decide(db, group_of(db), said.id, None, NOW)
    assert group_of(db).passed == 1


def test_what_nobody_reviewed_is_deleted_with_its_half_year_and_what_passed_stays(db: Database) -> None:
    hold_session(db, 10)
    keep_some(db, "to review")
    open_now(db)
    decide_all(db, "passed")
    comments.tidy(db, NOW + timedelta(hours=1), LONG_AGO)
    hold_session(db, 10)
    keep_some(db, "b")
    open_now(db)
    keep_some(db, "c")
    hold_session(db, 1, opened_on=date(2026, 7, 1))
    keep_some(db, "later", period="2026-H2")
    comments.tidy(db, NOW + timedelta(days=400), H1)
    with db.reading() as connection:
        left = connection.execute(text("SELECT period, stage FROM comment ORDER BY period")).all()
    assert [tuple(row) for row in left] == [(H1, "passed"), ("2026-H2", "waiting")]


def test_the_sound_of_a_comment_that_is_not_open_is_nobodys(db: Database) -> None:
    hold_session(db, 10)
    said = comment(Spoken(b"\x01" * 9))
    keep_comment(db, "ensemble", H1, said)
    assert comments.find_sound(db, group_of(db), said.id) is None
    open_now(db)
    assert comments.find_sound(db, group_of(db), said.id) == b"\x01" * 9
    comments.decide(db, group_of(db), said.id, None, NOW)
    assert comments.find_sound(db, group_of(db), said.id) is None
