"""What a tablet sealed opens here, and only as what it was sealed as."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from survey_app.collection.comment import Spoken, Written
from survey_app.collection.reading import Problem, Rejected
from survey_app.collection.sealed import (
    SealedComment,
    SealedResponse,
    SealedTally,
    SealingKey,
    draw_key,
    open_comment,
    open_message,
    open_response,
    open_share,
    read_sealed,
    read_sealed_comment,
    read_sealed_tally,
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


SAID = CASES["comment"]
SAID_ID = UUID(SAID["about"]["id"])


def read_comment(**changes: Any) -> SealedComment:
    found = read_sealed_comment({"key": vector_key().id, "sealed": SAID["sealed"], **changes})
    assert isinstance(found, SealedComment)
    return found


def test_a_comment_that_the_tablets_module_sealed_opens_as_words() -> None:
    assert open_comment(read_comment(), vector_key(), SAID["about"]["session"], SAID_ID) == Written(SAID["words"])


def test_a_comment_opens_under_no_other_session_id_or_key_and_never_as_a_response() -> None:
    session = SAID["about"]["session"]
    assert code_of(open_comment(read_comment(), vector_key(), "482914", SAID_ID)) == "seal-broken"
    assert code_of(open_comment(read_comment(), vector_key(), session, ID)) == "seal-broken"
    assert code_of(open_comment(read_comment(), None, session, SAID_ID)) == "key-unknown"
    as_response = read(sealed=SAID["sealed"])
    assert code_of(open_response(as_response, vector_key(), session, SAID_ID)) == "seal-broken"
    for raw in (None, {}, {"key": "k"}, {"key": "k", "sealed": "!"}, {"key": "k", "sealed": "AA", "more": 1}):
        assert code_of(read_sealed_comment(raw)) == "not-sealed"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (b"text/plain 2\nok" + bytes(9), Written("ok")),
        (b"audio/basic 3\n\x01\x02\x03\x00", Spoken(b"\x01\x02\x03")),
        (b"text/plain 0\n", Rejected((Problem("comment", "comment-empty"),))),
        (b"text/plain 9\nshort", Rejected((Problem("sealed", "not-sealed"),))),
        (b"text/html 2\nok", Rejected((Problem("sealed", "not-sealed"),))),
        (b"text/plain -1\nok", Rejected((Problem("sealed", "not-sealed"),))),
        (b"text/plain \xc2\xb2\nok", Rejected((Problem("sealed", "not-sealed"),))),
        (b"", Rejected((Problem("sealed", "not-sealed"),))),
    ],
)
def test_what_is_inside_a_comment_is_read_as_any(message: bytes, found: object) -> None:
    key = draw_key()
    info = f"survey-app comment 1\n482913\n{key.id}\n{SAID_ID}".encode()
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public)
    sealed = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM).encrypt(message, public, info)
    assert open_comment(SealedComment(key.id, sealed), key, "482913", SAID_ID) == found


def test_the_share_of_a_tally_that_the_tablets_module_sealed_opens_in_its_session_only() -> None:
    case = CASES["share"]
    raw = {"id": case["about"]["id"], "key": vector_key().id, "sealed": case["sealed"]}
    tally = read_sealed_tally({"shares": [raw]})
    assert isinstance(tally, SealedTally)
    (share,) = tally.shares
    assert open_share(share, vector_key(), case["about"]["session"]) == json.loads(case["body"])
    assert code_of(open_share(share, vector_key(), "482914")) == "seal-broken"
    assert code_of(open_share(share, None, case["about"]["session"])) == "key-unknown"
    assert code_of(read_sealed_tally({"shares": [raw, raw]})) == "not-sealed"
