"""How long a first-time user needs from the tablet in hand to "Thank you", if every word is listened to.

Read from the real pages: on each step everything that it says unasked is heard to its end, then the longest answer is touched
and heard again. Two seconds are added for each touch. Voices are the drafts that ./run makes, in each language that has them all.
What this cannot measure is a person who hesitates, goes back or listens twice: that needs people.

Goal: four minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from loopback import CODE, USUAL, open_session, quiet
from starlette.testclient import TestClient

from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.voices.clips import Voices
from survey_app.voices.mp3 import read_sound

LONGEST: Final = 240.0
TOUCH: Final = 2.0
"""Seconds from the end of the voice to the touch."""
LEARNED: Final = 2
"""Questions with which the answers off the scale are said unasked, as in `speech.js`."""


class Steps(HTMLParser):
    """The clips that each step of a page says when it appears, and those of its answers; what is hidden is silent."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[str]] = {}
        self.answers: dict[str, list[str]] = {}
        self._open: list[tuple[str, bool]] = []
        self._step = ""
        self._questions = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "section" and "step" in (named.get("class") or "").split():
            self._step = named.get("id") or ""
            self._questions += "data-item" in named
        if tag in {"img", "input", "meta", "link", "br"}:
            return
        is_silent = ("hidden" in named and tag != "section") or any(silent for _, silent in self._open)
        self._open.append((tag, is_silent))
        kind = (named.get("class") or "").split()
        said = named.get("data-say")
        if self._step and said and not is_silent and ("off" not in kind or self._questions <= LEARNED):
            self.said.setdefault(self._step, []).append(said)
            if "answer" in kind:
                self.answers.setdefault(self._step, []).append(said)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "section":
            self._step = ""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-listening-") as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        tags = sorted(path.name.replace("_", "-") for path in app.state.voices.drafts.iterdir())
        if not tags:
            print("there are no drafts of voices. Start ./run once.", file=sys.stderr)
            return 1
        open_session(app, replace(USUAL, languages=tuple(tags)))
        quiet()
        with TestClient(app) as client:
            times = dict(sorted(measure(app.state.voices, client, tags), key=lambda found: found[1]))
    return report(times)


def measure(voices: Voices, client: TestClient, tags: list[str]) -> Iterator[tuple[str, float]]:
    """Yield the seconds of each language."""
    for tag in tags:
        clips = {clip.name: read_sound(clip.path.read_bytes()).seconds for clip in voices.clips(tag).values()}
        page = Steps()
        page.feed(client.get(f"/s/{CODE}/{tag}").text)
        yield tag, time_of(page, clips)


def time_of(page: Steps, clips: Mapping[str, float]) -> float:
    """Return the seconds of a walk in which everything is heard once and the longest answer is touched at each step."""
    heard = sum(clips[name] for names in page.said.values() for name in names)
    again = sum(max(clips[name] for name in names) for names in page.answers.values())
    touches = len(page.said) + len(page.answers)  # "next" on each step, and an answer where there are any
    return heard + again + touches * TOUCH


def report(times: Mapping[str, float]) -> int:
    for tag, seconds in times.items():
        print(f"  {tag:<8} {seconds:5.0f} s")
    slowest = max(times.values())
    verdict = "reached" if slowest <= LONGEST else "missed"
    print(
        f"tablet in hand to thank you, everything listened to: {slowest:.0f} s at most; goal {LONGEST:.0f} s, {verdict}"
    )
    return 0 if slowest <= LONGEST else 1


if __name__ == "__main__":
    sys.exit(main())
