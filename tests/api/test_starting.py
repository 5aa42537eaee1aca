"""The server starts whole or not at all, and says which line to mend."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import builders
import pytest
from sqlalchemy import text

from survey_app.commands.serve import listen
from survey_app.foundation.places import shipped
from survey_app.foundation.settings import Settings
from survey_app.main import CannotStartError, create_app
from survey_app.storage.database import Database
from survey_app.supplements import contents


def faults_of(settings: Settings) -> list[str]:
    with pytest.raises(CannotStartError) as caught:
        create_app(settings)
    return str(caught.value).splitlines()


def test_the_database_is_made_in_a_folder_for_its_owner_only(settings: Settings) -> None:
    create_app(settings).state.database.close()
    assert settings.data_dir.stat().st_mode & 0o077 == 0
    assert (settings.data_dir / "survey.sqlite3").is_file()


def test_a_faulty_questionnaire_is_named_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "questionnaires"
    shutil.copytree(shipped("questionnaires"), folder)
    (folder / "broken.v1.yaml").write_text("id: broken\nversion: 1\nitems: 3\n", encoding="utf-8")
    found = faults_of(Settings(data_dir=tmp_path / "data", questionnaires_dir=folder))
    assert found
    assert all("broken.v1.yaml line" in line for line in found)


def test_every_fault_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    (folder / "broken.v1.yaml").write_text("id: [\n", encoding="utf-8")
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder", encoding="utf-8")
    monkeypatch.setattr(contents, "shipped", lambda name: tmp_path / name)
    found = faults_of(Settings(data_dir=blocked / "data", questionnaires_dir=folder))
    assert any("broken.v1.yaml" in line for line in found)
    assert any("database" in line for line in found)
    assert any("translations" in line for line in found)


def test_a_project_whose_questionnaire_is_gone_is_named(tmp_path: Path, settings: Settings) -> None:
    app = create_app(settings)
    builders.write_structure(app.state.database)
    with app.state.database.writing() as connection:
        connection.execute(text("UPDATE project SET version = 7"))
    app.state.database.close()
    (line,) = faults_of(settings)
    assert 'project "ensemble" asks questionnaire "amif-exit" version 7' in line


def test_a_file_that_is_no_database_is_named(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "survey.sqlite3").write_bytes(b"not a database, but long enough to have a header" * 50)
    (line,) = faults_of(settings)
    assert line.startswith("the database")


def test_a_database_that_nobody_answers_for_is_named(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    (line,) = faults_of(Settings(data_dir=tmp_path, database_url=url))
    assert line.startswith("the database")
    assert "nobody" not in line


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    (line,) = faults_of(Settings(data_dir=tmp_path, database_url="no address"))
    assert "SURVEY_APP_DATABASE_URL" in line


def test_a_newer_database_is_left_alone(settings: Settings) -> None:
    db = Database(settings.database)
    db.upgrade()
    with db.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    (line,) = faults_of(settings)
    assert "newer version" in line


def test_the_server_starts_without_the_heavy_libraries_of_releases() -> None:
    heavy = ("pandas", "numpy", "highspy", "pytauargus")
    program = f"import sys, survey_app.main; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.strip() == "[]"


def test_a_reply_does_not_wait_for_the_next_packet() -> None:
    """Nagle's algorithm and delayed acknowledgements together cost 40 ms a reply; connections inherit the option."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()) as _:
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
