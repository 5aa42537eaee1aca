"""Desk "Comments": one comment at a time, masked, from large groups only; what passed is all that can be downloaded."""

from __future__ import annotations

import csv
import html
import io
import re
import time
import wave
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import builders
import pytest
import time_machine
from sqlalchemy import text
from starlette.testclient import TestClient

from survey_app import comments as way
from survey_app.collection.comment import Comment, Spoken, Words, Written
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.storage import sessions
from survey_app.storage.comments import keep_comment
from survey_app.storage.store_response import keep
from survey_app.storage.structure import write_structure

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PERIOD = period_of(clock.today()).code
HERE = f"/console/comments/talk/{PERIOD}"
_codes = count(700_001)


@pytest.fixture
def talk(staff: Desk) -> Desk:
    """A signed-in administrator, and a project that asks for comments."""
    asks = Project("talk", "gent", "Praten", "amif-exit", 2, frozenset({"speaking", "comment"}), ("nl",))
    write_structure(staff.db, projects=[asks], modules=[Module("ict", "Computer", "talk")])
    return staff


def hold_session(desk: Desk, people: int, *, is_closed: bool = True) -> str:
    code = str(next(_codes))
    sessions.add(desk.db, Session(code, "talk", "ict", max(people, 1), clock.today()))
    for _ in range(people):
        keep(desk.db, code, builders.build_response())
    if is_closed:
        sessions.close(desk.db, code, clock.now())
    return code


def say(desk: Desk, *words: str | bytes) -> None:
    for each in words:
        made: Words = Written(each) if isinstance(each, str) else Spoken(each)
        assert keep_comment(desk.db, "talk", PERIOD, Comment(uuid4(), made)) == "stored"


@pytest.fixture
def opened(talk: Desk) -> Desk:
    """Ten people answered, one of them wrote something, and the reviewer looks."""
    hold_session(talk, 10)
    say(talk, "Merci à Fatima du groupe, mon numéro est le 0475 12 34 56.")
    reply = talk.browser.post(f"{HERE}/open")
    assert (reply.status_code, reply.headers["location"]) == (303, HERE)
    return talk


def standing(desk: Desk) -> str:
    (found,) = re.findall(r'data-standing="([a-z-]+)"', desk.browser.get("/console/comments").text)
    return str(found)


def decide(desk: Desk, how: str, **typed: str) -> str:
    """Decide on the comment that is shown; return where that leads."""
    action = find_action(desk)
    reply = desk.browser.post(action.replace("/pass", f"/{how}"), data=typed)
    assert reply.status_code == 303, reply.text
    return str(reply.headers["location"])


def find_action(desk: Desk) -> str:
    (action,) = re.findall(r'id="decision" method="post" action="([^"]+)"', desk.browser.get(HERE).text)
    return str(action)


def passed(desk: Desk) -> list[list[str]]:
    reply = desk.browser.get(f"{HERE}/passed.csv")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))


def a_minute_later() -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=61), tick=True)


def test_a_small_group_looks_the_same_with_and_without_comments(talk: Desk) -> None:
    hold_session(talk, 9)
    before = talk.browser.get("/console/comments").text
    say(talk, "Merci")
    assert talk.browser.get("/console/comments").text == before
    assert standing(talk) == "too-few"
    talk.browser.post(f"{HERE}/open")
    assert "Nothing is left to decide" in talk.browser.get(HERE).text
    assert talk.browser.get(f"{HERE}/passed.csv").status_code == 404


def test_a_running_session_keeps_the_desk_closed(talk: Desk) -> None:
    hold_session(talk, 10)
    code = hold_session(talk, 2, is_closed=False)
    assert standing(talk) == "running"
    sessions.close(talk.db, code, clock.now())
    assert standing(talk) == "to-open"


def test_a_project_that_asks_for_no_comment_is_not_listed(staff: Desk) -> None:
    staff.start_session()
    assert "data-standing" not in staff.browser.get("/console/comments").text


