"""Answers are deleted when their time is over: all that was promised, for good, with a proof; what left stays right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import builders
import pytest

from survey_app import journeys
from survey_app.cli import run
from survey_app.collection.comment import Comment, Written
from survey_app.collection.tally import read_tally
from survey_app.foundation.places import shipped
from survey_app.ledger import find_faults, recall
from survey_app.population import AnswersDeleted
from survey_app.protection.protected import Refused
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.retention import ClockInDoubt, Deleted, delete_what_is_due, last_before_silence, list_plans
from survey_app.storage import audit, ledger, sessions, structure
from survey_app.storage.comments import keep_comment, list_groups
from survey_app.storage.comprehension import add_tally, list_sums
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

FIRST, SECOND, OPEN = "111111", "222222", "333333"
DUE = datetime(2027, 7, 1, 3, tzinfo=UTC)
BEFORE = DUE - timedelta(days=30)


def fill(db: Database, code: str, day: date, people: int) -> None:
    builders.open_session(db, code, opened_on=day)
    for number in range(people):
        keep(db, code, builders.build_response({"helpful": "a-lot" if number % 3 else "a-little"}))


@pytest.fixture
def kept(db: Database) -> Database:
    """Two half-years whose answers are kept for a year, and a session in the first that nobody closed."""
    fill(db, FIRST, date(2026, 3, 3), 30)
    fill(db, SECOND, date(2026, 9, 9), 30)
    fill(db, OPEN, date(2026, 3, 4), 2)
    keep(db, FIRST, builders.build_response())
    for code, moment in ((FIRST, date(2026, 3, 3)), (SECOND, date(2026, 9, 9))):
        keep_comment(db, "ensemble", "2026-H1" if code == FIRST else "2026-H2", Comment(uuid4(), Written(f"c{code}")))
        sessions.close(db, code, datetime(moment.year, moment.month, moment.day, 16, tzinfo=UTC))
    raw = {"finished": 2, "items": {"helpful": {"met": 2}}}
    tally = read_tally(raw, uuid4(), {"helpful"}, {"helpful"})
    add_tally(db, FIRST, tally, over_before=datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
    (project,) = structure.list_projects(db)
    structure.write_structure(db, projects=[replace(project, keep_months=12, keep_set_on=date(2026, 1, 5))])
    return db


def release(db: Database, folder: Path, period: str, at: datetime) -> object:
    questionnaires, catalogues = load_all(shipped("questionnaires")), load_catalogues(shipped("translations"))
    wish = journeys.ReleaseRequest("inside", period)
    return journeys.publish(db, questionnaires, catalogues, wish, folder, now=at)


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("survey*")) if path.is_file())


def test_what_is_due_is_deleted_with_a_proof_and_the_rest_stays(kept: Database) -> None:
    assert delete_what_is_due(kept, BEFORE) == Deleted(())
    assert [(plan.period, plan.responses, plan.due) for plan in list_plans(kept)] == [
        ("2026-H1", 31, date(2027, 6, 30)),
        ("2026-H2", 30, date(2027, 12, 31)),
    ]

    done = delete_what_is_due(kept, DUE)
    assert isinstance(done, Deleted)
    assert [(plan.period, plan.held) for plan in done.plans] == [("2026-H1", (FIRST,))]
    assert done.is_erased
    assert not list(sessions.documents(kept, [FIRST]))
    assert not list_sums(kept, [FIRST])
    assert len(list(sessions.documents(kept, [SECOND]))) == 30
    assert len(list(sessions.documents(kept, [OPEN]))) == 2, "a session that runs loses nothing"
    session = sessions.find(kept, FIRST)
    assert session is not None
    assert session.answers_deleted_on == date(2027, 7, 1)
    (entry,) = audit.list_latest(kept, 5)
    assert entry.deed == audit.Deed("", "answers-deleted", "project ensemble 2026-H1: 1 sessions, 31 responses")

    assert delete_what_is_due(kept, DUE + timedelta(days=1)) == Deleted(()), "once"
    sessions.close(kept, OPEN, DUE)
    delete_what_is_due(kept, DUE)
    assert {group.period for group in list_groups(kept) if group.people} == {"2026-H2"}
    assert sessions.counter(kept, OPEN).received == 0  # type: ignore[union-attr]


def test_what_comes_late_to_a_half_year_that_was_deleted_goes_with_the_next_run(kept: Database) -> None:
    delete_what_is_due(kept, DUE)
    keep(kept, FIRST, builders.build_response())
    done = delete_what_is_due(kept, DUE + timedelta(days=1))
    assert isinstance(done, Deleted)
    assert [plan.responses for plan in done.plans] == [1]
    assert not list(sessions.documents(kept, [FIRST]))


def test_nothing_of_a_deleted_answer_is_left_in_the_files(tmp_path: Path) -> None:
    """Neither in the rows nor in free pages nor in the log of changes; the canary was there before."""
    db = Database(f"sqlite:///{tmp_path / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    fill(db, FIRST, date(2026, 3, 3), 5)
    keep(db, FIRST, builders.build_response({"helpful": builders.CANARY}))
    sessions.close(db, FIRST, datetime(2026, 3, 3, 16, tzinfo=UTC))
    (project,) = structure.list_projects(db)
    structure.write_structure(db, projects=[replace(project, keep_months=12)])
    assert builders.CANARY.encode() in everything_on_disk(tmp_path)
    done = delete_what_is_due(db, DUE)
    assert isinstance(done, Deleted)
    assert done.plans
    assert done.is_erased
    assert builders.CANARY.encode() not in everything_on_disk(tmp_path)
    db.close()


def test_a_release_over_deleted_answers_is_refused_and_those_that_left_stay_what_they_were(
    kept: Database, tmp_path: Path
) -> None:
    made = release(kept, tmp_path / "before", "2026-H1", BEFORE)
    assert isinstance(made, journeys.Published)
    before = recall(kept)
    delete_what_is_due(kept, DUE)
    for period in ("2026-H1", "..2026-H2"):
        refused = release(kept, tmp_path / "after", period, DUE)
        assert isinstance(refused, Refused), period
        assert refused.reasons[0].code == "answers-deleted"
        assert refused.reasons[0].slots == {"sessions": 1, "day": "2027-07-01"}
    questionnaires, catalogues = load_all(shipped("questionnaires")), load_catalogues(shipped("translations"))
    totals = journeys.return_indicator(
        kept, questionnaires, catalogues, "2026-H2", tmp_path / "return", by="crossed", made_by="an", now=DUE
    )
    assert totals == AnswersDeleted(1, date(2027, 7, 1))
    assert not (tmp_path / "after").exists()
    assert not (tmp_path / "return").exists()

    assert isinstance(release(kept, tmp_path / "other", "2026-H2", DUE), journeys.Published)
    assert recall(kept)[: len(before)] == before
    assert find_faults(kept, None, DUE) == ()
    assert len(ledger.list_releases(kept)) == 2


def test_a_clock_that_stands_far_behind_the_last_session_deletes_nothing(kept: Database) -> None:
    far = datetime(2099, 1, 1, tzinfo=UTC)
    assert delete_what_is_due(kept, far) == ClockInDoubt(date(2099, 1, 1), date(2026, 9, 9))
    assert len(list(sessions.documents(kept, [FIRST, SECOND]))) == 61
    builders.open_session(kept, "444444", opened_on=date(2098, 12, 31))
    assert isinstance(delete_what_is_due(kept, far), ClockInDoubt), "a session on that wrong day does not make it right"
    done = delete_what_is_due(kept, far, is_clock_right=True)
    assert isinstance(done, Deleted)
    assert len(done.plans) == 2


def test_a_clock_is_believed_again_a_month_after_a_long_silence() -> None:
    days = (date(2026, 3, 3), date(2029, 9, 1))
    assert last_before_silence(days, date(2029, 9, 20)) == date(2026, 3, 3)
    assert last_before_silence(days, date(2029, 10, 1)) is None
    assert last_before_silence((), date(2028, 10, 1)) is None


def test_the_command_says_what_goes_when_and_deletes_it(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path))
    db = Database(f"sqlite:///{tmp_path / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    fill(db, FIRST, date(2026, 3, 3), 3)
    sessions.close(db, FIRST, datetime(2026, 3, 3, 16, tzinfo=UTC))
    assert run(["retention"]) == 0
    assert capsys.readouterr().out == "Nothing is due.\n"
    assert run(["retention", "--plan"]) == 0
    assert "nobody decided" in capsys.readouterr().out
    (project,) = structure.list_projects(db)
    structure.write_structure(db, projects=[replace(project, keep_months=1)])
    db.close()
    assert run(["retention", "--plan"]) == 0
    assert "3 answers of 1 sessions\tdeleted on 2026-07-30" in capsys.readouterr().out
    assert run(["retention"]) == 0
    assert "3 answers of 1 sessions deleted" in capsys.readouterr().out
    assert run(["retention"]) == 0
    assert capsys.readouterr().out == "Nothing is due.\n"
