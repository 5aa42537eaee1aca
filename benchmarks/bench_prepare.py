"""What a tablet fetches to be ready without internet: a session of the exit survey in three languages, sounds included.

Real Chromium with an empty profile opens the link of its enrolment, as staff scan it; they choose the session and touch "Make
this tablet ready" until the page is green. Counted are all bytes of all answers on the wire, heads included, those from the
touch on apart. Goal: at most 6 MB in all.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "faults")]

import wire
from installation import Installation
from playwright.sync_api import Page, sync_playwright
from tablets import Tablet

from survey_app.fieldwork.device import Device
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.places import shipped
from survey_app.storage import devices, sessions, structure
from survey_app.web.kit.device_keys import hash_key

MOST_BYTES: Final = 6_000_000
LANGUAGES: Final = ("fr", "uk", "tr")  # all three speak
CODE: Final = "482913"
READY_WITHIN: Final = 180_000
SOUNDS: Final = "caches.open('voices').then((kept) => kept.keys()).then((all) => all.length)"


def enrol(served: Installation, page: Page, url: str) -> None:
    """Open the link of a new tablet's QR code."""
    now = clock.now()
    devices.add_device(served.db, Device("bench", "Bench", "centre"))
    devices.add_link(served.db, hash_key("token"), "bench", now + timedelta(hours=1), now)
    page.goto(f"{url}/tablet/fr#enrol=token")
    page.locator("[data-enrolled=done]").wait_for()
    page.wait_for_function("navigator.serviceWorker.ready.then((found) => Boolean(found.active))")


def make_ready(page: Page) -> None:
    """Choose the session, with all its languages, and touch the button."""
    page.locator(f"[data-groups] input[value='{CODE}']").check()
    page.locator("[data-tongues] input:checked").nth(len(LANGUAGES) - 1).wait_for()
    page.locator("[data-make-ready]").click()
    page.locator("[data-result=ready]").wait_for(timeout=READY_WITHIN)


def measure(folder: Path) -> tuple[int, int, int]:
    """Prepare a tablet; return the bytes, those before the button was touched, and how many sounds are kept."""
    carried = 0

    async def count(exchange: wire.Exchange) -> None:
        nonlocal carried
        answer = await exchange.forward()
        carried += len(answer)
        await exchange.answer(answer)

    with (
        Installation(folder / "server", questionnaires=shipped("questionnaires")) as served,
        wire.Wire(served.port) as network,
    ):
        project = Project(
            "bench", "centre", "Bench", "amif-exit", 1, frozenset({"speaking", "housing", "money", "people"}), LANGUAGES
        )
        structure.write_structure(served.db, (), [project], [Module("course", "Cours", "bench")])
        sessions.add(served.db, Session(CODE, "bench", "course", 15, date(2026, 11, 2)))
        with sync_playwright() as playwright, network.suffering(count, everything=True):
            tablet = Tablet(playwright, folder / "tablet", network.url, CODE)
            tablet.start()
            enrol(served, tablet.page, network.url)
            before = carried
            make_ready(tablet.page)
            sounds = int(tablet.page.evaluate(SOUNDS))
            tablet.kill()
        served.db.close()
    return carried, before, sounds


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-prepare-", ignore_cleanup_errors=True) as folder:
        carried, before, sounds = measure(Path(folder))
    print(
        f"a session in {len(LANGUAGES)} languages ({', '.join(LANGUAGES)}) is ready without internet after "
        f'{carried / 1e6:.2f} MB, {(carried - before) / 1e6:.2f} of them by "Make this tablet ready"; {sounds} sounds kept; '
        f"goal {MOST_BYTES / 1e6:.0f} MB"
    )
    return 0 if carried <= MOST_BYTES and sounds > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
