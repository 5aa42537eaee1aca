"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from survey_app import cli
from survey_app.commands import installation
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Organisation
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.storage import sessions
from survey_app.storage.audit import MACHINE, Deed, list_latest
from survey_app.storage.database import Database
from survey_app.storage.staff import Link, change_second_step, find_staff, list_open_links
from survey_app.storage.structure import (
    list_modules,
    list_organisations,
    list_projects,
    list_register_counts,
    write_structure,
)
from survey_app.web.console.accounts import check_password, make_link

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "setup.example.yaml"
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("SURVEY_APP_DEBUG", raising=False)


@pytest.fixture
def kept(tmp_path: Path) -> Database:
    return Database(Settings(data_dir=tmp_path / "data").database)


def run(*arguments: str) -> int:
    return cli.run(arguments)


def open_session(said: Said) -> str:
    assert run("setup", str(EXAMPLE)) == 0
    said.readouterr()
    assert run("session", "open", "--project", "gent-samen", "--module", "ict", "--people", "12") == 0
    return said.readouterr().out


def test_setup_writes_what_the_file_says_and_the_same_file_again_changes_nothing(capsys: Said, kept: Database) -> None:
    seen = []
    for _ in range(2):
        assert run("setup", str(EXAMPLE)) == 0
        seen.append((list_organisations(kept), list_projects(kept), list_modules(kept), list_register_counts(kept)))
    assert seen[0] == seen[1]
    assert [len(part) for part in seen[0]] == [3, 3, 5, 5]
    assert capsys.readouterr().out.splitlines()[0] == (
        "3 organisations, 3 projects, 5 modules, 5 register counts are set up."
    )


