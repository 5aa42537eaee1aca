"""The real server of one installation as fault tests need it: killed at any moment, with a wrong clock, newer than before.

Its questionnaire asks six questions of five answers each: which answers a person chose is a number from 0 to 15,624, so
that each response of a run can be told by nothing but its answers.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import servers

from survey_app.backup.making import make_backup
from survey_app.backup.restoring import restore
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.storage import rooms, sealing, sessions, structure
from survey_app.storage.database import Database

QUESTIONS: Final = 6
ANSWERS: Final = 5
MOST: Final = ANSWERS**QUESTIONS
ITEM: Final = "canary-{}"
CODE: Final = "kanarie-{}-{}"
JOIN_CODE: Final = "482913"
CANARY: Final = '"canary-0":"kanarie-0-'
"""What the start of anybody's answers looks like in JSON. No page holds it."""


def _in_base64(text: bytes) -> set[bytes]:
    """What stands in base64, of either alphabet, wherever a text begins in what was written so: one of three ways."""
    ways = set()
    for before in range(3):
        whole = len(text) + before
        begin, end = (
            -(-before * 4 // 3),
            whole // 3 * 4,
        )  # letters that say something of what stands around are left out
        ways |= {write(bytes(before) + text)[begin:end] for write in (base64.b64encode, base64.urlsafe_b64encode)}
    return ways


AS_TEXT: Final = CANARY.encode()
AS_WIDE_TEXT: Final = CANARY.encode("utf-16-le")
AS_OBJECT: Final = b'canary-0"' + bytes([len(CODE.format(0, 0))]) + b"kanarie-0-"
AS_FORM: Final = ITEM.format("").encode("utf-16-le")
READABLE: Final = (AS_TEXT, AS_WIDE_TEXT, *sorted(_in_base64(AS_TEXT)), AS_OBJECT, AS_FORM)
"""The same as a browser's files hold it: a text in either of two ways, or in base64; an object that was put into its
database; what is touched on a form, where a browser notes it to show it again after a crash."""
FORM: Final = "/s/{}/fr"
DAYS: Final = "clock-days"
PASSPHRASE: Final = "four words of a test"
NEWER: Final = "newer-worker"
NEXT_PROTOCOL: Final = "next-protocol"


def write_questionnaire(folder: Path, version: int = 1) -> None:
    """Write a version of the questionnaire; each says its number in its texts, and asks the same."""
    colours = ("blue", "teal", "amber", "rust", "violet")
    items: list[dict[str, object]] = [
        {
            "id": ITEM.format(question),
            "type": "single",
            "text": f"Question {question}, texte {version} ?",
            "picture": "age",
            "answers": [
                {"code": CODE.format(question, number), "text": f"Réponse {number}", "picture": "age", "colour": colour}
                for number, colour in enumerate(colours)
            ],
        }
        for question in range(QUESTIONS)
    ]
    content = {"id": "canary", "version": version, "language": "fr", "title": "Un essai", "items": items}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"canary.v{version}.yaml").write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML


