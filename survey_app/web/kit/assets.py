"""Static files: kept for ever under the fingerprint of their content, checked again without it."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from survey_app.web.kit.pages import asset

FOR_EVER: Final = "public, max-age=31536000, immutable"
CHECK_AGAIN: Final = "public, no-cache"
_NOT_COMPRESSED: Final = ("/api/", "/console", "/metrics", "/voices/")


class Assets(StaticFiles):
    """Static files with their lifetime. An old fingerprint gets today's file, but nobody keeps it under that name."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code in {200, 304}:
            versions = parse_qs(scope["query_string"].decode("latin-1")).get("v", [])
            is_current = bool(versions) and asset(path) == f"/static/{path}?v={versions[-1]}"
            answer.headers["cache-control"] = FOR_EVER if is_current else CHECK_AGAIN
        return answer


class Compressing:
    """Compresses what respondents load; sounds are small already.

    Pages with a secret beside what was typed are left alone: length would tell.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressed = GZipMiddleware(app, minimum_size=500, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_compressed = scope["type"] == "http" and not scope["path"].startswith(_NOT_COMPRESSED)
        await (self.compressed if is_compressed else self.app)(scope, receive, send)
