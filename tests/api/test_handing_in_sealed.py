"""A tablet hands in what it sealed: judged as if it came readable, and only where it was sealed for."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import builders
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from survey_app.foundation import clock
from survey_app.storage import sessions
from survey_app.storage.sealing import current_key, ensure_key, list_keys, rotate_key

SEALED = {"content-type": "application/vnd.survey-app.sealed+json"}


def put(client: TestClient, response_id: object, body: Any, code: str = builders.CODE) -> Any:
    return client.put(f"/api/v1/sessions/{code}/responses/{response_id}", content=json.dumps(body), headers=SEALED)


def stored(app: FastAPI) -> list[Any]:
    return [json.loads(text) for _, text in sessions.documents(app.state.database, [builders.CODE])]


def problem_of(answer: Any) -> tuple[str, str]:
    body = answer.json()
    return body["type"].removeprefix("urn:survey-app:problem:"), body["problems"][0]["code"]


def test_what_was_sealed_is_stored_as_if_it_came_readable_and_either_is_the_same_response(
    client: TestClient, app: FastAPI
) -> None:
    response_id = uuid4()
    sealed = builders.seal_raw(app.state.database, response_id)
    assert put(client, response_id, sealed).status_code == 201
    assert put(client, response_id, sealed).status_code == 200
    readable = client.put(f"/api/v1/sessions/{builders.CODE}/responses/{response_id}", json=builders.build_raw())
    assert readable.status_code == 200
    assert len(stored(app)) == 1
    assert stored(app)[0]["off_scale"] == builders.build_raw()["off_scale"]


def test_what_was_sealed_before_the_key_changed_still_opens(client: TestClient, app: FastAPI) -> None:
    db, response_id = app.state.database, uuid4()
    sealed = builders.seal_raw(db, response_id)
    rotate_key(db, clock.today())
    assert put(client, response_id, sealed).status_code == 201


def test_a_copied_envelope_opens_under_no_other_id_and_no_other_session(client: TestClient, app: FastAPI) -> None:
    db, response_id = app.state.database, uuid4()
    builders.open_session(db, "111111")
    sealed = builders.seal_raw(db, response_id)
    for answer in (put(client, uuid4(), sealed), put(client, response_id, sealed, code="111111")):
        assert (answer.status_code, problem_of(answer)) == (422, ("not-a-response", "seal-broken"))
    assert stored(app) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "0" * 16}, "key-unknown"),
        ({"sealed": "AAAA"}, "seal-broken"),
        ({"sealed": 7}, "not-sealed"),
        ({"version": 2}, "seal-broken"),
    ],
)
def test_what_does_not_open_is_refused_with_a_code(client: TestClient, app: FastAPI, changes, code) -> None:
    response_id = uuid4()
    answer = put(client, response_id, builders.seal_raw(app.state.database, response_id, **changes))
    assert (answer.status_code, problem_of(answer)) == (422, ("not-a-response", code))
    assert stored(app) == []


@pytest.mark.parametrize("inside", [builders.build_raw(answers={"helpful": builders.CANARY}), [], "text"])
def test_what_is_inside_is_judged_as_any_response_and_never_repeated(client: TestClient, app: FastAPI, inside) -> None:
    response_id = uuid4()
    answer = put(client, response_id, builders.seal_raw(app.state.database, response_id, inside))
    assert answer.status_code == 422
    assert builders.CANARY not in answer.text
    assert stored(app) == []


def test_a_session_that_is_not_there_or_over_is_said_as_ever(client: TestClient, app: FastAPI) -> None:
    response_id = uuid4()
    sealed = builders.seal_raw(app.state.database, response_id, code="999999")
    assert put(client, response_id, sealed, code="999999").status_code == 404


def test_the_first_start_makes_a_key_and_every_form_bears_the_one_in_use(client: TestClient, app: FastAPI) -> None:
    db = app.state.database
    first = current_key(db)
    ensure_key(db, clock.today())
    assert [key.id for key in list_keys(db)] == [first.id]
    assert f'data-key="{first.written}"' in client.get(f"/s/{builders.CODE}/fr").text

    second = rotate_key(db, clock.today())
    assert [(key.id, key.retired_on is None) for key in list_keys(db)] == [(second.id, True), (first.id, False)]
    assert f'data-key="{second.written}"' in client.get(f"/s/{builders.CODE}/fr").text
    assert second.private not in client.get(f"/s/{builders.CODE}/fr").content
