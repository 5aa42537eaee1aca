"""A tablet hands in how the form was understood: sums that this session can have, added once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid1, uuid4

import builders
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from survey_app.foundation import clock
from survey_app.storage.comprehension import list_sums

PLAIN: dict[str, Any] = {"finished": 6, "items": {"helpful": {"met": 6, "quick": 1}, "money": {"met": 6, "left": 1}}}


def address(tally_id: object = None, code: str = builders.CODE) -> str:
    return f"/api/v1/sessions/{code}/tallies/{tally_id or uuid4()}"


def sums(app: FastAPI, code: str = builders.CODE) -> dict[tuple[str, str], int]:
    return {(item, measure): people for _, item, measure, people in list_sums(app.state.database, [code])}


def problem_of(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).removeprefix("urn:survey-app:problem:")


def test_a_receipt_names_the_tally_and_sending_again_adds_nothing(client: TestClient, app: FastAPI) -> None:
    at = address()
    answers = [client.put(at, json=PLAIN) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert [answer.json()["receipt"] for answer in answers] == [at.rsplit("/", 1)[1]] * 2
    expected = {
        ("", "finished"): 6,
        ("helpful", "met"): 6,
        ("helpful", "quick"): 1,
        ("money", "left"): 1,
        ("money", "met"): 6,
    }
    assert sums(app) == expected


def test_a_session_takes_tallies_as_long_as_responses(client: TestClient, app: FastAPI) -> None:
    db, grace = app.state.database, timedelta(days=app.state.settings.grace_days)
    builders.open_session(db, "111111", closed_at=clock.now() - grace + timedelta(minutes=1))
    builders.open_session(db, "222222", closed_at=clock.now() - grace - timedelta(minutes=1))
    assert client.put(address(code="111111"), json=PLAIN).status_code == 201
    late = client.put(address(code="222222"), json=PLAIN)
    assert (late.status_code, problem_of(late)) == (410, "session-closed")
    unknown = client.put(address(code="333333"), json=PLAIN)
    assert (unknown.status_code, problem_of(unknown)) == (404, "no-session")


@pytest.mark.parametrize(
    ("raw", "where", "code"),
    [
        ([], "tally", "not-an-object"),
        ({"finished": 1}, "items", "field-missing"),
        ({**PLAIN, "language": "ti"}, "tally", "field-unknown"),
        ({**PLAIN, "finished": True}, "finished", "not-a-count"),
        ({**PLAIN, "finished": -1}, "finished", "not-a-count"),
        ({**PLAIN, "items": []}, "items", "not-an-object"),
        ({**PLAIN, "items": {"helpful": 3}}, "helpful", "not-an-object"),
        ({**PLAIN, "items": {"helpful": {"met": 1.0}}}, "helpful", "not-a-count"),
        ({**PLAIN, "items": {"helpful": {"met": 501}}}, "helpful", "not-a-count"),
        ({**PLAIN, "items": {"helpful": {"seconds": 1}}}, "helpful", "measure-unknown"),
        ({**PLAIN, "items": {"work": {"met": 1}}}, "work", "item-not-asked"),
        ({**PLAIN, "items": {builders.CANARY: {"met": 1}}}, "items", "item-unknown"),
        ({**PLAIN, "items": {"helpful": {"met": 7}}}, "helpful", "more-than-took-part"),
        ({**PLAIN, "items": {"helpful": {"met": 2, "quick": 2, "long": 1}}}, "helpful", "more-than-took-part"),
        ({**PLAIN, "items": {"helpful": {"met": 1, "replayed-more": 2}}}, "helpful", "more-than-took-part"),
        ({"finished": 1, "items": {"helpful": {"met": 1}}}, "tally", "too-few-people"),
        ({"finished": 500, "items": {"helpful": {"left": 1}}}, "tally", "too-many-people"),
    ],
)
def test_sums_that_this_session_cannot_have_are_refused(
    client: TestClient, app: FastAPI, raw: object, where: str, code: str
) -> None:
    answer = client.put(address(), json=raw)
    assert (answer.status_code, problem_of(answer)) == (422, "not-a-tally")
    assert {"where": where, "code": code} in answer.json()["problems"]
    assert builders.CANARY not in answer.text
    assert sums(app) == {}


def test_a_session_counts_no_more_people_than_a_group_has(client: TestClient, app: FastAPI) -> None:
    assert client.put(address(), json={"finished": 499, "items": {}}).status_code == 201
    answer = client.put(address(), json={"finished": 2, "items": {}})
    assert (answer.status_code, problem_of(answer)) == (422, "too-many-people")
    assert sums(app) == {("", "finished"): 499}


@pytest.mark.parametrize("tally_id", [uuid1(), "0B6A1F0E-8F0C-4C53-9A41-5F2B8B3C9D10", "1"])
def test_an_id_that_is_not_random_throughout_is_refused(client: TestClient, tally_id: object) -> None:
    answer = client.put(address(tally_id), json=PLAIN)
    assert (answer.status_code, problem_of(answer)) == (422, "tally-id")


def test_a_tally_is_bounded_as_a_response_is(client: TestClient, app: FastAPI) -> None:
    large = client.put(address(), json={**PLAIN, "more": "x" * app.state.settings.largest_response})
    assert (large.status_code, problem_of(large)) == (413, "too-large")
    twice = client.put(
        address(), content='{"finished": 1, "finished": 2}', headers={"content-type": "application/json"}
    )
    assert (twice.status_code, problem_of(twice)) == (400, "not-json")
    other = client.put(address(), content="{}", headers={"content-type": "text/plain"})
    assert (other.status_code, problem_of(other)) == (415, "content-type")


def test_who_tries_many_codes_with_tallies_has_to_wait(client: TestClient) -> None:
    answers = [client.put(address(code="999999"), json=PLAIN) for _ in range(200)]
    assert problem_of(answers[-1]) == "too-many-wrong-codes"


SEALED = {"content-type": "application/vnd.survey-app.sealed+json"}
FINISHED = {"finished": 1, "items": {"helpful": {"met": 1, "quick": 1}, "money": {"met": 1}}}
LEFT = {"finished": 0, "items": {"money": {"left": 1}}}


def share(app: FastAPI, raw: Any = FINISHED, code: str = builders.CODE) -> dict[str, Any]:
    return builders.seal_share(app.state.database, uuid4(), raw, code)


def send_shares(client: TestClient, shares: object, at: str | None = None) -> Any:
    return client.put(at or address(), content=json.dumps({"shares": shares}), headers=SEALED)


def test_sealed_shares_of_several_people_are_added_up_once(client: TestClient, app: FastAPI) -> None:
    at, shares = address(), [share(app), share(app, LEFT), share(app), share(app)]
    answers = [send_shares(client, shares, at) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert [answer.json()["receipt"] for answer in answers] == [at.rsplit("/", 1)[1]] * 2
    assert sums(app) == {
        ("", "finished"): 3,
        ("helpful", "met"): 3,
        ("helpful", "quick"): 3,
        ("money", "left"): 1,
        ("money", "met"): 3,
    }


def test_a_share_of_nobody_of_several_or_of_another_group_adds_nothing(client: TestClient, app: FastAPI) -> None:
    builders.open_session(app.state.database, "111111")
    whole, twice = share(app), share(app)
    refused = {
        "too-few-people": [whole],
        "not-one-person": [whole, share(app, PLAIN)],
        "item-unknown": [whole, share(app, {"finished": 1, "items": {builders.CANARY: {"met": 1}}})],
        "not-an-object": [whole, share(app, [])],
        "seal-broken": [whole, share(app, code="111111")],
        "key-unknown": [whole, {**share(app), "key": "0" * 16}],
    }
    for code, shares in refused.items():
        answer = send_shares(client, shares)
        assert (answer.status_code, problem_of(answer)) == (422, "not-a-tally"), code
        assert [one["code"] for one in answer.json()["problems"]] == [code]
        assert builders.CANARY not in answer.text
    moved = {**share(app), "id": str(uuid4())}
    for shares in (
        [twice, twice],
        [whole, moved],
        [],
        {},
        [whole, "share"],
        [whole, {**whole, "id": "1"}],
        [whole] * 31,
    ):
        assert send_shares(client, shares).status_code == 422
    assert client.put(address(), content=b"x" * 70_000, headers=SEALED).status_code == 413
    assert sums(app) == {}


@pytest.mark.parametrize(
    ("quick", "items", "expected"),
    [(3, 3, {"fast": 2}), (2, 3, {"unhurried": 2}), (2, 2, {})],
)
def test_whoever_could_have_heard_no_question_is_counted_as_fast(
    client: TestClient, app: FastAPI, quick: int, items: int, expected: dict[str, int]
) -> None:
    met = ("helpful", "speaking", "money")[:items]
    raw = {
        "finished": 1,
        "items": {item: {"met": 1, **({"quick": 1} if n < quick else {})} for n, item in enumerate(met)},
    }
    assert send_shares(client, [share(app, raw), share(app, raw)]).status_code == 201
    assert {name: people for (item, name), people in sums(app).items() if not item} == {"finished": 2, **expected}
