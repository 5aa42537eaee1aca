"""Desk "Signals": what a group asks for, reviewed and masked, on its way to who can answer; nobody's words are anybody's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from console.test_comments import HERE as COMMENTS
from console.test_comments import PERIOD, a_minute_later, decide, hold_session, say
from console.test_comments import talk as talk  # noqa: PLC0414 - its fixture
from sqlalchemy import text
from starlette.testclient import TestClient

from survey_app import comments as way
from survey_app.cli import run
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Organisation
from survey_app.foundation import clock
from survey_app.storage import audit
from survey_app.storage.deletion import HalfYear, delete_answers
from survey_app.storage.structure import write_structure
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from tests.console.conftest import Desk

SIGNALS = "/console/signals"
SOURCES = f"{SIGNALS}/sources/talk/{PERIOD}"
NOTE = "Le groupe demande un cours le soir. Fatima Ben le dit, 0475 12 34 56."
PASSWORD = "four words are enough"


@pytest.fixture
def noted(talk: Desk) -> Desk:
    """A facilitator's note waits in a group of ten."""
    hold_session(talk, 10)
    note(talk)
    return talk


def note(desk: Desk, words: str = NOTE, **more: str) -> None:
    form = {"theme": "hours", "period": PERIOD, "text": words, "sure": "yes", **more}
    assert desk.browser.post("/console/notes/talk", data=form).status_code == 303


def find_source(desk: Desk) -> str:
    (source,) = re.findall(rf'href="({SOURCES}/[^"]+)"', desk.browser.get(SOURCES).text)
    return str(source)


def make(desk: Desk, words: str = "Le groupe demande un cours le soir.", theme: str = "hours") -> str:
    """Make a signal of the only note that waits; return its address."""
    reply = desk.browser.post(find_source(desk), data={"theme": theme, "text": words})
    assert reply.status_code == 303, reply.text
    return str(reply.headers["location"])


