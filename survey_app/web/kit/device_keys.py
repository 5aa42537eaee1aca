"""Keys of tablets: who shows one must have a good one; who shows none is a person's own phone, for its session to judge."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from survey_app.fieldwork.device import Device
from survey_app.storage.database import RETRY_AFTER_SECONDS, Database, UnavailableError
from survey_app.storage.devices import find_by_key
from survey_app.web.kit.failures import refuse
from survey_app.web.kit.problems import problem

ENROLS: Final = "/api/v1/device"
_CARRIES: Final = "/api/v1/carried-batches"
"""Another instance sends here, and signs what it sends."""
_API: Final = "/api/v1/"
_FORMS: Final = "/s/"
_SCHEME: Final = "Bearer "
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def hash_key(key: str) -> str:
    """Return what the database keeps of a key or of the token of a link: both are 256 random bits."""
    return sha256(key.encode()).hexdigest()


def device_of(scope: Scope) -> tuple[Device, str] | None:
    """Return the tablet whose key came with a request, and the key's hash."""
    found: tuple[Device, str] | None = scope.get("survey_app_device")
    return found


def is_phone(scope: Scope) -> bool:
    """Say whether a request came without the key of a tablet, as from a person's own phone."""
    return device_of(scope) is None


class DeviceKeys:
    """Stands before the API and the plain forms. The tablet is known to the request, never to what is stored of it."""

    def __init__(self, app: ASGIApp, db: Database, *, is_enrolled_only: bool) -> None:
        self.app = app
        self._db = db
        self._is_enrolled_only = is_enrolled_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._check(scope) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    async def _check(self, scope: Scope) -> Response | None:
        """Return the refusal, ``None`` where the request may go on."""
        path = scope["path"]
        enrols = path == ENROLS and scope["method"] == "POST"
        if enrols or path == _CARRIES or not path.startswith((_API, _FORMS)):
            return None
        request = Request(scope)
        shown = request.headers.get("authorization")
        if shown is None or not path.startswith(_API):
            return self._refuse_stranger(request) if self._is_enrolled_only else None
        key_hash = hash_key(shown.removeprefix(_SCHEME))
        try:
            device = await run_in_threadpool(find_by_key, self._db, key_hash)
        except UnavailableError:
            answer = refuse(request, 503)
            answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
            return answer
        if device is None or not shown.startswith(_SCHEME):
            return _unauthorised(
                "device-revoked", "This tablet is not, or no longer, one of ours. It keeps what it has."
            )
        scope["survey_app_device"] = (device, key_hash)
        return None

    def _refuse_stranger(self, request: Request) -> Response | None:
        if request.method in _READS:
            return None
        if request.url.path.startswith(_FORMS):
            return refuse(request, 403)
        return _unauthorised("device-not-enrolled", "Only enrolled tablets may hand in here.")


def _unauthorised(code: str, title: str) -> Response:
    answer = problem(401, code, title)
    answer.headers["www-authenticate"] = "Bearer"
    return answer