def test_what_could_say_who_somebody_is_is_masked_until_the_reviewer_asks_for_it(opened: Desk) -> None:
    page = opened.browser.get(HERE).text
    shown, hidden = page.split("<details", 1)
    assert "Fatima" not in shown
    assert "0475" not in shown
    assert 'title="a phone number"' in shown
    assert re.findall(r'<mark dir="auto">([^<]+)</mark>', hidden) == ["Fatima", "0475 12 34 56"]
    proposal = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert proposal is not None
    assert html.unescape(proposal[1]) == "Merci à […] du groupe, mon numéro est le […]."


def test_words_are_never_read_as_markup(talk: Desk) -> None:
    hold_session(talk, 10)
    say(talk, "<script>alert(1)</script>")
    talk.browser.post(f"{HERE}/open")
    page = talk.browser.get(HERE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_what_passes_can_be_downloaded_after_its_minute_and_the_words_themselves_are_gone(opened: Desk) -> None:
    assert decide(opened, "pass", text="Merci au groupe.").startswith(f"{HERE}?undo=")
    assert passed(opened) == [["Project", "Half-year", "Comment"]]
    with a_minute_later():
        assert passed(opened) == [["Project", "Half-year", "Comment"], ["Praten", PERIOD, "Merci au groupe."]]
    with opened.db.reading() as connection:
        (row,) = connection.execute(text("SELECT written, spoken, decided_at FROM comment")).all()
    assert tuple(row) == (None, None, None)


def test_a_number_that_is_surely_left_over_must_be_confirmed(opened: Desk) -> None:
    action = find_action(opened)
    reply = opened.browser.post(action, data={"text": "Appelez le 0475 12 34 56."})
    assert reply.status_code == 422
    assert "a phone number." in reply.text
    assert "Appelez le 0475 12 34 56." in reply.text
    assert decide(opened, "pass", text="Appelez le 0475 12 34 56.", sure="yes").startswith(f"{HERE}?undo=")


@pytest.mark.parametrize(("typed", "sentence"), [("  ", "or reject the comment"), ("a" * 2001, "This is too long")])
def test_what_cannot_be_passed_on_is_said(opened: Desk, typed: str, sentence: str) -> None:
    reply = opened.browser.post(find_action(opened), data={"text": typed})
    assert reply.status_code == 422
    assert sentence in reply.text


def test_what_was_typed_never_lands_under_another_comment(opened: Desk) -> None:
    action = find_action(opened)
    decide(opened, "reject")
    reply = opened.browser.post(action, data={"text": ""})
    assert (reply.status_code, reply.headers["location"]) == (303, HERE)


def test_a_rejected_comment_can_be_taken_back_for_a_minute(opened: Desk) -> None:
    leads_to = decide(opened, "reject")
    page = opened.browser.get(leads_to).text
    assert "Nothing is left to decide" in page
    (undo,) = re.findall(r'action="([^"]+/undo)"', page)
    opened.browser.post(undo)
    assert "0475" in opened.browser.get(HERE).text

    decide(opened, "reject")
    with a_minute_later():
        opened.browser.get("/console/comments")
        opened.browser.post(undo)
        assert "Nothing is left to decide" in opened.browser.get(HERE).text
        assert passed(opened) == [["Project", "Half-year", "Comment"]]


def test_a_recording_is_played_until_it_is_decided_on(talk: Desk) -> None:
    hold_session(talk, 10)
    say(talk, b"\xff\x00" * 4000)
    talk.browser.post(f"{HERE}/open")
    (sound,) = re.findall(r'<audio[^>]* src="([^"]+)"', talk.browser.get(HERE).text)
    reply = talk.browser.get(sound)
    assert (reply.status_code, reply.headers["content-type"], reply.headers["cache-control"]) == (
        200,
        "audio/wav",
        "no-store",
    )
    with wave.open(io.BytesIO(reply.content)) as file:
        assert file.getnframes() == 8000
    decide(talk, "pass", text="Il dit merci.")
    assert talk.browser.get(sound).status_code == 404


def test_after_a_look_ten_more_people_must_answer_before_the_next(opened: Desk) -> None:
    decide(opened, "reject")
    hold_session(opened, 4)
    say(opened, "Plus tard")
    assert standing(opened) == "done"
    assert "when 6 more people have answered" in opened.browser.get("/console/comments").text
    opened.browser.post(f"{HERE}/open")
    assert "Nothing is left to decide" in opened.browser.get(HERE).text
    hold_session(opened, 6)
    assert standing(opened) == "to-open"


def test_a_spreadsheet_computes_nothing_of_what_passed(opened: Desk) -> None:
    decide(opened, "pass", text="=HYPERLINK(1)")
    with a_minute_later():
        assert passed(opened)[1][2] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "path", ["", f"/talk/{PERIOD}", f"/talk/{PERIOD}/passed.csv", f"/talk/{PERIOD}/{UUID(int=1)}/sound.wav"]
)
def test_nobody_reads_or_hears_anything_without_signing_in(opened: Desk, path: str) -> None:
    reply = opened.other_browser().get(f"/console/comments{path}")
    assert (reply.status_code, reply.headers["location"].partition("?")[0]) == (303, "/console/sign-in")


