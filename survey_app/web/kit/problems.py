"""Refusals on the API as problem documents (RFC 9457). They carry codes and ids, never an answer."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

PROBLEM = "application/problem+json"


def problem(status: int, code: str, title: str, **extra: Any) -> JSONResponse:  # noqa: ANN401 - JSON values
    """Return a problem document. ``type`` is stable: ``urn:survey-app:problem:<code>``."""
    body = {"type": f"urn:survey-app:problem:{code}", "title": title, "status": status, **extra}
    return JSONResponse(body, status_code=status, media_type=PROBLEM)
