"""The API of tablets: the questionnaire of a session as JSON, and what they hand in under an id drawn by the device.

They hand in responses, and tallies: sums over several people of how the form was understood. A receipt names the id:
status 200 alone proves nothing, a network's sign-in page answers 200 too. Receipts and problems carry codes, never an
answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from starlette.requests import ClientDisconnect

from survey_app.collection.comment import (
    LARGEST_SOUND,
    LARGEST_TEXT,
    MOST_LETTERS,
    Words,
    read_spoken,
    read_written,
)
from survey_app.collection.reading import Problem, Rejected
from survey_app.collection.sealed import (
    MOST_SHARES,
    SealedComment,
    read_sealed,
    read_sealed_comment,
    read_sealed_tally,
)
from survey_app.collection.tally import TallyProblem
from survey_app.fieldwork.session import Session, State, is_code
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.strict_json import NotJsonError, read_json
from survey_app.journeys import Receipt, Refusal, RefusalReason, receive, receive_comment, receive_tally
from survey_app.questionnaire.definition import OffScale, Questionnaire
from survey_app.storage import sessions
from survey_app.storage.database import RETRY_AFTER_SECONDS
from survey_app.storage.stamp import Stamp
from survey_app.web.kit.bodies import TooLargeError, content_type, read_body
from survey_app.web.kit.device_keys import is_phone
from survey_app.web.kit.guessing import SECONDS
from survey_app.web.kit.problems import PROBLEM, problem
from survey_app.web.kit.protocol import ProtocolRoute

router = APIRouter(prefix="/api/v1", tags=["tablets"], route_class=ProtocolRoute)

JSON: Final = "application/json"
TEXT: Final = "text/plain"
SOUND: Final = "audio/basic"
SEALED: Final = "application/vnd.survey-app.sealed+json"
LARGEST_SEALED_COMMENT: Final = 2 * LARGEST_SOUND
"""Bytes: a third more by base64url, and what it is filled up with."""
LARGEST_SEALED_TALLY: Final = 65_536
"""Bytes: as many shares as a tally has, each of up to 2 kB."""
CODE_EXAMPLE: Final = "482913"
ID_EXAMPLE: Final = "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10"
STORE_EXAMPLE: Final = "9f2b0d1c2b3a4f5e7c1e7d3a5f2b8b3c"
RESPONSE_EXAMPLE: Final[JsonDict] = {
    "questionnaire": "amif-exit",
    "version": 1,
    "language": "fr",
    "mode": "alone",
    "answers": {"helpful": "a-lot", "change": ["more-hours", "childcare"], "age": "18-60"},
    "off_scale": {"gender": "no-answer"},
}
TALLY_EXAMPLE: Final[JsonDict] = {
    "finished": 5,
    "items": {"helpful": {"met": 5, "replayed-once": 2, "long": 1}, "age": {"met": 5, "quick": 1, "left": 1}},
}


class AskedItem(BaseModel):
    """One item. ``condition`` is a rule as in the questionnaire's file; ``asked``: whether this project asks it."""

    id: str
    type: Literal["scale", "single", "several", "comment"]
    answers: list[str]
    condition: dict[str, Any] | None
    asked: bool


class AskedIn(BaseModel):
    """The session that asks. ``people``: persons expected."""

    code: str
    state: Literal["open", "grace", "closed"]
    people: int


class SessionForm(BaseModel):
    """What a session asks: codes only, in order."""

    id: str
    version: int
    languages: list[str]
    items: list[AskedItem]
    off_scale: list[str]
    session: AskedIn


class SentResponse(BaseModel):
    """One person's response. An item stands in ``answers``, in ``off_scale`` or in neither; at least one is there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [RESPONSE_EXAMPLE]})

    questionnaire: str
    version: int
    language: Annotated[str, Field(description="BCP 47 tag, one of those offered")]
    mode: Literal["alone", "with-helper", "paper"]
    answers: dict[str, str | list[str]]
    off_scale: dict[str, Literal["not-understood", "not-for-me", "no-answer"]]


class SentSealed(BaseModel):
    """The same, sealed to a key of this server: HPKE (RFC 9180), P-256, HKDF-SHA256, AES-256-GCM.

    ``sealed`` is the encapsulated key and the ciphertext in base64url; `info` is the text `survey-app response 1`, the
    join code, questionnaire, version, key and id of the response, joined by line feeds.
    """

    model_config = ConfigDict(extra="forbid")

    key: str
    questionnaire: str
    version: int
    sealed: str


class SentSealedComment(BaseModel):
    """A comment sealed in the same way; `info` is `survey-app comment 1`, join code, key and id of the comment.

    Inside: content type, a space, the number of bytes, a line feed, the bytes, and what fills up.
    """

    model_config = ConfigDict(extra="forbid")

    key: str
    sealed: str


class SentTally(BaseModel):
    """How the people of one tablet understood the form, as sums. ``finished``: people who sent a response.

    Of each item: who met it; who listened again once, or more often; who needed less than 3 seconds (``quick``), or more
    than 30 (``long``), all among those who finished; and who left there without sending. A sum that is 0 may be left out.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [TALLY_EXAMPLE]})

    finished: int
    items: dict[str, dict[Literal["met", "replayed-once", "replayed-more", "quick", "long", "left"], int]]