def test_another_site_decides_nothing(opened: Desk) -> None:
    action = find_action(opened)
    reply = opened.browser.post(action, data={"text": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403
    assert "Nothing is left to decide" not in opened.browser.get(HERE).text


@pytest.mark.parametrize(
    ("today", "months", "code"),
    [
        ("2026-11-22", 6, "2025-H2"),
        ("2026-12-27", 6, "2025-H2"),
        ("2026-12-28", 6, "2026-H1"),
        ("2027-01-01", 1, "2026-H1"),
    ],
)
def test_a_half_year_is_over_for_comments_months_after_its_end(today: str, months: int, code: str) -> None:
    from datetime import date

    assert way.last_over(date.fromisoformat(today), months) == code


def test_a_lone_writer_is_not_found_by_looking_twice_nor_by_what_the_desk_shows(talk: Desk) -> None:
    hold_session(talk, 12)
    hold_session(talk, 9)
    nobody_wrote = talk.browser.get("/console/comments").text
    say(talk, "Le lundi est difficile pour moi.")
    assert talk.browser.get("/console/comments").text == nobody_wrote
    talk.browser.post(f"{HERE}/open")
    page = talk.browser.get(HERE).text
    assert "Le lundi est difficile pour moi." in page
    assert not re.findall(r"7000\d\d", page)  # no session
    with talk.db.reading() as connection:
        row = connection.execute(text("SELECT * FROM comment")).mappings().one()
    assert {key for key, value in row.items() if value is not None} == {"id", "project", "period", "stage", "written"}
    decide(talk, "pass", text="Le lundi est difficile.")
    for people in (1, 8):  # nine more: what they wrote stays unseen, so that no look shows who wrote since the last
        hold_session(talk, people)
        say(talk, f"Nous étions {people}.")
        talk.browser.post(f"{HERE}/open")
        assert "Nous étions" not in talk.browser.get(HERE).text
    with a_minute_later():
        assert passed(talk)[1:] == [["Praten", PERIOD, "Le lundi est difficile."]]


def test_the_running_server_tidies_by_itself(opened: Desk, monkeypatch) -> None:
    decide(opened, "reject")
    monkeypatch.setattr(way, "TIDY_SECONDS", 0.05)
    with a_minute_later(), TestClient(opened.app):
        for _ in range(100):
            with opened.db.reading() as connection:
                if connection.execute(text("SELECT count(*) FROM comment")).scalar_one() == 0:
                    return
            time.sleep(0.02)  # the tidying has a thread of its own
    raise AssertionError("the comment is still there")
