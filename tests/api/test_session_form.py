"""The questionnaire of a session as JSON, and the API's own description."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import builders
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from survey_app.collection.tally import MEASURES
from survey_app.foundation import clock
from survey_app.storage import structure
from survey_app.web.respond.api import ID_EXAMPLE, RESPONSE_EXAMPLE, STORE_EXAMPLE, TALLY_EXAMPLE


def test_a_session_says_what_it_asks(client: TestClient) -> None:
    answer = client.get(f"/api/v1/sessions/{builders.CODE}")
    assert answer.status_code == 200
    form = answer.json()
    assert (form["id"], form["version"]) == ("amif-exit", 1)
    assert form["languages"][:2] == ["ar", "fr"]
    assert len(set(form["languages"])) == len(form["languages"]) >= 11
    assert form["off_scale"] == ["not-understood", "not-for-me", "no-answer"]
    assert form["session"] == {"code": builders.CODE, "state": "open", "people": 12}
    items = {item["id"]: item for item in form["items"]}
    assert items["helpful"] == {
        "id": "helpful",
        "type": "scale",
        "answers": ["a-lot", "a-little", "not-much", "not-at-all"],
        "condition": None,
        "asked": True,
    }
    assert {name for name, item in items.items() if item["asked"]} == {
        "helpful", "change", "age", "gender", *builders.ACTIVITIES
    }  # fmt: skip
    assert [item["id"] for item in form["items"]] == [item.id for item in builders.exit_questionnaire().items]


def test_what_a_session_asks_can_be_answered(client: TestClient) -> None:
    form = client.get(f"/api/v1/sessions/{builders.CODE}").json()
    answers = {
        item["id"]: item["answers"] if item["type"] == "several" else item["answers"][0]
        for item in form["items"]
        if item["asked"]
    }
    for language in form["languages"]:
        raw = builders.build_raw(language=language, answers=answers, off_scale={})
        assert client.put(f"/api/v1/sessions/{builders.CODE}/responses/{uuid4()}", json=raw).status_code == 201


def test_a_condition_is_written_as_in_the_questionnaires_file(client: TestClient, app: FastAPI) -> None:
    tiny = builders.parse_questionnaire()
    app.state.questionnaires = {**app.state.questionnaires, ("tiny", 1): tiny}
    app.state.languages = {**app.state.languages, ("tiny", 1): ("en",)}
    project = structure.find_project(app.state.database, "ensemble")
    assert project is not None
    structure.write_structure(app.state.database, projects=[replace(project, questionnaire="tiny")])
    form = client.get(f"/api/v1/sessions/{builders.CODE}").json()
    assert form["items"][1]["condition"] == {"item": "first", "is_one_of": ["yes"]}


def test_a_closed_session_still_says_what_it_asked(client: TestClient, app: FastAPI) -> None:
    builders.open_session(app.state.database, "111111", closed_at=clock.now())
    assert client.get("/api/v1/sessions/111111").json()["session"]["state"] == "grace"


def test_the_description_names_every_status_and_its_examples_are_real(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/sessions/{code}",
        "/api/v1/sessions/{code}/responses/{response_id}",
        "/api/v1/sessions/{code}/tallies/{tally_id}",
        "/api/v1/sessions/{code}/comments/{comment_id}",
        "/api/v1/responses",
        "/api/v1/store",
        "/api/v1/carried-batches",
    }
    put = described["paths"]["/api/v1/sessions/{code}/responses/{response_id}"]["put"]
    assert set(put["responses"]) == {
        "200", "201", "400", "401", "404", "409", "410", "413", "415", "422", "426", "429", "500", "503"
    }  # fmt: skip
    example = put["requestBody"]["content"]["application/json"]["schema"]["examples"][0]
    assert example == RESPONSE_EXAMPLE
    answer = client.put(f"/api/v1/sessions/{builders.CODE}/responses/{ID_EXAMPLE}", json=example)
    assert answer.status_code == 201
    examples = described["components"]["schemas"]["ReceiptBody"]["examples"]
    receipt = answer.json()
    assert receipt["day"] == int(clock.now().timestamp() // 86_400)
    assert {**receipt, "store": STORE_EXAMPLE, "day": examples[0]["day"]} in examples


def test_the_description_of_a_tally_is_true(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    put = described["paths"]["/api/v1/sessions/{code}/tallies/{tally_id}"]["put"]
    schema = put["requestBody"]["content"]["application/json"]["schema"]
    assert schema["examples"] == [TALLY_EXAMPLE]
    assert "$ref" not in str(schema)
    assert tuple(schema["properties"]["items"]["additionalProperties"]["propertyNames"]["enum"]) == MEASURES
    answer = client.put(f"/api/v1/sessions/{builders.CODE}/tallies/{ID_EXAMPLE}", json=TALLY_EXAMPLE)
    assert (answer.status_code, answer.json()) == (201, {"receipt": ID_EXAMPLE, "status": "stored"})


def test_the_description_names_no_status_that_is_never_answered(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    get = described["paths"]["/api/v1/sessions/{code}"]["get"]
    assert set(get["responses"]) == {"200", "404", "426", "429", "500", "503"}
    assert "ValidationError" not in str(described)
    odd = ("1", "x" * 2000, "%00", "%F0%9F%98%80", "482913 ", "..%2F..%2Fx")
    answered = {str(client.get(f"/api/v1/sessions/{code}").status_code) for code in odd}
    assert answered <= set(get["responses"])


def test_every_route_of_the_api_is_described(app: FastAPI) -> None:
    routes = [str(context.path) for context in iter_route_contexts(app.routes) if context.path]
    own = ("/api/v1/openapi.json", "/api/v1/device")  # between our own pages and the server: no interface for others
    ours = [path for path in routes if path.startswith("/api/v1/") and not path.startswith(own)]
    assert ours
    assert set(ours) == set(app.openapi()["paths"])
