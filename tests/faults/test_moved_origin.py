"""The laptop's address is gone for good: what waits under it is found from the newer one, and handed over without a network."""

from __future__ import annotations

from datetime import timedelta

import installation
import pytest
import wire
from playwright.sync_api import Page, expect

from survey_app.fieldwork.device import Device
from survey_app.foundation import clock
from survey_app.storage import devices
from survey_app.web.kit.device_keys import hash_key

pytestmark = pytest.mark.browser

MORE_THAN_GO_AT_ONCE = 42


def enrol(served: installation.Installation, page: Page, origin: str, token: str) -> None:
    """Open the link of a QR code at one address of the laptop, and let the tablet say how it is."""
    now = clock.now()
    devices.add_link(served.db, hash_key(token), "blue", now + timedelta(hours=1), now)
    with page.expect_response(lambda reply: reply.url.endswith("/device/state")):
        page.goto(f"{origin}/tablet/fr#enrol={token}")
    page.locator("[data-enrolled=done]").wait_for()


def test_what_waits_under_an_address_that_is_gone_is_handed_over_to_the_newer_one(
    tablet, network, served, person
) -> None:
    devices.add_device(served.db, Device("blue", "Blue", "centre"))
    page = tablet.page
    enrol(served, page, network.url, "older")
    tablet.open_form()
    with network.suffering(wire.cut_before, everything=True), wire.Wire(served.port) as newer:
        tablet.answer([next(person) for _ in range(MORE_THAN_GO_AT_ONCE)])
        assert tablet.look().waiting == MORE_THAN_GO_AT_ONCE
        enrol(served, page, newer.url, "newer")
        page.locator("[data-left] a").click()
        page.locator("[data-hand-over] b", has_text=newer.url).wait_for()
        assert page.url.startswith(network.url), "opened without anybody at that address"
        expect(page.locator("[data-waiting]")).to_have_text(str(MORE_THAN_GO_AT_ONCE))
        page.locator("[data-hand-over] button").click()
        page.locator("[data-handed]").wait_for(timeout=60_000)
        expect(page.locator("[data-waiting]")).to_have_text("0")
        assert "#" not in page.url
        assert tablet.sent <= set(served.counted([tablet.code]))
        assert tablet.find_readable() == []
        page.locator("[data-handed] a").click()
        page.wait_for_url(f"{newer.url}/tablet/fr")
