"""The set-up file: what it says, and every fault at once with its line and its mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from survey_app.fieldwork.setup_export import write_setup
from survey_app.fieldwork.setup_file import Known, Setup, read_setup
from survey_app.fieldwork.structure import Organisation, Project
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.loader import load_questionnaire

ROOT = Path(__file__).resolve().parents[2]
FILE = Path("setup.yaml")
LANGUAGES = ("fr", "nl", "en", "ar", "fa-AF", "ps", "ti", "so", "tr", "uk", "ru")


@pytest.fixture(scope="module")
def known() -> Known:
    questionnaire = load_questionnaire(ROOT / "questionnaires" / "amif-exit.v1.yaml")
    assert isinstance(questionnaire, Questionnaire)
    key = (questionnaire.id, questionnaire.version)
    return Known(questionnaires={key: questionnaire}, languages={key: LANGUAGES})


def project(**changed: object) -> str:
    fields: dict[str, object] = {
        "code": "gent-samen",
        "organisation": "gent",
        "name": "Samen in Gent",
        "questionnaire": "amif-exit",
        "activities": "[speaking]",
        "languages": "[nl]",
        "modules": "[{code: ict, name: ICT}]",
    }
    lines = [f"{word}: {value}" for word, value in (fields | changed).items() if value is not None]
    return "organisations:\n  - {code: gent, name: OCMW Gent}\nprojects:\n  - " + "\n    ".join(lines) + "\n"


def faults_of(text: str, known: Known) -> list[str]:
    read = read_setup(text, FILE, known)
    assert not isinstance(read, Setup)
    return [str(fault) for fault in read]


def test_the_commented_example_can_be_used_as_it_is(known: Known) -> None:
    example = ROOT / "docs" / "setup.example.yaml"
    setup = read_setup(example.read_text(encoding="utf-8"), example, known)
    assert isinstance(setup, Setup)
    assert [one.code for one in setup.organisations] == ["charleroi", "gent", "binche"]
    assert [one.code for one in setup.projects] == ["charleroi-ensemble", "binche-rencontres", "gent-samen"]
    assert setup.projects[0].languages == ("fr", "ar", "ti", "fa-AF")
    assert not any(one.synthetic for one in setup.projects)
    assert sum(count.people for count in setup.registered) == 84 + 51 + 9 + 77 + 68


def test_text_and_voice_are_two_settings(known: Known) -> None:
    setup = read_setup(project(voices="{ar: ymm}"), FILE, known)
    assert isinstance(setup, Setup)
    assert setup.projects[0].voice_of("ar") == "ymm"
    assert setup.projects[0].voice_of("nl") == "nl"


def test_a_voice_that_does_not_exist_is_named_with_its_mend(known: Known) -> None:
    (fault,) = faults_of(project(voices="{ar: ymn}"), known)
    assert fault.endswith('voices: language "ymn" is not offered. Did you mean "ymm"?')


def test_every_fault_of_a_file_is_told_at_once_with_its_line_and_its_mend(known: Known) -> None:
    text = """\
organisations:
  - {code: gent, name: OCMW Gent}
  - {code: eeklo, name: OCMW Eeklo, lead: gnet}
  - {code: gent, name: Weer Gent}
projects:
  - code: gent-samen
    organisation: aalst
    name: Samen
    questionnaire: amif-exit
    activities: [speaking, letters, doctor, housing, cooking]
    languages: [nl, prs]
    modules: [{code: ict, name: ICT}, {code: ict, name: ICT}]
    registered: [{gender: femal, age: 18-60, people: 4}]
  - code: Gent 2
    organisaton: gent
