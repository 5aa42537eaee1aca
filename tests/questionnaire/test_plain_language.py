"""Easy-to-read French is advised line by line; a picture that is not drawn is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.checks import check_file

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "survey_app" / "web" / "static" / "pictures"

FORM = """\
id: exit
version: 1
language: {language}
title: "Le groupe"
items:
  - id: change
    type: several
    text: {text}
    picture: change
    answers:
      - {{ code: a, text: "Oui", picture: face-a-lot, colour: blue }}
      - {{ code: b, text: "Non", picture: face-not-at-all, colour: rust }}
"""


def advice(folder: Path, text: str, language: str = "fr") -> list[str]:
    path = folder / "exit.v1.yaml"
    path.write_text(FORM.format(text=f'"{text}"', language=language), encoding="utf-8")
    checked = check_file(path, PICTURES)
    assert checked.faults == ()
    assert {warning.line for warning in checked.warnings} <= {8}
    return [warning.message.removeprefix(f'"{text}" ') for warning in checked.warnings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ".join(["mot"] * 16) + " ?", "has a sentence of 16 words"),
        ("Je viens. Tu viens ?", "holds 2 sentences"),
        ("Je connais le CPAS ?", 'holds capitals or initials ("CPAS")'),
        ("Je connais le C.P.A.S. ?", "holds capitals or initials"),
        ("Je viens (souvent) ?", "holds special characters (( ))"),
        ("Je comprends 50 % ?", "holds special characters (%)"),
        ("Le bus / le train ?", "holds special characters (/)"),
        ("Je ne viens jamais sans mes enfants ?", "says no twice"),
        ("Ce n'est pas impossible ?", "says no twice"),
        ("Je ne dis pas non ?", "says no twice"),
    ],
)
def test_a_sentence_that_is_hard_to_read_is_advised_against(tmp_path: Path, text: str, expected: str) -> None:
    assert [warning for warning in advice(tmp_path, text) if warning.startswith(expected)], advice(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["mot"] * 15) + " ?",
        "Je ne comprends pas mes lettres ?",
        "Je ne comprends plus rien ?",
        "Je connais de nouvelles personnes ?",
        "J'ai plus confiance en moi ?",
        "Par exemple : au magasin.",
        "À quelle heure ?",
        "Pas du tout",
    ],
)
def test_plain_sentences_pass_without_advice(tmp_path: Path, text: str) -> None:
    assert advice(tmp_path, text) == []


def test_negation_is_judged_in_french_only(tmp_path: Path) -> None:
    assert advice(tmp_path, "Non non non", language="nl") == []


def test_the_shipped_questionnaires_pass_without_a_fault_or_advice() -> None:
    files = sorted((ROOT / "questionnaires").glob("*.yaml"))

    assert files
    for file in files:
        checked = check_file(file, PICTURES)
        assert (checked.faults, checked.warnings) == ((), ())


def test_a_picture_that_is_not_drawn_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "exit.v1.yaml"
    path.write_text(FORM.format(text='"Oui ?"', language="fr").replace("face-a-lot", "face-a-lott"), encoding="utf-8")

    checked = check_file(path, PICTURES)

    assert [(fault.line, 'no picture "face-a-lott"' in fault.message) for fault in checked.faults] == [(11, True)]


def test_two_answers_that_look_alike_are_advised_against(tmp_path: Path) -> None:
    path = tmp_path / "exit.v1.yaml"
    path.write_text(FORM.format(text='"Oui ?"', language="fr").replace("rust", "blue"), encoding="utf-8")

    warnings = check_file(path, PICTURES).warnings

    assert [warning.message for warning in warnings] == ['two answers share the colour "blue". Give each its own.']


def test_a_comment_is_advised_against_while_comments_are_not_collected(tmp_path: Path) -> None:
    path = tmp_path / "exit.v1.yaml"
    comment = '  - { id: more, type: comment, text: "Autre chose ?", picture: change }\n'
    path.write_text(FORM.format(text='"Oui ?"', language="fr") + comment, encoding="utf-8")

    assert "not collected yet" in check_file(path, PICTURES).warnings[0].message


def test_a_file_that_is_not_there_is_the_request_s_mistake(tmp_path: Path) -> None:
    with pytest.raises(RequestMistakenError, match="can't be read"):
        check_file(tmp_path / "nowhere.v1.yaml", PICTURES)
