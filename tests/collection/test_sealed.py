"""What a tablet sealed opens here, and only as what it was sealed as."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from survey_app.collection.reading import Problem, Rejected
from survey_app.collection.sealed import (
    SealedResponse,
    SealingKey,
    draw_key,
    open_message,
    open_response,
    read_sealed,
)

CASES = json.loads((Path(__file__).parents[1] / "cases" / "sealing.json").read_text("utf-8"))
SEALED = CASES["response"]
ABOUT = SEALED["about"]
ID = UUID(ABOUT["id"])


def vector_key() -> SealingKey:
    """The receiver of the official test vector."""
    vector = CASES["vector"]
    public, private = bytes.fromhex(vector["pkRm"]), bytes.fromhex(vector["skRm"])
    return SealingKey(SEALED["key"].split()[0], public, private)


def envelope(**changes: Any) -> dict[str, Any]:
    plain = {"key": vector_key().id, "questionnaire": "amif-exit", "version": 1, "sealed": SEALED["sealed"]}
    return {**plain, **changes}


def read(**changes: Any) -> SealedResponse:
    found = read_sealed(envelope(**changes))
    assert isinstance(found, SealedResponse)
    return found


def code_of(found: object) -> str:
    assert isinstance(found, Rejected)
    (problem,) = found.problems
    assert problem.where == "sealed"
    return problem.code


def test_what_the_tablets_module_sealed_with_the_keys_of_the_official_vector_opens() -> None:
    assert open_response(read(), vector_key(), ABOUT["session"], ID) == json.loads(SEALED["body"])


def test_pages_bear_the_id_and_the_point_of_a_key() -> None:
    assert vector_key().written == SEALED["key"]
    key = draw_key()
    assert len(key.id) == 16
    assert key.id != draw_key().id
    assert "private" not in repr(key)


@pytest.mark.parametrize(
    ("changes", "session", "response_id"),
    [
        ({}, "482914", ID),
        ({}, ABOUT["session"], UUID("0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d11")),
        ({"questionnaire": "amif-exit\n1"}, ABOUT["session"], ID),
        ({"version": 2}, ABOUT["session"], ID),
        ({"sealed": ""}, ABOUT["session"], ID),
        ({"sealed": SEALED["sealed"][:100]}, ABOUT["session"], ID),
        ({"sealed": SEALED["sealed"][:-4]}, ABOUT["session"], ID),
    ],
)
def test_under_another_session_id_questionnaire_or_version_or_cut_it_does_not_open(
    changes, session, response_id
) -> None:
    assert code_of(open_response(read(**changes), vector_key(), session, response_id)) == "seal-broken"


def test_one_changed_bit_anywhere_does_not_open() -> None:
    sealed = base64.urlsafe_b64decode(SEALED["sealed"] + "=" * (-len(SEALED["sealed"]) % 4))
    for at in range(0, len(sealed), 61):
        changed = bytearray(sealed)
        changed[at] ^= 1
        text = base64.urlsafe_b64encode(changed).decode()
        assert code_of(open_response(read(sealed=text), vector_key(), ABOUT["session"], ID)) == "seal-broken", at


def test_another_key_does_not_open_it() -> None:
    other = SealingKey(vector_key().id, vector_key().public, draw_key().private)
    assert code_of(open_response(read(), other, ABOUT["session"], ID)) == "seal-broken"
    assert code_of(open_response(read(), None, ABOUT["session"], ID)) == "key-unknown"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "sealed",
        {},
        envelope(key=7),
        envelope(version=True),
        envelope(version="1"),
        envelope(sealed=None),
        envelope(sealed="!!"),
        envelope(sealed="a"),
        envelope(sealed="é"),
        envelope(more=1),
    ],
)
def test_what_is_no_envelope_is_said_to_be_none(raw) -> None:
    assert read_sealed(raw) == Rejected((Problem("sealed", "not-sealed"),))


def test_a_message_for_another_purpose_does_not_open() -> None:
    vector = CASES["vector"]
    sealed = bytes.fromhex(vector["enc"]) + bytes.fromhex(
        vector["ct"]
    )  # that vector has data beside it, which we never send
    assert open_message(sealed, vector_key(), bytes.fromhex(vector["info"])) is None
