"""The real server, started by the browser tests as its own process: ``python serving.py DATA_DIR PORT``.

Two things exist only here: a language that reads from right to left in Latin letters, so that axe can measure the contrast
of mirrored pages, and a short questionnaire with skip logic.
"""

from __future__ import annotations

import math
import shutil
import sys
from array import array
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from survey_app.foundation import languages, places

# A tag that exists, so that axe and screen readers accept it; the texts are no Yiddish.
PSEUDO = languages.Language("yi", "Mirrored", "rtl", "latin")
NEWER = "newer-worker"
WITHOUT_LETTERS = "without-letters"
RECORDED = ("fr", "ar")
SHORT = """
id: short
version: 1
language: fr
title: "Un essai"
items:
  - id: came
    type: single
    text: "Je suis venu ?"
    picture: people
    answers:
      - { code: "yes", text: "Oui", picture: face-a-lot, colour: blue }
      - { code: "no", text: "Non", picture: face-not-at-all, colour: rust }
  - id: liked
    type: single
    text: "Le groupe est bien ?"
    picture: helpful
    ask_if: { item: came, is_one_of: ["yes"] }
    answers:
      - { code: "yes", text: "Oui", picture: face-a-lot, colour: blue }
      - { code: "no", text: "Non", picture: face-not-at-all, colour: rust }
  - id: change
    type: several
    text: "Que faut-il changer ?"
    picture: change
    answers:
      - { code: more, text: "Plus d'heures", picture: more-hours, colour: blue }
      - { code: slower, text: "Aller plus lentement", picture: slower, colour: teal }
"""


def prepare(folder: Path) -> None:
    """Copy what is shipped and add the pseudo-language and the short questionnaire."""
    for name in ("translations", "questionnaires"):
        shutil.copytree(places.shipped(name), folder / name, dirs_exist_ok=True)
    for name in ("respond.po", "questionnaires.po"):
        source = folder / "translations" / "ar" / "LC_MESSAGES" / name
        target = folder / "translations" / PSEUDO.locale / "LC_MESSAGES" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_pseudo(source, target)
    (folder / "questionnaires" / "short.v1.yaml").write_text(SHORT, encoding="utf-8")
    record_voices(folder)


def write_pseudo(source: Path, target: Path) -> None:
    """Write a catalogue in which every sentence is its source text in brackets."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    with source.open("rb") as file:
        read = read_po(file)
    written = Catalog(locale="en")
    for message in read:
        if message.id:
            written.add(message.id, string=f"[{message.id} ~]", context=message.context)
    with target.open("wb") as file:
        write_po(file, written)


def record_voices(folder: Path) -> None:
    """Record every sentence of some languages as one short tone, so that tests need not wait.

    A number behind the last frame, which no player reads, makes each sound another one.
    """
    from survey_app.questionnaire.loader import load_all
    from survey_app.questionnaire.translation import load_catalogues
    from survey_app.voices.script import write_script
    from survey_app.voices.speak import write_mp3

    write_mp3(array("h", (round(6_000 * math.sin(i / 8)) for i in range(4_000))), 16_000, folder / "tone.mp3")
    tone = (folder / "tone.mp3").read_bytes()
    catalogues = load_catalogues(folder / "translations")
    asked = tuple(load_all(folder / "questionnaires").values())
    for tag in RECORDED:
        language = languages.find_language(tag)
        if language is None:
            raise LookupError(tag)
        voice = folder / "translations" / "voice" / language.locale
        voice.mkdir(parents=True, exist_ok=True)
        for number, line in enumerate(write_script(language, asked, catalogues)):
            (voice / f"{line.key}.mp3").write_bytes(tone + number.to_bytes(2, "big"))


def release_newer_worker() -> None:
    """Serve pages and worker as if a file had changed since."""
    from survey_app.web.respond import edition, worker

    edition.edition = worker.edition = lambda _later: "newer"  # type: ignore[attr-defined, assignment]


class LosesLetters:
    """Stands before the app: while a file says so, no font comes through."""

    def __init__(self, app: ASGIApp, sign: Path) -> None:
        self.app = app
        self.sign = sign

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_lost = scope["type"] == "http" and scope["path"].endswith(".woff2") and self.sign.exists()
        await (Response(status_code=503) if is_lost else self.app)(scope, receive, send)


def serve(folder: Path, port: int) -> None:
    """Serve until told to stop."""
    languages.RESPONDENT_LANGUAGES = (*languages.RESPONDENT_LANGUAGES, PSEUDO)  # before anything reads the table
    languages._BY_TAG[PSEUDO.tag] = PSEUDO
    prepare(folder)
    shipped = places.shipped
    places.shipped = lambda name: folder / name if (folder / name).is_dir() else shipped(name)

    from survey_app.commands.serve import listen, run
    from survey_app.foundation.log import set_up_log
    from survey_app.foundation.settings import Settings
    from survey_app.main import create_app

    if (folder / NEWER).exists():
        release_newer_worker()
    set_up_log()
    app = create_app(Settings(data_dir=folder))
    app.add_middleware(LosesLetters, sign=folder / WITHOUT_LETTERS)
    with listen("127.0.0.1", port) as listening:
        run(app, listening)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
