"""Desk "Papers": forms to print, and what people marked on them, keyed in."""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import time_machine

from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.paper import printing
from survey_app.storage import sessions
from survey_app.storage.structure import write_structure
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from httpx import Response

    from tests.console.conftest import Desk

MARKED = {
    "helpful": "a-little",
    "speaking": "not-understood",
    "change": ["more-hours", "childcare"],
    "age": "",
    "gender": "female",
}
SCRIPT = {"accept": "application/json"}


def key_in(desk: Desk, code: str, response_id: UUID | None = None, *, script: bool = False, **changes: Any) -> Response:
    fields = {"response": str(response_id or uuid4()), "language": "ar", "counted": "4", **MARKED, **changes}
    return desk.browser.post(f"/console/sessions/{code}/papers", data=fields, headers=SCRIPT if script else {})


def stored(desk: Desk, code: str) -> list[dict[str, Any]]:
    return [json.loads(document) for _, document in sessions.documents(desk.db, [code])]


def test_a_session_leads_to_forms_in_each_written_language_with_its_code(staff: Desk) -> None:
    code = staff.start_session()
    assert f"/console/papers/gent-samen?session={code}" in staff.browser.get(f"/console/sessions/{code}").text
    page = staff.browser.get(f"/console/papers/gent-samen?session={code}").text
    tags = re.findall(r'data-paper="([\w-]+)"', page)
    assert (len(tags), tags[:2]) == (26, ["nl", "ar"])
    assert f"/console/papers/gent-samen/ar.pdf?large=true&amp;session={code}" in page
    assert f"/console/sessions/{code}/papers" in page
    without = staff.browser.get("/console/papers/gent-samen").text
    assert "session=" not in without
    assert 'data-action="key-in"' not in without


def test_a_project_leads_to_its_forms_before_there_is_a_session(staff: Desk) -> None:
    assert 'href="/console/papers/gent-samen"' in staff.browser.get("/console/set-up/projects/gent-samen").text


def test_a_form_comes_as_pdf_in_the_language_and_size_asked_for(staff: Desk) -> None:
    code = staff.start_session()
    plain, large = (
        staff.browser.get(f"/console/papers/gent-samen/nl.pdf?session={code}{more}") for more in ("", "&large=true")
    )
    for reply in (plain, large):
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/pdf"
        assert reply.content.startswith(b"%PDF")
        assert reply.headers["cache-control"] == "no-store"
    assert "gent-samen-nl-large.pdf" in large.headers["content-disposition"]
    assert plain.content != large.content


@pytest.mark.parametrize(
    "address", ["gent-samen/xx.pdf", "gent-samen/nl.pdf?session=999999", "nowhere/nl.pdf", "nowhere"]
)
def test_a_form_that_is_not_there_is_no_page(staff: Desk, address: str) -> None:
    assert staff.browser.get(f"/console/papers/{address}").status_code == 404


def test_the_session_of_another_project_is_not_printed_on_a_form(staff: Desk) -> None:
    other = Project("aalst", "gent", "Aalst", "amif-exit", 1, frozenset(), ("nl",))
    write_structure(staff.db, projects=[other], modules=[Module("x", "X", "aalst")])
    code = staff.start_session()
    assert staff.browser.get(f"/console/papers/aalst/nl.pdf?session={code}").status_code == 404


