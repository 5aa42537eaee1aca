"""An installation goes into one locked file and comes back from it: whole, or not at all."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import builders
import pytest

from survey_app.backup import locked_file, making
from survey_app.backup.making import unpack
from survey_app.cli import run
from survey_app.fieldwork.device import Device, DeviceState
from survey_app.foundation import clock
from survey_app.storage import copying, devices, sessions
from survey_app.storage.database import Database
from survey_app.storage.sealing import current_key, ensure_key
from survey_app.storage.stamp import Stamp, find_stamp
from survey_app.storage.store_response import keep

PASSPHRASE = "four words are enough"
SAID = DeviceState(tier="trusted", waiting=1, shelved=0, copies=2, persisted=True)


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """One scrypt of the real cost is in the first test; the others need not wait."""
    monkeypatch.setattr(locked_file, "_COST", 1 << 10)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a session, a response, a key, certificates, a release and the head of the ledger."""
    folder = tmp_path / "data"
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(folder))
    monkeypatch.setenv("SURVEY_APP_BACKUP_PASSPHRASE", PASSPHRASE)
    db = open_at(folder)
    builders.write_structure(db)
    builders.open_session(db)
    ensure_key(db, clock.today())
    keep(db, builders.CODE, builders.build_response({"helpful": builders.CANARY}))
    db.close()
    (folder / "tls").mkdir()
    (folder / "tls" / "authority.key").write_text("authority")
    (folder / "tls" / "authority.key").chmod(0o600)
    (folder / "releases" / "r1").mkdir(parents=True)
    (folder / "releases" / "r1" / "release.json").write_text("{}")
    write_head(folder, 3)
    return folder


def open_at(folder: Path) -> Database:
    db = Database(f"sqlite:///{folder / 'survey.sqlite3'}")
    db.upgrade()
    return db


def write_head(folder: Path, number: int) -> None:
    (folder / "ledger-head.json").write_text(json.dumps({"number": number, "entry": "e", "release": f"r{number}"}))


def stamp_of(folder: Path) -> Stamp:
    db = open_at(folder)
    found = find_stamp(db)
    db.close()
    return found


def number_of_responses(folder: Path) -> int:
    db = open_at(folder)
    found = len(list(sessions.documents(db, [builders.CODE])))
    db.close()
    return found


def test_everything_comes_back_on_another_machine_under_another_name(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(locked_file, "_COST", 1 << 17)
    file = tmp_path / "usb.backup"
    before, db = stamp_of(data), open_at(data)
    key = current_key(db)
    db.close()
    assert run(["backup", str(file)]) == 0
    assert "1 responses of 1 sessions and 1 keys" in capsys.readouterr().out
    assert stamp_of(data) == Stamp(before.store, 1, 1)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert builders.CANARY.encode() not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"data", "usb.backup"}] == []
    assert {path.name for path in data.iterdir()} >= {"survey.sqlite3", "tls", "releases"}
    assert not [path for path in data.iterdir() if path.name.startswith(".")]

    other = tmp_path / "other"
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(other))
    assert run(["restore", str(file)]) == 0
    assert "are back" in capsys.readouterr().out
    db = open_at(other)
    assert current_key(db) == key
    assert db.is_up_to_date()
    db.close()
    assert number_of_responses(other) == 1
    assert stamp_of(other).store != before.store
    assert (other / "tls" / "authority.key").read_text() == "authority"
    assert oct((other / "tls" / "authority.key").stat().st_mode & 0o777) == "0o600"
    assert (other / "releases" / "r1" / "release.json").is_file()
    assert (other / "ledger-head.json").is_file()


