"""Staff take in what a tablet saved to a file: each response once, late ones on purpose, nobody sees an answer."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import builders
import pytest

from survey_app import cli
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.storage import audit, sessions
from survey_app.storage.structure import write_structure
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from tests.console.conftest import Desk

RAW = {
    "questionnaire": "amif-exit",
    "version": 1,
    "language": "nl",
    "mode": "alone",
    "answers": {"helpful": "not-much"},
    "off_scale": {},
}


def sealed(desk: Desk, code: str) -> dict[str, Any]:
    response_id = str(uuid4())
    return {"session": code, "id": response_id, **builders.seal_raw(desk.db, response_id, RAW, code=code)}


def file_of(responses: object, made_by: int = 1) -> bytes:
    return json.dumps({"format": made_by, "responses": responses}).encode()


def take_in(desk: Desk, content: bytes, **more: str) -> Any:
    files = {"file": ("survey-app-rescue-blue.json", content, "application/json")}
    return desk.browser.post("/console/rescue", files=files, data=more)


def stored(desk: Desk, code: str) -> int:
    return len(list(sessions.documents(desk.db, [code])))


def close_long_ago(desk: Desk, code: str) -> None:
    sessions.close(desk.db, code, clock.now() - timedelta(days=desk.app.state.settings.grace_days + 1))


def test_what_a_tablet_saved_comes_in_once_also_where_the_tablet_sends_it_too(staff: Desk) -> None:
    code = staff.start_session()
    kept = [sealed(staff, code) for _ in range(3)]
    staff.other_browser().post("/api/v1/responses", json={"responses": kept[:1]})
    first = take_in(staff, file_of(kept))
    assert "2 responses came in." in first.text
    assert "1 had come before and counts once." in first.text
    again = take_in(staff, file_of(kept))
    assert "0 responses came in." in again.text
    assert stored(staff, code) == 3
    assert "not-much" not in first.text
    assert "2 of 3 responses, 0 late" in {entry.deed.subject for entry in audit.list_latest(staff.db, 9)}


def test_late_ones_are_taken_in_on_purpose_and_only_of_ones_own_organisation(desk: Desk) -> None:
    write_structure(
        desk.db,
        organisations=[Organisation("luik", "CPAS de Liège")],
        projects=[Project("luik-mix", "luik", "Mix", "amif-exit", 1, frozenset(), ("nl",))],
        modules=[Module("mix", "Mix", "luik-mix")],
    )
    sessions.add(desk.db, Session("777777", "luik-mix", "mix", 12, date(2026, 5, 4)))
    desk.sign_in("max")
    own = desk.start_session()
    for code in (own, "777777"):
        close_long_ago(desk, code)
    content = file_of([sealed(desk, own), sealed(desk, "777777")])

    assert 'data-refused="session-closed"' in take_in(desk, content).text
    assert (stored(desk, own), stored(desk, "777777")) == (0, 0)
    late = take_in(desk, content, late="yes").text
    assert "1 response came in." in late
    assert "1 of them after the days of grace." in late
    assert (stored(desk, own), stored(desk, "777777")) == (1, 0)


def test_each_reason_for_not_taking_one_is_a_sentence(staff: Desk) -> None:
    code = staff.start_session()
    broken = sealed(staff, code) | {"sealed": "AAAA"}
    page = take_in(staff, file_of([sealed(staff, "999999"), broken, "poison"])).text
    assert "are of a session that is not known here" in page
    assert "can not be opened here" in page
    assert "0 responses came in." in page


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "1", "responses": []}', file_of([], 2)]
)
def test_what_is_no_such_file_changes_nothing(staff: Desk, content: bytes) -> None:
    answer = take_in(staff, content)
    assert answer.status_code == 422
    assert "This is no file that a tablet saved" in answer.text


def test_who_keeps_no_tablets_finds_no_such_page(desk: Desk) -> None:
    add_member(desk.db, "rita", "four words are enough", Post("reviewer"))
    desk.sign_in("rita")
    assert desk.browser.get("/console/rescue").status_code == 404
    assert take_in(desk, file_of([])).status_code == 404


def test_the_command_does_the_same(staff: Desk, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(staff.app.state.settings.data_dir))
    code, closed = staff.start_session(), staff.start_session()
    close_long_ago(staff, closed)
    file = tmp_path / "survey-app-rescue-blue.json"
    file.write_bytes(file_of([sealed(staff, code), sealed(staff, closed)]))

    assert cli.run(["rescue", str(file)]) == 2
    said = capsys.readouterr()
    assert "1 responses came in" in said.out
    assert "1 not taken: session-closed" in said.err
    assert cli.run(["rescue", str(file), "--late"]) == 0
    assert "1 responses came in (1 of them late), 1 had come before." in capsys.readouterr().out
    assert (stored(staff, code), stored(staff, closed)) == (1, 1)
    assert cli.run(["rescue", str(tmp_path / "nothing.json")]) == 2
    file.write_bytes(file_of([], 2))
    assert cli.run(["rescue", str(file)]) == 2
    assert "newer version" in capsys.readouterr().err


def test_a_session_that_a_restored_backup_does_not_know_is_opened_under_its_code_again(
    staff: Desk, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(staff.app.state.settings.data_dir))
    kept = sealed(staff, "555444")
    assert 'data-refused="no-session"' in take_in(staff, file_of([kept])).text
    again = ["session", "open", "--project", "gent-samen", "--module", "ict", "--people", "9", "--code", "555444"]
    assert cli.run(again) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "555444"
    assert "1 response came in." in take_in(staff, file_of([kept])).text
    assert cli.run(again) == 2
    assert "a session has it already" in capsys.readouterr().err
