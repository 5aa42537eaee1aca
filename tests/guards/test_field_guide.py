"""The field guide is printed on two pages, says what it says in its text, and names buttons as the pages do."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from markdown_it import MarkdownIt

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = ("fr", "nl")
QUOTED = {"fr": r"« ([^»]+) »", "nl": r'"([^"]+)"'}
NOT_OURS = {"Non sécurisé", "Niet beveiligd"}
"""What browsers say."""
IN_THE_TERMINAL = {"This computer", "this computer has no address on a local network"}


def read(language: str) -> str:
    return (DOCS / f"field-guide.{language}.md").read_text("utf-8")


def words_of(text: str) -> set[str]:
    """Words, however a line was broken or hyphenated."""
    return set(re.findall(r"[^\W\d_]{4,}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_has_two_pages_and_the_words_of_the_text(language) -> None:
    pdf = DOCS / f"field-guide.{language}.pdf"
    told = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True, timeout=30).stdout
    assert re.search(r"^Pages: +2$", told, re.MULTILINE)
    printed = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True, timeout=30).stdout
    said = unescape(re.sub(r"<[^>]+>", " ", MarkdownIt("commonmark").enable("table").render(read(language))))
    assert len(words_of(said)) > 200
    assert words_of(said) - words_of(printed) == set(), "print it again: python scripts/field_guide.py --print"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_picture_is_there(language) -> None:
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", read(language))
    assert len(named) > 10
    assert [name for name in named if not (DOCS / name).is_file()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_and_sentences_are_called_what_the_pages_call_them(language) -> None:
    with (DOCS.parent / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        shown = [str(part) for message in read_po(file) for part in (message.string or "",)]
    program = " ".join(path.read_text("utf-8") for path in (DOCS.parent / "survey_app").glob("*/*.py"))
    quoted = {re.sub(r"\s+", " ", one).rstrip(" :") for one in re.findall(QUOTED[language], read(language))} - NOT_OURS
    assert len(quoted) > 12
    missing = {one for one in quoted - IN_THE_TERMINAL if not any(one in sentence for sentence in shown)}
    assert missing == set()
    assert {one for one in IN_THE_TERMINAL if one not in program} == set()