def test_a_full_folder_is_set_aside_and_never_overwritten_and_the_newer_ledger_is_remembered(
    data: Path, tmp_path: Path, capsys
) -> None:
    file = tmp_path / "usb.backup"
    assert run(["backup", str(file)]) == 0
    db = open_at(data)
    keep(db, builders.CODE, builders.build_response())
    db.close()
    write_head(data, 4)

    assert run(["restore", str(file)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert number_of_responses(data) == 2

    assert run(["restore", str(file), "--replace"]) == 0
    assert number_of_responses(data) == 1
    (aside,) = data.glob("before-restore-*")
    assert number_of_responses(aside) == 2
    assert json.loads((data / "ledger-head.json").read_text())["number"] == 4

    again = tmp_path / "again.backup"
    assert run(["backup", str(again)]) == 0
    unpack(again, PASSPHRASE, tmp_path / "seen")
    assert not list((tmp_path / "seen").glob("before-*")), "what was set aside is no part of a backup"


def test_what_tablets_said_before_a_restore_is_forgotten_and_a_lost_one_stays_revoked(
    data: Path, tmp_path: Path
) -> None:
    db, now = open_at(data), clock.now()
    for name in ("Blue", "Red", "Green"):
        devices.add_device(db, Device(name.lower(), name, "charleroi"))
        devices.add_link(db, f"link {name}", name.lower(), now + timedelta(days=9), now)
        if name != "Green":  # nobody has scanned its QR code yet
            devices.enrol(db, f"link {name}", f"key {name}", "https://survey.local:8443", now)
            devices.note_state(db, f"key {name}", SAID, now)
    assert run(["backup", str(tmp_path / "usb.backup")]) == 0
    for lost in ("red", "green"):
        devices.revoke(db, lost, clock.today())
    db.close()

    assert run(["restore", str(tmp_path / "usb.backup"), "--replace"]) == 0
    db = open_at(data)
    assert [(one.device.name, one.is_unseen) for one in devices.list_devices(db)] == [
        ("Blue", True),
        ("Green", False),
        ("Red", False),
    ]
    assert devices.find_by_key(db, "key Blue") is not None
    assert devices.find_by_key(db, "key Red") is None
    assert devices.enrol(db, "link Green", "another key", "https://survey.local:8443", now) is None
    devices.note_state(db, "key Blue", SAID, now)
    assert not devices.list_devices(db)[0].is_unseen
    db.close()


@pytest.mark.parametrize("present", [b"", b"no database at all" * 300])
def test_a_backup_comes_back_where_the_present_database_is_broken(data: Path, tmp_path: Path, present: bytes) -> None:
    assert run(["backup", str(tmp_path / "usb.backup")]) == 0
    (data / "survey.sqlite3").write_bytes(present)
    assert run(["restore", str(tmp_path / "usb.backup"), "--replace"]) == 0
    assert number_of_responses(data) == 1


def test_what_comes_while_a_backup_is_made_is_in_it_or_keeps_its_copy_on_the_tablet(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = making.copy_database

    def copy_late(db: Database, to: Path) -> None:
        assert find_stamp(db) == Stamp(find_stamp(db).store, 1, 0), "begun, not complete"
        copy(db, to)
        keep(db, builders.CODE, builders.build_response())

    monkeypatch.setattr(making, "copy_database", copy_late)
    assert run(["backup", str(tmp_path / "usb.backup")]) == 0
    assert (stamp_of(data).generation, stamp_of(data).backed_up) == (1, 1)


def test_a_backup_that_fails_leaves_no_file_and_tells_no_tablet_to_forget(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def fail(_file: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", fail)
    assert run(["backup", str(tmp_path / "usb.backup")]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert stamp_of(data).backed_up == 0


def test_a_wrong_passphrase_a_cut_or_changed_file_and_a_newer_version_are_told_apart_and_change_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    file = tmp_path / "usb.backup"
    (data / "large").write_bytes(os.urandom(3 << 20))
    assert run(["backup", str(file)]) == 0
    whole = file.read_bytes()
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "other"))

    def try_(content: bytes) -> str:
        file.write_bytes(content)
        assert run(["restore", str(file)]) == 2
        assert not any((tmp_path / "other").glob("*"))
        return str(capsys.readouterr().err)

    piece = (1 << 20) + 16
    head = whole.index(b"}\n") + 2
    for cut in (head, head + 5, head + piece, head + 2 * piece, len(whole) - 1):
        assert "damaged or was cut off" in try_(whole[:cut]), cut
    for at in (head, head + piece + 7, len(whole) - 1):
        changed = bytearray(whole)
        changed[at] ^= 1
        assert "damaged or was cut off" in try_(bytes(changed)), at
    swapped = (
        whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece] + whole[head + 2 * piece :]
    )
    assert "damaged or was cut off" in try_(swapped)
    assert "damaged or was cut off" in try_(whole[:30] + b"\n")
    assert "newer version" in try_(whole.replace(b'"format": 1', b'"format": 2', 1))
    assert "no backup of this program" in try_(b"PK\x03\x04")
    monkeypatch.setenv("SURVEY_APP_BACKUP_PASSPHRASE", "another passphrase")
    assert "another passphrase" in try_(whole)


def test_a_backup_of_a_newer_program_is_refused(data: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    file = tmp_path / "usb.backup"
    assert run(["backup", str(file)]) == 0
    monkeypatch.setattr(copying, "_known_revisions", lambda: {"0001"})
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "other"))
    assert run(["restore", str(file)]) == 2
    assert "newer version" in capsys.readouterr().err
    assert not list((tmp_path / "other").iterdir())


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["backup", "usb.backup"], {"SURVEY_APP_BACKUP_PASSPHRASE": "short"}, "too short"),
        (["backup", "usb.backup"], {"SURVEY_APP_BACKUP_PASSPHRASE": ""}, "no terminal"),
        (["backup", "nowhere/usb.backup"], {}, "cannot be written"),
        (["backup", "data/survey.sqlite3"], {}, "exists already"),
        (["restore", "nothing.backup"], {}, "no file"),
        (["backup", "usb.backup"], {"SURVEY_APP_DATABASE_URL": "postgresql+psycopg://a@b/c"}, "pg_dump"),
        (["restore", "usb.backup"], {"SURVEY_APP_DATABASE_URL": "postgresql+psycopg://a@b/c"}, "pg_dump"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(
    data: Path, tmp_path: Path, monkeypatch, capsys, arguments, environment, said
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(arguments) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert number_of_responses(data) == 1