"""
    assert faults_of(text, known) == [
        'setup.yaml line 3: organisation "eeklo": its lead "gnet" is unknown. Did you mean "gent"?',
        'setup.yaml line 4: organisation "gent" is listed twice. Give each its own code.',
        'setup.yaml line 7: project "gent-samen": organisation "aalst" is unknown. Choose among: eeklo, gent.',
        'setup.yaml line 10: project "gent-samen" has 5 activities; 4 can be asked. Keep the 4 that matter most.',
        (
            'setup.yaml line 10: project "gent-samen": activity "cooking" is not in amif-exit. Choose among: activities, '
            "confidence, doctor, housing, letters, money, people, phone, school, speaking, transport, work."
        ),
        'setup.yaml line 11: project "gent-samen": language "prs" is not offered. Did you mean "ps"?',
        'setup.yaml line 12: project "gent-samen": module "ict" is listed twice. Give each its own code.',
        'setup.yaml line 13: project "gent-samen": gender "femal" is unknown. Did you mean "female"?',
        (
            'setup.yaml line 14: "Gent 2" is not a code. Write small letters, digits and "-", such as "gent-2026"; '
            "put it in quotes when it is only digits."
        ),
        'setup.yaml line 14: "languages" is missing. Add it.',
        'setup.yaml line 14: "modules" is missing. Add it.',
        'setup.yaml line 14: "name" is missing. Add it.',
        'setup.yaml line 14: "organisation" is missing. Add it.',
        'setup.yaml line 14: "questionnaire" is missing. Add it.',
        'setup.yaml line 15: "organisaton" is not known here. Did you mean "organisation"?',
    ]


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        ({"a": "a"}, 'organisation "a" is its own lead. Leave "lead" out where there is none.'),
        ({"a": "b", "b": "a"}, 'organisation "a": its lead "b" has a lead itself ("a"). Leave it out at one of them.'),
        ({"a": "b", "b": "c", "c": None}, 'organisation "a": its lead "b" has a lead itself ("c"). Write "lead: c".'),
    ],
)
def test_a_lead_has_no_lead(leads: dict[str, str | None], told: str, known: Known) -> None:
    lines = [f"  - {{code: {code}, name: X, lead: {lead or 'null'}}}\n" for code, lead in leads.items()]
    assert told in faults_of("organisations:\n" + "".join(lines), known)[0]


def test_an_organisation_that_is_there_already_need_not_be_repeated(known: Known) -> None:
    text = project().replace("  - {code: gent, name: OCMW Gent}\n", "")
    there = Known(known.questionnaires, known.languages, organisations={"gent": Organisation("gent", "OCMW Gent")})
    assert isinstance(read_setup(text, FILE, there), Setup)


def test_what_a_project_asks_cannot_change_once_it_has_sessions(known: Known) -> None:
    used = Project("gent-samen", "gent", "Samen", "amif-exit", 1, frozenset({"work"}), ("nl",))
    there = Known(known.questionnaires, known.languages, in_use={used.code: used})
    assert faults_of(project(), there) == [
        (
            'setup.yaml line 8: project "gent-samen" has sessions already, so its activities cannot change. '
            "Give the new project a new code."
        )
    ]
    same = project(activities="[work]", languages="[nl, ar]", name="Andere naam")
    assert isinstance(read_setup(same, FILE, there), Setup)


def test_a_projects_questionnaire_is_fixed_as_soon_as_it_has_a_session(known: Known) -> None:
    """So who was asked with which scale is told by the projects, on which the comparison with earlier releases relies."""
    used = Project("gent-samen", "gent", "Samen", "amif-exit", 2, frozenset(), ("nl",))
    for before, word in ((used, "version"), (replace(used, version=1, questionnaire="other"), "questionnaire")):
        there = Known(known.questionnaires, known.languages, in_use={used.code: before})
        assert f"has sessions already, so its {word} cannot change" in "".join(faults_of(project(), there))


def test_a_file_that_does_not_say_how_long_answers_are_kept_leaves_what_was_decided(known: Known) -> None:
    decided = Known(known.questionnaires, known.languages, keep_months={"gent-samen": 24})
    for changed, months in (({}, 24), ({"keep_months": "12"}, 12), ({"keep_months": "null"}, None)):
        for there, expected in ((decided, months), (known, None if not changed else months)):
            read = read_setup(project(**changed), FILE, there)
            assert isinstance(read, Setup)
            assert read.projects[0].keep_months == expected, changed


def test_a_real_project_never_takes_over_one_of_the_demonstration(known: Known) -> None:
    there = Known(known.questionnaires, known.languages, synthetic={"gent-samen"})
    assert "belongs to the demonstration" in faults_of(project(), there)[0]
    assert isinstance(read_setup(project(), FILE, there, synthetic=True), Setup)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"code": "gent"}, 'project "gent" has the code of an organisation.'),
        ({"code": "total"}, "releases use this word"),
        ({"code": "gent-own"}, "releases use this word"),
        ({"code": "2026"}, "put it in quotes when it is only digits"),
        ({"version": "7"}, 'questionnaire "amif-exit" version 7 is unknown. There is: amif-exit version 1.'),
        ({"version": "-1"}, '"-1" is not a number that can stand here'),
        ({"languages": "nl"}, '"languages" is a list.'),
        ({"languages": "[]"}, '"languages" is empty. List at least one.'),
        ({"languages": "[nl, nl]"}, 'language "nl" is listed twice'),
        ({"activities": "[work, work]"}, 'activity "work" is listed twice'),
        ({"name": '""'}, '"name" is empty'),
        ({"name": "12"}, '"name" is not text on one line'),
        ({"registered": "[{gender: female, age: 18-60, people: many}]"}, "Write a whole number"),
        (
            {"registered": "[{gender: male, age: 18-60, people: 1}, {gender: male, age: 18-60, people: 2}]"},
            "counts male, 18-60 twice. Add the two up.",
        ),
        ({"modules": "[{code: total, name: X}]"}, 'module "total": releases use this word'),
        ({"modules": "[ict]"}, "this entry has no fields"),
        ({"modules": "[{code: ict, naam: X}]"}, '"naam" is not known here. Did you mean "name"?'),
    ],
)
def test_a_faulty_field_is_named_with_its_mend(changed: dict[str, object], told: str, known: Known) -> None:
    assert told in "\n".join(faults_of(project(**changed), known))


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "- a\n", "organisations: [\n", "plain", "projects: {}\n", "x: 1\n"]
)
def test_a_file_that_is_something_else_is_told_so(text: str, known: Known) -> None:
    read = read_setup(text, FILE, known)
    assert not isinstance(read, Setup)
    assert all(isinstance(fault, Fault) and fault.line >= 1 for fault in read)


def test_a_register_may_count_people_who_did_not_say(known: Known) -> None:
    setup = read_setup(project(registered="[{gender: undisclosed, age: 18-60, people: 3}]"), FILE, known)
    assert isinstance(setup, Setup)
    assert setup.registered[0].gender == "undisclosed"


def test_a_project_has_a_period_and_a_wrong_day_is_told(known: Known) -> None:
    setup = read_setup(project(first_day="2026-01-01", last_day="2027-12-31"), FILE, known)
    assert isinstance(setup, Setup)
    assert setup.projects[0].runs_on(date(2027, 12, 31))
    assert not setup.projects[0].runs_on(date(2028, 1, 1))
    assert faults_of(project(first_day="soon"), known) == [
        'setup.yaml line 11: "soon" is not a day. Write it as 2026-01-31, or leave "first_day" out.'
    ]
    assert faults_of(project(first_day="2026-01-02", last_day="2026-01-01"), known) == [
        'setup.yaml line 12: project "gent-samen" ends before it begins. Check both days.'
    ]


def test_what_is_written_from_a_set_up_says_the_same(known: Known) -> None:
    example = ROOT / "docs" / "setup.example.yaml"
    setup = read_setup(example.read_text(encoding="utf-8"), example, known)
    assert isinstance(setup, Setup)
    text = write_setup(setup.organisations, setup.projects, setup.modules, setup.registered)
    again = read_setup(text, FILE, known)
    assert isinstance(again, Setup)
    assert set(again.organisations) == set(setup.organisations)
    assert (again.projects, again.modules, again.registered) == (setup.projects, setup.modules, setup.registered)
    assert write_setup(again.organisations, again.projects, again.modules, again.registered) == text
