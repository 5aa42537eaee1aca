"""Many responses at once: what a tablet kept while there was no network. Each is answered for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from survey_app.foundation import clock
from survey_app.foundation.strict_json import NotJsonError, read_json
from survey_app.journeys import Receipt, Refusal, Sent, read_sent, receive_all
from survey_app.storage import sessions
from survey_app.storage.stamp import find_stamp
from survey_app.web.kit.bodies import TooLargeError, content_type, read_body
from survey_app.web.kit.device_keys import is_phone
from survey_app.web.kit.problems import problem
from survey_app.web.kit.protocol import ProtocolRoute
from survey_app.web.respond.api import (
    ID_EXAMPLE,
    JSON,
    STATUS_OF,
    SentSealed,
    describe_stamp,
    documented,
    status_of_receipt,
    too_many_wrong_codes,
)

router = APIRouter(prefix="/api/v1", tags=["tablets"], route_class=ProtocolRoute)

MOST_AT_ONCE: Final = 200


class SentInBatch(SentSealed):
    """One sealed response, and what it is handed in under."""

    session: str
    id: str


SENT_BATCH: Final = {
    "type": "object",
    "required": ["responses"],
    "additionalProperties": False,
    "properties": {
        "responses": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_AT_ONCE,
            "items": SentInBatch.model_json_schema(),
        }
    },
}


class AnsweredFor(BaseModel):
    """What became of one: the status and the problem's type that it would have been answered with alone."""

    id: str | None
    status: int
    type: str | None = None


class StoreBody(BaseModel):
    """Which database this is: ``store`` is another one after each restore.

    ``generation`` is the number of the last backup that was begun, ``backed_up`` of the last one that is complete; ``day``
    is the server's, in days since 1970.
    """

    store: str
    generation: int
    backed_up: int
    day: int


class BatchAnswers(StoreBody):
    """What became of each, in the order they came."""

    answers: list[AnsweredFor]


@router.get("/store", summary="Which database this is", response_model=StoreBody, responses=documented(500, 503))
def show_store(request: Request) -> Response:
    """Say which database this is and how many backups were made of it; a tablet with copies asks from time to time."""
    return JSONResponse(describe_stamp(find_stamp(request.app.state.database)))


@router.post(
    "/responses",
    summary="Hand in many responses",
    response_model=BatchAnswers,
    response_description="What became of each",
    responses=documented(400, 401, 413, 415, 422, 426, 429, 500, 503),
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": SENT_BATCH}}}},
)
async def take_batch(request: Request) -> Response:
    """Keep sealed responses, all that can be kept in one commit. One that is refused changes nothing for the others."""
    sent = await _read_batch(request)
    if isinstance(sent, Response):
        return sent
    return await run_in_threadpool(_take, request, sent)


async def _read_batch(request: Request) -> list[Sent] | Response:
    state = request.app.state
    largest = MOST_AT_ONCE * state.settings.largest_response
    if state.wrong_codes.are_too_many(request):
        return too_many_wrong_codes()
    if content_type(request) != JSON:
        return problem(415, "content-type", f"Send responses as {JSON}.")
    try:
        body = read_json(await read_body(request, largest))
    except TooLargeError:
        return problem(413, "too-large", f"A batch has at most {largest} bytes.")
    except (NotJsonError, ClientDisconnect):
        return problem(400, "not-json", "The body is not one JSON value with each key once.")
    sent = body.get("responses") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST_AT_ONCE:
        return problem(422, "not-a-batch", f"A batch has 1 to {MOST_AT_ONCE} responses.")
    return [read_sent(one) for one in sent]


def _take(request: Request, batch: Sequence[Sent]) -> Response:
    state = request.app.state
    heard = _hear(request, dict.fromkeys(sent.session for sent in batch))
    taken = receive_all(
        state.database,
        state.questionnaires,
        [sent for sent in batch if sent.session in heard],
        clock.now(),
        languages=state.languages,
        grace_days=state.settings.grace_days,
        by_phone=is_phone(request.scope),
    )
    following = iter(taken)
    outcomes = [next(following) if sent.session in heard else None for sent in batch]
    answers = [_answer_for(sent, found) for sent, found in zip(batch, outcomes, strict=True)]
    stamps = [found.stamp for found in taken if isinstance(found, Receipt) and found.stamp]
    stamp = stamps[0] if stamps else find_stamp(state.database)
    return JSONResponse({**describe_stamp(stamp), "answers": answers})


def _hear(request: Request, codes: Iterable[str]) -> set[str]:
    """Return the codes that may be looked at, counting wrong ones: a batch is no way to guess two hundred at once."""
    heard: set[str] = set()
    for code in codes:
        if request.app.state.wrong_codes.are_too_many(request):
            break
        heard.add(code)
        if sessions.find(request.app.state.database, code) is None:
            request.app.state.wrong_codes.note(request)
    return heard


def _answer_for(sent: Sent, found: Receipt | Refusal | None) -> dict[str, object]:
    sent_id = sent.id[: len(ID_EXAMPLE)] or None
    if isinstance(found, Receipt):
        return {"id": sent_id, "status": status_of_receipt(found)}
    status, reason = (STATUS_OF[found.reason][0], found.reason) if found else (429, "too-many-wrong-codes")
    return {"id": sent_id, "status": status, "type": f"urn:survey-app:problem:{reason}"}
