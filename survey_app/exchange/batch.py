"""A batch: closed sessions with their responses, on their way from a laptop to the instance that counts for all.

Responses lie in the order of their random ids, under their sessions in the order of theirs: a batch says neither who came
first nor which tablet they came from, and it is the same whenever it is packed. How it is sealed and signed: ``envelope``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from survey_app.exchange.envelope import Card, EnvelopeFault, InstanceKey, close_envelope, open_envelope
from survey_app.foundation.strict_json import NotJsonError, read_json

FORMAT: Final = "survey-app batch 1"
MOST_RESPONSES: Final = 2_000
LARGEST: Final = 16 * 1024 * 1024
_NOTHING_SAID: Final[Mapping[str, Any]] = {"languages": (), "helped": None, "cancelled": False}


@dataclass(frozen=True, slots=True)
class CarriedSession:
    """A closed session as it travels. ``identity``: random, the same wherever this session is; ``code`` is not.

    ``responses``: id and canonical document of each, by id. The last three are what staff said of its room: languages, how
    many had help, whether it was started by mistake; a batch of an earlier version says none of them.
    """

    identity: UUID
    code: str
    project: str
    module: str
    questionnaire: str
    version: int
    activities: tuple[str, ...]
    people: int
    opened_on: date
    closed_at: datetime
    responses: tuple[tuple[UUID, str], ...]
    languages: tuple[str, ...] = ()
    helped: int | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What was opened. ``sender``: id of the instance that signed it."""

    id: UUID
    sender: str
    sessions: tuple[CarriedSession, ...]


def divide(sessions: Iterable[CarriedSession], most: int = MOST_RESPONSES) -> Iterator[tuple[CarriedSession, ...]]:
    """Divide sessions into batches of so many responses at most; a session stays whole."""
    some: list[CarriedSession] = []
    for session in sorted(sessions, key=lambda one: one.identity):
        if some and sum(len(one.responses) for one in [*some, session]) > most:
            yield tuple(some)
            some = []
        some.append(session)
    if some:
        yield tuple(some)


def pack(sessions: Sequence[CarriedSession], sender: InstanceKey, receiver: Card, batch_id: UUID) -> bytes:
    """Seal and sign sessions for one receiver."""
    content = json.dumps([_write_session(session) for session in sessions], ensure_ascii=False).encode()
    return close_envelope(FORMAT, content, sender, receiver, batch_id)


def unpack(raw: bytes, receiver: InstanceKey, trusted: Mapping[str, Card]) -> Batch | EnvelopeFault:
    """Verify and open a batch; or say why it is not taken, as ``open_envelope`` does.

    Args:
        raw: as it came.
        receiver: the keys of this instance.
        trusted: cards of the instances whose batches are taken, by id.
    """
    opened = open_envelope(FORMAT, raw, receiver, trusted)
    if isinstance(opened, str):
        return opened
    try:
        sessions = tuple(_read_session(one) for one in read_json(opened.content))
    except (NotJsonError, KeyError, TypeError, ValueError):
        return "damaged"
    return Batch(opened.id, opened.sender, sessions)


def _write_session(session: CarriedSession) -> dict[str, Any]:
    return {
        "identity": str(session.identity),
        "code": session.code,
        "project": session.project,
        "module": session.module,
        "questionnaire": session.questionnaire,
        "version": session.version,
        "activities": sorted(session.activities),
        "people": session.people,
        "opened_on": session.opened_on.isoformat(),
        "closed_at": session.closed_at.isoformat(),
        "responses": {str(key): document for key, document in sorted(session.responses)},
        "room": {
            "languages": list(session.languages),
            "helped": session.helped,
            "cancelled": session.is_cancelled,
        },
    }


def _read_session(found: Mapping[str, Any]) -> CarriedSession:
    closed_at = datetime.fromisoformat(found["closed_at"])
    if closed_at.tzinfo is None:
        raise ValueError(closed_at)
    room = found.get("room", _NOTHING_SAID)
    helped = room["helped"]
    return CarriedSession(
        identity=UUID(found["identity"]),
        code=str(found["code"]),
        project=str(found["project"]),
        module=str(found["module"]),
        questionnaire=str(found["questionnaire"]),
        version=int(found["version"]),
        activities=tuple(found["activities"]),
        people=int(found["people"]),
        opened_on=date.fromisoformat(found["opened_on"]),
        closed_at=closed_at,
        responses=tuple(sorted((UUID(key), str(document)) for key, document in found["responses"].items())),
        languages=tuple(str(tag) for tag in room["languages"]),
        helped=None if helped is None else int(helped),
        is_cancelled=bool(room["cancelled"]),
    )
