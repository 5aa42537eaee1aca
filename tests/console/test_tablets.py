"""The desk of tablets: a QR code once, what waits on each, one click for a lost one; and sessions that say what is missing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from survey_app.fieldwork.device import DeviceState, round_down
from survey_app.foundation import clock
from survey_app.storage import devices, sessions
from survey_app.web.kit.device_keys import hash_key

ORIGIN = "https://survey.local:8443"


def add(staff, name: str = "Blue", organisation: str = "gent") -> Any:
    return staff.browser.post("/console/tablets", data={"name": name, "organisation": organisation})


def link_in(page: str) -> str:
    found = re.search(r"#enrol=([\w-]{43})", page)
    assert found is not None
    return found[1]


def speak(staff, page: str, key: str = "key", **state: Any) -> None:
    """Enrol the tablet of a QR code and let it say how it is."""
    now = clock.now()
    devices.enrol(staff.db, hash_key(link_in(page)), hash_key(key), ORIGIN, now)
    plain = {"tier": "trusted", "waiting": 0, "shelved": 0, "copies": 0, "persisted": True}
    devices.note_state(staff.db, hash_key(key), DeviceState.model_validate({**plain, **state}), now)


def test_a_new_tablet_gets_a_qr_code_that_is_shown_once(staff) -> None:
    page = add(staff).text
    assert "data:image/svg+xml" in page
    assert f"/tablet/en#enrol={link_in(page)}" in page
    assert link_in(page) not in staff.browser.get("/console/tablets").text
    assert "not scanned yet" in staff.browser.get("/console/tablets").text


def test_another_qr_code_makes_the_first_one_worthless(staff) -> None:
    first = link_in(add(staff).text)
    (kept,) = devices.list_devices(staff.db)
    second = link_in(staff.browser.post(f"/console/tablets/{kept.device.id}/link").text)
    now = clock.now()
    assert devices.enrol(staff.db, hash_key(first), "a", ORIGIN, now) is None
    assert devices.enrol(staff.db, hash_key(second), "b", ORIGIN, now) is not None


@pytest.mark.parametrize("name", ["", "  ", "x" * 31, "a\u0000b"])
def test_a_name_that_is_none_is_told(staff, name) -> None:
    reply = add(staff, name)
    assert reply.status_code == 422
    assert "at most 30 letters" in reply.text
    assert devices.list_devices(staff.db) == ()


def test_two_tablets_do_not_share_a_name(staff) -> None:
    add(staff)
    assert "Another tablet has this name" in add(staff, "BLUE").text


def test_an_organisation_out_of_reach_is_none(staff) -> None:
    assert add(staff, organisation="charleroi").status_code == 422


def test_the_desk_shows_what_each_tablet_said(staff) -> None:
    speak(staff, add(staff).text, waiting=7, shelved=2, copies=5, tier="clicked", persisted=False, clears_after_days=7)
    page = staff.browser.get("/console/tablets").text
    for words in (
        "<strong>7</strong>",
        "2 responses need a person",
        "works by halves",
        "not promised",
        "7 days",
        ORIGIN,
    ):
        assert words in page


def test_the_desk_says_for_which_running_sessions_a_tablet_was_made_ready(staff) -> None:
    running, ended = staff.start_session(), staff.start_session()
    staff.browser.post(f"/console/sessions/{ended}/close")
    page = add(staff).text
    speak(staff, page)
    assert "no session that runs" in staff.browser.get("/console/tablets").text
    state = {"tier": "trusted", "waiting": 0, "shelved": 0, "copies": 0, "persisted": True, "ready": (ended, running)}
    devices.note_state(staff.db, hash_key("key"), DeviceState.model_validate(state), clock.now())
    told = staff.browser.get("/console/tablets").text
    assert f"{running[:3]} {running[3:]}" in told
    assert f"{ended[:3]} {ended[3:]}" not in told


def test_a_browser_that_deletes_by_itself_is_counted_down_others_are_not(staff) -> None:
    speak(staff, add(staff).text, clears_after_days=7)
    (place,) = devices.list_devices(staff.db)[0].places
    assert place.seen is not None
    days = [place.days_until_cleared(place.seen + timedelta(days=n)) for n in (0, 2, 9)]
    assert days == [7, 5, 0]
    speak(staff, add(staff, "Red").text, key="red")
    assert "Red" in staff.browser.get("/console/tablets").text
    assert devices.list_devices(staff.db)[1].places[0].days_until_cleared(clock.now()) is None


def test_a_lost_tablet_is_revoked_in_one_click(staff) -> None:
    speak(staff, add(staff).text, waiting=1)
    (kept,) = devices.list_devices(staff.db)
    reply = staff.browser.post(f"/console/tablets/{kept.device.id}/revoke")
    assert reply.status_code == 303
    assert devices.find_by_key(staff.db, hash_key("key")) is None
    page = staff.browser.get("/console/tablets").text
    assert "it can send nothing any more" in page
    assert "<strong>1</strong>" in page, "what is lost with it stays in sight"
    assert staff.browser.post(f"/console/tablets/{kept.device.id}/link").status_code == 404


def test_a_session_says_what_is_still_on_which_tablet(staff) -> None:
    code = staff.start_session()
    speak(staff, add(staff).text, waiting=3, sessions={code: 3})
    sentence = "3 answers are still on tablet Blue."
    assert sentence in staff.browser.get(f"/console/sessions/{code}").text
    assert sentence in staff.browser.get(f"/console/sessions/{code}/counter").text
    assert sentence in staff.browser.get(f"/console/sessions/{code}/close").text
    assert "3 waiting on tablet Blue" in staff.browser.get("/console").text
    staff.browser.post(f"/console/sessions/{code}/close")
    assert sentence in staff.browser.get(f"/console/sessions/{code}").text


def test_after_a_restore_staff_read_which_tablets_were_not_seen_since(staff) -> None:
    code = staff.start_session()
    speak(staff, add(staff).text, copies=9)
    speak(staff, add(staff, "Red").text, key="red", waiting=1)
    lost = next(one.device.id for one in devices.list_devices(staff.db) if one.device.name == "Red")
    staff.browser.post(f"/console/tablets/{lost}/revoke")
    devices.forget_states(staff.db)
    sentence = "Not seen since a backup was put back: Blue."
    pages = [f"/console/sessions/{code}{page}" for page in ("", "/counter", "/close")] + ["/console/care"]
    for page in pages:
        assert sentence in staff.browser.get(page).text, page
    desk = staff.browser.get("/console/tablets").text
    assert desk.count("data-unseen") == 1
    assert "<strong>1</strong>" in desk, "what was lost with a revoked one stays in sight"
    state = {"tier": "trusted", "waiting": 0, "shelved": 0, "copies": 0, "persisted": True}
    devices.note_state(staff.db, hash_key("key"), DeviceState.model_validate(state), clock.now())
    for page in [*pages, "/console/tablets"]:
        assert "Not seen since" not in staff.browser.get(page).text, page


def test_a_session_says_who_may_hand_in_once_there_are_tablets_and_staff_change_it(staff) -> None:
    code = staff.start_session()
    assert "data-phones" not in staff.browser.get(f"/console/sessions/{code}").text, "no tablet: nothing to choose"
    page = add(staff).text
    assert "data-phones" not in staff.browser.get(f"/console/sessions/{code}").text, "nobody has scanned it yet"
    speak(staff, page)
    assert 'data-phones="refused"' in staff.browser.get(f"/console/sessions/{code}").text
    assert not phones_may(staff, code)
    staff.browser.post(f"/console/sessions/{code}/phones", data={"allow": "yes"})
    assert 'data-phones="allowed"' in staff.browser.get(f"/console/sessions/{code}").text
    assert phones_may(staff, code)
    assert not phones_may(staff, staff.start_session()), "the next session is asked anew"
    staff.browser.post(f"/console/sessions/{code}/phones")
    assert not phones_may(staff, code)
    (kept,) = devices.list_devices(staff.db)
    staff.browser.post(f"/console/tablets/{kept.device.id}/revoke")
    assert not phones_may(staff, code), "a revoked one counts"


def phones_may(staff, code: str) -> bool:
    found = sessions.find_asking(staff.db, code)
    assert found is not None
    return found.takes_phones


def test_one_answer_is_one_answer(staff) -> None:
    code = staff.start_session()
    speak(staff, add(staff).text, waiting=1, sessions={code: 1})
    assert "1 answer is still on tablet Blue." in staff.browser.get(f"/console/sessions/{code}").text


def test_when_a_tablet_was_seen_is_no_finer_than_a_quarter_of_an_hour() -> None:
    moment = clock.now().replace(minute=44, second=59, microsecond=7)
    assert round_down(moment) == moment.replace(minute=30, second=0, microsecond=0)