def codes_of(number: int) -> list[tuple[str, str]]:
    """The answers that say a number."""
    digits = [number // ANSWERS**place % ANSWERS for place in range(QUESTIONS)]
    return [(ITEM.format(place), CODE.format(place, digit)) for place, digit in enumerate(digits)]


def number_of(document: str) -> int:
    """The number that the answers of a kept response say."""
    answers = json.loads(document)["answers"]
    return sum(int(answers[ITEM.format(place)].rpartition("-")[2]) * ANSWERS**place for place in range(QUESTIONS))


class Installation(servers.Server):
    """A server with its data, and what is stored there."""

    def __init__(self, folder: Path, questionnaires: Path | None = None) -> None:
        """Serve from a folder; ``questionnaires``: others that are known too."""
        self.folder = folder
        if questionnaires is not None:
            shutil.copytree(questionnaires, folder / "questionnaires")
        write_questionnaire(folder / "questionnaires")
        self.db = Database(f"sqlite:///{folder / 'data' / 'survey.sqlite3'}")
        self.db.upgrade()
        project = Project("canary", "centre", "Canari", "canary", 1, frozenset(), ("fr",))
        structure.write_structure(
            self.db, [Organisation("centre", "Centre")], [project], [Module("course", "Cours", "canary")]
        )
        super().__init__(partial(serve_installation, folder), folder / "server.log")

    @property
    def database_file(self) -> Path:
        return self.folder / "data" / "survey.sqlite3"

    @property
    def pid(self) -> int:
        if self._process is None or self._process.pid is None:
            raise LookupError("the server does not run")
        return self._process.pid

    def move(self) -> None:
        """Go on under another port."""
        self.end()
        self.port = servers.find_free_port()
        self.start()

    def open_session(self, code: str, project: str = "canary") -> str:
        """Open a session; tablets that nobody enrolled hand in to it too, whatever another test has enrolled."""
        sessions.add(self.db, Session(code, project, "course", 500, date(2026, 11, 2)))
        rooms.allow_phones(self.db, code, are_allowed=True)
        return code

    def publish(self, version: int) -> str:
        """Bring a new version of the questionnaire, known from the next start on, with a project that asks it."""
        write_questionnaire(self.folder / "questionnaires", version)
        project = Project(f"canary-{version}", "centre", "Canari", "canary", version, frozenset(), ("fr",))
        structure.write_structure(self.db, [], [project], [Module("course", "Cours", project.code)])
        return project.code

    def counted(self, codes: Iterable[str]) -> list[int]:
        """The numbers of all responses of some sessions, in no order."""
        return [number_of(document) for _, document in sessions.documents(self.db, codes)]

    def rotate_key(self) -> None:
        """Let the server seal with another key from now on."""
        sealing.rotate_key(self.db, clock.today())

    def keep_backup(self) -> None:
        """Make a backup while the server runs."""
        self.backup.unlink(missing_ok=True)
        make_backup(self.db, self.database_file.parent, self.backup, PASSPHRASE, clock.now())

    def restore_backup(self) -> None:
        """Go back to the backup."""
        self.end()
        self.db.close()
        restore(self.backup, self.database_file.parent, PASSPHRASE, clock.now(), replace=True)
        self.db = Database(f"sqlite:///{self.database_file}")
        self.start()

    @property
    def backup(self) -> Path:
        return self.folder / "yesterday.backup"

    def set_clock(self, days: int) -> None:
        """Let the server's clock be wrong from its next start on."""
        (self.folder / DAYS).write_text(str(days), encoding="utf-8")

    def speak_next_protocol(self, *, only: bool) -> None:
        """Let the server speak the next protocol, and no older one, from its next start on."""
        if only:
            (self.folder / NEXT_PROTOCOL).touch()
        else:
            (self.folder / NEXT_PROTOCOL).unlink()

    def update(self, mark: str) -> None:
        """Let the server bring a newer program for tablets from its next start on."""
        (self.folder / NEWER).write_text(mark, encoding="utf-8")

    def take_update_back(self) -> None:
        """Let the server bring the usual program again from its next start on."""
        (self.folder / NEWER).unlink()


def serve_installation(folder: Path, port: int) -> None:
    """Serve until a signal comes."""
    os.environ["SURVEY_APP_DATA_DIR"] = str(folder / "data")
    os.environ["SURVEY_APP_QUESTIONNAIRES_DIR"] = str(folder / "questionnaires")
    from survey_app.commands.serve import serve

    if (folder / DAYS).exists():
        _turn_clock(int((folder / DAYS).read_text("utf-8")))
    if (folder / NEWER).exists():
        _release_newer_worker((folder / NEWER).read_text("utf-8"))
    if (folder / NEXT_PROTOCOL).exists():
        _speak_next_protocol()
    serve(port=port)


def _turn_clock(days: int) -> None:
    from survey_app.foundation import clock

    right = clock.now
    clock.now = lambda: right() + timedelta(days=days)


def _release_newer_worker(mark: str) -> None:
    """Serve pages and their worker as if a file had changed since."""
    from survey_app.web.respond import edition, worker

    newer: Any = lambda _later: mark  # noqa: E731
    edition.edition = worker.edition = newer  # type: ignore[attr-defined]


def _speak_next_protocol() -> None:
    """Serve as a program that speaks the next protocol only, with pages that do."""
    from survey_app.web.kit import protocol
    from survey_app.web.respond import edition, modules, worker

    spoken = protocol.PROTOCOL
    following: Any = spoken + 1
    protocol.PROTOCOL = protocol.OLDEST_SPOKEN = following  # type: ignore[misc]
    version, write = f"{modules.version()}{following}", modules.write_module
    newer: Any = lambda: version  # noqa: E731
    modules.version = edition.version = worker.version = newer  # type: ignore[attr-defined]
    rewrite: Any = lambda name: write(name).replace(f'PROTOCOL = "{spoken}"', f'PROTOCOL = "{following}"')  # noqa: E731
    worker.write_module = rewrite  # type: ignore[attr-defined]
