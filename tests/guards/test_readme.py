"""The README stays true: every setting and every command stands in it."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from survey_app.cli import app
from survey_app.foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> set[str]:
    found = set()
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in inner} if inner else {name}
    return found


def test_every_setting_is_explained() -> None:
    settings = [f"SURVEY_APP_{name.upper()}" for name in Settings.model_fields]
    assert len(settings) >= 8
    assert [name for name in settings if name not in README] == []


def test_every_command_is_named() -> None:
    found = commands()
    assert len(found) >= 10
    assert [name for name in sorted(found) if f"survey-app {name}" not in README] == []


def test_every_command_named_exists() -> None:
    inner = "open|close|schema|check|publish|status|extract|update|create|audit|add|draft|script|import|form"
    named = set(re.findall(rf"survey-app ([a-z]+(?: (?:{inner}))?)\b", README))
    assert named
    known = commands() | {name.split()[0] for name in commands()}
    assert sorted(named - known) == []


def test_every_picture_of_the_readme_exists() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 3
    assert [name for name in pictures if not (ROOT / name).is_file()] == []


def test_every_test_that_watches_a_promise_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.(?:py|js))`", README))
    assert len(named) >= 8
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
