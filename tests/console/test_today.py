"""Desk "Today": start a session, watch the counter, close it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import time_machine

from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.languages import find_language
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage import audit, indicator_returns, ledger, rooms, sessions
from survey_app.storage.structure import list_projects, write_structure
from survey_app.web.console.accounts import add_member
from survey_app.web.console.starting import FEW_PROJECTS

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSWORD = "four words are enough"


def hand_in(desk: Desk, code: str, response_id: UUID | None = None, helpful: str = "a-lot") -> int:
    body: dict[str, Any] = {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "nl",
        "mode": "alone",
        "answers": {"helpful": helpful},
        "off_scale": {"speaking": "not-understood"},
    }
    address = f"/api/v1/sessions/{code}/responses/{response_id or uuid4()}"
    return desk.other_browser().put(address, json=body).status_code


def test_an_empty_installation_says_what_to_do_next(bare: Desk, desk: Desk) -> None:
    write_structure(desk.db)
    desk.sign_in("an")
    page = desk.browser.get("/console").text
    assert "No session is running" in page
    assert 'href="/console/sessions/new"' in page


def test_without_a_project_the_page_names_the_command(bare: Desk) -> None:
    write_structure(bare.db, [Organisation("gent", "OCMW Gent")])
    add_member(bare.db, "an", "four words are enough", Post("manager", "gent"))
    bare.sign_in("an")
    page = bare.browser.get("/console").text
    assert "survey-app setup setup.yaml" in page
    assert "/console/sessions/new" not in page
    assert "No group can meet today" in bare.browser.get("/console/sessions/new").text


def test_a_manager_whose_projects_are_all_over_is_led_to_their_days_and_a_facilitator_to_the_manager(
    desk: Desk,
) -> None:
    ended = Project("gent-samen", "gent", "Samen in Gent", "amif-exit", 1, last_day=clock.today() - timedelta(days=1))
    write_structure(desk.db, projects=[ended])
    add_member(desk.db, "eva", PASSWORD, Post("facilitator", "gent"))
    for name, next_step in (("max", 'href="/console/set-up"'), ("eva", "Ask the project manager to look at the first")):
        browser = desk.sign_in(name, desk.other_browser())
        for address in ("/console", "/console/sessions/new"):
            page = browser.get(address).text
            assert "No group can meet today" in page
            assert next_step in page.partition("<main")[2]


def test_a_session_starts_with_a_group_and_a_number(staff: Desk) -> None:
    code = staff.start_session(people=9)
    session = sessions.find(staff.db, code)
    assert session is not None
    assert (session.project, session.module, session.people) == ("gent-samen", "ict", 9)
    assert session.opened_on == clock.today()
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert f"http://testserver/s/{code}" in page
    assert f"{code[:3]}&nbsp;{code[3:]}" in page
    assert "Computer" in staff.browser.get("/console").text


def test_the_form_remembers_the_last_time(staff: Desk) -> None:
    staff.start_session(people=17)
    page = staff.browser.get("/console/sessions/new").text
    assert re.search(r'value="gent-samen/ict" required checked', page)
    assert 'name="people" value="17"' in page


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"people": "9"}, ["Choose a group."]),
        ({"module": "gent-samen/x", "people": "9"}, ["Choose a group."]),
        ({"module": "gent-samen/ict", "people": "many"}, ["a number from 1 to 500"]),
        ({"module": "gent-samen/ict", "people": "0"}, ["a number from 1 to 500"]),
        ({"module": "gent-samen/ict", "people": "501"}, ["a number from 1 to 500"]),
        ({"module": "gent-samen/ict", "people": "٣"}, ["a number from 1 to 500"]),
        ({"people": "<b>"}, ["Choose a group.", "a number from 1 to 500"]),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    staff: Desk, form: dict[str, str], told: list[str]
) -> None:
    reply = staff.browser.post("/console/sessions", data=form)
    assert reply.status_code == 422
    assert all(sentence in reply.text for sentence in told)
    assert reply.text.count("autofocus") == 1
    typed = form["people"].replace("<", "&lt;").replace(">", "&gt;")
    assert f'name="people" value="{typed}"' in reply.text
    if form.get("module") == "gent-samen/ict":
        assert 'value="gent-samen/ict" required checked' in reply.text
    assert not sessions.list_all(staff.db)


def test_languages_and_their_drafts_are_seen_before_a_session_starts(staff: Desk) -> None:
    page = staff.browser.get("/console/sessions/new").text
    tablets = page[page.index("data-languages") :]
    assert tablets.index("Nederlands") < tablets.index("العربية") < tablets.index("Français")
    drafts = page[page.index("data-drafts") :]
    assert 'lang="ar" dir="rtl">العربية' in drafts
    assert "languages are drafts" in drafts


def _add_projects(desk: Desk, number: int) -> None:
    real = next(project for project in list_projects(desk.db) if project.code == "gent-samen")
    codes = [f"liege-{one}" for one in range(number)]
    projects = [type(real)(**{**_fields(real), "code": code, "name": f"Cité {code}"}) for code in codes]
    write_structure(desk.db, projects=projects, modules=[Module("ict", "Ordinateur", code) for code in codes])


def test_where_many_groups_meet_one_is_looked_for_first_and_only_its_project_is_shown(staff: Desk) -> None:
    _add_projects(staff, FEW_PROJECTS - len(list_projects(staff.db)))
    assert staff.browser.get("/console/sessions/new").text.count("data-languages") == FEW_PROJECTS
    _add_projects(staff, FEW_PROJECTS)
    page = staff.browser.get("/console/sessions/new").text
    assert page.count("data-module=") > FEW_PROJECTS
    assert "data-languages" not in page
    found = staff.browser.get("/console/sessions/new?find=CITE+liege-1").text
    assert re.findall('data-module="([^"]+)"', found) == ["liege-1/ict"]
    assert "No group of today" in staff.browser.get("/console/sessions/new?find=nowhere").text
    chosen = staff.browser.get("/console/sessions/new?module=liege-1/ict").text
    assert chosen.count("data-languages") == 1
    assert 'value="liege-1/ict" required checked' in chosen
    assert "find=" in chosen, "the way back to the other groups"


def test_where_many_groups_meet_the_last_one_is_chosen_already_and_a_fault_keeps_the_number(staff: Desk) -> None:
    _add_projects(staff, FEW_PROJECTS)
    staff.start_session(people=17)
    page = staff.browser.get("/console/sessions/new").text
    assert re.search(r'value="gent-samen/ict" required checked', page)
    assert page.count("data-languages") == 1
    reply = staff.browser.post("/console/sessions", data={"module": "gone/ict", "people": "9"})
    assert reply.status_code == 422
    assert "Choose a group." in reply.text
    assert "module=liege-1/ict&amp;people=9" in reply.text
    page = staff.browser.get("/console/sessions/new?module=gent-samen/ict&people=9").text
    assert 'name="people" value="9"' in page, "what was typed goes before the last time"


def test_the_counter_moves_when_a_response_arrives_and_shows_nothing_else(staff: Desk) -> None:
    code = staff.start_session(people=12)
    address = f"/console/sessions/{code}/counter"
    assert "<strong data-received>0</strong>" in staff.browser.get(address).text
    assert hand_in(staff, code) == 201
    part = staff.browser.get(address).text
    assert "<strong data-received>1</strong>" in part
    assert "/ 12" in part
    assert "<html" not in part
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert part.strip() in page
    assert "a-lot" not in page
    assert "not-understood" not in page


def test_more_people_than_expected_are_counted(staff: Desk) -> None:
    code = staff.start_session(people=1)
    assert [hand_in(staff, code), hand_in(staff, code)] == [201, 201]
    part = staff.browser.get(f"/console/sessions/{code}/counter").text
    assert "<strong data-received>2</strong>" in part
    assert 'value="2" max="2"' in part


def test_a_response_that_waits_for_a_person_is_seen(staff: Desk) -> None:
    code = staff.start_session()
    same = uuid4()
    assert [hand_in(staff, code, same), hand_in(staff, code, same, "not-much")] == [201, 409]
    part = staff.browser.get(f"/console/sessions/{code}/counter").text
    assert "1 response waits for a person" in part
    assert "1 response waits for a person" in staff.browser.get("/console").text


def test_a_session_is_closed_after_a_question_and_closing_twice_is_harmless(staff: Desk) -> None:
    code = staff.start_session()
    asked = staff.browser.get(f"/console/sessions/{code}/close")
    assert "Close this session?" in asked.text
    for _ in range(2):
        reply = staff.browser.post(f"/console/sessions/{code}/close")
        assert reply.headers["location"] == f"/console/sessions/{code}"
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert "This session is closed" in page
    assert "qr.svg" not in page
    assert "hx-get" not in page
    assert staff.browser.get(f"/console/sessions/{code}/close").status_code == 303
    assert "Closed lately" in staff.browser.get("/console").text


def test_after_the_days_of_grace_nothing_can_be_handed_in(staff: Desk, settings: Settings) -> None:
    code = staff.start_session()
    staff.browser.post(f"/console/sessions/{code}/close")
    assert "can hand them in until" in staff.browser.get(f"/console/sessions/{code}").text
    with time_machine.travel(clock.now() + timedelta(days=settings.grace_days, hours=1)):
        staff.sign_in("an")
        assert "Nothing can be handed in any more." in staff.browser.get(f"/console/sessions/{code}").text


def start_again(page: str, module: str = "gent-samen/ict") -> dict[str, list[str]]:
    """What the button on the card of a group sends."""
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'data-module="{module}"' in form)
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    return sent


def test_a_group_meets_again_in_one_tap_as_last_time(staff: Desk) -> None:
    assert "data-module" in staff.browser.get("/console").text
    assert "start-again" not in staff.browser.get("/console").text, "nobody met yet"
    form = {"module": "gent-samen/ict", "people": "9", "language": ["gent-samen/ti", "gent-samen/ar", "luik/so"]}
    first = staff.browser.post("/console/sessions", data=form).headers["location"].rpartition("/")[2]
    assert rooms.find_room(staff.db, first).languages == ("ti", "ar")
    again = start_again(staff.browser.get("/console").text)
    assert again == {
        "module": ["gent-samen/ict"],
        "people": ["9"],
        "language": ["gent-samen/ti", "gent-samen/ar"],
    }
    second = staff.browser.post("/console/sessions", data=again).headers["location"].rpartition("/")[2]
    assert second != first
    session = sessions.find(staff.db, second)
    assert session is not None
    assert (session.module, session.people) == ("ict", 9)
    assert rooms.find_room(staff.db, second).languages == ("ti", "ar")


def test_the_languages_in_the_room_come_first_on_the_tablet_and_none_is_lost(staff: Desk) -> None:
    wall = staff.other_browser()
    usual = re.findall(r'hreflang="([\w-]+)"', wall.get(f"/s/{staff.start_session()}").text)
    assert usual[:2] == ["nl", "ar"]
    form = {"module": "gent-samen/taal", "people": "9", "language": ["gent-samen/uk"]}
    code = staff.browser.post("/console/sessions", data=form).headers["location"].rpartition("/")[2]
    shown = re.findall(r'hreflang="([\w-]+)"', wall.get(f"/s/{code}").text)
    assert shown[:3] == ["uk", "nl", "ar"]
    assert sorted(shown) == sorted(usual)


def test_a_session_started_by_mistake_is_cancelled_and_the_cancelling_undone(staff: Desk) -> None:
    code = staff.start_session()
    assert "cancel-session" in staff.browser.get(f"/console/sessions/{code}").text
    assert staff.browser.post(f"/console/sessions/{code}/cancel").headers["location"] == f"/console/sessions/{code}"
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert "This session is cancelled" in page
    assert staff.other_browser().get(f"/s/{code}").status_code == 410
    assert ">cancelled<" in staff.browser.get("/console").text
    assert "start-again" not in staff.browser.get("/console").text, "what was a mistake is no example"
    staff.browser.post(f"/console/sessions/{code}/reopen")
    assert "qr.svg" in staff.browser.get(f"/console/sessions/{code}").text
    assert hand_in(staff, code) == 201
    deeds = [entry.deed.action for entry in audit.list_latest(staff.db, 2)]
    assert deeds == ["session-reopened", "session-cancelled"]


def test_what_was_answered_is_never_cancelled(staff: Desk) -> None:
    code = staff.start_session()
    hand_in(staff, code)
    assert "cancel-session" not in staff.browser.get(f"/console/sessions/{code}").text
    staff.browser.post(f"/console/sessions/{code}/cancel")
    session = sessions.find(staff.db, code)
    assert session is not None
    assert session.closed_at is None


def test_a_tablet_that_comes_late_makes_a_cancelled_session_one_like_any_other(staff: Desk) -> None:
    code = staff.start_session()
    staff.browser.post(f"/console/sessions/{code}/cancel")
    assert hand_in(staff, code) == 201
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert "This session is closed" in page
    assert "This session is cancelled" not in page


def test_a_closed_session_runs_again_within_the_days_of_grace_only(staff: Desk, settings: Settings) -> None:
    code = staff.start_session()
    staff.browser.post(f"/console/sessions/{code}/close")
    staff.browser.post(f"/console/sessions/{code}/reopen")
    assert "qr.svg" in staff.browser.get(f"/console/sessions/{code}").text
    staff.browser.post(f"/console/sessions/{code}/close")
    with time_machine.travel(clock.now() + timedelta(days=settings.grace_days, hours=1)):
        staff.sign_in("an")
        assert "reopen-session" not in staff.browser.get(f"/console/sessions/{code}").text
        staff.browser.post(f"/console/sessions/{code}/reopen")
        assert "Nothing can be handed in any more." in staff.browser.get(f"/console/sessions/{code}").text


@pytest.mark.parametrize("kind", ["release", "return"])
def test_a_session_that_a_figure_counts_does_not_run_again(staff: Desk, kind: str) -> None:
    code, other = staff.start_session(), staff.start_session()
    for each in (code, other):
        staff.browser.post(f"/console/sessions/{each}/close")
    counted = {code: 12, other: 0}
    if kind == "release":
        ledger.append(
            staff.db,
            ledger.Release(
                "r1", clock.now(), "inside", "2026-H2", "all", "h", "", frozenset(counted), (), counted, "folder"
            ),
        )
    else:
        made = indicator_returns.IndicatorReturn(
            "i1", clock.now(), "an", "..2026-H2", "h", "", (), counted, {}, "folder"
        )
        indicator_returns.append_return(staff.db, made)
    assert "a report counts it already" in staff.browser.get(f"/console/sessions/{code}").text
    staff.browser.post(f"/console/sessions/{code}/reopen")
    assert "This session is closed" in staff.browser.get(f"/console/sessions/{code}").text
    staff.browser.post(f"/console/sessions/{other}/reopen")
    assert "qr.svg" in staff.browser.get(f"/console/sessions/{other}").text, "nobody of it was counted"


def test_how_many_had_help_is_kept_beside_the_session_and_not_with_an_answer(staff: Desk) -> None:
    code = staff.start_session()
    hand_in(staff, code)
    before = tuple(sessions.documents(staff.db, [code]))
    wrong = staff.browser.post(f"/console/sessions/{code}/close", data={"helped": "some"})
    assert wrong.status_code == 422
    assert 'value="some"' in wrong.text
    assert "a number from 0 to 500" in wrong.text
    staff.browser.post(f"/console/sessions/{code}/close", data={"helped": "3"})
    assert rooms.find_room(staff.db, code).helped == 3
    assert 'name="helped" value="3"' in staff.browser.get(f"/console/sessions/{code}").text
    assert staff.browser.post(f"/console/sessions/{code}/helped", data={"helped": "-1"}).status_code == 422
    staff.browser.post(f"/console/sessions/{code}/helped", data={"helped": ""})
    assert rooms.find_room(staff.db, code).helped is None
    assert tuple(sessions.documents(staff.db, [code])) == before


@pytest.mark.parametrize("page", ["", "/counter", "/close"])
@pytest.mark.parametrize("code", ["000000", "999999", "abc", "1234567"])
def test_an_unknown_code_is_told_so(staff: Desk, code: str, page: str) -> None:
    reply = staff.browser.get(f"/console/sessions/{code}{page}")
    assert reply.status_code == 404
    assert "There is no session with this code." in reply.text


def test_closing_an_unknown_session_is_told_so(staff: Desk) -> None:
    assert staff.browser.post("/console/sessions/999999/close").status_code == 404


def test_the_qr_code_is_a_picture_of_our_own(staff: Desk) -> None:
    code = staff.start_session()
    drawn = staff.browser.get(f"/console/sessions/{code}/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<?xml")
    assert staff.browser.get("/console/sessions/x/qr.svg").status_code == 404


def test_a_session_that_only_this_computer_can_reach_says_so(staff: Desk, settings: Settings) -> None:
    code = staff.start_session()
    assert "Only this computer" not in staff.browser.get(f"/console/sessions/{code}").text
    local = staff.browser.get(f"/console/sessions/{code}", headers={"host": "localhost:8000"}).text
    assert "Only this computer" in local
    app = create_app(Settings(data_dir=settings.data_dir, base_url="https://desk.example/"))
    app.state.database.close()
    assert str(Settings(base_url="https://desk.example").base_url) == "https://desk.example/"


def test_made_up_projects_are_marked_on_every_page(staff: Desk) -> None:
    pages = ["", "/sessions/new", "/releases", "/sign-in"]
    assert not any("Synthetic data." in staff.browser.get(f"/console{page}").text for page in pages)
    real = list_projects(staff.db)[0]
    write_structure(staff.db, projects=[type(real)(**{**_fields(real), "synthetic": True})])
    for page in pages[:-1]:
        assert "Synthetic data." in staff.browser.get(f"/console{page}").text
    assert "Synthetic data." in staff.other_browser().get("/console/sign-in").text


def _fields(project: Any) -> dict[str, Any]:
    return {name: getattr(project, name) for name in project.__slots__}


def test_a_manager_runs_sessions_as_an_administrator_does(desk: Desk) -> None:
    desk.sign_in("max")
    code = desk.start_session()
    assert desk.browser.get(f"/console/sessions/{code}").status_code == 200


def test_staff_see_before_a_session_which_sounds_are_missing_and_where_a_computer_speaks(
    desk: Desk, tmp_path: Path
) -> None:
    from survey_app.questionnaire.practice import load_practice
    from survey_app.voices.clips import Voices
    from survey_app.voices.script import restrict, write_script

    state = desk.app.state
    state.voices = Voices(tmp_path / "recorded", tmp_path / "drafts")
    project = next(one for one in list_projects(desk.db) if "nl" in one.languages)
    questionnaire = state.questionnaires[project.form]
    dutch = find_language("nl")
    assert dutch is not None
    lines = write_script(
        dutch, (restrict(questionnaire, project.activities), load_practice()), state.catalogues, project.voice_of("nl")
    )
    (tmp_path / "drafts" / "nl").mkdir(parents=True)
    for line in lines[3:]:
        (tmp_path / "drafts" / "nl" / f"{line.key}.mp3").write_bytes(b"sound")
    desk.sign_in("an")
    page = desk.browser.get("/console/sessions/new").text
    total = len(lines)
    assert f"3 of {total} sounds are missing in Dutch" in page
    assert f"A computer speaks {total - 3} of {total} sentences in Dutch" in page
