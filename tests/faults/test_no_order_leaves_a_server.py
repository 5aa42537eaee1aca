"""Fifty people hand in to the real server in a known order: its files, its log, its counts and its replies tell nothing."""

from __future__ import annotations

import http.client
import json
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import builders
import servers
from intruder import BY_CHANCE, draw_ids, guesses

from survey_app.storage.database import Database

PEOPLE = 50
OF_A_CACHE = {"etag", "last-modified", "expires", "age", "set-cookie", "x-request-id", "server"}


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: str = "") -> tuple[dict[str, str], str]:
    connection.request(method, path, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    return {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def look_at_files(folder: Path, ids: Sequence[UUID]) -> Mapping[str, Mapping[str, float]]:
    """What an intruder reads from each file of the database about the order of these people."""
    needles = [each.hex.encode() for each in ids]
    return {file.name: guesses(file.read_bytes(), needles) for file in folder.glob("survey.sqlite3*")}


def test_nothing_that_a_server_writes_says_or_counts_tells_who_came_first(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'data' / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    db.close()
    ids = draw_ids(PEOPLE)
    replies = []
    with servers.Server(servers.installation(tmp_path / "data"), tmp_path / "log") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for each in ids:
            path = f"/api/v1/sessions/{builders.CODE}/responses/{each}"
            replies.append(ask(connection, "PUT", path, json.dumps(builders.build_raw())))
        _, counts = ask(connection, "GET", "/metrics")
        connection.close()
        server.end(signal.SIGKILL)
        killed = look_at_files(tmp_path / "data", ids)
        server.start()
        server.end()
        ended = look_at_files(tmp_path / "data", ids)

    assert max(killed["survey.sqlite3-wal"].values()) > 0.8  # a dead process forgets nothing; the next one does
    assert ended.keys() == {"survey.sqlite3"}
    assert 0 < max(ended["survey.sqlite3"].values()) < BY_CHANCE
    headers = [{name: value for name, value in said.items() if name != "date"} for said, _ in replies]
    assert headers == [headers[0]] * PEOPLE
    assert headers[0]["cache-control"] == "no-store"
    assert not OF_A_CACHE & headers[0].keys()
    bodies = {body.replace(str(each), "ID") for (_, body), each in zip(replies, ids, strict=True)}
    assert len(bodies) == 1

    lines = [line for line in (tmp_path / "log").read_text().splitlines() if "PUT" in line]
    told = {re.sub(r"(timestamp|seconds)=('[^']*'|\S+)", "", line) for line in lines}
    assert (len(lines), len(told)) == (PEOPLE, 1)
    assert not any(str(each) in line or each.hex in line for each in ids for line in lines)

    assert f'status="201"}} {PEOPLE}.0' in counts
    assert "_created" not in counts
    assert builders.CODE not in counts
