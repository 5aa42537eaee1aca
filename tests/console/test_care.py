"""The desk of who looks after the installation: how it is, a backup by page, and a backup brought back while it serves."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import text

from survey_app import care
from survey_app.backup import locked_file
from survey_app.backup.making import MADE_HERE, unpack
from survey_app.collection.response import Mode, Response
from survey_app.fieldwork.device import Device, DeviceState
from survey_app.foundation import clock
from survey_app.storage import audit, devices, sealing, sessions
from survey_app.storage.staff import find_staff
from survey_app.storage.stamp import find_stamp
from survey_app.storage.store_response import keep
from survey_app.web.console.accounts import code_at

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSPHRASE = "four words lock this"
PASSWORD = "four words are enough"


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked_file, "_COST", 1 << 10)


def answer(desk: Desk, code: str) -> str:
    response = Response(uuid4(), "amif-exit", 1, "nl", Mode.ALONE, {"helpful": "a-lot"}, {})
    keep(desk.db, code, response)
    return str(response.id)


def make_backup(desk: Desk) -> str:
    form = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    assert desk.browser.post("/console/care/backups", data=form).status_code == 303
    page = desk.browser.get("/console/care?done=made").text
    assert "was opened again" in page
    found = re.search(r'data-backup="([\w.-]+)"', page)
    assert found is not None
    return found[1]


def restore(desk: Desk, content: bytes, **changes: str):  # noqa: ANN201
    form = {"passphrase": PASSPHRASE, "password": PASSWORD, "sure": "yes", **changes}
    return desk.browser.post("/console/care/restore", data=form, files={"file": ("survey.backup", content)})


def lights(desk: Desk) -> dict[str, str]:
    page = desk.browser.get("/console/care").text
    return {code: light for light, code in re.findall(r'class="finding (\w+)" data-finding="([\w-]+)"', page)}


def test_a_backup_by_page_waits_until_it_is_elsewhere_and_only_then_tablets_may_forget(staff: Desk, tmp_path) -> None:
    code = staff.start_session()
    answer(staff, code)
    assert "A backup is due" in staff.browser.get("/console/log").text
    name = make_backup(staff)
    assert find_stamp(staff.db).backed_up == 0
    taken = staff.browser.get(f"/console/care/backups/{name}")
    assert taken.status_code == 200
    assert f'filename="{name}"' in taken.headers["content-disposition"]
    assert taken.headers["cache-control"] == "no-store"
    (tmp_path / "usb.backup").write_bytes(taken.content)
    unpack(tmp_path / "usb.backup", PASSPHRASE, tmp_path / "opened")
    assert not (tmp_path / "opened" / MADE_HERE).exists(), "no backup in a backup"

    assert staff.browser.post(f"/console/care/backups/{name}/remove", data={"elsewhere": "yes"}).status_code == 303
    assert find_stamp(staff.db).backed_up == 1
    assert staff.browser.get(f"/console/care/backups/{name}").status_code == 404
    assert "A backup is due" not in staff.browser.get("/console/log").text
    assert [entry.deed.action for entry in audit.list_latest(staff.db, 3)] == [
        "backup-kept",
        "backup-taken",
        "backup-made",
    ]
    other = make_backup(staff)
    staff.browser.post(f"/console/care/backups/{other}/remove")
    assert find_stamp(staff.db).backed_up == 1, "one that is thrown away lets no tablet forget"


def test_a_passphrase_that_is_short_or_typed_twice_differently_is_told_beside_its_field(staff: Desk) -> None:
    short = staff.browser.post("/console/care/backups", data={"passphrase": "short", "again": "short"})
    assert short.status_code == 422
    assert 'id="passphrase-fault"' in short.text
    differs = staff.browser.post("/console/care/backups", data={"passphrase": PASSPHRASE, "again": "other"})
    assert 'id="again-fault"' in differs.text
    assert PASSPHRASE not in differs.text
    assert not list((staff.app.state.settings.data_dir).glob("backups/*"))
    assert staff.browser.get("/console/care/backups/..%2Fsurvey.sqlite3").status_code == 404


def test_what_came_before_a_backup_is_back_by_page_and_the_server_goes_on(staff: Desk) -> None:
    code = staff.start_session()
    before = answer(staff, code)
    store = find_stamp(staff.db).store
    name = make_backup(staff)
    content = staff.browser.get(f"/console/care/backups/{name}").content
    lost = answer(staff, code)
    later = staff.start_session()

    for changed, marked in (
        ({"password": "wrong"}, "password-fault"),
        ({"sure": ""}, "sure-fault"),
        ({"passphrase": ""}, "passphrase-fault"),
    ):
        refused = restore(staff, content, **changed)
        assert refused.status_code == 422
        assert f'id="{marked}"' in refused.text
    for bad, passphrase in ((content[:-9], PASSPHRASE), (b"no backup", PASSPHRASE), (content, "another passphrase")):
        refused = restore(staff, bad, passphrase=passphrase)
        assert refused.status_code == 422
        assert "Nothing was changed" in refused.text
    assert sessions.find(staff.db, later) is not None

    done = restore(staff, content)
    assert done.status_code == 200, done.text
    assert 'data-restored="1"' in done.text
    with staff.db.reading() as connection:
        kept = {row[0] for row in connection.execute(text("SELECT id FROM response"))}
    assert kept == {before.replace("-", "")} != {lost.replace("-", "")}
    assert sessions.find(staff.db, later) is None
    assert find_stamp(staff.db).store != store, "tablets hand in again what they have"
    assert audit.list_latest(staff.db, 1)[0].deed == audit.Deed("an", "restored", "backup 1")
    assert staff.browser.get("/console/care").status_code == 303, "everybody signs in again"
    data_dir: Path = staff.app.state.settings.data_dir
    assert len(list(data_dir.glob("before-restore-*/survey.sqlite3"))) == 1
    assert not list(data_dir.glob(".restore-*"))
    staff.sign_in("an")
    assert staff.browser.get("/healthz").status_code == 200
    assert sessions.counter(staff.db, staff.start_session()) is not None


def test_who_has_a_second_step_gives_it_again_before_a_restore(staff: Desk) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with staff.db.writing() as connection:
        connection.execute(text("UPDATE staff SET totp = :secret WHERE name = 'an'"), {"secret": secret})
    content = staff.browser.get(f"/console/care/backups/{make_backup(staff)}").content
    assert 'id="code-fault"' in restore(staff, content, code="000000").text
    code = code_at(secret, int(clock.now().timestamp()) // 30)
    assert restore(staff, content, code=code).status_code == 200
    assert find_staff(staff.db, "an") is not None


def test_who_reads_or_writes_all_the_time_keeps_a_restore_out_and_nothing_is_changed(staff: Desk, monkeypatch) -> None:
    monkeypatch.setattr("survey_app.storage.database.PATIENCE_SECONDS", 0.2)
    content = staff.browser.get(f"/console/care/backups/{make_backup(staff)}").content
    with staff.db.reading():
        refused = restore(staff, content)
    assert refused.status_code == 503
    assert "nothing was changed" in refused.text
    assert staff.browser.get("/console/care").status_code == 200
    assert not list(staff.app.state.settings.data_dir.glob("before-restore-*"))


def test_a_large_upload_of_a_stranger_is_not_read(staff: Desk) -> None:
    with staff.other_browser() as stranger:
        reply = stranger.post("/console/care/restore", files={"file": ("survey.backup", b"x" * 20_000)})
    assert reply.status_code == 404


def test_one_look_says_what_needs_somebody(staff: Desk, monkeypatch) -> None:
    well = lights(staff)
    assert well["backup-never"] == "act"
    assert well["clock-good"] == well["ledger"] == well["log"] == well["tablets"] == well["keys"] == "good"
    assert well["certificate-elsewhere"] == "good"
    assert well["keeping-undecided"] == "look"

    devices.add_device(staff.db, Device("00112233445566aa", "Blue", "gent"))
    assert lights(staff)["tablets"] == "good", "it was not seen yet: its QR code waits to be scanned"
    now = clock.now()
    devices.add_link(staff.db, "link", "00112233445566aa", now + timedelta(hours=1), now)
    devices.enrol(staff.db, "link", "key", "https://survey.local", now)
    state = {"tier": "trusted", "waiting": 3, "shelved": 0, "copies": 0, "persisted": True}
    devices.note_state(staff.db, "key", DeviceState.model_validate(state), now)
    assert lights(staff)["tablets"] == "look"
    name = make_backup(staff)
    staff.browser.post(f"/console/care/backups/{name}/remove", data={"elsewhere": "yes"})
    assert lights(staff)["backup"] == "good"

    data_dir = staff.app.state.settings.data_dir
    in_a_week = now + timedelta(days=8)
    found = {one.code: one for one in care.look_around(staff.db, data_dir, in_a_week, (in_a_week, in_a_week))}
    assert found["backup"].light == "look"
    assert found["tablets"].light == "act"
    assert found["tablets"].slots["silent"] == "Blue"
    assert found["certificate"].light == "act"
    in_years = now + timedelta(days=900)
    found = {one.code: one for one in care.look_around(staff.db, data_dir, in_years, None)}
    assert found["clock-ahead"].light == found["backup"].light == "act"
    yesterday = now - timedelta(days=1)
    found = {one.code: one for one in care.look_around(staff.db, data_dir, yesterday, None)}
    assert found["clock-behind"].light == "act"

    monkeypatch.setattr(care, "NO_ROOM", 10**12)
    (data_dir / "ledger-head.json").write_text(json.dumps({"number": 3, "entry": "e", "release": "r3"}))
    with staff.db.writing() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET who = 'max' WHERE number = 1"))
    with time_machine.travel(datetime(2027, 1, 5, tzinfo=UTC), tick=False):
        sealing.rotate_key(staff.db, clock.today())
    page = staff.browser.get("/console/care").text
    assert "entry 1 is not as it was written" in page
    ill = lights(staff)
    assert {ill["disk"], ill["ledger-broken"], ill["log-broken"], ill["key-not-backed-up"]} == {"act"}
