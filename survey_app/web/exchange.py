"""The door for batches of other instances. Who comes in is told by the signature of what they bring, and by nothing else."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from survey_app.carrying import NotTaken, take_batch
from survey_app.exchange.batch import LARGEST
from survey_app.storage.database import RETRY_AFTER_SECONDS
from survey_app.web.kit.bodies import TooLargeError, read_body
from survey_app.web.kit.problems import PROBLEM, problem

router = APIRouter(prefix="/api/v1", tags=["instances"])

_STATUS: Final = {"sender-unknown": 403, "forged": 403, "unavailable": 503}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": description, "content": {PROBLEM: {}}}
    for status, description in (
        (403, "Not signed by an instance that is trusted here (`batch-sender-unknown`, `batch-forged`)"),
        (413, "The body is too large (`too-large`)"),
        (422, "Nothing of it was taken (`batch-damaged`, `batch-foreign`, `batch-answers-differ`, ...)"),
        (503, "Nothing can be stored now (`batch-unavailable`)"),
    )
}


class BatchReceipt(BaseModel):
    """Proof that every response of a batch is durable here. ``receipt`` is its id."""

    receipt: UUID


@router.post(
    "/carried-batches", summary="Hand in a batch of another instance", response_model=BatchReceipt, responses=_REFUSED
)
async def take(request: Request) -> Response:
    """Take a batch of closed sessions: all of it, each response once, or nothing. The same one again is harmless."""
    try:
        raw = await read_body(request, LARGEST)
    except TooLargeError:
        return problem(413, "too-large", f"A batch has at most {LARGEST} bytes.")
    except ClientDisconnect:
        return problem(422, "batch-damaged", "The other instance went away.")
    state = request.app.state
    taken = await run_in_threadpool(take_batch, state.database, state.questionnaires, raw)
    if isinstance(taken, NotTaken):
        return _refuse(taken)
    return JSONResponse({"receipt": str(taken.id)})


def _refuse(refused: NotTaken) -> JSONResponse:
    known = {"where": refused.where} if refused.where else {}
    status = _STATUS.get(refused.reason, 422)
    answer = problem(status, f"batch-{refused.reason}", "Nothing of this batch was taken.", **known)
    if refused.reason == "unavailable":
        answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return answer
