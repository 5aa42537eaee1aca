"""A laptop sends its sessions over a network that fails in every way: all arrive, each response once."""

from __future__ import annotations

import random
import signal
from datetime import UTC, datetime
from pathlib import Path

import builders
import pytest
import servers
import wire

from survey_app import carrying, cli
from survey_app.collection.reading import read_response
from survey_app.collection.response import Response
from survey_app.storage import sessions
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

CLOSED = datetime(2026, 5, 12, 15, tzinfo=UTC)
PEOPLE = 40


def install(folder: Path) -> Database:
    made = Database(f"sqlite:///{folder / 'survey.sqlite3'}")
    made.upgrade()
    builders.write_structure(made)
    return made


def collect(db: Database) -> list[str]:
    numbers = random.Random(1)
    builders.open_session(db)
    for _ in range(PEOPLE):
        response = builders.build_response(response_id=None)
        read = read_response(
            builders.draw_raw(numbers), response.id, builders.exit_questionnaire(), builders.ACTIVITIES, ("fr",)
        )
        assert isinstance(read, Response)
        keep(db, builders.CODE, read)
    sessions.close(db, builders.CODE, CLOSED)
    return sorted(document for _, document in sessions.documents(db, [builders.CODE]))


def test_what_a_laptop_sends_arrives_once_whatever_the_network_does(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop, centre = install(tmp_path / "laptop"), install(tmp_path / "centre")
    sent = collect(laptop)
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "laptop"))
    assert cli.run(["instance", "trust", "centre", carrying.know_instance(centre).card.written]) == 0
    assert cli.run(["instance", "show"]) == 0
    card = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("survey-app-instance:"))

    serving = servers.installation(tmp_path / "centre")
    with servers.Server(serving, tmp_path / "log") as server, wire.Wire(server.port) as network:
        send = ["carry", "send", "--to", "centre", "--address", network.url]
        assert cli.run(send) == 2
        assert "not trusted" in capsys.readouterr().err
        carrying.trust_instance(centre, "laptop", card)
        for name in sorted(set(wire.FAULTS) - wire.DELIVERS):
            with network.suffering(wire.FAULTS[name]):
                assert cli.run(send) == 2, name
                assert "no receipt" in capsys.readouterr().err, name
        server.end(signal.SIGKILL)
        assert cli.run(send) == 2
        server.start()
        for _ in range(2):
            assert cli.run(send) == 0
        with network.suffering(wire.repeat):
            assert cli.run(send) == 0
    assert sorted(document for _, document in sessions.documents(centre, [builders.CODE])) == sent
    assert builders.CODE not in (tmp_path / "log").read_text()
    laptop.close()
    centre.close()


def test_what_a_laptop_packs_on_a_stick_arrives_once(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop, centre = install(tmp_path / "laptop"), install(tmp_path / "centre")
    sent = collect(laptop)
    carrying.trust_instance(laptop, "centre", carrying.know_instance(centre).card.written)
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "laptop"))
    assert cli.run(["carry", "pack", "--to", "nobody", "--out", str(tmp_path / "stick")]) == 2
    assert cli.run(["carry", "pack", "--to", "centre", "--out", str(tmp_path / "stick")]) == 0
    (file,) = (tmp_path / "stick").iterdir()

    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "centre"))
    assert cli.run(["carry", "take", str(file)]) == 2
    assert cli.run(["instance", "trust", "laptop", carrying.know_instance(laptop).card.written]) == 0
    assert cli.run(["carry", "take", str(file), str(file)]) == 0
    said = capsys.readouterr().out
    assert f"{PEOPLE} responses added" in said
    assert f"0 responses added, {PEOPLE} were here before" in said
    assert cli.run(["instance", "distrust", "laptop"]) == 0
    assert cli.run(["carry", "take", str(file)]) == 2
    assert sorted(document for _, document in sessions.documents(centre, [builders.CODE])) == sent
    laptop.close()
    centre.close()
