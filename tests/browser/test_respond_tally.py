"""How a form is understood is counted on the tablet and arrives as sums of the session, never beside one response."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import builders
import pytest

from survey_app.storage.comprehension import list_sums

pytestmark = pytest.mark.browser


def sums(server: Any, code: str) -> dict[tuple[str, str], int]:
    return {(item, measure): people for _, item, measure, people in list_sums(server.db, [code])}


def wait_for_sums(server: Any, code: str) -> dict[tuple[str, str], int]:
    for _ in range(100):
        if found := sums(server, code):
            return found
        time.sleep(0.1)
    raise AssertionError("no tally arrived")


def kept(tablet: Any) -> dict[str, Any]:
    """What the tablet keeps of its counting."""
    text = tablet.page.evaluate("localStorage.getItem('survey-app-shares')")
    return dict(json.loads(text)) if text else {"shares": {}, "batches": []}


def wait_for_shares(tablet: Any, code: str, number: int) -> list[dict[str, str]]:
    """Wait until the tablet keeps what it counted of so many people; it can be read by nobody."""
    for _ in range(100):
        found = kept(tablet)["shares"].get(code, [])
        if len(found) == number:
            assert all(set(share) == {"id", "key", "sealed"} for share in found)
            assert found == sorted(found, key=lambda share: share["id"])
            assert len({len(share["sealed"]) for share in found}) == 1
            return list(found)
        tablet.page.wait_for_timeout(100)
    raise AssertionError("the tablet does not keep so many shares")


def wait_for_batches(tablet: Any, number: int) -> dict[str, Any]:
    for _ in range(100):
        if len((found := kept(tablet))["batches"]) == number:
            return found
        tablet.page.wait_for_timeout(100)
    raise AssertionError("the tablet does not hold so many batches")


def begin(tablet: Any, code: str) -> None:
    """Come to the first question once the page counts."""
    with tablet.page.expect_response(lambda reply: reply.url.endswith("/tally.js")):
        tablet.open(code)
    tablet.page.wait_for_timeout(200)
    tablet.press("start")
    tablet.answer("yes" if tablet.page.locator("[value=yes]:visible").count() else "a-little")
    tablet.press("next")


def test_replays_a_leave_off_and_five_people_end_in_the_sums_of_the_session(server, tablet) -> None:
    code = server.open_session("short")
    begin(tablet, code)
    for _ in range(3):
        tablet.page.locator(".bar [data-action=replay]").dispatch_event("click")
    tablet.answer("yes")
    tablet.press("next")
    tablet.page.locator(".bar [data-action=replay]").dispatch_event("click")
    tablet.fill()
    tablet.send()
    tablet.press("next-person")
    tablet.page.wait_for_url(f"**/s/{code}")
    wait_for_shares(tablet, code, 1)

    begin(tablet, code)
    tablet.answer("yes")
    tablet.press("next")
    tablet.page.wait_for_function("performance.getEntriesByType('resource').some((one) => /seal\\.js/.test(one.name))")
    tablet.page.wait_for_timeout(500)  # what is kept of those who leave is sealed while they read
    tablet.press("leave")
    tablet.page.wait_for_url(f"**/s/{code}")
    wait_for_shares(tablet, code, 2)
    for _ in range(3):
        assert sums(server, code) == {}, "sent while it was of fewer than five people"
        begin(tablet, code)
        tablet.fill()
        tablet.send()
        tablet.press("next-person")
        tablet.page.wait_for_url(f"**/s/{code}")

    found = wait_for_sums(server, code)
    assert (found["", "finished"], found["liked", "left"]) == (4, 1)
    assert (found["came", "met"], found["came", "replayed-more"]) == (4, 1)
    assert (found["liked", "met"], found["liked", "replayed-once"]) == (4, 1)
    assert ("came", "left") not in found
    assert wait_for_batches(tablet, 0) == {"shares": {}, "batches": []}


def test_what_is_left_over_is_sent_once_another_group_is_on_the_screen(server, tablet) -> None:
    first, second = server.open_session("short"), server.open_session("short")
    for _ in range(2):
        begin(tablet, first)
        tablet.fill()
        tablet.send()
        tablet.press("next-person")
        tablet.page.wait_for_url(f"**/s/{first}")
    assert sums(server, first) == {}

    tablet.page.goto(f"/s/{second}")

    assert wait_for_sums(server, first)["", "finished"] == 2
    assert sums(server, second) == {}


def test_sums_wait_on_a_tablet_without_network_and_are_added_once(server, tablet, context) -> None:
    code = server.open_session("short")
    tablet.kept_offline(code)
    share = {"finished": 1, "items": {"came": {"met": 1}}}
    shares = [builders.seal_share(server.db, uuid4(), share, code) for _ in range(5)]
    counted = json.dumps({"shares": {code: shares}, "batches": []})
    tablet.page.evaluate("(text) => localStorage.setItem('survey-app-shares', text)", counted)
    context.set_offline(True)
    tablet.page.goto(f"/s/{code}")
    waiting = wait_for_batches(tablet, 1)

    context.set_offline(False)
    tablet.page.goto(f"/s/{code}")
    assert wait_for_sums(server, code)["", "finished"] == 5
    wait_for_batches(tablet, 0)

    # the receipt was lost: the tablet still holds the batch and sends it again
    tablet.page.evaluate("(text) => localStorage.setItem('survey-app-shares', text)", json.dumps(waiting))
    tablet.page.goto(f"/s/{code}")
    wait_for_batches(tablet, 0)
    assert sums(server, code) == {("", "finished"): 5, ("came", "met"): 5}
