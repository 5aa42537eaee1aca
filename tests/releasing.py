"""Asks for a release and waits until it is made, as a browser does."""

from __future__ import annotations

import time
from collections.abc import Mapping

from httpx import Response
from starlette.testclient import TestClient

MAKING = "/console/releases/making/"
SECONDS = 60


def make_release(
    browser: TestClient, form: Mapping[str, str], address: str = "/console/releases", **more: Mapping[str, str]
) -> Response:
    """Send the form; return what it leads to in the end: to a release, or the page that says why there is none."""
    asked = browser.post(address, data=dict(form), **more)  # type: ignore[arg-type]
    return asked if asked.status_code != 303 else wait_for(browser, asked.headers["location"], **more)


def wait_for(browser: TestClient, address: str, **more: Mapping[str, str]) -> Response:
    """Wait until a release is made, or it is said why it is not."""
    assert address.startswith(MAKING)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        stands = browser.get(address, **more)  # type: ignore[arg-type]
        if stands.status_code != 200 or "hx-get" not in stands.text:
            return stands
        time.sleep(0.05)
    raise AssertionError("the release was not made in time")
