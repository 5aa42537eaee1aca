"""No release is made against a ledger that somebody changed, shortened or put back, and the refusal names what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import builders
import pytest
from sqlalchemy import text

from survey_app import journeys
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.foundation.places import shipped
from survey_app.foundation.settings import Settings
from survey_app.ledger import HEAD, find_faults, keep_head
from survey_app.main import create_app
from survey_app.protection.protected import Refused
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.report.reasons import say_reason
from survey_app.report.wording import Wording
from survey_app.storage import sessions
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

Publish = Callable[..., Any]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'survey.sqlite3'}")
    made.upgrade()
    builders.write_structure(made)
    code = builders.open_session(made, opened_on=clock.today()).code
    for number in range(12):
        keep(made, code, builders.build_response({"helpful": "a-lot" if number % 2 else "not-much"}))
    sessions.close(made, code, clock.now())
    yield made
    made.close()


@pytest.fixture
def publish(db: Database, tmp_path: Path) -> Publish:
    questionnaires, catalogues = load_all(shipped("questionnaires")), load_catalogues(shipped("translations"))

    def publish(name: str, days: int = 0) -> object:
        request = journeys.ReleaseRequest("inside", period_of(clock.today()).code)
        return journeys.publish(
            db,
            questionnaires,
            catalogues,
            request,
            tmp_path / name,
            now=clock.now() + timedelta(days=days),
            head=tmp_path / HEAD,
        )

    return publish


def execute_without_triggers(db: Database, statement: str) -> None:
    with db.writing() as connection:
        names = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in names:
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))
        for _, sql in names:
            connection.execute(text(sql))


def refusal(publish: Publish) -> str:
    made = publish("next")
    assert isinstance(made, Refused), made
    (reason,) = made.reasons
    said = say_reason(reason, Wording("en"))
    assert "%" not in said
    return f"{reason.code}: {said}"


def test_a_sound_ledger_is_trusted(publish: Publish, db: Database, tmp_path: Path) -> None:
    first, second = publish("first"), publish("second", days=1)
    assert isinstance(first, journeys.Published)
    assert isinstance(second, journeys.Published)
    assert json.loads((tmp_path / HEAD).read_text())["release"] == second.release_id
    assert find_faults(db, tmp_path / HEAD, clock.now() + timedelta(days=2)) == ()


def test_a_release_that_was_edited_in_the_database_is_named(publish: Publish, db: Database) -> None:
    made = publish("first")
    execute_without_triggers(db, "UPDATE release SET tier = 'network'")
    assert refusal(publish).startswith("ledger-changed")
    assert made.release_id in refusal(publish)


def test_a_ledger_without_its_last_release_is_not_believed(publish: Publish, db: Database, tmp_path: Path) -> None:
    publish("first")
    last = publish("second")
    execute_without_triggers(db, "DELETE FROM release WHERE number = 2")
    assert refusal(publish).startswith("ledger-shortened")
    assert last.release_id in refusal(publish)
    (tmp_path / HEAD).write_text("nonsense")
    assert refusal(publish).startswith("ledger-head")


def test_a_ledger_without_its_first_release_is_not_believed(publish: Publish, db: Database) -> None:
    publish("first")
    publish("second")
    execute_without_triggers(db, "DELETE FROM release WHERE number = 1")
    assert refusal(publish).startswith("ledger-changed")


def test_a_release_folder_that_was_edited_is_named_with_its_file(publish: Publish, tmp_path: Path) -> None:
    publish("first")
    table = tmp_path / "first/tables.csv"
    before = table.read_bytes()
    table.write_bytes(before.replace(b",12,published", b",13,published", 1))
    assert refusal(publish).startswith("folder-changed")
    assert "tables.csv" in refusal(publish)
    table.write_bytes(before)
    (tmp_path / "first").rename(tmp_path / "moved away")
    assert isinstance(publish("next"), journeys.Published)


def test_a_clock_that_went_back_behind_the_last_release_is_named(publish: Publish) -> None:
    publish("first", days=400)
    assert refusal(publish).startswith("clock-back")


def test_the_server_starts_so_that_people_can_answer_and_logs_that_nothing_can_be_released(
    publish: Publish, db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish("first")
    keep_head(db, tmp_path / HEAD)
    execute_without_triggers(db, "UPDATE release SET tier = 'network'")
    app = create_app(Settings(data_dir=tmp_path))
    app.state.database.close()
    said = capsys.readouterr()
    assert "ledger-changed" in said.err + said.out
