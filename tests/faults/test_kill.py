"""The power fails: what has a receipt is there, once."""

from __future__ import annotations

import http.client
import json
import random
import shutil
import signal
import threading
import time
from pathlib import Path
from uuid import UUID

import builders
import servers
from sqlalchemy import text

from survey_app.cli import run
from survey_app.collection.reading import read_response
from survey_app.collection.response import Response, document
from survey_app.storage.database import Database

RESPONSES = 200
TABLETS = 6
KILLS = 6
GIVES_UP_AFTER_SECONDS = 120


class Tablets:
    """Tablets that send each response until a receipt names it, as the outbox of a device does."""

    def __init__(self, port: int, outbox: dict[str, dict[str, object]]) -> None:
        self.port = port
        self.waiting = list(outbox.items())
        self.receipts: list[str] = []
        self.generations: dict[str, int] = {}
        self.faults: list[str] = []
        self.lock = threading.Lock()
        self.until = time.monotonic() + GIVES_UP_AFTER_SECONDS

    def send_all(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._send) for _ in range(TABLETS)]
        for thread in threads:
            thread.start()
        return threads

    def _send(self) -> None:
        while time.monotonic() < self.until:
            with self.lock:
                if not self.waiting:
                    return
                response_id, raw = self.waiting.pop()
            if self._is_received(response_id, raw):
                self.receipts.append(response_id)
                time.sleep(0.01)
            else:
                with self.lock:
                    self.waiting.insert(0, (response_id, raw))
                time.sleep(0.02)

    def _is_received(self, response_id: str, raw: dict[str, object]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            at = f"/api/v1/sessions/{builders.CODE}/responses/{response_id}"
            connection.request("PUT", at, json.dumps(raw), {"content-type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status not in {200, 201, 503}:
            self.faults.append(f"{answer.status} {body!r}")
        if answer.status not in {200, 201}:
            return False
        receipt = json.loads(body)
        self.generations[response_id] = receipt["generation"]
        return bool(receipt["receipt"] == response_id)


def prepare(folder: Path) -> Database:
    """An installation with an open session."""
    db = Database(f"sqlite:///{folder / 'data' / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    return db


def draw_outbox(numbers: random.Random) -> dict[str, dict[str, object]]:
    return {str(UUID(int=numbers.getrandbits(128), version=4)): builders.draw_raw(numbers) for _ in range(RESPONSES)}


def ids_in(folder: Path) -> list[str]:
    db = Database(f"sqlite:///{folder / 'data' / 'survey.sqlite3'}")
    with db.reading() as connection:
        found = [str(UUID(row[0])) for row in connection.execute(text("SELECT id FROM response"))]
    db.close()
    return sorted(found)


def test_every_receipts_response_survives_kills_at_random_moments(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    numbers = random.Random(seed)
    db = prepare(tmp_path)
    outbox = draw_outbox(numbers)

    with servers.Server(servers.installation(tmp_path / "data"), tmp_path / "log") as server:
        tablets = Tablets(server.port, outbox)
        threads = tablets.send_all()
        for number in range(1, KILLS + 1):
            while len(tablets.receipts) < number * RESPONSES // (KILLS + 2) and time.monotonic() < tablets.until:
                time.sleep(0.001)
            time.sleep(numbers.uniform(0, 0.05))
            server.end(signal.SIGKILL)
            server.start()
        for thread in threads:
            thread.join()
        server.end()

    assert tablets.faults == []
    assert sorted(tablets.receipts) == sorted(outbox)
    with db.reading() as connection:
        rows = connection.execute(text("SELECT id, document FROM response")).all()
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    db.close()
    assert len(rows) == RESPONSES
    assert {str(UUID(row[0])): row[1] for row in rows} == {key: as_kept(key, raw) for key, raw in outbox.items()}


def test_a_server_that_was_destroyed_has_every_receipt_of_before_its_backup_and_the_rest_comes_from_the_tablets(
    tmp_path: Path, monkeypatch
) -> None:
    """The drill: a backup while tablets hand in, the folder gone, the backup back, the tablets' copies handed in again."""
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SURVEY_APP_BACKUP_PASSPHRASE", "four words lock this")
    prepare(tmp_path).close()
    outbox = draw_outbox(random.Random(11))

    with servers.Server(servers.installation(tmp_path / "data"), tmp_path / "log") as server:
        tablets = Tablets(server.port, outbox)
        threads = tablets.send_all()
        while len(tablets.receipts) < RESPONSES // 4 and time.monotonic() < tablets.until:
            time.sleep(0.001)
        assert run(["backup", str(tmp_path / "usb.backup")]) == 0
        for thread in threads:
            thread.join()
        server.end(signal.SIGKILL)
        assert sorted(tablets.receipts) == sorted(outbox)
        shutil.rmtree(tmp_path / "data")

        assert run(["restore", str(tmp_path / "usb.backup")]) == 0
        back = ids_in(tmp_path)
        before = {response_id for response_id, generation in tablets.generations.items() if generation == 0}
        assert len(before) >= RESPONSES // 4, "a receipt says under which backup it was given"
        assert before <= set(back)
        assert len(back) < RESPONSES, "the backup was made under load"

        server.start()
        again = Tablets(server.port, {one: raw for one, raw in outbox.items() if tablets.generations[one] > 0})
        for thread in again.send_all():
            thread.join()
        server.end()
    assert again.faults == tablets.faults == []
    assert ids_in(tmp_path) == sorted(outbox), "all of them, each once"


def as_kept(response_id: str, raw: dict[str, object]) -> str:
    found = read_response(raw, UUID(response_id), builders.exit_questionnaire(), builders.ACTIVITIES, ("fr",))
    assert isinstance(found, Response)
    return document(found)
