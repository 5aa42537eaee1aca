"""A planted answer reaches no log, no reply and no counter of the real server; only the database keeps it."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from uuid import uuid4

import builders
import servers

from survey_app.storage import sessions
from survey_app.storage.database import Database

MODE = "with-helper"  # what a real answer planted in a real response looks like


def test_no_answer_leaves_the_real_server(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'data' / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    canary = builders.CANARY
    bodies = [
        json.dumps(builders.build_raw(mode=MODE)),
        json.dumps(builders.build_raw(answers={canary: canary}, off_scale={canary: canary}, language=canary)),
        json.dumps({"finished": canary, "items": {canary: {canary: canary}}, canary: canary}),
        f'{{"answers": {{"{canary}": 1, "{canary}": 2}}}}',
        f'{{"answers": "{canary}',
        canary * 3000,
    ]
    replies: list[bytes] = []
    with servers.Server(servers.installation(tmp_path / "data"), tmp_path / "log") as server:
        for body in bodies:
            for path in (
                f"/api/v1/sessions/{builders.CODE}/responses/{uuid4()}",
                f"/api/v1/sessions/{builders.CODE}/tallies/{uuid4()}",
                f"/api/v1/{canary}?answer={canary}",
            ):
                for method in ("PUT", "POST", "GET"):
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
                    connection.request(method, path, body, {"content-type": "application/json", "user-agent": canary})
                    answer = connection.getresponse()
                    replies.append(str(answer.headers).encode() + answer.read())
                    connection.close()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/metrics")
        replies.append(connection.getresponse().read())
        connection.close()
    written = (tmp_path / "log").read_text()
    assert "answered" in written
    for secret in (canary, MODE, builders.CODE):
        assert secret not in written
    for secret in (canary.encode(), MODE.encode()):
        assert not any(secret in reply for reply in replies)
    assert [json.loads(document)["mode"] for _, document in sessions.documents(db, [builders.CODE])] == [MODE]
    db.close()
