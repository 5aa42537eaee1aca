"""The version of what tablets and server say to each other, so that an old tablet is told instead of misunderstood.

Our pages name their version in each request; programs that name none are served as the newest. A version that is no
longer spoken is answered 426: the tablet keeps all that it has, and takes today's pages between two respondents.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from survey_app.web.kit.problems import problem

PROTOCOL: Final = 1
OLDEST_SPOKEN: Final = 1
HEADER: Final = "survey-app-protocol"


class ProtocolRoute(APIRoute):
    """A route of tablets: asks which version they speak, says which one this server does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_in_our_version(request: Request) -> Response:
            reply = await answer(request) if _is_spoken(request.headers.get(HEADER)) else _too_old()
            reply.headers[HEADER] = str(PROTOCOL)
            return reply

        return answer_in_our_version


def _is_spoken(version: str | None) -> bool:
    """Say whether this server understands a version. A newer one is heard out: what it cannot read it refuses by itself."""
    return version is None or (version.isdecimal() and len(version) < 10 and int(version) >= OLDEST_SPOKEN)  # noqa: PLR2004


def _too_old() -> Response:
    return problem(426, "client-too-old", "This page is older than this server understands. Keep all and load it anew.")
