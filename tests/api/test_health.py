"""What operators see: well or not, counts, one line a request. Never content, a code or an address."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import builders
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient


def test_a_server_that_can_store_is_well_and_says_no_more(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "well"})


def test_a_server_whose_tables_are_of_another_version_is_unwell(client: TestClient, app: FastAPI) -> None:
    with app.state.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unwell"})


def test_requests_are_counted_by_route_and_status_only(client: TestClient) -> None:
    response_id = uuid4()
    at = f"/api/v1/sessions/{builders.CODE}/responses/{response_id}"
    client.put(at, json=builders.build_raw())
    client.put(at, json=builders.build_raw(answers={"helpful": builders.CANARY}))
    client.get(f"/{builders.CANARY}?answer={builders.CANARY}")
    client.request("CANARY", "/")
    counted = client.get("/metrics").text
    route = "/api/v1/sessions/{code}/responses/{response_id}"
    assert f'survey_app_requests_total{{method="PUT",route="{route}",status="201"}} 1.0' in counted
    assert f'survey_app_requests_total{{method="PUT",route="{route}",status="422"}} 1.0' in counted
    assert 'method="other"' in counted
    for secret in (builders.CODE, str(response_id), builders.CANARY, "testclient", "CANARY"):
        assert secret not in counted


def test_the_log_has_one_line_a_request_without_code_id_address_or_answer(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response_id = uuid4()
    at = f"/api/v1/sessions/{builders.CODE}/responses/{response_id}"
    client.put(at, json=builders.build_raw(answers={"helpful": builders.CANARY}))
    client.put(at, json=builders.build_raw(language="ti"))
    client.get(f"/{builders.CANARY}?answer={builders.CANARY}")
    captured = capsys.readouterr()
    lines = (captured.out + captured.err).splitlines()
    assert len([line for line in lines if "answered" in line]) == 3
    for secret in (builders.CODE, str(response_id), builders.CANARY, "testclient", "127.0.0.1", "a-lot"):
        assert not any(secret in line for line in lines)


def test_a_fault_of_ours_is_told_without_what_was_sent(
    client: TestClient, app: FastAPI, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError(builders.CANARY)

    monkeypatch.setattr("survey_app.web.respond.api.receive", stumble)
    monkeypatch.setattr("survey_app.storage.sessions.find_asking", stumble)
    api = client.put(f"/api/v1/sessions/{builders.CODE}/responses/{uuid4()}", json=builders.build_raw())
    page = client.get(f"/s/{builders.CODE}")
    captured = capsys.readouterr()
    written = captured.out + captured.err
    assert (api.status_code, api.headers["content-type"]) == (500, "application/problem+json")
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert builders.CANARY not in api.text + page.text + written
    assert re.search(r"fault .*RuntimeError at test_health.py:\d+", written)
    assert 'status="500"' in client.get("/metrics").text


def test_an_error_page_that_fails_is_replaced_by_a_bare_one(client: TestClient, app: FastAPI) -> None:
    def stumble(*_arguments: Any) -> None:
        raise RuntimeError(builders.CANARY)

    app.state.error_page = stumble
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "<h1>404</h1>" in answer.text


def test_static_files_are_kept_for_ever_under_their_fingerprint_only(client: TestClient) -> None:
    from survey_app.web.kit.pages import asset

    kept = client.get(asset("pictures/age.svg"))
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    for query in ("", "?v=0000000000", "?v="):
        assert client.get(f"/static/pictures/age.svg{query}").headers["cache-control"] == "public, no-cache"


def test_pages_and_static_files_are_compressed_but_not_what_holds_a_secret(client: TestClient) -> None:
    accepts = {"accept-encoding": "gzip"}
    assert client.get(f"/s/{builders.CODE}/fr", headers=accepts).headers.get("content-encoding") == "gzip"
    assert "content-encoding" not in client.get("/console", headers=accepts).headers
    assert "content-encoding" not in client.get("/api/v1/openapi.json", headers=accepts).headers
