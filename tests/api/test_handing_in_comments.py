"""A comment is handed in by itself: kept once, said to be kept after that, and never with a word of it in a reply."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import builders
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from survey_app.collection.comment import LARGEST_SOUND, LARGEST_TEXT
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.storage import sessions, structure
from survey_app.storage.database import Database, UnavailableError

WITH_COMMENT = "611111"
PLAIN = {"content-type": "text/plain; charset=utf-8"}
SOUND = {"content-type": "audio/basic"}


@pytest.fixture
def db(app: FastAPI) -> Database:
    """As ``app``, and a session of a project that asks for a comment."""
    database: Database = app.state.database
    asks = Project("talk", "charleroi", "Parler", "amif-exit", 2, frozenset({"speaking", "comment"}), ("fr",))
    structure.write_structure(database, projects=[asks], modules=[Module("base", "Base", "talk")])
    sessions.add(database, sessions.Session(WITH_COMMENT, "talk", "base", 12, clock.today()))
    return database


@pytest.fixture
def tablet(client: TestClient, db: Database) -> TestClient:
    return client


def address(comment_id: object = None, code: str = WITH_COMMENT) -> str:
    return f"/api/v1/sessions/{code}/comments/{comment_id or uuid4()}"


def kept(db: Database) -> list[dict[str, object]]:
    with db.reading() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM comment")).mappings()]


@pytest.mark.parametrize(
    ("body", "headers"), [(b"Plus d'heures", PLAIN), (b"\xff\x00" * 8000, SOUND)], ids=["written", "spoken"]
)
def test_a_comment_gets_its_receipt_once_stored_and_again_when_sent_again(tablet, db, body, headers) -> None:
    comment_id = uuid4()
    first = tablet.put(address(comment_id), content=body, headers=headers)
    assert (first.status_code, first.json()) == (201, {"receipt": str(comment_id), "status": "stored"})
    again = tablet.put(address(comment_id), content=body, headers=headers)
    assert (again.status_code, again.json()) == (200, {"receipt": str(comment_id), "status": "stored-before"})
    (row,) = kept(db)
    assert UUID(str(row["id"])) == comment_id
    assert (row["project"], row["stage"]) == ("talk", "waiting")
    assert body in {row["spoken"], str(row["written"]).encode()}


def test_a_minute_of_sound_fits_and_a_moment_more_does_not(tablet) -> None:
    assert tablet.put(address(), content=b"\xff" * LARGEST_SOUND, headers=SOUND).status_code == 201
    assert tablet.put(address(), content=b"\xff" * (LARGEST_SOUND + 1), headers=SOUND).status_code == 413
    assert tablet.put(address(), content=b"a" * (LARGEST_TEXT + 1), headers=PLAIN).status_code == 413


def problem_of(reply) -> tuple[int, str, list[dict[str, str]]]:
    body = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, body["type"].rpartition(":")[2], body.get("problems", [])


def test_other_words_under_the_same_id_are_refused(tablet, db) -> None:
    comment_id = uuid4()
    tablet.put(address(comment_id), content=b"one", headers=PLAIN)
    assert problem_of(tablet.put(address(comment_id), content=b"two", headers=PLAIN)) == (409, "different", [])
    assert [row["written"] for row in kept(db)] == ["one"]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", PLAIN, "comment-empty"),
        (b" \n ", PLAIN, "comment-empty"),
        (b"", SOUND, "comment-empty"),
        (b"\xff\xfe", PLAIN, "comment-not-text"),
        (b"a" * 501, PLAIN, "comment-too-long"),
    ],
)
def test_what_is_no_comment_is_refused_with_a_code(tablet, db, body, headers, code) -> None:
    reply = tablet.put(address(), content=body, headers=headers)
    assert problem_of(reply) == (422, "not-a-comment", [{"where": "comment", "code": code}])
    assert kept(db) == []


@pytest.mark.parametrize("kind", ["audio/webm", "application/json", "text/html", "multipart/form-data", ""])
def test_other_kinds_of_content_are_refused(tablet, db, kind) -> None:
    assert problem_of(tablet.put(address(), content=b"x", headers={"content-type": kind}))[:2] == (415, "content-type")
    assert kept(db) == []


@pytest.mark.parametrize(
    "comment_id", ["1", "6F2F0C5E-2A55-4B0E-9D49-9A8A1C1D2E3F", "0e5c0cc8-3d2a-11f0-8de9-0242ac120002"]
)
def test_an_id_that_could_name_a_device_is_refused(tablet, comment_id) -> None:
    assert problem_of(tablet.put(address(comment_id), content=b"x", headers=PLAIN))[:2] == (422, "comment-id")


def test_a_project_that_asks_for_no_comment_takes_none(tablet, db) -> None:
    reply = tablet.put(address(code=builders.CODE), content=b"x", headers=PLAIN)
    assert problem_of(reply) == (422, "not-a-comment", [{"where": "comment", "code": "comment-not-asked"}])
    assert kept(db) == []


def test_an_unknown_code_and_many_of_them_are_refused(tablet) -> None:
    assert problem_of(tablet.put(address(code="999999"), content=b"x", headers=PLAIN))[:2] == (404, "no-session")
    for _ in range(40):
        last = tablet.put(address(code="999999"), content=b"x", headers=PLAIN)
    assert problem_of(last)[:2] == (429, "too-many-wrong-codes")


def test_a_session_takes_comments_in_its_days_of_grace_and_then_no_more(tablet, db) -> None:
    sessions.close(db, WITH_COMMENT, datetime.now(UTC) - timedelta(days=13))
    assert tablet.put(address(), content=b"x", headers=PLAIN).status_code == 201
    other = "622222"
    sessions.add(db, sessions.Session(other, "talk", "base", 12, clock.today()))
    sessions.close(db, other, datetime.now(UTC) - timedelta(days=15))
    assert problem_of(tablet.put(address(code=other), content=b"x", headers=PLAIN))[:2] == (410, "session-closed")


def test_a_group_with_more_comments_than_people_can_make_is_told_to_wait(tablet) -> None:
    replies = [tablet.put(address(), content=b"x", headers=PLAIN) for _ in range(25)]
    assert [reply.status_code for reply in replies] == [201] * 24 + [503]
    assert int(replies[-1].headers["retry-after"]) > 0


def test_a_database_that_cannot_write_is_told_as_such(tablet, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UnavailableError

    monkeypatch.setattr(Database, "write_together", fail)
    reply = tablet.put(address(), content=b"x", headers=PLAIN)
    assert problem_of(reply)[:2] == (503, "unavailable")
    assert int(reply.headers["retry-after"]) > 0


def test_a_response_may_not_carry_a_comment(tablet, db) -> None:
    raw = builders.build_raw(version=2, answers={"helpful": "a-lot", "more": "Merci"}, off_scale={})
    reply = tablet.put(f"/api/v1/sessions/{WITH_COMMENT}/responses/{uuid4()}", json=raw)
    assert problem_of(reply) == (422, "not-a-response", [{"where": "more", "code": "comment-sent-apart"}])


def test_the_questionnaire_as_json_says_whether_a_comment_is_asked(tablet) -> None:
    items = {item["id"]: item for item in tablet.get(f"/api/v1/sessions/{WITH_COMMENT}").json()["items"]}
    assert (items["more"]["type"], items["more"]["asked"]) == ("comment", True)


def test_neither_log_nor_metrics_hold_words_ids_or_codes(tablet, capsys) -> None:
    comment_id = uuid4()
    for body, headers in ((builders.CANARY.encode(), PLAIN), (builders.CANARY.encode() * 99, SOUND), (b"\xff", PLAIN)):
        reply = tablet.put(address(comment_id), content=body, headers=headers)
        assert builders.CANARY not in reply.text
    told = "".join(capsys.readouterr()) + tablet.get("/metrics").text
    assert "/comments/{comment_id}" in told
    assert not re.search(f"{builders.CANARY}|{comment_id}|{WITH_COMMENT}", told)


def test_the_folder_of_data_holds_no_file_of_its_own_for_a_comment(tablet, settings) -> None:
    tablet.put(address(), content=b"\xff" * 9000, headers=SOUND)
    names = {path.name for path in Path(settings.data_dir).rglob("*") if path.is_file()}
    assert names
    assert {name.partition(".")[0] for name in names} == {"survey"}


def test_a_plain_form_sent_twice_keeps_its_answers_once_and_its_words_once_and_apart(tablet, db) -> None:
    form = {"response": str(uuid4()), "comment": str(uuid4()), "helpful": "a-lot", "more": " Merci\r\nbeaucoup "}
    for _ in range(2):
        reply = tablet.post(f"/s/{WITH_COMMENT}/fr", data=form, follow_redirects=False)
        assert (reply.status_code, reply.headers["location"]) == (303, f"/s/{WITH_COMMENT}/fr/thanks")
    assert [row["written"] for row in kept(db)] == ["Merci\nbeaucoup"]
    (document,) = [document for _, document in sessions.documents(db, [WITH_COMMENT])]
    assert "Merci" not in document
    assert form["comment"] not in document


def test_a_plain_form_with_words_alone_is_shown_again_with_them(tablet, db) -> None:
    form = {"response": str(uuid4()), "comment": str(uuid4()), "more": "<b>Merci</b>"}
    reply = tablet.post(f"/s/{WITH_COMMENT}/fr", data=form)
    assert reply.status_code == 422
    assert "&lt;b&gt;Merci&lt;/b&gt;</textarea>" in reply.text
    assert form["comment"] in reply.text
    assert kept(db) == []


def test_words_that_cannot_be_stored_now_stay_on_the_plain_form(tablet, db, monkeypatch) -> None:
    form = {"response": str(uuid4()), "comment": str(uuid4()), "helpful": "a-lot", "more": "Merci"}
    tablet.post(f"/s/{WITH_COMMENT}/fr", data={**form, "more": ""})

    def fail(*_: object, **__: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as broken:
        broken.setattr("survey_app.journeys.keep_comment", fail)
        reply = tablet.post(f"/s/{WITH_COMMENT}/fr", data=form)
    assert reply.status_code == 503
    assert ">Merci</textarea>" in reply.text
    assert tablet.post(f"/s/{WITH_COMMENT}/fr", data=form, follow_redirects=False).status_code == 303
    assert [row["written"] for row in kept(db)] == ["Merci"]