def listed(browser: TestClient) -> list[dict[str, str]]:
    content = browser.get(f"{SIGNALS}/signals.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.fixture
def pod_mi(talk: Desk) -> Iterator[TestClient]:
    """A reviewer of POD MI, who runs no project."""
    add_member(talk.db, "rita", PASSWORD, Post("reviewer"))
    with TestClient(talk.app, headers=dict(talk.browser.headers), follow_redirects=False) as browser:
        browser.cookies.clear()
        assert browser.post("/console/sign-in", data={"name": "rita", "password": PASSWORD}).status_code == 303
        yield browser


def test_a_note_on_a_group_of_nine_is_seen_by_nobody_and_the_page_looks_as_without_it(talk: Desk) -> None:
    hold_session(talk, 9)
    before = talk.browser.get(SOURCES).text
    note(talk)
    assert talk.browser.get(SOURCES).text == before
    with talk.db.reading() as connection:
        (source,) = connection.execute(text("SELECT id FROM signal_note")).scalars()
    for method in ("GET", "POST"):
        form = {"theme": "hours", "text": "x"} if method == "POST" else None
        assert talk.browser.request(method, f"{SOURCES}/{source}", data=form).status_code == 404
    hold_session(talk, 1)
    assert source[:8] in find_source(talk)


def test_a_note_is_masked_before_it_is_a_signal_and_gone_after(noted: Desk) -> None:
    page = noted.browser.get(find_source(noted)).text
    shown, hidden = page.split("<details", 1)
    assert "0475" not in shown
    assert "0475 12 34 56" in hidden.split("</details>")[0]
    refused = noted.browser.post(find_source(noted), data={"theme": "hours", "text": "Appelez le 0475 12 34 56"})
    assert refused.status_code == 422
    assert 'id="text-fault"' in refused.text
    made = make(noted)
    page = noted.browser.get(made).text
    assert "Le groupe demande un cours le soir." in page
    assert "Fatima" not in page
    with noted.db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM signal_note")).scalar_one() == 0
        row = connection.execute(text("SELECT * FROM signal")).mappings().one()
    assert set(row) == {"id", "project", "period", "theme", "text", "level", "became", "why", "under"}


def test_a_comment_becomes_a_signal_only_after_it_passed(talk: Desk) -> None:
    hold_session(talk, 10)
    say(talk, "Un cours le soir, merci")
    assert 'data-action="choose-source"' not in talk.browser.get(SOURCES).text
    talk.browser.post(f"{COMMENTS}/open")
    decide(talk, "pass", text="Un cours le soir.")
    with a_minute_later():
        make(talk, "Un cours le soir.")
        assert [one["text"] for one in listed(talk.browser)] == ["Un cours le soir."]
        assert 'data-action="choose-source"' in talk.browser.get(SOURCES).text  # the comment itself stays as it is


def test_what_is_not_possible_needs_its_reason_and_what_was_typed_stays(noted: Desk) -> None:
    made = make(noted)
    refused = noted.browser.post(f"{made}/answer", data={"became": "not-possible", "why": " "})
    assert refused.status_code == 422
    assert 'id="why-fault"' in refused.text
    assert re.search(r'value="not-possible" checked', refused.text)
    called = noted.browser.post(f"{made}/answer", data={"became": "changed", "why": "Appelez le 0475 12 34 56"})
    assert called.status_code == 422
    assert noted.browser.post(f"{made}/answer", data={"became": "gone"}).status_code == 422
    assert listed(noted.browser)[0]["became"] == "heard"
    answer = {"became": "not-possible", "why": "Il n'y a pas de salle le soir."}
    assert noted.browser.post(f"{made}/answer", data=answer).status_code == 303
    assert (listed(noted.browser)[0]["became"], listed(noted.browser)[0]["why"]) == tuple(answer.values())


def test_two_that_say_the_same_share_one_answer(noted: Desk) -> None:
    first = make(noted)
    note(noted, "Encore : le soir.")
    second = make(noted, "Plutôt le soir.")
    noted.browser.post(f"{first}/answer", data={"became": "in-discussion"})
    merged = noted.browser.post(f"{second}/merge", data={"into": first.rpartition("/")[2]})
    assert merged.headers["location"] == first
    assert noted.browser.get(second).status_code == 404
    assert "Plutôt le soir." in noted.browser.get(first).text
    noted.browser.post(f"{first}/answer", data={"became": "changed", "why": "Cours le mardi soir."})
    with noted.db.reading() as connection:
        assert connection.execute(text("SELECT DISTINCT became, why FROM signal")).all() == [
            ("changed", "Cours le mardi soir.")
        ]
    assert noted.browser.post(f"{first}/merge", data={"into": first.rpartition("/")[2]}).status_code == 422


def test_pod_mi_sees_a_signal_once_it_was_passed_up_to_it_and_the_lead_comes_before(
    noted: Desk, pod_mi: TestClient
) -> None:
    write_structure(noted.db, [Organisation("big", "Big"), Organisation("gent", "Gent", lead="big")])
    made = make(noted)
    levels = []
    for _ in range(3):
        assert pod_mi.get(made).status_code == 404
        assert listed(pod_mi) == []
        noted.browser.post(f"{made}/pass-up")
        levels.append(listed(noted.browser)[0]["level"])
        if levels[-1] == "network":
            break
    assert levels == ["lead", "network"]
    assert pod_mi.post(f"{made}/answer", data={"became": "changed", "why": "Oui."}).status_code == 303
    assert listed(noted.browser)[0]["why"] == "Oui."


def test_the_next_group_is_told_what_became_of_it_and_never_the_words_of_who_said_it(noted: Desk) -> None:
    made = make(noted)
    code = hold_session(noted, 1, is_closed=False)
    here = f"/console/sessions/{code}"
    assert "data-news" not in noted.browser.get(here).text  # heard is no answer yet
    noted.browser.post(f"{made}/answer", data={"became": "changed", "why": "Cours le mardi soir."})
    assert 'data-news="not-shown"' in noted.browser.get(here).text
    assert f'/s/{code}/nl/news"' not in noted.browser.get(f"/s/{code}").text
    noted.browser.post(f"{here}/news", data={"begin": "yes"})
    assert 'data-news="first"' in noted.browser.get(here).text
    assert f'/s/{code}/nl/news"' in noted.browser.get(f"/s/{code}").text
    page = noted.browser.get(f"/s/{code}/nl/news").text
    assert "We hebben het veranderd." in page
    assert '<span class="why" dir="auto">Cours le mardi soir.</span>' in page
    assert "Le groupe demande" not in page
    assert page.count('data-say="') >= 3 or not noted.app.state.voices.clips("nl")
    noted.browser.post(f"{here}/news", data={})
    assert noted.browser.get(f"/s/{code}/nl/news").headers["location"] == f"/s/{code}/nl"


def test_the_log_says_that_and_never_what(noted: Desk) -> None:
    made = make(noted)
    noted.browser.post(f"{made}/answer", data={"became": "changed", "why": "Cours le mardi."})
    noted.browser.post(f"{made}/pass-up")
    deeds = [entry.deed for entry in audit.list_latest(noted.db, 10)]
    assert {"note-written", "signal-made", "signal-answered", "signal-passed-up"} <= {deed.action for deed in deeds}
    assert {deed.subject for deed in deeds if "sign" in deed.action and "-" in deed.action} <= {"project talk"}
    page = noted.browser.get("/console/log").text
    assert "mardi" not in page
    assert "le soir" not in page


def test_signals_and_notes_go_with_the_answers_of_their_half_year(noted: Desk) -> None:
    make(noted)
    note(noted)
    with noted.db.reading() as connection:
        codes = list(connection.execute(text("SELECT code FROM session WHERE project = 'talk'")).scalars())
    delete_answers(noted.db, [HalfYear("talk", PERIOD, codes, has_all=True)], "", clock.now(), clock.today())
    with noted.db.reading() as connection:
        for table in ("signal", "signal_note"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_a_note_that_nobody_read_is_forgotten_as_comments_are(noted: Desk) -> None:
    with noted.db.writing() as connection:
        connection.execute(text("UPDATE signal_note SET period = '2020-H1'"))
    way.tidy(noted.db, clock.now(), 6)
    with noted.db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM signal_note")).scalar_one() == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "a" * 501}, "text"),
        ({"theme": "gossip"}, "theme"),
        ({"period": "2020-H1"}, "period"),
        ({"text": "Appelez le 0475 12 34 56", "sure": ""}, "text"),
    ],
)
def test_a_note_that_cannot_be_kept_says_why_beside_its_field_and_keeps_what_was_typed(
    talk: Desk, typed: dict[str, str], field: str
) -> None:
    form = {"theme": "hours", "period": PERIOD, "text": "Le soir, svp", **typed}
    reply = talk.browser.post("/console/notes/talk", data=form)
    assert reply.status_code == 422
    assert re.findall(r'id="(\w+)-fault"', reply.text) == [field]
    assert form["text"].strip() in reply.text


def test_the_command_lists_and_writes_what_large_groups_ask_for_and_a_spreadsheet_computes_nothing(
    noted: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    make(noted, "=HYPERLINK(1)")
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(noted.app.state.settings.data_dir))
    capsys.readouterr()
    assert run(["signals", "list", "--project", "talk"]) == 0
    assert capsys.readouterr().out.split("\t")[:4] == ["talk", PERIOD, "hours", "=HYPERLINK(1)"]
    out = tmp_path / "signals.csv"
    assert run(["signals", "list", "--out", str(out)]) == 0
    assert "'=HYPERLINK(1)" in out.read_text("utf-8-sig")
    assert run(["signals", "list", "--out", str(out)]) == 2
    assert run(["signals", "list", "--project", "nowhere"]) == 2
    monkeypatch.setenv("SURVEY_APP_COMMENTS_FROM_PEOPLE", "11")
    capsys.readouterr()
    assert run(["signals", "list"]) == 0
    assert capsys.readouterr().out == ""
