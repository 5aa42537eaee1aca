"""The API of a tablet about itself: it enrols once, learns which sessions it may serve, and says what waits on it."""

from __future__ import annotations

import secrets
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from survey_app.fieldwork.device import Device, read_state
from survey_app.foundation import clock
from survey_app.foundation.strict_json import NotJsonError, read_json
from survey_app.storage import devices, sessions, structure
from survey_app.web.kit.bodies import TooLargeError, read_body
from survey_app.web.kit.device_keys import device_of, hash_key
from survey_app.web.kit.problems import problem

router = APIRouter(prefix="/api/v1/device", include_in_schema=False)

LARGEST: Final = 16_384  # bytes
_LONGEST_ORIGIN: Final = 200


@router.post("")
async def enrol(request: Request) -> Response:
    """Use a one-time link up: ``{"token"}``. The key is told once, in this answer."""
    try:
        raw = read_json(await read_body(request, LARGEST))
    except (TooLargeError, NotJsonError, ClientDisconnect):
        raw = None
    token = raw.get("token") if isinstance(raw, dict) else None
    if request.app.state.wrong_codes.are_too_many(request):
        return problem(429, "too-many-tries", "Too many tries. Wait a minute.")
    return await run_in_threadpool(_enrol, request, token if isinstance(token, str) else "")


def _enrol(request: Request, token: str) -> Response:
    state = request.app.state
    key = secrets.token_urlsafe(32)
    origin = request.headers.get("origin", str(request.base_url).rstrip("/"))[:_LONGEST_ORIGIN]
    device = devices.enrol(state.database, hash_key(token), hash_key(key), origin, clock.now())
    if device is None:
        state.wrong_codes.note(request)
        return problem(404, "link-gone", "This link was used or is too old. Staff make another one.")
    return JSONResponse({**_describe(request, device), "key": key}, status_code=201)


@router.get("")
async def tell_sessions(request: Request) -> Response:
    """Say who the tablet is, which sessions it may serve (those of its organisation that run), and what it left where.

    ``left``: other addresses of this server under which the same tablet may still keep responses; ``kept``: as it last said.
    """
    found = device_of(request.scope)
    if found is None:
        return _nobody()
    described = await run_in_threadpool(_describe, request, found[0])
    places = await run_in_threadpool(devices.list_places, request.app.state.database, found[0].id)
    now = clock.now()
    others = (place for key, place in places if key != found[1] and place.may_keep(now))
    left = [{"origin": place.origin, "kept": place.kept} for place in others]
    return JSONResponse({**described, "left": left})


@router.put("/state")
async def note_state(request: Request) -> Response:
    """Keep what the tablet says of itself, in counts."""
    found = device_of(request.scope)
    if found is None:
        return _nobody()
    try:
        state = read_state(await read_body(request, LARGEST))
    except (TooLargeError, ClientDisconnect):
        state = None
    if state is None:
        return problem(422, "not-a-state", "This is not what a tablet says of itself.")
    await run_in_threadpool(devices.note_state, request.app.state.database, found[1], state, clock.now())
    return Response(status_code=204)


def _nobody() -> Response:
    answer = problem(401, "device-not-enrolled", "This tablet has no key. Staff enrol it.")
    answer.headers["www-authenticate"] = "Bearer"
    return answer


def _describe(request: Request, device: Device) -> dict[str, Any]:
    db = request.app.state.database
    projects = {project.code: project for project in structure.list_projects(db)}
    modules = {(module.project, module.code): module.name for module in structure.list_modules(db)}
    return {
        "id": device.id,
        "name": device.name,
        "sessions": [
            {
                "code": session.code,
                "project": projects[session.project].name,
                "module": modules[session.project, session.module],
                "day": session.opened_on.isoformat(),
            }
            for session in sessions.list_open(db)
            if projects[session.project].organisation == device.organisation
        ],
    }
