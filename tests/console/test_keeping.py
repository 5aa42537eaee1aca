"""The page that says what is deleted when, and the period that decides it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from releasing import make_release

from survey_app.collection.response import Mode, Response
from survey_app.fieldwork.session import Session
from survey_app.foundation import clock
from survey_app.retention import Deleted, delete_what_is_due
from survey_app.storage import audit, sessions, structure
from survey_app.storage.store_response import keep

if TYPE_CHECKING:
    from tests.console.conftest import Desk


def hold_session(desk: Desk) -> None:
    sessions.add(desk.db, Session("111111", "gent-samen", "ict", 12, date(2026, 3, 3)))
    for _ in range(3):
        keep(desk.db, "111111", Response(uuid4(), "amif-exit", 1, "nl", Mode.ALONE, {"helpful": "a-lot"}, {}))
    sessions.close(desk.db, "111111", datetime(2026, 3, 3, 16, tzinfo=UTC))


def test_a_period_is_set_said_in_days_and_survives_the_form_of_the_project_and_the_set_up_file(staff: Desk) -> None:
    hold_session(staff)
    page = staff.browser.get("/console/keeping").text
    assert "Nobody decided yet" in page
    assert "not decided" in page
    assert staff.browser.post("/console/keeping/gent-samen", data={"months": "24"}).status_code == 303
    assert audit.list_latest(staff.db, 1)[0].deed.subject == "project gent-samen: 24"
    page = staff.browser.get("/console/keeping?saved=gent-samen").text
    assert "June 30, 2028" in page
    assert "Nobody decided yet" not in page
    project = structure.find_project(staff.db, "gent-samen")
    assert project is not None
    assert (project.keep_months, project.keep_set_on) == (24, clock.today())

    form = {"name": "Samen", "languages": "nl", "module_code": "ict", "module_name": "Computer"}
    assert staff.browser.post("/console/set-up/projects/gent-samen", data=form).status_code == 303
    again = structure.find_project(staff.db, "gent-samen")
    assert again is not None
    assert (again.name, again.keep_months, again.keep_set_on) == ("Samen", 24, clock.today())
    assert "keep_months: 24" in staff.browser.get("/console/set-up/export.yaml").text

    assert staff.browser.post("/console/keeping/gent-samen", data={"months": "0"}).status_code == 422
    assert staff.browser.post("/console/keeping/gent-samen", data={"months": "1000"}).status_code == 422
    assert staff.browser.post("/console/keeping/gent-samen", data={"months": ""}).status_code == 303
    assert "Nobody decided yet" in staff.browser.get("/console/keeping").text


def test_the_page_tells_what_was_deleted_and_the_desks_say_why_nothing_can_be_counted_anew(staff: Desk) -> None:
    hold_session(staff)
    staff.browser.post("/console/keeping/gent-samen", data={"months": "6"})
    done = delete_what_is_due(staff.db, datetime(2027, 2, 1, tzinfo=UTC))
    assert isinstance(done, Deleted)
    assert done.plans
    assert "deleted on February 1, 2027" in staff.browser.get("/console/keeping").text
    release = {"tier": "inside", "period": "2026-H1", "scope": "gent-samen"}
    refused = make_release(staff.browser, release)
    assert "the time to keep them is over" in refused.text
    refused = staff.browser.post("/console/indicator", data={"period": "2026-H2", "sure": "yes"})
    assert refused.status_code == 422
    assert "the time to keep them is over" in refused.text
    assert "deleted answers whose time was over" in staff.browser.get("/console/log").text
