"""The first steps, and the practice session they end with: everything works in it, and nothing of it is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import text

from survey_app import journeys
from survey_app.carrying import know_instance, pack_sessions
from survey_app.fieldwork.device import Device
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of, read_period
from survey_app.population import gather
from survey_app.storage import audit, devices, rooms, sessions
from survey_app.storage.structure import list_organisations, write_structure
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSWORD = "four words are enough"
STEPS = ["organisation", "project", "staff", "tablets", "practice"]


def steps(page: str) -> dict[str, str]:
    """The steps on a page, in order: done, now, or still to come."""
    return dict(re.findall(r'<li data-step-of="(\w+)" class="(\w*)"', page))


def hand_in(desk: Desk, code: str) -> int:
    body = {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "nl",
        "mode": "alone",
        "answers": {"helpful": "a-lot"},
        "off_scale": {"speaking": "not-understood"},
    }
    return desk.other_browser().put(f"/api/v1/sessions/{code}/responses/{uuid4()}", json=body).status_code


def practise(desk: Desk) -> str:
    reply = desk.browser.post("/console/practice")
    assert reply.status_code == 303
    return reply.headers["location"].rpartition("/")[2]


def test_an_empty_installation_leads_its_administrator_through_the_first_steps_and_ticks_them(bare: Desk) -> None:
    add_member(bare.db, "an", PASSWORD, Post("administrator"))
    bare.sign_in("an")
    page = bare.browser.get("/console").text
    assert list(steps(page)) == STEPS
    assert steps(page) == {**dict.fromkeys(STEPS, ""), "organisation": "now"}
    assert 'href="/console/organisations"' in page.partition("<main")[2]

    bare.browser.post("/console/organisations", data={"name": "OCMW Gent"})
    assert steps(bare.browser.get("/console").text) == {
        **dict.fromkeys(STEPS, ""),
        "organisation": "done",
        "project": "now",
    }
    (organisation,) = (one.code for one in list_organisations(bare.db))
    add_member(bare.db, "max", PASSWORD, Post("manager", organisation))
    project = Project("samen", organisation, "Samen", "amif-exit", 1, frozenset({"speaking"}), ("nl",))
    write_structure(bare.db, projects=[project], modules=[Module("ict", "Computer", "samen")])
    page = bare.browser.get("/console").text
    assert steps(page) == {**dict.fromkeys(STEPS, "done"), "tablets": "", "practice": "now"}
    assert "A facilitator or a project manager does this." in page
    devices.add_device(bare.db, Device("00112233445566aa", "Blue", organisation))

    bare.sign_in("max")
    assert steps(bare.browser.get("/console").text)["tablets"] == "done"
    code = practise(bare)
    assert hand_in(bare, code) == 201
    assert steps(bare.browser.get("/console").text) == dict.fromkeys(STEPS, "done")
    assert "You are ready" in bare.browser.get("/console/guide").text


def test_the_steps_are_put_away_and_called_again_and_go_once_a_session_was_held(staff: Desk) -> None:
    assert list(steps(staff.browser.get("/console").text)) == STEPS
    assert staff.browser.post("/console/guide/away").headers["location"] == "/console"
    assert steps(staff.browser.get("/console").text) == {}
    assert 'href="/console/guide"' in staff.browser.get("/console/account").text
    page = staff.browser.get("/console/guide").text
    assert list(steps(page)) == STEPS
    assert "put-away" not in page, "they lead no page any more"
    staff.browser.cookies.delete("first-steps")
    staff.start_session()
    assert steps(staff.browser.get("/console").text) == {}
    assert list(steps(staff.browser.get("/console/guide").text)) == STEPS


def test_of_a_practice_session_everything_works_and_nothing_is_kept_or_counted(staff: Desk) -> None:
    code = practise(staff)
    assert practise(staff) == code, "one is enough"
    assert audit.list_latest(staff.db, 1)[0].deed == audit.Deed("an", "practice-started", f"session {code}")
    phone = staff.other_browser()
    assert "This is a try-out. No real answers." in phone.get(f"/s/{code}/en").text
    for _ in range(15):
        assert hand_in(staff, code) == 201
    tally = {"finished": 12, "items": {"helpful": {"met": 12, "long": 2}}}
    assert phone.put(f"/api/v1/sessions/{code}/tallies/{uuid4()}", json=tally).status_code in {200, 201}
    page = staff.browser.get(f"/console/sessions/{code}").text
    assert "data-practice" in page
    assert "<strong data-received>15</strong>" in page
    assert "make-report" not in staff.browser.get(f"/console/sessions/{code}/close").text
    staff.browser.post(f"/console/sessions/{code}/close")

    with staff.db.reading() as connection:
        kept = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("response", "comprehension", "tally", "comment")
        }
    assert kept == {"response": 0, "comprehension": 0, "tally": 0, "comment": 0}
    assert "make-report" not in staff.browser.get(f"/console/sessions/{code}").text
    assert rooms.list_templates(staff.db) == ()
    state = staff.app.state
    this = read_period(period_of(clock.today()).code)
    gathered = gather(staff.db, state.questionnaires, this, None)
    assert list(journeys.read_responses(staff.db, gathered.population)) == []


def test_a_comment_in_practice_is_received_and_forgotten(staff: Desk) -> None:
    asked = Project("praten", "gent", "Praten", "amif-exit", 2, frozenset({"comment"}), ("nl",))
    write_structure(staff.db, projects=[asked], modules=[Module("taal", "Taal", "praten")])
    session = journeys.open_session(staff.db, "praten", "taal", 1, clock.today(), is_practice=True)
    address = f"/api/v1/sessions/{session.code}/comments/{uuid4()}"
    headers = {"content-type": "text/plain; charset=utf-8"}
    assert staff.other_browser().put(address, content=b"Heel goed", headers=headers).status_code == 201
    with staff.db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM comment")).scalar_one() == 0


def test_practice_ties_no_project_to_its_questions_and_travels_nowhere(staff: Desk) -> None:
    code = practise(staff)
    assert "This project has sessions" not in staff.browser.get("/console/set-up/projects/gent-samen").text
    sessions.close(staff.db, code, clock.now())
    over = clock.now() + timedelta(days=60)
    assert [one.code for one in sessions.list_all(staff.db) if one.is_practice] == [code]
    assert pack_sessions(staff.db, know_instance(staff.db).card, over, grace_days=14).batches == ()


def test_without_a_group_practice_says_what_comes_first(bare: Desk) -> None:
    write_structure(bare.db, [Organisation("gent", "OCMW Gent")])
    add_member(bare.db, "max", PASSWORD, Post("manager", "gent"))
    bare.sign_in("max")
    reply = bare.browser.post("/console/practice")
    assert reply.status_code == 422
    assert "There is no group to practise with yet" in reply.text
