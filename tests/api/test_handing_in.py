"""A tablet hands in a response: a receipt for what is durable, a stable problem for everything else."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid1, uuid4

import builders
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.storage import sessions
from survey_app.storage.stamp import find_stamp
from survey_app.web.kit.bodies import TooLargeError, read_body

JSON = {"content-type": "application/json"}


def address(response_id: object = None, code: str = builders.CODE) -> str:
    return f"/api/v1/sessions/{code}/responses/{response_id or uuid4()}"


def stored(app: FastAPI) -> int:
    return len(list(sessions.documents(app.state.database, [builders.CODE])))


def problem_of(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return str(body["type"]).removeprefix("urn:survey-app:problem:")


def test_a_receipt_names_the_response_and_the_database_that_has_it(client: TestClient, app: FastAPI) -> None:
    at = address()
    answer = client.put(at, json=builders.build_raw())
    assert answer.status_code == 201
    stamp = find_stamp(app.state.database)
    assert answer.json() == {
        "receipt": at.rsplit("/", 1)[1],
        "status": "stored",
        "store": stamp.store,
        "generation": stamp.generation,
        "backed_up": stamp.backed_up,
        "day": (clock.now().date() - date(1970, 1, 1)).days,
    }


def test_sending_again_is_harmless(client: TestClient, app: FastAPI) -> None:
    at = address()
    assert client.put(at, json=builders.build_raw()).status_code == 201
    again = client.put(at, json=builders.build_raw())
    assert (again.status_code, again.json()["status"]) == (200, "stored-before")
    assert stored(app) == 1


def test_other_answers_under_the_same_id_are_a_conflict_that_staff_see(client: TestClient, app: FastAPI) -> None:
    at = address()
    client.put(at, json=builders.build_raw())
    answer = client.put(at, json=builders.build_raw(answers={"helpful": "not-at-all"}))
    assert (answer.status_code, problem_of(answer)) == (409, "different")
    assert sessions.counter(app.state.database, builders.CODE) == sessions.Counter(received=1, people=12, conflicts=1)


@pytest.mark.parametrize("code", ["999999", "12", "abcdef", "4829130", "%00", "482913%0a", "482 13"])
def test_there_is_no_session_under_a_wrong_code(client: TestClient, code: str) -> None:
    answer = client.put(address(code=code), json=builders.build_raw())
    assert (answer.status_code, problem_of(answer)) == (404, "no-session")


def test_a_closed_session_takes_what_tablets_kept_until_the_days_of_grace_are_over(
    client: TestClient, app: FastAPI
) -> None:
    db, grace = app.state.database, timedelta(days=app.state.settings.grace_days)
    builders.open_session(db, "111111", closed_at=clock.now() - grace + timedelta(minutes=1))
    builders.open_session(db, "222222", closed_at=clock.now() - grace - timedelta(minutes=1))
    assert client.put(address(code="111111"), json=builders.build_raw()).status_code == 201
    late = client.put(address(code="222222"), json=builders.build_raw())
    assert (late.status_code, problem_of(late)) == (410, "session-closed")


@pytest.mark.parametrize(
    "response_id",
    [
        uuid1(),
        "0B6A1F0E-8F0C-4C53-9A41-5F2B8B3C9D10",
        "0b6a1f0e8f0c4c539a415f2b8b3c9d10",
        "0198d9d2-7c1e-7d3a-9f2b-0d1c2b3a4f5e",
        "0b6a1f0e-8f0c-4c53-0a41-5f2b8b3c9d10",
        "1",
        "%7B0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10%7D",
    ],
)
def test_an_id_that_is_not_random_throughout_is_refused(client: TestClient, app: FastAPI, response_id: object) -> None:
    answer = client.put(address(response_id), json=builders.build_raw())
    assert (answer.status_code, problem_of(answer)) == (422, "response-id")
    assert stored(app) == 0


def test_what_is_not_a_response_is_refused_with_codes_and_never_with_what_was_sent(
    client: TestClient, app: FastAPI
) -> None:
    raw = builders.build_raw(
        answers={"helpful": builders.CANARY, builders.CANARY: "a-lot"},
        language=builders.CANARY,
        version=builders.CANARY,
    )
    answer = client.put(address(), json=raw)
    assert (answer.status_code, problem_of(answer)) == (422, "not-a-response")
    assert {"where": "helpful", "code": "answer-unknown"} in answer.json()["problems"]
    assert builders.CANARY not in answer.text
    assert stored(app) == 0


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_another_content_type_is_refused(client: TestClient, content_type: str) -> None:
    answer = client.put(address(), content=json.dumps(builders.build_raw()), headers={"content-type": content_type})
    assert (answer.status_code, problem_of(answer)) == (415, "content-type")


def test_a_content_type_may_name_its_charset(client: TestClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.put(address(), content=json.dumps(builders.build_raw()), headers=headers).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        '{"mode":"alone"}'.encode("utf-16"),
        b'{"version":1,"version":1}',
        b'{"answers":{"helpful":"a-lot","helpful":"not-at-all"}}',
        b'{"version":NaN}',
        b'{"version":-Infinity}',
        b"[" * 8000,
        b'{"a":' * 2500 + b"1" + b"}" * 2500,
        b'{"version":' + b"1" * 5000 + b"}",
        b"{} {}",
        b'{"mode":"\x01"}',
    ],
)
def test_what_two_readers_could_read_differently_is_not_json(client: TestClient, app: FastAPI, body: bytes) -> None:
    answer = client.put(address(), content=body, headers=JSON)
    assert (answer.status_code, problem_of(answer)) == (400, "not-json")
    assert stored(app) == 0


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(client: TestClient, app: FastAPI, *, announced: bool) -> None:
    most = app.state.settings.largest_response
    body = json.dumps(builders.build_raw()).encode().ljust(most + 1)
    sent = body if announced else (body[start : start + 1000] for start in range(0, len(body), 1000))
    answer = client.put(address(), content=sent, headers=JSON)
    assert (answer.status_code, problem_of(answer)) == (413, "too-large")
    assert client.put(address(), content=body[:most], headers=JSON).status_code == 201


def test_a_body_that_never_ends_is_not_read_to_its_end() -> None:
    parts = 0

    async def receive_endlessly() -> dict[str, Any]:
        nonlocal parts
        parts += 1
        return {"type": "http.request", "body": b" " * 1000, "more_body": True}

    request = Request({"type": "http", "method": "PUT", "headers": []}, receive_endlessly)
    with pytest.raises(TooLargeError):
        asyncio.run(read_body(request, largest=16_000))
    assert parts == 17


def test_whoever_guesses_codes_must_wait_and_learns_nothing_meanwhile(client: TestClient) -> None:
    guesses = [client.get(f"/api/v1/sessions/{100_000 + number}").status_code for number in range(31)]
    assert guesses == [404] * 30 + [429]
    right = client.get(f"/api/v1/sessions/{builders.CODE}")
    assert (right.status_code, problem_of(right)) == (429, "too-many-wrong-codes")
    assert int(right.headers["retry-after"]) > 0
    assert client.put(address(), json=builders.build_raw()).status_code == 429


def test_a_group_behind_one_address_is_not_held_back_by_right_codes(client: TestClient) -> None:
    assert {client.get(f"/api/v1/sessions/{builders.CODE}").status_code for _ in range(60)} == {200}


def test_every_reply_says_it_must_not_be_stored(client: TestClient) -> None:
    for answer in (
        client.put(address(), json=builders.build_raw()),
        client.put(address(), json={}),
        client.get(f"/api/v1/sessions/{builders.CODE}"),
        client.get("/api/v1/nothing"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={name: st.just(value) | ANYTHING for name, value in builders.build_raw().items()} | {"x": ANYTHING},
)
BODIES = st.binary(max_size=200) | (ANYTHING | NEARLY).map(lambda value: json.dumps(value).encode())


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(body=BODIES, response_id=st.uuids(version=4).map(str) | st.text("0123456789abcdef-", min_size=1, max_size=40))
def test_whatever_is_sent_the_answer_is_one_of_the_interface(client: TestClient, body: bytes, response_id: str) -> None:
    answer = client.put(address(response_id), content=body, headers=JSON)
    assert answer.status_code in {200, 201, 400, 409, 422}
    if answer.status_code >= 400:
        assert problem_of(answer) in {"not-json", "different", "not-a-response", "response-id"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text("abcdef0123456789/%._-~!é", max_size=30))
def test_whatever_is_asked_for_is_no_fault_of_ours(client: TestClient, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code in {200, 404, 405, 429, 307}


def test_a_body_may_not_be_larger_than_the_setting(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="largest_response"):
        Settings(data_dir=tmp_path, largest_response=10)
