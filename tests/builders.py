"""Small worlds for tests: one call, everything that is not said has a plain value."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from survey_app import carrying
from survey_app.collection.response import Chosen, Mode, Response
from survey_app.collection.sealed import SealingKey
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation.places import shipped
from survey_app.questionnaire.definition import OffScale, Questionnaire
from survey_app.questionnaire.loader import load_all
from survey_app.storage import sessions, structure
from survey_app.storage.database import Database
from survey_app.storage.sealing import current_key

ACTIVITIES = frozenset({"speaking", "housing", "money", "people"})
CODE = "482913"
CANARY = "canary-7f3a91"


@cache
def exit_questionnaire() -> Questionnaire:
    return load_all(shipped("questionnaires"))["amif-exit", 1]


def parse_questionnaire(**changes: Any) -> Questionnaire:
    """Two single items, the second asked only after "yes"; ``changes`` replace fields."""
    yes_no = [{"code": code, "text": code, "picture": "face-a-lot", "colour": "blue"} for code in ("yes", "no")]
    plain: dict[str, Any] = {
        "id": "tiny",
        "version": 1,
        "language": "en",
        "title": "Tiny",
        "items": [
            {"id": "first", "type": "single", "text": "First?", "picture": "age", "answers": yes_no},
            {
                "id": "then",
                "type": "single",
                "text": "Then?",
                "picture": "age",
                "answers": yes_no,
                "ask_if": {"item": "first", "is_one_of": ["yes"]},
            },
        ],
    }
    return Questionnaire.model_validate({**plain, **changes})


def build_response(
    answers: Mapping[str, Chosen] | None = None,
    off_scale: Mapping[str, OffScale] | None = None,
    response_id: UUID | None = None,
    language: str = "fr",
) -> Response:
    return Response(
        id=response_id or uuid4(),
        questionnaire="amif-exit",
        version=1,
        language=language,
        mode=Mode.ALONE,
        answers={"helpful": "a-lot"} if answers is None else answers,
        off_scale=off_scale or {},
    )


def build_raw(**changes: Any) -> dict[str, Any]:
    """What a tablet sends for the exit questionnaire; ``changes`` replace fields."""
    plain = {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "fr",
        "mode": "alone",
        "answers": {"helpful": "a-lot", "speaking": "a-little", "change": ["childcare", "slower"], "age": "18-60"},
        "off_scale": {"gender": "no-answer", "money": "not-for-me"},
    }
    return {**plain, **changes}


def seal_share(db: Database, share_id: object, raw: Any, code: str = CODE) -> dict[str, Any]:
    """What a tablet keeps of one person for a tally, sealed to the key in use."""
    key = current_key(db)
    info = "\n".join(map(str, ("survey-app tally 1", code, key.id, share_id))).encode()
    return {"id": str(share_id), "key": key.id, "sealed": _seal(key, json.dumps(raw).encode(), info)}


def seal_raw(db: Database, response_id: object, raw: Any = None, code: str = CODE, **changes: Any) -> dict[str, Any]:
    """What a tablet sends sealed to the key in use; ``changes`` replace fields of the envelope after sealing."""
    key = current_key(db)
    info = f"survey-app response 1\n{code}\namif-exit\n1\n{key.id}\n{response_id}".encode()
    message = json.dumps(build_raw() if raw is None else raw).encode()
    sealed = _seal(key, message, info)
    return {"key": key.id, "questionnaire": "amif-exit", "version": 1, "sealed": sealed, **changes}


def _seal(key: SealingKey, message: bytes, info: bytes) -> str:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public)
    sealed = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM).encrypt(message, public, info)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def draw_raw(random_numbers: random.Random) -> dict[str, Any]:
    """A random response to the exit questionnaire in a session with ``ACTIVITIES``."""
    questionnaire = exit_questionnaire()
    answers: dict[str, Any] = {}
    off_scale: dict[str, str] = {}
    for item in questionnaire.asked_for(ACTIVITIES):
        codes = [answer.code for answer in questionnaire.answers_of(item)]
        fate = random_numbers.random()
        if fate < 0.1 and item.id != "helpful":
            continue
        if fate < 0.2:
            off_scale[item.id] = random_numbers.choice([answer.value for answer in OffScale])
        elif item.type == "several":
            answers[item.id] = random_numbers.sample(codes, random_numbers.randint(1, len(codes)))
        else:
            answers[item.id] = random_numbers.choice(codes)
    return build_raw(answers=answers, off_scale=off_scale)


def write_structure(db: Database, *, synthetic: bool = False) -> None:
    """Charleroi with its partner Binche; project ``ensemble`` with modules ``language`` and ``creative``."""
    structure.write_structure(
        db,
        [Organisation("binche", "Binche", lead="charleroi"), Organisation("charleroi", "Charleroi")],
        [
            Project(
                "ensemble",
                "charleroi",
                "Ensemble",
                "amif-exit",
                1,
                ACTIVITIES,
                languages=("ar", "fr"),
                synthetic=synthetic,
            )
        ],
        [Module("creative", "Atelier créatif", "ensemble"), Module("language", "Français", "ensemble")],
    )


def open_session(
    db: Database,
    code: str = CODE,
    people: int = 12,
    module: str = "language",
    opened_on: date = date(2026, 5, 12),
    closed_at: datetime | None = None,
) -> Session:
    """Add a session of project ``ensemble``; with ``closed_at`` it is closed."""
    sessions.add(db, Session(code, "ensemble", module, people, opened_on))
    if closed_at is not None:
        sessions.close(db, code, closed_at)
    found = sessions.find(db, code)
    if found is None:
        raise LookupError(code)
    return found


def introduce(one: Database, name: str, other: Database, other_name: str) -> None:
    """Let two instances trust each other, each under the name that the other one knows it by."""
    carrying.trust_instance(other, name, carrying.know_instance(one).card.written)
    carrying.trust_instance(one, other_name, carrying.know_instance(other).card.written)