def test_where_forms_cannot_be_printed_staff_read_what_to_do(staff: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    printing._fonts.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    reply = staff.browser.get("/console/papers/gent-samen/nl.pdf")
    assert reply.status_code == 503
    assert "Forms can not be printed on this computer yet." in reply.text
    printing._fonts.cache_clear()


def test_the_stack_is_to_be_shuffled_before_the_first_paper(staff: Desk) -> None:
    code = staff.start_session()
    page = staff.browser.get(f"/console/sessions/{code}/papers").text
    assert "Shuffle the stack." in page
    assert "Do not key in papers of people whom you help" in page
    assert "data-key-in" not in page


def test_the_page_shows_each_question_in_the_language_of_staff_with_the_digits_of_the_paper(staff: Desk) -> None:
    code = staff.start_session()
    page = staff.browser.get(f"/console/sessions/{code}/papers?language=ar").text
    assert re.findall(r'data-item="([\w-]+)"', page) == ["helpful", "speaking", "change", "age", "gender"]
    assert '<option value="ar" selected>Arabic (ar)</option>' in page
    boxes = re.findall(r'name="helpful" value="([\w-]*)" data-key="(\d)"', page)
    assert boxes == [
        ("a-lot", "1"),
        ("a-little", "2"),
        ("not-much", "3"),
        ("not-at-all", "4"),
        ("not-understood", "7"),
        ("not-for-me", "8"),
        ("no-answer", "9"),
        ("", "0"),
    ]
    assert "Yes, a lot" in page
    assert "I do not understand" in page


def test_a_paper_goes_the_way_of_every_response_with_the_mode_paper(staff: Desk) -> None:
    code = staff.start_session()
    reply = key_in(staff, code)
    assert reply.headers["location"] == f"/console/sessions/{code}/papers?language=ar&counted=5"
    assert stored(staff, code) == [
        {
            "questionnaire": "amif-exit",
            "version": 1,
            "language": "ar",
            "mode": "paper",
            "answers": {"helpful": "a-little", "change": ["more-hours", "childcare"], "gender": "female"},
            "off_scale": {"speaking": "not-understood"},
        }
    ]
    page = staff.browser.get(reply.headers["location"]).text
    assert '<strong data-counted role="status">5</strong>' in page
    assert not re.search(r"<input[^>]* checked", page), "nothing of the paper is left"
    counter = staff.browser.get(f"/console/sessions/{code}/counter").text
    assert "<strong data-received>1</strong>" in counter


def test_a_script_gets_a_receipt_and_the_same_paper_again_counts_once(staff: Desk) -> None:
    code = staff.start_session()
    same = uuid4()
    replies = [key_in(staff, code, same, script=True) for _ in range(2)]
    assert [reply.json() for reply in replies] == [
        {"receipt": str(same), "status": "stored"},
        {"receipt": str(same), "status": "stored-before"},
    ]
    assert len(stored(staff, code)) == 1
    other = key_in(staff, code, same, script=True, helpful="a-lot")
    assert (other.status_code, other.json()["type"]) == (409, "urn:survey-app:problem:different")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (dict.fromkeys(MARKED, ""), 422),
        ({"helpful": ["a-lot", "not-much"]}, 422),
        ({"helpful": "wonderful"}, 422),
        ({"language": "xx"}, 422),
        ({"response": "1"}, 422),
    ],
)
def test_a_paper_that_cannot_be_taken_stays_on_the_page_and_is_told(
    staff: Desk, changes: dict[str, Any], status: int
) -> None:
    code = staff.start_session()
    reply = key_in(staff, code, **changes)
    assert reply.status_code == status
    assert "This paper was not taken" in reply.text or "Shuffle the stack" in reply.text
    assert key_in(staff, code, script=True, **changes).headers["content-type"] == "application/problem+json"
    assert stored(staff, code) == []
    if "language" not in changes and changes.get("helpful") != "":
        assert 'value="female" data-key="1" required checked' in reply.text


def test_papers_come_in_after_the_session_but_not_after_the_days_of_grace(staff: Desk, settings: Settings) -> None:
    code = staff.start_session()
    staff.browser.post(f"/console/sessions/{code}/close")
    assert key_in(staff, code).status_code == 303
    with time_machine.travel(clock.now() + timedelta(days=settings.grace_days, hours=1)):
        staff.sign_in("an")
        assert staff.browser.get(f"/console/sessions/{code}/papers").headers["location"] == f"/console/sessions/{code}"
        assert key_in(staff, code).status_code == 410
        assert key_in(staff, code, script=True).json()["type"] == "urn:survey-app:problem:session-closed"
        assert "Paper forms" not in staff.browser.get(f"/console/sessions/{code}").text


def test_a_facilitator_prints_forms_and_keys_none_in(desk: Desk) -> None:
    write_structure(desk.db, [Organisation("gent", "OCMW Gent")])
    add_member(desk.db, "fien", "four words are enough", Post("facilitator", "gent"))
    desk.sign_in("fien")
    code = desk.start_session()
    assert 'data-action="key-in"' not in desk.browser.get(f"/console/papers/gent-samen?session={code}").text
    assert desk.browser.get(f"/console/sessions/{code}/papers").status_code == 404
    assert key_in(desk, code, script=True).status_code == 404
    assert stored(desk, code) == []


def test_what_another_site_sends_is_not_a_paper(staff: Desk) -> None:
    code = staff.start_session()
    address = f"/console/sessions/{code}/papers"
    fields = {"response": str(uuid4()), "language": "ar", **MARKED}
    reply = staff.browser.post(address, data=fields, headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403
    assert stored(staff, code) == []


def test_a_form_with_hundreds_of_fields_is_refused_and_nothing_breaks(staff: Desk) -> None:
    code = staff.start_session()
    fields = {f"field-{number}": "1" for number in range(200)}
    reply = staff.browser.post(f"/console/sessions/{code}/papers", data=fields, headers=SCRIPT)
    assert reply.status_code == 422
