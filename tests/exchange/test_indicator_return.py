"""The exact totals leave by a door of their own: files in the columns of Table 11, a log that nobody can change."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import builders
import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app import journeys
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.places import shipped
from survey_app.ledger import HEAD, find_faults, recall
from survey_app.protection.protected import Refused
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.report.canonical import sha256
from survey_app.report.indicator_return import INDICATOR
from survey_app.storage import indicator_returns, ledger, sessions
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

Take = Callable[..., journeys.Returned | Refused | journeys.NothingToCount]
FIRST, SECOND = date(2026, 3, 3), date(2026, 9, 9)


def fill(db: Database, code: str, day: date, **answers: int) -> None:
    """Hold a session on a day in which so many women of 18 to 60 gave each answer, and one person said nothing of age."""
    builders.open_session(db, code, opened_on=day)
    for answer, people in answers.items():
        for _ in range(people):
            given = {"helpful": answer.replace("_", "-"), "gender": "female", "age": "18-60"}
            keep(db, code, builders.build_response(given))
    sessions.close(db, code, clock.now())


@pytest.fixture
def filled(db: Database) -> Database:
    fill(db, "111111", FIRST, a_lot=12, a_little=3)
    fill(db, "222222", SECOND, a_lot=6, not_much=20)
    return db


@pytest.fixture
def take(filled: Database, tmp_path: Path) -> Take:
    questionnaires, catalogues = load_all(shipped("questionnaires")), load_catalogues(shipped("translations"))

    def take(
        name: str, period: str = "2026-H2", by: str = "crossed", days: int = 0
    ) -> journeys.Returned | Refused | journeys.NothingToCount:
        return journeys.return_indicator(
            filled,
            questionnaires,
            catalogues,
            period,
            tmp_path / name,
            by=by,
            made_by="an",
            now=clock.now() + timedelta(days=days),
            head=tmp_path / HEAD,
        )  # type: ignore[arg-type]

    return take


@pytest.fixture(params=["sqlite"])
def db(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url)
    made.upgrade()
    builders.write_structure(made)
    yield made
    made.close()


def helpful(folder: Path) -> dict[tuple[str, str], int]:
    (totals,) = json.loads((folder / INDICATOR).read_bytes())["totals"]
    return {(row["gender"], row["age"]): row["people"] for row in totals["helpful"]}


def test_values_are_exact_and_cumulative_from_the_start_of_the_programme(take: Take, tmp_path: Path) -> None:
    take("first", "2026-H1")
    take("second", "2026-H2")
    assert helpful(tmp_path / "first")["total", "total"] == 15
    assert helpful(tmp_path / "second")["total", "total"] == 21
    assert helpful(tmp_path / "second")["female", "18-60"] == 21
    assert json.loads((tmp_path / "second" / INDICATOR).read_bytes())["until"] == "2026-12-31"


def test_the_workbook_has_the_columns_of_the_regulation_with_the_last_day_in_their_heads(
    take: Take, tmp_path: Path
) -> None:
    take("return")
    assert sorted(path.name for path in (tmp_path / "return").iterdir()) == [
        "indicator-en.xlsx", "indicator-fr.xlsx", "indicator-nl.xlsx", INDICATOR,
    ]  # fmt: skip
    book = load_workbook(io.BytesIO((tmp_path / "return" / "indicator-en.xlsx").read_bytes()))
    sheet, warnings = book.worksheets
    heads = [cell.value for cell in sheet[4]]
    assert heads[:11] == [
        "Specific objective", "ID", "Indicator name", "Indicator breakdown (of which)",
        "Measurement unit (for indicators and baseline)", "Baseline", "Target 2029", "Measurement unit (for target)",
        "Planned values in selected operations [31/12/26]", "Values achieved [31/12/26]", "Comments",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[5]][9:18:2] == [21, "not counted", 41, 21, 0]
    assert "are in the totals only" in sheet["K5"].value
    assert sheet["L6"].value is None  # beside the whole only
    said = " ".join(str(row[0].value) for row in warnings.iter_rows())
    assert "Send them to the managing authority and to nobody else." in said


def test_the_margins_are_a_setting(take: Take, tmp_path: Path) -> None:
    take("margins", by="margins")
    assert len(helpful(tmp_path / "margins")) == 6


def test_each_return_stands_in_a_chained_log_with_who_made_it(take: Take, filled: Database, tmp_path: Path) -> None:
    take("one")
    take("two")
    one, two = indicator_returns.list_returns(filled)
    assert (one.made_by, one.period, one.number, two.number) == ("an", "..2026-H2", 1, 2)
    assert one.hash == sha256((tmp_path / "one" / INDICATOR).read_bytes()) == two.previous
    assert indicator_returns.first_broken_return((one, two)) is None
    assert indicator_returns.first_broken_return((two,)) == two
    assert ledger.list_releases(filled) == ()


def test_nobody_changes_or_removes_an_entry(take: Take, filled: Database) -> None:
    take("one")
    for statement in ("UPDATE indicator_return SET made_by = 'max'", "DELETE FROM indicator_return"):
        with pytest.raises(DBAPIError, match="only added to"), filled.writing() as connection:
            connection.execute(text(statement))


def test_a_log_that_was_changed_with_the_triggers_off_stops_every_release(take: Take, filled: Database) -> None:
    take("one")
    with filled.writing() as connection:
        connection.execute(text("DROP TRIGGER indicator_return_is_not_changed"))
        connection.execute(text("UPDATE indicator_return SET made_by = 'max'"))
    assert [fault.code for fault in find_faults(filled, None, clock.now())] == ["ledger-changed"]


def execute_without_triggers(db: Database, statement: str) -> None:
    with db.writing() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS indicator_return_is_not_changed"))
        connection.execute(text("DROP TRIGGER IF EXISTS indicator_return_is_not_removed"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE indicator_return SET made_by = 'max' WHERE number = 1", "ledger-changed"),
        ("DELETE FROM indicator_return WHERE number = 1", "ledger-changed"),
        ("DELETE FROM indicator_return WHERE number = 2", "ledger-shortened"),
        ("DELETE FROM indicator_return", "ledger-shortened"),
    ],
)
def test_a_log_of_returns_that_was_changed_or_put_back_stops_the_next_return(
    take: Take, filled: Database, harm: str, code: str
) -> None:
    take("one")
    take("two")
    execute_without_triggers(filled, harm)
    refused = take("three")
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == [code]


def test_a_clock_that_went_back_behind_the_last_return_stops_the_next_one(take: Take, tmp_path: Path) -> None:
    made = take("one", days=2)
    refused = take("two")
    assert isinstance(refused, Refused)
    assert [(reason.code, reason.slots["release"]) for reason in refused.reasons] == [("clock-back", made.return_id)]
    assert not (tmp_path / "two").exists()


def test_a_head_that_an_earlier_version_wrote_names_no_return_and_is_read(
    take: Take, filled: Database, tmp_path: Path
) -> None:
    take("one")
    (tmp_path / HEAD).write_text('{"number": 1, "entry": "e", "release": "r"}')
    assert [fault.code for fault in find_faults(filled, tmp_path / HEAD, clock.now())] == ["ledger-shortened"]
    (tmp_path / HEAD).write_text("{}")
    assert [fault.code for fault in find_faults(filled, tmp_path / HEAD, clock.now())] == ["ledger-head"]


def test_later_releases_know_the_figures_of_a_return(take: Take, filled: Database) -> None:
    take("one")
    (left,) = recall(filled)
    assert (left.tier, left.sessions) == ("public", frozenset({"111111", "222222"}))
    told = {(cell.at.answer, cell.at.gender, cell.at.age): cell.value for cell in left.cells}
    assert told["positive", "female", "18-60"] == 21
    assert told["positive", "male", "total"] == 0


def test_nothing_is_written_where_nothing_was_asked_or_something_lies_there(
    take: Take, tmp_path: Path, filled: Database
) -> None:
    assert isinstance(take("early", "2025-H2"), journeys.NothingToCount)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(RequestMistakenError):
        take("full")
    with pytest.raises(RequestMistakenError, match="half-year"):
        take("wrong", "2026")
    assert indicator_returns.list_returns(filled) == ()
