"""What a tablet fetches to be ready without internet: a session of the exit survey in three languages, sounds included.

Real Chromium with an empty profile opens the wall of languages and stays there until its pages, letters, pictures and sounds
are kept. Counted are all bytes of all answers on the wire, heads included. Goal: at most 6 MB.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "faults")]

import wire
from installation import Installation
from playwright.sync_api import sync_playwright
from tablets import Tablet

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation.places import shipped
from survey_app.storage import sessions, structure

MOST_BYTES: Final = 6_000_000
LANGUAGES: Final = ("fr", "uk", "tr")  # all three speak
CODE: Final = "482913"
SOUNDS_WITHIN: Final = 120_000
ALL_HEARD: Final = """() => {
  const [kept, total] = (document.documentElement.dataset.voices ?? "0/1").split("/");
  return kept === total;
}"""


def measure(folder: Path) -> tuple[int, str]:
    """Prepare a tablet; return the bytes and how many sounds it kept."""
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
            tablet.prepare()
            tablet.page.wait_for_function(ALL_HEARD, timeout=SOUNDS_WITHIN)
            sounds = str(tablet.page.evaluate("document.documentElement.dataset.voices"))
            tablet.kill()
        served.db.close()
    return carried, sounds


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-prepare-", ignore_cleanup_errors=True) as folder:
        carried, sounds = measure(Path(folder))
    print(
        f"a session in {len(LANGUAGES)} languages ({', '.join(LANGUAGES)}) is ready without internet after "
        f"{carried / 1e6:.2f} MB; sounds kept {sounds}; goal {MOST_BYTES / 1e6:.0f} MB"
    )
    return 0 if carried <= MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
