"""The power fails: what has a receipt is there, once."""

from __future__ import annotations

import http.client
import json
import random
import signal
import threading
import time
from pathlib import Path
from uuid import UUID

import builders
import servers
from sqlalchemy import text

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
        return answer.status in {200, 201} and json.loads(body)["receipt"] == response_id


def test_every_receipts_response_survives_kills_at_random_moments(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    numbers = random.Random(seed)
    db = Database(f"sqlite:///{tmp_path / 'data' / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    outbox = {str(UUID(int=numbers.getrandbits(128), version=4)): builders.draw_raw(numbers) for _ in range(RESPONSES)}

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


def as_kept(response_id: str, raw: dict[str, object]) -> str:
    found = read_response(raw, UUID(response_id), builders.exit_questionnaire(), builders.ACTIVITIES, ("fr",))
    assert isinstance(found, Response)
    return document(found)
