"""Desk "Set-up": what a page saves is what the file says; faults stand beside their field, and nothing typed is lost."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from survey_app import journeys
from survey_app.fieldwork.setup_file import Setup
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation import clock
from survey_app.storage import audit, registers, structure
from survey_app.storage.structure import write_structure

if TYPE_CHECKING:
    from pathlib import Path

    from tests.console.conftest import Desk

FORM: dict[str, Any] = {
    "name": "Samen sterk",
    "organisation": "gent",
    "form": "amif-exit/2",
    "activities": ["speaking", "comment"],
    "languages": ["nl", "ar"],
    "first_day": "2026-01-01",
    "last_day": "2027-12-31",
    "module_code": ["", "", ""],
    "module_name": ["Taalcafé", "", "Computer"],
}
HERE = "/console/set-up/projects"


def test_a_new_project_asks_the_newest_questionnaire_and_never_the_practice_question(
    staff: Desk, tmp_path: Path
) -> None:
    page = staff.browser.get(f"{HERE}/new").text
    assert re.findall(r'<option value="(\S+/\d+)" ?(selected)?', page) == [
        ("amif-exit/1", ""),
        ("amif-exit/2", "selected"),
    ]

    reply = staff.browser.post(HERE, data=FORM | {"form": "practice/1"})
    assert reply.status_code == 422
    text = staff.browser.get("/console/set-up/export.yaml").text.replace("amif-exit", "practice")
    state = staff.app.state
    read = journeys.set_up(staff.db, state.questionnaires, state.languages, text, tmp_path / "setup.yaml")
    assert not isinstance(read, Setup)
    assert any('questionnaire "practice" version' in str(fault) for fault in read)


def test_a_project_is_added_by_page_and_used_in_a_session(staff: Desk) -> None:
    reply = staff.browser.post(HERE, data=FORM)
    assert reply.headers["location"] == f"{HERE}/samen-sterk?done=project"
    assert structure.find_project(staff.db, "samen-sterk") == Project(
        "samen-sterk",
        "gent",
        "Samen sterk",
        "amif-exit",
        2,
        frozenset({"speaking", "comment"}),
        ("nl", "ar"),
        first_day=date(2026, 1, 1),
        last_day=date(2027, 12, 31),
    )
    assert structure.list_modules(staff.db, "samen-sterk") == (
        Module("computer", "Computer", "samen-sterk"),
        Module("taalcafe", "Taalcafé", "samen-sterk"),
    )
    page = staff.browser.get(reply.headers["location"]).text
    assert 'value="Taalcafé"' in page
    assert "Saved." in page
    started = staff.browser.post("/console/sessions", data={"module": "samen-sterk/taalcafe", "people": "9"})
    assert started.status_code == 303


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"name": " "}, "name", "Type a name."),
        ({"organisation": "luik"}, "organisation", "Choose an organisation."),
        ({"form": "amif-exit/9"}, "form", "Choose a questionnaire."),
        ({"form": "amif-exit/1"}, "activities", "This questionnaire does not ask about all of these."),
        (
            {"activities": ["speaking", "letters", "doctor", "housing", "money"]},
            "activities",
            "These are too many. Keep those that matter most.",
        ),
        ({"languages": []}, "languages", "Choose at least one language"),
        ({"module_name": ["", "", ""]}, "modules", "Name at least one module."),
        ({"first_day": "tomorrow"}, "first_day", "This is no day."),
        ({"last_day": "2025-01-01"}, "last_day", "The last day lies before the first."),
    ],
)
def test_a_fault_stands_beside_its_field_has_the_focus_and_loses_nothing(
    staff: Desk, changed: dict[str, Any], field: str, told: str
) -> None:
    reply = staff.browser.post(HERE, data=FORM | changed)
    assert reply.status_code == 422
    assert told in reply.text
    assert f'aria-describedby="{field}-fault' in reply.text
    assert reply.text.count("autofocus") == 1
    if "module_name" not in changed:
        assert 'value="Taalcafé"' in reply.text
    assert [project.code for project in structure.list_projects(staff.db)] == ["gent-samen"]


def test_what_a_project_asks_stays_once_it_has_sessions_and_the_rest_can_change(staff: Desk) -> None:
    staff.start_session()
    form = FORM | {"name": "Samen in Gent!", "module_code": ["ict", ""], "module_name": ["Computer", "Naaien"]}
    assert staff.browser.post(f"{HERE}/gent-samen", data=form).status_code == 303
    project = structure.find_project(staff.db, "gent-samen")
    assert project is not None
    assert (project.name, project.version, project.activities) == ("Samen in Gent!", 1, frozenset({"speaking"}))
    assert {module.code for module in structure.list_modules(staff.db, "gent-samen")} == {"ict", "naaien", "taal"}
    assert "This project has sessions" in staff.browser.get(f"{HERE}/gent-samen").text


def test_outside_its_period_a_project_starts_no_session(staff: Desk) -> None:
    staff.browser.post(HERE, data=FORM)
    module = {"module": "samen-sterk/taalcafe", "people": "9"}
    with time_machine.travel("2028-01-01 12:00:00Z"):
        staff.sign_in("an")
        assert "samen-sterk/" not in staff.browser.get("/console/sessions/new").text
        assert staff.browser.post("/console/sessions", data=module).status_code == 422


def test_a_partner_is_added_to_an_own_lead_only(staff: Desk) -> None:
    write_structure(staff.db, [Organisation("luik", "CPAS de Liège")])
    assert staff.browser.post("/console/set-up/partners", data={"name": "Evergem", "lead": "luik"}).status_code == 422
    assert staff.browser.post("/console/set-up/partners", data={"name": "Evergem", "lead": "gent"}).status_code == 303
    assert Organisation("evergem", "Evergem", "gent") in structure.list_organisations(staff.db)
    assert "Liège" not in staff.browser.get("/console/set-up").text
    assert "Evergem" in staff.browser.get("/console/set-up").text


def test_an_administrator_adds_a_lead(staff: Desk) -> None:
    assert "Type a name." in staff.browser.post("/console/organisations", data={"name": ""}).text
    assert staff.browser.post("/console/organisations", data={"name": "CPAS de Liège"}).status_code == 303
    assert Organisation("cpas-de-liege", "CPAS de Liège") in structure.list_organisations(staff.db)


def test_register_counts_are_typed_and_a_wrong_one_keeps_all_of_them(staff: Desk) -> None:
    typed = {"gender": ["female", "male"], "age": ["18-60", "18-60"], "people": ["84", "many"]}
    reply = staff.browser.post(f"{HERE}/gent-samen/register", data=typed)
    assert (reply.status_code, "Write a whole number, 0 or more." in reply.text) == (422, True)
    assert 'value="84"' in reply.text
    assert structure.list_register_counts(staff.db) == ()
    staff.browser.post(f"{HERE}/gent-samen/register", data=typed | {"people": ["84", ""]})
    assert structure.list_register_counts(staff.db) == (RegisterCount("gent-samen", "female", "18-60", 84),)
    staff.browser.post(f"{HERE}/gent-samen/register", data=typed | {"people": ["", "0"]})
    assert [count.people for count in structure.list_register_counts(staff.db)] == [0, 0]


def test_a_gender_that_nobody_asks_about_is_not_counted(staff: Desk) -> None:
    typed = {"gender": ["queen"], "age": ["18-60"], "people": ["84"]}
    assert staff.browser.post(f"{HERE}/gent-samen/register", data=typed).status_code == 422
    assert structure.list_register_counts(staff.db) == ()


def send_sheet(desk: Desk, content: bytes) -> Any:
    files = {"sheet": ("register.csv", io.BytesIO(content), "text/csv")}
    return desk.browser.post(f"{HERE}/gent-samen/register/sheet", files=files)


def test_a_sheet_is_taken_whole_or_not_at_all(staff: Desk) -> None:
    wrong = send_sheet(staff, b"gender;age;people\nfemale;18-60;84\nqueen;18-60;x\n")
    assert wrong.status_code == 422
    assert "Row 3, column A: “queen” is not known as gender." in wrong.text
    assert "Row 3, column C: “x” is no number of people." in wrong.text
    assert structure.list_register_counts(staff.db) == ()
    assert send_sheet(staff, b"gender;age;people\nfemale;18-60;84\nmale;over-60;3\n").status_code == 303
    assert [count.people for count in structure.list_register_counts(staff.db)] == [84, 3]


def test_register_counts_that_were_written_over_come_back_for_thirty_days_and_go_again(staff: Desk) -> None:
    def count(women: str, men: str) -> None:
        typed = {"gender": ["female", "male"], "age": ["18-60", "18-60"], "people": [women, men]}
        assert staff.browser.post(f"{HERE}/gent-samen/register", data=typed).status_code == 303

    def counted() -> list[int]:
        return [count.people for count in structure.list_register_counts(staff.db)]

    def offered() -> bool:
        return "data-before" in staff.browser.get(f"{HERE}/gent-samen").text

    back = f"{HERE}/gent-samen/register/bring-back"
    count("84", "")
    assert not offered(), "there was nothing before"
    assert (staff.browser.post(back).status_code, counted()) == (303, [84])
    count("", "51")
    assert counted() == [0, 51]
    count("", "51")  # the same once more takes nothing's place
    page = staff.browser.get(f"{HERE}/gent-samen").text
    assert "this register counted 84 people" in page
    staff.browser.post(back)
    assert (counted(), offered()) == ([84], True)
    staff.browser.post(back)
    assert counted() == [0, 51], "and back again"
    assert [entry.deed.action for entry in audit.list_latest(staff.db, 3)] == ["set-up"] * 3
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1)):
        staff.sign_in("an")
        assert not offered()
        staff.browser.post(back)
        assert counted() == [0, 51]
        assert (registers.forget_before(staff.db, clock.now()), registers.forget_before(staff.db, clock.now())) == (
            1,
            0,
        )


def test_a_sheet_larger_than_any_register_is_refused(staff: Desk) -> None:
    assert send_sheet(staff, b"x" * 300_000).status_code == 413


def test_what_the_page_hands_out_is_a_set_up_file_that_says_the_same(staff: Desk, tmp_path: Path) -> None:
    staff.browser.post(HERE, data=FORM)
    send_sheet(staff, b"gender;age;people\nfemale;18-60;84\n")
    text = staff.browser.get("/console/set-up/export.yaml").text
    state = staff.app.state
    read = journeys.set_up(staff.db, state.questionnaires, state.languages, text, tmp_path / "setup.yaml")
    assert isinstance(read, Setup)
    assert read.organisations == structure.list_organisations(staff.db)
    assert read.projects == structure.list_projects(staff.db)
    assert set(read.modules) == set(structure.list_modules(staff.db))
    assert read.registered == structure.list_register_counts(staff.db)
    assert staff.browser.get("/console/set-up/export.yaml").text == text


def test_who_sets_up_stands_in_the_log(staff: Desk) -> None:
    from survey_app.storage import audit

    staff.browser.post(HERE, data=FORM)
    (entry,) = audit.list_latest(staff.db, 1)
    assert (entry.deed.who, entry.deed.action, entry.deed.subject) == ("an", "set-up", "project samen-sterk")
    assert entry.at <= clock.now()


def put(staff: Desk, what: str, module: str = "", project: str = "gent-samen") -> Any:
    return staff.browser.post(f"{HERE}/{project}/{what}", data={"module": module})


def test_a_module_made_by_mistake_is_offered_no_more_keeps_its_figures_and_is_brought_back(staff: Desk) -> None:
    code = staff.start_session()
    refused = put(staff, "aside", "ict")
    assert (refused.status_code, "A session of it runs." in refused.text) == (422, True)
    assert refused.text.count("autofocus") == 1
    staff.browser.post(f"/console/sessions/{code}/close")
    assert put(staff, "aside", "ict").headers["location"] == f"{HERE}/gent-samen#aside"
    assert "it can be brought back at any time" in staff.browser.get(f"{HERE}/gent-samen").text
    for page in ("/console", "/console/sessions/new"):
        assert 'value="gent-samen/ict"' not in staff.browser.get(page).text
    assert staff.browser.post("/console/sessions", data={"module": "gent-samen/ict", "people": "9"}).status_code == 422
    assert "Computer" in staff.browser.get(f"/console/sessions/{code}").text, "what was held is still there"
    last = put(staff, "aside", "taal")
    assert (last.status_code, "A project has at least one module." in last.text) == (422, True)
    form = FORM | {"name": "Samen in Gent", "module_code": ["taal", ""], "module_name": ["Taalcafé", "ICT"]}
    assert staff.browser.post(f"{HERE}/gent-samen", data=form).status_code == 303
    assert [one.code for one in structure.list_groups(staff.db, "gent-samen")] == ["ict-2", "taal"], "a code of its own"
    assert put(staff, "bring-back", "ict").status_code == 303
    assert 'value="gent-samen/ict"' in staff.browser.get("/console/sessions/new").text
    done = [entry.deed for entry in audit.list_latest(staff.db, 3)]
    assert audit.Deed("an", "brought-back", "module ict of gent-samen") == done[0]


def test_a_project_made_by_mistake_is_put_aside_with_the_day_until_which_it_can_come_back(staff: Desk) -> None:
    staff.browser.post(HERE, data=FORM)
    assert "nothing was collected: it would be deleted after 30 days" in staff.browser.get(f"{HERE}/samen-sterk").text
    assert put(staff, "aside", project="samen-sterk").status_code == 303
    page = staff.browser.get(f"{HERE}/samen-sterk").text
    assert "This project is put aside" in page
    assert "nothing was collected: until" in page
    assert 'value="samen-sterk/' not in staff.browser.get("/console/sessions/new").text
    for what in ("aside", "bring-back"):
        assert put(staff, what, "unknown", "samen-sterk").status_code == 404
    assert put(staff, "bring-back", project="samen-sterk").status_code == 303
    assert 'value="samen-sterk/computer"' in staff.browser.get("/console/sessions/new").text


def test_what_is_put_aside_goes_round_in_a_set_up_file_and_a_file_that_is_silent_brings_nothing_back(
    staff: Desk, tmp_path: Path
) -> None:
    staff.browser.post(HERE, data=FORM)
    put(staff, "aside", "computer", "samen-sterk")
    put(staff, "aside", project="gent-samen")
    before = structure.list_projects(staff.db), structure.list_modules(staff.db)
    text = staff.browser.get("/console/set-up/export.yaml").text
    assert text.count("aside: true") == 2

    def read(file: str) -> None:
        state = staff.app.state
        assert isinstance(
            journeys.set_up(staff.db, state.questionnaires, state.languages, file, tmp_path / "setup.yaml"), Setup
        )

    read(text)
    assert (structure.list_projects(staff.db), structure.list_modules(staff.db)) == before
    read(re.sub(r" +aside: true\n", "", text))
    assert (structure.list_projects(staff.db), structure.list_modules(staff.db)) == before
    read(text.replace("aside: true", "aside: false"))
    assert len(structure.list_groups(staff.db)) == len(structure.list_modules(staff.db))
    assert structure.find_project(staff.db, "gent-samen").aside_since is None  # type: ignore[union-attr]
    read(text)
    assert structure.find_project(staff.db, "gent-samen").aside_since is not None  # type: ignore[union-attr]


def test_an_organisation_made_by_mistake_is_put_aside_and_one_that_is_in_use_says_why_not(staff: Desk) -> None:
    here = "/console/organisations"
    staff.browser.post(here, data={"name": "Gnet", "lead": "gent"})
    assert re.findall(r'action="(/console/organisations/.*/aside)"', staff.browser.get(here).text) == [
        f"{here}/gnet/aside"
    ]
    refused = staff.browser.post(f"{here}/gent/aside")
    assert (refused.status_code, "an account or an invitation names it" in refused.text) == (422, True)
    assert staff.browser.post(f"{here}/gnet/aside").status_code == 303
    assert [one.code for one in structure.list_organisations(staff.db)] == ["gent"]
    page = staff.browser.get(here).text
    assert "What is put aside" in page
    assert staff.browser.post(f"{here}/gnet/bring-back").status_code == 303
    assert [one.code for one in structure.list_organisations(staff.db)] == ["gent", "gnet"]
    assert staff.browser.post(f"{here}/nowhere/aside").status_code == 404