class SentShare(BaseModel):
    """One person's share in a tally: ``SentTally`` of this one person, sealed.

    `info` is `survey-app tally 1`, join code, key and id of the share, drawn for it alone.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    key: str
    sealed: str


class SentSealedTally(BaseModel):
    """The same, as sealed shares of at least two people; the server adds them up and forgets them."""

    model_config = ConfigDict(extra="forbid")

    shares: Annotated[list[SentShare], Field(min_length=2, max_length=MOST_SHARES)]


class ReceiptBody(BaseModel):
    """Proof that a response, a tally or a comment is durable. ``receipt`` is its id.

    Of a response also ``store``, the random name of the database that has it, another one after each restore; and
    ``generation``: once ``backed_up`` of any answer of that store is higher, the response is in a backup. ``day``: the
    server's, in days since 1970.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt": ID_EXAMPLE,
                    "status": "stored",
                    "store": STORE_EXAMPLE,
                    "generation": 0,
                    "backed_up": 0,
                    "day": 20_784,
                },
                {"receipt": ID_EXAMPLE, "status": "stored"},
            ]
        },
    )

    receipt: UUID
    status: Literal["stored", "stored-before"]
    store: str | None = None
    generation: int | None = None
    backed_up: int | None = None
    day: int | None = None


class ProblemBody(BaseModel):
    """A problem document (RFC 9457). ``type`` is stable; ``problems`` holds ``where`` and ``code`` of each."""

    type: str
    title: str
    status: int
    problems: list[dict[str, str]] | None = None


