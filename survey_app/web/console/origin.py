"""Refuses what another site sends in the name of a signed-in browser (cross-site request forgery).

Browsers say where a request comes from: ``Sec-Fetch-Site`` on trustworthy origins, ``Origin`` everywhere. Both are set
by the browser, never by a page, so no token is needed and plain forms and htmx are treated alike.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_from_here(request: Request) -> bool:
    """Say whether a request that may change something comes from one of our own pages. In doubt: no."""
    if request.method in _READS:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
