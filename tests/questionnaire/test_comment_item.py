"""A comment is asked of everybody, once, beside the eight items, and only where the project chose it."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_app.fieldwork.setup_file import Known, Setup, read_setup
from survey_app.foundation.places import shipped
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import load_all, load_questionnaire

SHIPPED = load_all(shipped("questionnaires"))
FORM = (shipped("questionnaires") / "amif-exit.v2.yaml").read_text(encoding="utf-8")
CHANGED = "    activity: comment # asked only where the project chose it\n"
SETUP = """
organisations: [{ code: gent, name: OCMW Gent }]
projects:
  - code: samen
    organisation: gent
    name: Samen
    questionnaire: amif-exit
    version: 2
    activities: [%s]
    languages: [fr]
    modules: [{ code: ict, name: Computer }]
"""


def faults_of(folder: Path, form: str) -> list[str]:
    path = folder / "amif-exit.v2.yaml"
    path.write_text(form, encoding="utf-8")
    found = load_questionnaire(path)
    return [] if isinstance(found, Questionnaire) else [fault.message for fault in found]


def test_the_exit_questionnaire_asks_for_a_comment_where_the_project_chose_it() -> None:
    form = SHIPPED["amif-exit", 2]
    asked = form.comment_for({"speaking", "comment"})
    assert asked is not None
    assert form.items[-1] == asked
    assert form.comment_for({"speaking"}) is None
    assert SHIPPED["amif-exit", 1].comment_for({"speaking", "comment"}) is None


def test_apart_from_the_comment_the_second_version_asks_what_the_first_asked() -> None:
    first, second = SHIPPED["amif-exit", 1], SHIPPED["amif-exit", 2]
    assert [item.id for item in second.items] == [*(item.id for item in first.items), "more"]
    assert [second.answers_of(item) for item in second.items[:-1]] == [first.answers_of(item) for item in first.items]


def test_a_comment_does_not_count_among_the_eight_items(tmp_path: Path) -> None:
    assert faults_of(tmp_path, FORM.replace(CHANGED, "")) == []


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("    ask_if: { item: helpful, is_one_of: [not-at-all] }\n", "would be known by an answer"),
        ('  - { id: again, type: comment, text: "Encore ?", picture: comment }\n', "is a second comment"),
    ],
    ids=["asked of some only", "asked twice"],
)
def test_a_comment_that_would_give_an_answer_away_or_come_twice_is_a_fault(
    tmp_path: Path, added: str, message: str
) -> None:
    (fault,) = faults_of(tmp_path, FORM + added)
    assert message in fault


def test_a_project_chooses_the_comment_beside_four_domains() -> None:
    known = Known(questionnaires=SHIPPED, languages={("amif-exit", 2): ("fr",)})
    four = "speaking, doctor, housing, people"
    assert isinstance(read_setup(SETUP % f"{four}, comment", Path("a.yaml"), known), Setup)
    (fault,) = read_setup(SETUP % f"{four}, money, comment", Path("a.yaml"), known)  # type: ignore[misc]
    assert "has 5 activities; 4 can be asked" in fault.message
