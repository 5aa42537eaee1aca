"""Carrying: what a laptop collected travels to the instance that counts for all, as sealed and signed batches.

A session travels once no tablet can hand in to it any more, and always whole: two batches of it hold the same, and nobody
who keeps both can tell who came late. Taking a batch adds all of it or nothing, each response once, in whatever order
batches come and however often.

In: storage, exchange. Out: batches, and what became of them. Knows nothing of: pages, files, networks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal
from uuid import UUID, uuid4

from survey_app.collection.reading import Rejected, read_response
from survey_app.collection.response import document
from survey_app.exchange.batch import CarriedSession, divide, pack, unpack
from survey_app.exchange.envelope import Card, InstanceKey, draw_instance_key, read_card
from survey_app.fieldwork.room import Room
from survey_app.fieldwork.session import MOST_PEOPLE, Session, draw_code, is_code
from survey_app.fieldwork.structure import Project
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, SPOKEN_LANGUAGES
from survey_app.questionnaire.definition import Questionnaire
from survey_app.storage import carried, rooms, sessions, structure
from survey_app.storage.carried import Arriving, ElsewhereError
from survey_app.storage.database import Database, UnavailableError

Questionnaires = Mapping[tuple[str, int], Questionnaire]
NotTakenReason = Literal[
    "damaged",
    "other-format",
    "foreign",
    "sender-unknown",
    "forged",
    "project-unknown",
    "module-unknown",
    "other-questionnaire",
    "other-activities",
    "session-differs",
    "answers-differ",
    "releases-are-here",
    "not-a-response",
    "not-a-session",
    "unavailable",
]

_ALL_LANGUAGES: Final = frozenset(language.tag for language in (*RESPONDENT_LANGUAGES, *SPOKEN_LANGUAGES))


@dataclass(frozen=True, slots=True)
class Packed:
    """Batches for one receiver. ``not_yet``: codes of sessions whose tablets may still hand in."""

    batches: tuple[tuple[UUID, bytes], ...]
    sessions: int
    responses: int
    not_yet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """All of a batch is here. ``added`` now, ``known`` before. ``codes``: sessions whose code here is another one."""

    id: UUID
    added: int
    known: int
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nothing of a batch was added. ``where``: code of the session or project that it is about, where it is one."""

    reason: NotTakenReason
    where: str = ""


def know_instance(db: Database) -> InstanceKey:
    """Return the keys of this instance; they are drawn when somebody asks for the first time."""
    found = carried.find_instance_key(db)
    if found is None:
        drawn = draw_instance_key()
        found = carried.keep_instance_key(db, drawn.signing, drawn.receiving)
    return InstanceKey(*found)


def trust_instance(db: Database, name: str, text: str) -> Card:
    """Trust an instance under a name of our own.

    Raises:
        RequestMistakenError: the text is no card, or the card of this instance itself.
    """
    card = read_card(text)
    if card is None:
        raise RequestMistakenError(
            "this is no card of an instance. On the other computer, run: survey-app instance show, and give the whole line."
        )
    if card == know_instance(db).card:
        raise RequestMistakenError("this is the card of this instance itself. Give the one of the other computer.")
    carried.trust(db, name, card.signing, card.receiving)
    return card


def list_cards(db: Database) -> dict[str, Card]:
    """Return the cards of the instances that are trusted here, by the name that each was given."""
    return {name: Card(signing, receiving) for name, signing, receiving in carried.list_trusted(db)}


def by_id(cards: Mapping[str, Card]) -> dict[str, Card]:
    """Return cards by the id that a file names its sender by."""
    return {card.id: card for card in cards.values()}


def find_trusted(db: Database, name: str) -> Card:
    """Return the card of a trusted instance.

    Raises:
        RequestMistakenError: there is none of this name.
    """
    trusted = list_cards(db)
    if name not in trusted:
        names = ", ".join(trusted) or "none yet"
        raise RequestMistakenError(f'no instance "{name}" is trusted here. Those trusted: {names}.')
    return trusted[name]


