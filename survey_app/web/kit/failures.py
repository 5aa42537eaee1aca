"""Refusals that no route wrote itself: problem documents on the API, a page elsewhere. Never what was sent."""

from __future__ import annotations

from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from survey_app.storage.database import RETRY_AFTER_SECONDS, UnavailableError
from survey_app.web.kit.problems import problem

log = structlog.get_logger()

_TITLES: Final = {
    404: ("no-such-address", "There is nothing at this address."),
    405: ("method", "This address does not take this method."),
    422: ("not-understood", "The request is not as it should be."),
    500: ("fault", "A fault of ours. Keep what you have and try again later."),
    503: ("unavailable", "Nothing can be stored now. Try again in a moment."),
}
_OTHER: Final = ("refused", "The request was refused.")


def refuse(request: Request, status: int) -> Response:
    """Answer with a problem on the API and a page elsewhere: ``app.state.error_page``, or a bare one if that fails."""
    code, title = _TITLES.get(status, _OTHER)
    if request.url.path.startswith("/api/"):
        return problem(status, code, title)
    try:
        page: Response = request.app.state.error_page(request, status)
    except Exception as error:  # noqa: BLE001 - the page for faults may not be one
        log.error("no error page", problem=type(error).__name__, status=status)  # noqa: TRY400 - no message
        return _bare_page(status, title)
    return page


def _bare_page(status: int, title: str) -> Response:
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{status}</title><h1>{status}</h1><p>{title}</p>'
    )
    return HTMLResponse(page, status_code=status)


def answer_failures(app: FastAPI) -> None:
    """Give the app its handlers. ``Watching`` answers faults of ours: it keeps their message out of the log."""

    def refuse_http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        answer = refuse(request, status)
        answer.headers.update(headers or {})
        return answer

    def refuse_unread(request: Request, _error: Exception) -> Response:
        return refuse(request, 422)

    def refuse_unavailable(request: Request, _error: Exception) -> Response:
        answer = refuse(request, 503)
        answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        return answer

    app.add_exception_handler(HTTPException, refuse_http)
    app.add_exception_handler(RequestValidationError, refuse_unread)
    app.add_exception_handler(UnavailableError, refuse_unavailable)
