"""What the data-protection officer reads is the same in each language, and each test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("fr", "nl", "en")
WRITTEN_TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)`")


def read(page: str, language: str) -> str:
    return (DOCS / f"{page}.{language}.md").read_text("utf-8")


def shape(text: str) -> list[str]:
    """The frame of a page: depth of each heading, cells of each row, points of each list, tests in their order."""
    found = []
    for line in text.splitlines():
        if heading := re.match(r"#+", line):
            found.append(heading[0])
        elif line.startswith("|"):
            found.append(f"row of {line.count('|') - 1}")
        elif line.startswith("- "):
            found.append("point")
        found += NAMED_TEST.findall(line)
    return found


@pytest.mark.parametrize("page", ["privacy", "dpia"])
def test_the_page_says_the_same_in_every_language(page: str) -> None:
    shapes = {language: shape(read(page, language)) for language in LANGUAGES}
    assert len(shapes["en"]) > 40
    assert shapes["fr"] == shapes["nl"] == shapes["en"]


@pytest.mark.parametrize("page", ["privacy", "dpia"])
def test_every_test_that_is_named_exists(page: str) -> None:
    named = {test for language in LANGUAGES for test in NAMED_TEST.findall(read(page, language))}
    assert len(named) > 10
    assert [test for test in sorted(named) if not (ROOT / test).is_file()] == []


def test_each_of_the_three_tests_of_the_opinion_is_watched_by_tests() -> None:
    parts = re.split(r"^### ", read("privacy", "en"), flags=re.MULTILINE)[1:]
    assert [part.split(":")[0] for part in parts] == ["Singling out", "Linkability", "Inference"]
    assert all(len(NAMED_TEST.findall(part)) >= 4 for part in parts)


@pytest.mark.parametrize("page", ["privacy", "dpia"])
@pytest.mark.parametrize(("language", "word"), [("fr", "Projet"), ("nl", "Ontwerp"), ("en", "Draft")])
def test_a_page_that_no_lawyer_has_read_says_so_first(page: str, language: str, word: str) -> None:
    assert f"**{word}" in read(page, language).split("##")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_and_the_template_are_a_click_away(language: str) -> None:
    links = set(re.findall(r"\]\(([\w.]+\.md)\)", read("privacy", language) + read("dpia", language)))
    assert len(links) >= 6
    assert [name for name in sorted(links) if not (DOCS / name).is_file()] == []


def test_every_rule_names_modules_and_tests_that_exist() -> None:
    page = (DOCS / "disclosure.md").read_text("utf-8")
    rules = re.findall(r"^\| (\d+) \|.*$", page.split("\n## ")[0], re.MULTILINE)
    assert {int(rule) for rule in rules} == set(range(1, 11))
    named = set(re.findall(r"`((?:survey_app|tests)/[\w/]+(?:\.py)?/?)`", page))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_attack_and_bad_input_is_tried_by_a_test_of_the_name_that_the_page_gives() -> None:
    page = (DOCS / "disclosure.md").read_text("utf-8")
    written = {
        name for file in ROOT.glob("tests/**/test_*.py") for name in WRITTEN_TEST.findall(file.read_text("utf-8"))
    }
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 15
    assert sorted(named - written) == []
