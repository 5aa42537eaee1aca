"""A tablet hands in all that it kept at once: each response is answered for itself, and a restored server is noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import builders
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from starlette.testclient import TestClient
from statements import statements

from survey_app.foundation import clock
from survey_app.storage import sessions
from survey_app.storage import store_response as storing
from survey_app.storage.stamp import confirm_backup, count_backup, find_stamp, renew_store
from survey_app.storage.store_response import Kept, keep_all


def sealed(app: FastAPI, code: str = builders.CODE, response_id: Any = None, **changes: Any) -> dict[str, Any]:
    """One of a batch; ``changes`` replace fields."""
    drawn = str(response_id or uuid4())
    return {"session": code, "id": drawn, **builders.seal_raw(app.state.database, drawn, code=code), **changes}


def post(client: TestClient, responses: object, **headers: str) -> Any:
    return client.post("/api/v1/responses", json={"responses": responses}, headers=headers)


def stored(app: FastAPI) -> int:
    return len(list(sessions.documents(app.state.database, [builders.CODE])))


def statuses(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [one["status"] for one in answer.json()["answers"]]


def test_two_hundred_responses_are_stored_in_one_commit_and_again_harmlessly(client: TestClient, app: FastAPI) -> None:
    batch = [sealed(app) for _ in range(200)]
    commits: list[object] = []
    event.listen(app.state.database._engine, "commit", commits.append)
    answer = post(client, batch)
    assert statuses(answer) == [201] * 200
    assert len(commits) == 1
    assert [one["id"] for one in answer.json()["answers"]] == [one["id"] for one in batch]
    assert statuses(post(client, batch)) == [200] * 200
    assert stored(app) == 200


def test_sessions_and_keys_are_looked_up_as_often_for_two_hundred_responses_as_for_two(
    client: TestClient, app: FastAPI
) -> None:
    def count_looks(number: int) -> tuple[int, int]:
        batch = [sealed(app) for _ in range(number)]
        with statements(app.state.database) as seen:
            assert statuses(post(client, batch)) == [201] * number
        return sum("FROM sealing_key" in one for one in seen), sum("WHERE session.code = " in one for one in seen)

    few = count_looks(2)
    assert min(few) > 0
    assert count_looks(200) == few


def test_each_is_answered_for_itself_and_a_poisoned_one_keeps_no_other_from_it(
    client: TestClient, app: FastAPI
) -> None:
    db, before = app.state.database, sealed(app)
    post(client, [before])
    builders.open_session(db, "222222", closed_at=clock.now() - timedelta(days=app.state.settings.grace_days + 1))
    other = builders.seal_raw(db, before["id"], builders.build_raw(answers={"helpful": "not-much"}, off_scale={}))
    batch = [
        sealed(app),
        {**before, **other},
        sealed(app, code="999999"),
        sealed(app, code="222222"),
        sealed(app, sealed="AAAA"),
        sealed(app, key="0" * 16),
        sealed(app, response_id="no-uuid"),
        sealed(app, more="more"),
        "poison",
        None,
        {"id": 7},
        sealed(app),
        before,
    ]
    answer = post(client, batch)
    assert statuses(answer) == [201, 409, 404, 410, 422, 422, 422, 422, 422, 422, 422, 201, 200]
    kinds = [one.get("type", "").rpartition(":")[2] for one in answer.json()["answers"]]
    assert kinds[:5] == ["", "different", "no-session", "session-closed", "not-a-response"]
    assert stored(app) == 3


def test_a_response_that_stands_twice_in_a_batch_is_stored_once(client: TestClient, app: FastAPI) -> None:
    one = sealed(app)
    assert statuses(post(client, [one, one])) == [201, 200]
    assert stored(app) == 1


def test_what_cannot_be_stored_now_is_said_of_each(client: TestClient, app: FastAPI, monkeypatch) -> None:
    monkeypatch.setattr(app.state.database, "write_together", _raise(storing.UnavailableError()))
    assert statuses(post(client, [sealed(app), sealed(app, code="999999")])) == [503, 404]


def _raise(fault: Exception) -> Any:
    def fail(*_: object) -> None:
        raise fault

    return fail


def test_one_that_the_database_cannot_hold_is_our_fault_and_only_its_own(db, monkeypatch) -> None:
    builders.open_session(db)
    responses = [builders.build_response() for _ in range(3)]
    write = storing._write

    def fail_at_the_second(connection: Any, code: str, response: Any) -> Kept:
        if response is responses[1]:
            raise RuntimeError(builders.CANARY)
        return write(connection, code, response)

    monkeypatch.setattr(storing, "_write", fail_at_the_second)
    kept = keep_all(db, [(builders.CODE, response) for response in responses])
    assert kept.outcomes == (Kept.STORED_NOW, Kept.FAULT, Kept.STORED_NOW)
    assert kept.stamp == find_stamp(db)


@pytest.mark.parametrize("responses", [[], None, {}, "text", [{}] * 201])
def test_a_batch_has_one_to_two_hundred_responses(client: TestClient, responses: object) -> None:
    answer = post(client, responses)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:survey-app:problem:not-a-batch"


def test_a_batch_is_no_way_to_guess_codes(client: TestClient, app: FastAPI) -> None:
    batch = [{"session": str(number), "id": str(uuid4())} for number in range(100_000, 100_150)]
    found = statuses(post(client, [*batch, sealed(app)]))
    assert found.count(404) == 30
    assert found[30:] == [429] * 121
    assert post(client, [sealed(app)]).status_code == 429


def test_every_answer_bears_the_stamp_of_the_database_of_then(client: TestClient, app: FastAPI) -> None:
    db = app.state.database
    first = find_stamp(db)
    assert post(client, [sealed(app)]).json()["generation"] == 0
    assert count_backup(db) == 1
    answer = post(client, [sealed(app, code="999999")]).json()
    assert (answer["store"], answer["generation"], answer["backed_up"]) == (first.store, 1, 0)
    confirm_backup(db, 1)
    assert client.get("/api/v1/store").json()["backed_up"] == 1
    renew_store(db)
    restored = client.get("/api/v1/store").json()
    assert restored["store"] != first.store
    assert restored["generation"] == 1


def test_a_tablet_that_is_too_old_is_told_and_every_answer_names_our_version(client: TestClient, app: FastAPI) -> None:
    for version, status in [("1", 200), ("2", 200), ("0", 426), ("x", 426), ("", 426), ("9" * 5000, 426)]:
        answer = post(client, [sealed(app)], **{"survey-app-protocol": version})
        assert answer.status_code == status, version
        assert answer.headers["survey-app-protocol"] == "1"
    assert answer.json()["type"] == "urn:survey-app:problem:client-too-old"
    at = f"/api/v1/sessions/{builders.CODE}/responses/{uuid4()}"
    old = client.put(at, json=builders.build_raw(), headers={"survey-app-protocol": "0"})
    assert old.status_code == 426
