"""The demonstration: made up, always the same, marked, and handed in through the real door."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from survey_app import journeys
from survey_app.commands.demo import NAME, SIGN_IN_FILE, draw_password, ensure_account
from survey_app.demo import fill as demo
from survey_app.demo.people import Tendencies
from survey_app.exchange.audit import audit
from survey_app.fieldwork.setup_file import UNDISCLOSED
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of, read_period
from survey_app.foundation.places import shipped
from survey_app.foundation.settings import Settings
from survey_app.main import create_app, find_languages, open_database
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.storage import sessions
from survey_app.storage.database import Database
from survey_app.storage.structure import list_organisations, list_projects, list_register_counts
from survey_app.voices.clips import Voices
from survey_app.web.console.accounts import password_fault

TODAY = date(2026, 11, 22)
QUESTIONNAIRES = load_all(shipped("questionnaires"))
LANGUAGES = find_languages(QUESTIONNAIRES, load_catalogues(shipped("translations")), Voices(Path("none"), Path("none")))


def fill(db: Database, today: date = TODAY) -> str:
    return demo.fill(db, QUESTIONNAIRES, LANGUAGES, today).code


def content(db: Database) -> list[tuple[str, str]]:
    return sorted(sessions.documents(db, sessions.list_codes(db)))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    db = open_database(Settings(data_dir=tmp_path_factory.mktemp("demo")))
    fill(db)
    yield db
    db.close()


@pytest.fixture(scope="module")
def answers(filled: Database) -> list[dict[str, Any]]:
    return [json.loads(document) for _, document in content(filled)]


def test_two_leads_and_a_tiny_partner_have_240_responses_in_two_half_years(filled: Database) -> None:
    organisations = {one.code: one.lead for one in list_organisations(filled)}
    assert organisations == {"charleroi": None, "gent": None, "binche": "charleroi"}
    half_years = [read_period("2026-H1"), read_period("2026-H2")]
    counts = [
        Counter(session.project for session in found for _ in range(received(filled, session.code)))
        for found in (sessions.list_closed(filled, half.first, half.last) for half in half_years)
    ]
    assert sum(counts, Counter[str]()).total() == 240
    assert min(count.total() for count in counts) > 100
    assert counts[0]["binche-demo"] + counts[1]["binche-demo"] == 3


def received(db: Database, code: str) -> int:
    counter = sessions.counter(db, code)
    assert counter is not None
    return counter.received


def test_every_project_is_marked_as_made_up(filled: Database) -> None:
    assert [project.synthetic for project in list_projects(filled)] == [True] * 3


def test_no_session_lies_in_the_future(filled: Database) -> None:
    assert max(session.opened_on for session in sessions.list_all(filled)) <= TODAY


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2028, 2, 29)])
def test_on_any_day_sessions_lie_in_their_half_year(today: date) -> None:
    for group in demo.GROUPS:
        day = demo.day_of(group, today)
        assert day <= today
        assert (period_of(day) == period_of(today)) == (group.half == "this")


def test_most_are_polite_some_dissent_some_do_not_understand(answers: list[dict[str, Any]]) -> None:
    helpful = Counter(one["answers"].get("helpful") for one in answers)
    assert 0.70 < helpful["a-lot"] / len(answers) < 0.85
    assert helpful["not-much"] >= 5
    assert helpful["not-at-all"] >= 5
    assert helpful[None] >= 5
    beside = Counter(code for one in answers for code in one["off_scale"].values())
    assert set(beside) == {"not-understood", "not-for-me", "no-answer"}
    assert {one["mode"] for one in answers} == {"alone", "with-helper"}
    assert len({one["language"] for one in answers}) >= 8


def test_nobody_is_more_than_the_register_counts(filled: Database) -> None:
    registered = {(one.project, one.gender, one.age): one.people for one in list_register_counts(filled)}
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for session in sessions.list_all(filled):
        for _, document in sessions.documents(filled, [session.code]):
            given = json.loads(document)["answers"]
            who = (given.get("gender", UNDISCLOSED), given.get("age", UNDISCLOSED))
            counted[period_of(session.opened_on).code, session.project, *who] += 1
    known = {key: people for key, people in counted.items() if key[1:] in registered}
    assert len(known) > 10
    assert all(people <= registered[key[1:]] for key, people in known.items())


def test_filling_again_changes_nothing_and_leaves_one_session_to_try(filled: Database) -> None:
    before = content(filled)
    code = fill(filled)
    assert [session.code for session in sessions.list_open(filled)] == [code]
    assert content(filled) == before


def test_a_demonstration_that_was_interrupted_is_completed(
    tmp_path: Path, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = open_database(Settings(data_dir=tmp_path))
    calls = iter(range(1_000))
    receive = journeys.receive

    def receive_until_the_plug_is_pulled(*given: Any, **named: Any) -> Any:
        if next(calls) == 31:
            raise KeyboardInterrupt
        return receive(*given, **named)

    monkeypatch.setattr(journeys, "receive", receive_until_the_plug_is_pulled)
    with pytest.raises(KeyboardInterrupt):
        fill(db)
    monkeypatch.undo()
    fill(db)
    assert content(db) == content(filled)
    db.close()


def test_when_the_open_session_was_closed_there_is_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "GROUPS", demo.GROUPS[:1])
    db = open_database(Settings(data_dir=tmp_path))
    first = fill(db)
    journeys.close_session(db, first, demo._at(TODAY, 17))
    second = fill(db)
    assert second != first
    assert [session.code for session in sessions.list_open(db)] == [second]
    db.close()


def test_another_seed_makes_other_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "GROUPS", demo.GROUPS[:1])
    found = []
    for seed in (1, 2):
        db = open_database(Settings(data_dir=tmp_path / str(seed)))
        demo.fill(db, QUESTIONNAIRES, LANGUAGES, TODAY, Tendencies(seed=seed))
        found.append([document for _, document in content(db)])
        db.close()
    assert found[0] != found[1]


def test_no_password_that_is_drawn_for_the_demonstration_is_refused_as_a_common_one() -> None:
    assert {password_fault(draw_password(), NAME) for _ in range(5000)} == {None}


def test_the_account_of_the_demonstration_is_the_same_at_each_start_and_readable_by_its_owner_only(
    tmp_path: Path,
) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    file = tmp_path / SIGN_IN_FILE
    password = ensure_account(app, file)
    assert ensure_account(app, file) == password
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert ensure_account(app, file) != password
    app.state.database.close()


# -- its releases ----------------------------------------------------------------------------------------------------

IN_SEQUENCE = (("inside", "2026-H1"), ("inside", "2026-H2"), ("network", "..2026-H2"), ("public", "..2026-H2"))


@pytest.mark.slow
def test_four_releases_made_one_after_the_other_tell_something_and_are_sound_together(tmp_path: Path) -> None:
    asked = [journeys.ReleaseRequest(tier, period, None) for tier, period in IN_SEQUENCE]
    assert release_and_audit(tmp_path, asked) == ["full"] * 4


@pytest.mark.slow
def test_after_releases_about_one_project_one_about_all_leaves_without_modes_and_languages(tmp_path: Path) -> None:
    asked = [journeys.ReleaseRequest("inside", period, "charleroi-demo") for period in ("2026-H1", "2026-H2")]
    asked += [journeys.ReleaseRequest(tier, "..2026-H2", None) for tier in ("network", "public")]
    assert release_and_audit(tmp_path, asked) == ["full", "full", "no-circumstances", "no-circumstances"]


def release_and_audit(tmp_path: Path, requests: list[journeys.ReleaseRequest]) -> list[str]:
    """Make releases one after the other, each of which must tell something; return how coarse each had to be made."""
    db = open_database(Settings(data_dir=tmp_path / "data"))
    fill(db)
    catalogues = load_catalogues(shipped("translations"))
    folders, steps = [], []
    for number, asked in enumerate(requests):
        folders.append(tmp_path / f"{number}-{asked.tier}")
        made = journeys.publish(db, QUESTIONNAIRES, catalogues, asked, folders[-1], now=clock.now())
        assert isinstance(made, journeys.Published), made
        certificate = json.loads((folders[-1] / "release.json").read_bytes())["certificate"]
        print(asked, certificate["step"], certificate["quality"])
        assert certificate["quality"]["information_kept"] >= 25
        steps.append(certificate["step"])
    db.close()
    assert [(found.folder.name, found.faults) for found in audit(folders)] == [(each.name, ()) for each in folders]
    return steps