def pack_sessions(
    db: Database, receiver: Card, now: datetime, *, grace_days: int, draw: Callable[[], UUID] = uuid4
) -> Packed:
    """Pack every session that no tablet can hand in to any more, whole, for one receiver.

    Args:
        db: where they are kept.
        receiver: the instance that shall open them.
        now: aware.
        grace_days: days after its end in which a session still takes what tablets kept.
        draw: the random ids of batches.

    Raises:
        UnavailableError: the database cannot be read or written now.
    """
    projects = {project.code: project for project in structure.list_projects(db) if not project.synthetic}
    held = (one for one in sessions.list_all(db) if not one.is_practice)
    known = [one for one in held if one.project in projects and one.answers_deleted_on is None]
    over = [session for session in known if session.state(now, grace_days) == "closed"]
    identities = carried.identify(db, [session.code for session in over], draw)
    seen = rooms.find_rooms(db, [session.code for session in over])
    travelling = [
        _pack_one(db, session, identities[session.code], projects[session.project], seen.get(session.code, Room()))
        for session in over
    ]
    sender = know_instance(db)
    numbered = [(draw(), some) for some in divide(travelling)]
    batches = tuple((batch_id, pack(some, sender, receiver, batch_id)) for batch_id, some in numbered)
    not_yet = tuple(session.code for session in known if session not in over)
    return Packed(batches, len(over), sum(len(one.responses) for one in travelling), not_yet)


def _pack_one(db: Database, session: Session, identity: UUID, project: Project, room: Room) -> CarriedSession:
    if session.closed_at is None:
        raise ValueError(session.code)
    return CarriedSession(
        identity=identity,
        code=session.code,
        project=session.project,
        module=session.module,
        questionnaire=project.questionnaire,
        version=project.version,
        activities=tuple(sorted(project.activities)),
        people=session.people,
        opened_on=session.opened_on,
        closed_at=session.closed_at,
        responses=carried.responses_of(db, session.code),
        languages=room.languages,
        helped=room.helped,
        is_cancelled=room.is_cancelled,
    )


def take_batch(
    db: Database,
    questionnaires: Questionnaires,
    raw: bytes,
    *,
    randbelow: Callable[[int], int] = secrets.randbelow,
) -> Taken | NotTaken:
    """Take a batch: all of it, each response once, or nothing. Taking it again adds nothing and is no fault.

    Args:
        db: where it is kept.
        questionnaires: all that are known here.
        raw: the batch as it came.
        randbelow: draws the code of a session whose own is taken by another one here.
    """
    try:
        batch = unpack(raw, know_instance(db), by_id(list_cards(db)))
        if isinstance(batch, str):
            return NotTaken(batch)
        for session in batch.sessions:
            if (refused := _judge(db, questionnaires, session)) is not None:
                return refused
        arriving = [_arriving(session) for session in batch.sessions]
        added = carried.take_in(db, batch.id, arriving, partial(draw_code, randbelow=randbelow))
    except ElsewhereError as error:
        return NotTaken(error.reason, error.code)
    except UnavailableError:
        return NotTaken("unavailable")
    moved = {there: here for there, here in added.codes.items() if there != here}
    return Taken(batch.id, added.responses, added.known, moved)


def _arriving(session: CarriedSession) -> Arriving:
    return Arriving(
        session.identity,
        session.code,
        session.project,
        session.module,
        session.people,
        session.opened_on,
        session.closed_at,
        session.responses,
        Room(session.languages, session.helped, session.is_cancelled),
    )


def _judge(db: Database, questionnaires: Questionnaires, session: CarriedSession) -> NotTaken | None:
    """Say why a session cannot be taken here, ``None`` where it can: the same project, module and questionnaire."""
    project = structure.find_project(db, session.project)
    if project is None:
        return NotTaken("project-unknown", session.project)
    if session.module not in {module.code for module in structure.list_modules(db, session.project)}:
        return NotTaken("module-unknown", session.project)
    if project.form != (session.questionnaire, session.version) or project.form not in questionnaires:
        return NotTaken("other-questionnaire", session.project)
    return _judge_content(session, project, questionnaires[project.form])


def _judge_content(session: CarriedSession, project: Project, questionnaire: Questionnaire) -> NotTaken | None:
    if sorted(project.activities) != list(session.activities):
        return NotTaken("other-activities", session.project)
    if not is_code(session.code) or not 1 <= session.people <= MOST_PEOPLE or not _is_room(session):
        return NotTaken("not-a-session", session.project)
    if not _are_responses(session.responses, questionnaire, project.activities):
        return NotTaken("not-a-response", session.code)
    return None


def _is_room(session: CarriedSession) -> bool:
    """Say whether what is told of the room could have been said here."""
    return 0 <= (session.helped or 0) <= MOST_PEOPLE and _ALL_LANGUAGES.issuperset(session.languages)


def _are_responses(
    responses: Iterable[tuple[UUID, str]], questionnaire: Questionnaire, activities: frozenset[str]
) -> bool:
    """Say whether all are what this instance would itself have stored of these answers, in any language there is."""
    for response_id, text in responses:
        try:
            raw = json.loads(text)
        except ValueError:
            return False
        read = read_response(raw, response_id, questionnaire, activities, _ALL_LANGUAGES)
        if isinstance(read, Rejected) or document(read) != text or response_id.version != 4:  # noqa: PLR2004 - random
            return False
    return True