def test_a_faulty_setup_tells_every_fault_and_changes_nothing(capsys: Said, tmp_path: Path, kept: Database) -> None:
    text = EXAMPLE.read_text("utf-8").replace("lead: charleroi", "lead: charlroi").replace("[nl,", "[nn,")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "charlroi" in line or "[nn," in line]
    file = tmp_path / "setup.yaml"
    file.write_text(text, encoding="utf-8")
    assert run("setup", str(file)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    told = said.err.splitlines()
    assert told[0].endswith(
        f'setup.yaml line {lines[0]}: organisation "binche": its lead "charlroi" is unknown. Did you mean "charleroi"?'
    )
    assert f'setup.yaml line {lines[1]}: project "gent-samen": language "nn" is not offered.' in told[1]
    assert told[2:] == ["Nothing was changed."]
    assert list_organisations(kept) == ()


def test_a_project_in_use_keeps_what_it_asks(capsys: Said, tmp_path: Path, kept: Database) -> None:
    open_session(capsys)
    file = tmp_path / "setup.yaml"
    file.write_text(EXAMPLE.read_text("utf-8").replace("[speaking, work, phone, confidence]", "[work]"))
    assert run("setup", str(file)) == 2
    assert "has sessions already, so its activities cannot change" in capsys.readouterr().err
    assert next(p for p in list_projects(kept) if p.code == "gent-samen").activities >= {"phone"}


def test_session_open_prints_the_join_code_alone_on_its_line(capsys: Said, kept: Database) -> None:
    said = open_session(capsys)
    assert re.fullmatch(r"[1-9]\d{5}\n", said)
    session = sessions.find(kept, said.strip())
    assert session is not None
    assert (session.project, session.module, session.people, session.closed_at) == ("gent-samen", "ict", 12, None)


def test_session_close_closes_and_closing_again_is_harmless(capsys: Said, kept: Database) -> None:
    code = open_session(capsys).strip()
    assert [run("session", "close", code), run("session", "close", code)] == [0, 0]
    session = sessions.find(kept, code)
    assert session is not None
    assert session.closed_at is not None
    assert clock.now() - session.closed_at < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["session", "close", "999999"], "there is no session with this code."),
        (["session", "open", "--project", "x", "--module", "y", "--people", "3"], 'there is no project "x".'),
        (["session", "open", "--project", "gent-samen", "--module", "y", "--people", "3"], 'has no module "y"'),
        (["session", "open", "--project", "gent-samen", "--module", "ict", "--people", "0"], "are not a group"),
        (["session", "open", "--project", "gent-samen"], "Look at: survey-app session open --help"),
        (["session", "open", "--people", "many"], "Look at: survey-app session open --help"),
        (["setup", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["release", "create", "--tier", "inside", "--period", "2026-Q1", "--out", "x"], "Write it as 2026-H1"),
        (["release", "create", "--tier", "secret", "--period", "2026-H1", "--out", "x"], "is not one of"),
        (["serve", "--host", "203.0.113.9", "--port", "1"], "cannot listen on 203.0.113.9, port 1"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_a_mistaken_request_is_told_in_one_line_with_exit_code_2(arguments: list[str], told: str, capsys: Said) -> None:
    run("setup", str(EXAMPLE))
    capsys.readouterr()
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert said.err.startswith("survey-app: ")
    assert said.err.count("\n") == 1


def test_a_release_of_nothing_is_told(capsys: Said, tmp_path: Path) -> None:
    run("setup", str(EXAMPLE))
    assert run("release", "create", "--tier", "inside", "--period", "2020-H1", "--out", str(tmp_path / "out")) == 2
    assert "No closed session with answers lies in 2020-H1." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_faulty_settings_are_named(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_APP_GRACE_DAYS", "soon")
    assert run("session", "close", "123456") == 2
    assert "SURVEY_APP_GRACE_DAYS" in capsys.readouterr().err


def test_a_fault_of_ours_is_one_line_without_its_content_and_exit_code_1(
    capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("canary-answer")

    monkeypatch.setattr(installation, "opened", fail)
    assert run("session", "close", "123456") == 1
    said = capsys.readouterr().err
    assert said.startswith("survey-app: this is our fault (RuntimeError).")
    assert said.count("\n") == 1
    assert "canary" not in said
    assert run("--debug", "session", "close", "123456") == 1
    assert "Traceback" in capsys.readouterr().err


def test_staff_add_reads_the_password_from_standard_input(
    capsys: Said, monkeypatch: pytest.MonkeyPatch, kept: Database
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("four words are enough\n"))
    assert run("staff", "add", "Anna", "--role", "administrator", "--password-stdin") == 0
    assert capsys.readouterr().out == '"anna" can sign in as administrator.\n'
    member = find_staff(kept, "anna")
    assert member is not None
    assert member.posts == {Post("administrator")}
    assert check_password(kept, "anna", "four words are enough") is not None


def test_staff_list_prints_names_and_roles_and_no_password(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, role in (("zoe", "reviewer"), ("anna", "administrator")):
        monkeypatch.setattr(sys, "stdin", io.StringIO("four words are enough\n"))
        run("staff", "add", name, "--role", role, "--password-stdin")
    capsys.readouterr()
    assert run("staff", "list") == 0
    assert capsys.readouterr().out == "anna\tadministrator\nzoe\treviewer\n"


def test_a_link_that_nobody_used_is_listed_and_withdrawn_on_the_machine(capsys: Said, kept: Database) -> None:
    assert run("staff", "invited") == 0
    assert capsys.readouterr().out == ""
    make_link(kept, Link(Post("reviewer")), 24, "anna", clock.now())
    assert run("staff", "invited") == 0
    number, what, _, by = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (what, by) == ("reviewer", "anna")
    assert run("staff", "withdraw", number) == 0
    assert list_open_links(kept, clock.now()) == ()
    assert run("staff", "withdraw", number) == 2
    assert "survey-app staff invited" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "told"), [("short\n", "at least 12 letters"), ("", "at least 12 letters")])
def test_staff_add_refuses_a_short_password(
    typed: str, told: str, capsys: Said, monkeypatch: pytest.MonkeyPatch, kept: Database
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert run("staff", "add", "anna", "--role", "reviewer", "--password-stdin") == 2
    assert told in capsys.readouterr().err


def test_staff_add_without_a_terminal_names_the_option(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run("staff", "add", "anna", "--role", "reviewer") == 2
    assert "--password-stdin" in capsys.readouterr().err


def test_a_name_that_is_taken_is_told(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    for expected in (0, 2):
        monkeypatch.setattr(sys, "stdin", io.StringIO("four words are enough\n"))
        assert run("staff", "add", "anna", "--role", "reviewer", "--password-stdin") == expected
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--language", "xx"], 'project "gent-samen" has no paper form in "xx". Choose: '),
        (["--language", "nl", "--project", "nowhere"], 'there is no project "nowhere". Look at your set-up file.'),
        (["--language", "nl", "--session", "999999"], 'project "gent-samen" has no session 999999.'),
        (["--language", "nl", "--staff-language", "de"], '"de" is no language of staff. Choose: fr, nl, en.'),
    ],
)
def test_a_paper_form_that_cannot_be_is_told(more: list[str], told: str, capsys: Said, tmp_path: Path) -> None:
    assert run("setup", str(EXAMPLE)) == 0
    out = tmp_path / "form.pdf"
    arguments = [
        "paper",
        "form",
        "--out",
        str(out),
        *([] if "--project" in more else ["--project", "gent-samen"]),
        *more,
    ]
    assert run(*arguments) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_a_paper_form_is_written_with_the_code_of_its_session(capsys: Said, tmp_path: Path) -> None:
    code = open_session(capsys).strip()
    out = tmp_path / "form.pdf"
    arguments = ["--project", "gent-samen", "--language", "ar", "--session", code, "--large-print", "--out", str(out)]
    assert run("paper", "form", *arguments) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert capsys.readouterr().out == f"{out} is written.\n"


def test_without_the_compiler_a_paper_form_says_what_to_install(
    capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey_app.paper import printing

    assert run("setup", str(EXAMPLE)) == 0
    printing._fonts.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    out = tmp_path / "form.pdf"
    assert run("paper", "form", "--project", "gent-samen", "--language", "nl", "--out", str(out)) == 2
    told = capsys.readouterr().err
    assert "can't be printed on this computer yet" in told
    assert "survey-app[paper]" in told
    printing._fonts.cache_clear()


COMMANDS = [
    "serve",
    "demo",
    "setup",
    "session open",
    "session close",
    "questionnaire schema",
    "questionnaire check",
    "translations status",
    "release create",
    "release audit",
    "staff add",
    "staff list",
    "staff invited",
    "staff withdraw",
    "paper form",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_interface_has_help(command: str, capsys: Said) -> None:
    assert run(*command.split(), "--help") == 0
    said = capsys.readouterr().out
    assert f"survey-app {command}" in said


@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith(("questionnaire", "transl"))])
def test_help_ends_with_an_example(command: str, capsys: Said) -> None:
    run(*command.split(), "--help")
    assert f"Example: survey-app {command}" in " ".join(capsys.readouterr().out.split())


def test_the_readme_shows_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"survey-app {name}" not in readme] == []


def test_help_is_there_at_once_and_loads_neither_web_nor_pandas() -> None:
    code = (
        "import sys; from survey_app.cli import run; ended = run(['--help']); "
        "print(sorted({'pandas', 'fastapi', 'typst', 'sqlalchemy', 'pydantic', 'babel'} & set(sys.modules))); sys.exit(ended)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_python_dash_m_answers_with_the_exit_code(tmp_path: Path) -> None:
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "survey_app", "session", "close", "123456"]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("survey-app: there is no session")


def test_the_first_start_prints_a_link_for_the_administrator_and_stops_when_told(tmp_path: Path) -> None:
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "survey_app", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            said = [server.stdout.readline() for _ in range(3)]
            link = re.fullmatch(r"  (http://127\.0\.0\.1:\d+)/console/first/([\w-]{43})\n", said[2])
            assert link is not None, said
            assert said[0] == f"survey-app listens on {link[1]}\n"
            page = _fetch(f"{link[1]}/console/first/{link[2]}")
            assert 'name="password"' in page
        finally:
            server.terminate()
        assert server.wait(timeout=20) in {0, -15}


def _fetch(address: str) -> str:
    import urllib.error
    import urllib.request

    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:
                return str(reply.read().decode())
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(address)


def test_a_set_up_goes_round(capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("setup", str(EXAMPLE))
    capsys.readouterr()
    assert run("setup-export") == 0
    first = capsys.readouterr().out
    (tmp_path / "setup.yaml").write_text(first, encoding="utf-8")
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(tmp_path / "other"))
    assert run("setup", str(tmp_path / "setup.yaml")) == 0
    capsys.readouterr()
    run("setup-export")
    assert capsys.readouterr().out == first


def test_a_manager_needs_an_organisation_and_the_only_lead_is_meant(
    capsys: Said, monkeypatch: pytest.MonkeyPatch, kept: Database
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("four words are enough\n" * 3))
    assert run("staff", "add", "anna", "--password-stdin") == 2
    assert "set one up first with survey-app setup" in capsys.readouterr().err
    kept.upgrade()
    write_structure(kept, [Organisation("gent", "Gent"), Organisation("aalst", "Aalst", "gent")])
    assert run("staff", "add", "anna", "--password-stdin") == 0
    assert capsys.readouterr().out == '"anna" can sign in as manager of gent.\n'
    write_structure(kept, [Organisation("luik", "Luik")])
    assert run("staff", "add", "max", "--role", "facilitator", "--password-stdin") == 2
    assert "There are: aalst, gent, luik." in capsys.readouterr().err
    assert run("staff", "add", "max", "--role", "facilitator", "--organisation", "aalst", "--password-stdin") == 0


def test_who_lost_password_and_phone_is_let_in_again_on_the_machine(
    capsys: Said, monkeypatch: pytest.MonkeyPatch, kept: Database
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("four words are enough\nfive other words than before\n"))
    run("staff", "add", "Anna", "--role", "administrator", "--password-stdin")
    change_second_step(kept, "anna", "A" * 32, Deed("anna", "second-step-set", "staff anna"), clock.now())
    assert run("staff", "reset", "nobody", "--password-stdin") == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("five other words than before\n"))
    assert run("staff", "reset", "Anna", "--password-stdin") == 0
    member = check_password(kept, "anna", "five other words than before")
    assert member is not None
    assert member.totp is None
    assert [entry.deed.who for entry in list_latest(kept, 2)] == [MACHINE, MACHINE]