STATUS_OF: Final[dict[RefusalReason, tuple[int, str]]] = {
    "device-not-enrolled": (401, "Only enrolled tablets may hand in here."),
    "no-session": (404, "No session has this code."),
    "session-closed": (410, "The session is closed and takes no responses any more."),
    "not-a-response": (422, "This is not a response to the session's questionnaire."),
    "response-id": (422, "The id of a response is a random UUID (version 4) in lower case."),
    "different": (409, "Other answers are kept under this id. Keep this response and tell staff."),
    "unavailable": (503, "Nothing can be stored now. Keep the response and send it again."),
    "not-a-tally": (422, "These are not sums over people of this session."),
    "tally-id": (422, "The id of a tally is a random UUID (version 4) in lower case."),
    "too-many-people": (422, "The sums of this session would count more people than a group has."),
    "not-a-comment": (422, "This is no comment, or this session asks for none."),
    "fault": (500, "A fault of ours. Keep the response and send it again later."),
    "comment-id": (422, "The id of a comment is a random UUID (version 4) in lower case, its own and no response's."),
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a route answers with."""
    schema = ProblemBody.model_json_schema()
    described = {
        400: "Not JSON (`not-json`), a key that stands twice included",
        401: "Only enrolled tablets may hand in here (`device-not-enrolled`), or this one was revoked (`device-revoked`)",
        404: "No such session (`no-session`)",
        409: "This id holds different answers (`different`); the device keeps its copy and staff see it",
        410: "The session has been closed for longer than the days of grace (`session-closed`)",
        413: "The body is too large (`too-large`)",
        415: "Another content type than those named (`content-type`)",
        422: "Not what this session takes (`not-a-batch`, `not-a-response`, `not-a-tally`, `too-many-people`, `not-a-comment`), "
        "or not a random UUID (`response-id`, `tally-id`, `comment-id`)",
        426: "The version of `Survey-App-Protocol` is no longer spoken (`client-too-old`)",
        429: "Too many wrong codes from this address (`too-many-wrong-codes`); see `Retry-After`",
        500: "A fault of ours (`fault`)",
        503: "Nothing can be stored now (`unavailable`); see `Retry-After`",
    }
    return {status: {"description": described[status], "content": {PROBLEM: {"schema": schema}}} for status in statuses}


@router.get(
    "/sessions/{code}",
    summary="What a session asks",
    response_model=SessionForm,
    responses=documented(404, 426, 429, 500, 503),
)
def show_session(
    request: Request, code: Annotated[str, Path(description="Join code", examples=[CODE_EXAMPLE])]
) -> Response:
    """Return the questionnaire of a session: its items in order, with the codes of their answers."""
    state = request.app.state
    if state.wrong_codes.are_too_many(request):
        return too_many_wrong_codes()
    found = sessions.find_with_project(state.database, code) if is_code(code) else None
    if found is None:
        state.wrong_codes.note(request)
        return _refuse(Refusal("no-session"))
    session, project = found
    form = state.questionnaires[project.form]
    running = session.state(clock.now(), state.settings.grace_days)
    return JSONResponse(describe_form(form, project, session, running, state.languages[project.form]))


def describe_form(
    questionnaire: Questionnaire, project: Project, session: Session, running: State, offered: tuple[str, ...]
) -> dict[str, Any]:
    """Describe what a session asks, as ``SessionForm``."""
    asked = {item.id for item in questionnaire.asked_for(project.activities)}
    return {
        "id": questionnaire.id,
        "version": questionnaire.version,
        "languages": list(project.order_languages(offered)),
        "items": [
            {
                "id": item.id,
                "type": item.type,
                "answers": [answer.code for answer in questionnaire.answers_of(item)],
                "condition": None if item.ask_if is None else item.ask_if.model_dump(mode="json", by_alias=True),
                "asked": item.id in asked,
            }
            for item in questionnaire.items
        ],
        "off_scale": [answer.value for answer in OffScale],
        "session": {"code": session.code, "state": running, "people": session.people},
    }


@router.put(
    "/sessions/{code}/responses/{response_id}",
    summary="Hand in a response",
    status_code=201,
    response_model=ReceiptBody,
    response_description="Stored now",
    responses={
        200: {"model": ReceiptBody, "description": "The same response was stored before"},
        **documented(400, 401, 404, 409, 410, 413, 415, 422, 426, 429, 500, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": SentResponse.model_json_schema()},
                SEALED: {"schema": SentSealed.model_json_schema()},
            },
        }
    },
)
async def take_response(
    request: Request,
    code: Annotated[str, Path(description="Join code", examples=[CODE_EXAMPLE])],
    response_id: Annotated[str, Path(description="Random UUID (version 4) of the device", examples=[ID_EXAMPLE])],
) -> Response:
    """Keep one response. The same one again is harmless; a receipt is sent after it is durable, never before."""
    take = partial(receive, languages=request.app.state.languages)
    return await _hand_in(request, take, code, response_id, await _read_response(request))


@router.put(
    "/sessions/{code}/tallies/{tally_id}",
    summary="Hand in how the form was understood",
    status_code=201,
    response_model=ReceiptBody,
    response_description="Added now",
    responses={
        200: {"model": ReceiptBody, "description": "A tally with this id was added before"},
        **documented(400, 401, 404, 410, 413, 415, 422, 426, 429, 500, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": SentTally.model_json_schema()},
                SEALED: {"schema": SentSealedTally.model_json_schema()},
            },
        }
    },
)
async def take_tally(
    request: Request,
    code: Annotated[str, Path(description="Join code", examples=[CODE_EXAMPLE])],
    tally_id: Annotated[str, Path(description="Random UUID (version 4) of the device", examples=[ID_EXAMPLE])],
) -> Response:
    """Add sums over several people of a tablet to those of the session. The same tally again is harmless."""
    return await _hand_in(request, receive_tally, code, tally_id, await _read_tally(request))


@router.put(
    "/sessions/{code}/comments/{comment_id}",
    summary="Hand in a comment",
    status_code=201,
    response_model=ReceiptBody,
    response_description="Stored now",
    responses={
        200: {"model": ReceiptBody, "description": "The same comment was stored before"},
        **documented(400, 401, 404, 409, 410, 413, 415, 422, 426, 429, 500, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                TEXT: {"schema": {"type": "string", "maxLength": MOST_LETTERS}},
                SOUND: {"schema": {"type": "string", "format": "binary", "maxLength": LARGEST_SOUND}},
                SEALED: {"schema": SentSealedComment.model_json_schema()},
            },
        }
    },
)
async def take_comment(
    request: Request,
    code: Annotated[str, Path(description="Join code", examples=[CODE_EXAMPLE])],
    comment_id: Annotated[
        str, Path(description="Random UUID (version 4), drawn for this comment alone", examples=[ID_EXAMPLE])
    ],
) -> Response:
    """Keep what somebody said or wrote, apart from every response. The same comment again is harmless."""
    return await _hand_in(request, receive_comment, code, comment_id, await _read_words(request))


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent could not be read; ``answer`` says why."""

    answer: JSONResponse


async def _hand_in(
    request: Request, take: Callable[..., Receipt | Refusal], code: str, sent_id: str, sent: object
) -> Response:
    """Let one journey take what was read, unless it is refused already."""
    if isinstance(sent, Refused):
        return sent.answer
    state = request.app.state
    days = state.settings.grace_days
    outcome = await run_in_threadpool(
        take,
        state.database,
        state.questionnaires,
        code,
        sent_id,
        sent,
        clock.now(),
        grace_days=days,
        by_phone=is_phone(request.scope),
    )
    return _answer(request, outcome)


async def _read_words(request: Request) -> Words | SealedComment | Rejected | Refused:
    """Return what was said or written, what is wrong with it, or why it is refused unread."""
    if request.app.state.wrong_codes.are_too_many(request):
        return Refused(too_many_wrong_codes())
    sent_as = content_type(request)
    if sent_as not in _READERS_OF_WORDS:
        return Refused(problem(415, "content-type", f"Send a comment as {TEXT} in UTF-8, as {SOUND} or as {SEALED}."))
    read, largest = _READERS_OF_WORDS[sent_as]
    try:
        return read(await read_body(request, largest))
    except TooLargeError:
        return Refused(problem(413, "too-large", f"A comment has at most {largest} bytes as {sent_as}."))
    except ClientDisconnect:
        return Refused(problem(400, "not-json", "The device went away."))
    except NotJsonError:
        return Refused(problem(400, "not-json", "The body is not one JSON value with each key once."))


_READERS_OF_WORDS: Final[dict[str, tuple[Callable[[bytes], Words | SealedComment | Rejected], int]]] = {
    TEXT: (read_written, LARGEST_TEXT),
    SOUND: (read_spoken, LARGEST_SOUND),
    SEALED: (lambda body: read_sealed_comment(read_json(body)), LARGEST_SEALED_COMMENT),
}


async def _read_response(request: Request) -> object:
    """Return the JSON value or the sealed response that was sent, or why it is refused unread."""
    if content_type(request) != SEALED:
        return await _read_sent(request, "response")
    sent = await _read_sent(request, "response", SEALED)
    return sent if isinstance(sent, Refused) else read_sealed(sent)


async def _read_tally(request: Request) -> object:
    """Return the JSON value or the sealed shares that were sent, or why they are refused unread."""
    if content_type(request) != SEALED:
        return await _read_sent(request, "tally")
    sent = await _read_sent(request, "tally", SEALED, LARGEST_SEALED_TALLY)
    return sent if isinstance(sent, Refused) else read_sealed_tally(sent)


async def _read_sent(request: Request, kind: str, sent_as: str = JSON, largest: int | None = None) -> object:
    """Return the JSON value that was sent, or why it is refused unread."""
    state = request.app.state
    largest = largest or state.settings.largest_response
    if state.wrong_codes.are_too_many(request):
        return Refused(too_many_wrong_codes())
    if content_type(request) != sent_as:
        return Refused(problem(415, "content-type", f"Send the {kind} as {JSON}."))
    try:
        return read_json(await read_body(request, largest))
    except TooLargeError:
        return Refused(problem(413, "too-large", f"A {kind} has at most {largest} bytes."))
    except (NotJsonError, ClientDisconnect):
        return Refused(problem(400, "not-json", "The body is not one JSON value with each key once."))


def _answer(request: Request, outcome: Receipt | Refusal) -> JSONResponse:
    if isinstance(outcome, Receipt):
        return _give_receipt(outcome)
    if outcome.reason == "no-session":
        request.app.state.wrong_codes.note(request)
    return _refuse(outcome)


def _give_receipt(receipt: Receipt) -> JSONResponse:
    body: dict[str, object] = {"receipt": str(receipt.receipt), "status": receipt.status}
    if receipt.stamp is not None:
        body |= describe_stamp(receipt.stamp)
    return JSONResponse(body, status_code=status_of_receipt(receipt))


def describe_stamp(stamp: Stamp) -> dict[str, object]:
    """Say which database answers, and the server's day in days since 1970: a tablet's own clock may be wrong by years."""
    return {**asdict(stamp), "day": (clock.now().date() - date(1970, 1, 1)).days}


def status_of_receipt(receipt: Receipt) -> int:
    """Return 201 for what was stored now, 200 for what was before."""
    return 201 if receipt.status == "stored" else 200


def _refuse(refusal: Refusal) -> JSONResponse:
    status, title = STATUS_OF[refusal.reason]
    extra = {"problems": [_place(found) for found in refusal.problems]} if refusal.problems else {}
    answer = problem(status, refusal.reason, title, **extra)
    if status == 401:  # noqa: PLR2004
        answer.headers["www-authenticate"] = "Bearer"
    if refusal.reason == "unavailable":
        answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return answer


def _place(found: Problem | TallyProblem) -> dict[str, str]:
    return {"where": found.where, "code": found.code}


def too_many_wrong_codes() -> JSONResponse:
    """Ask an address that tried many wrong codes to wait."""
    answer = problem(429, "too-many-wrong-codes", "Too many wrong codes. Wait a minute and try again.")
    answer.headers["retry-after"] = str(SECONDS)
    return answer
