"""A tablet hands in a response."""

from __future__ import annotations

from uuid import uuid4

import builders
from starlette.testclient import TestClient


def address(code: str = builders.CODE) -> str:
    return f"/api/v1/sessions/{code}/responses/{uuid4()}"


def test_a_receipt_names_the_response(client: TestClient) -> None:
    at = address()
    answer = client.put(at, json=builders.build_raw())
    assert answer.status_code == 201
    assert answer.json() == {"receipt": at.rsplit("/", 1)[1], "status": "stored"}
