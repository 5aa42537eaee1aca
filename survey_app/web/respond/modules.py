"""The modules of respondents' pages under one address per version: ``/modules/<version>/form.js``.

Modules name each other by relative paths; with the version in the folder, a page never mixes files of two versions.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from survey_app.web.kit.pages import STATIC

FOLDER: Final = STATIC / "js" / "respond"
_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
_FORM: Final = (
    "begin",
    "form",
    "delivery",
    "device",
    "idle",
    "outbox",
    "response",
    "rules",
    "speech",
    "queue",
    "sound",
    "tally",
)
_TABLET: Final = (
    "tablet",
    "tier",
    "alone",
    "connection",
    "delivery",
    "device",
    "device-state",
    "drain",
    "hand-over",
    "outbox",
    "prepare",
    "ready",
    "response",
    "rules",
    "shelf",
    "worker-line",
)
_NEWS: Final = ("news", "sound", "queue")
_WALL: Final = ("wall", "alone", "connection", "delivery", "device", "outbox", "sound", "queue")


@lru_cache(maxsize=1)
def module_files() -> tuple[Path, ...]:
    """Return all modules, by name."""
    return tuple(sorted(FOLDER.glob("*.js")))


@lru_cache(maxsize=1)
def version() -> str:
    """Return the fingerprint of all modules together."""
    digest = hashlib.sha256()
    for file in module_files():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:10]


@lru_cache(maxsize=64)
def write_module(name: str) -> str:
    """Return a module as a tablet needs it: without comments that stand on lines of their own; each line keeps its number."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source)


def module_address(name: str) -> str:
    return f"/modules/{version()}/{name}"


def form_modules() -> tuple[str, ...]:
    """Return the addresses that the questionnaire's page loads: its entry, then what the entry brings after it."""
    return tuple(module_address(f"{name}.js") for name in _FORM)


def wall_modules() -> tuple[str, ...]:
    """Return the addresses that the pages between two respondents load, their entry first."""
    return tuple(module_address(f"{name}.js") for name in _WALL)


def news_modules() -> tuple[str, ...]:
    """Return the addresses that the page of what became of earlier answers loads, its entry first."""
    return tuple(module_address(f"{name}.js") for name in _NEWS)


def tablet_modules() -> tuple[str, ...]:
    """Return the addresses that the tablet's own page loads, its entry first."""
    return tuple(module_address(f"{name}.js") for name in _TABLET)
