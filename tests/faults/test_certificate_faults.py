"""A network that speaks TLS in the server's place, with a certificate that the tablet does not trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import installation
import pytest
import wire
from playwright.sync_api import Error, Playwright
from tablets import Light, Tablet
from vouching import needs_certutil, trust, vouch

CODE = "482920"

pytestmark = [pytest.mark.browser, needs_certutil]


@pytest.fixture
def trusting(
    playwright: Playwright, served: installation.Installation, tmp_path: Path
) -> Iterator[tuple[Tablet, ssl.SSLContext]]:
    """A tablet that trusts one authority, prepared at an address that this authority vouches for; nobody is there now."""
    served.open_session(CODE)
    right = vouch(tmp_path / "right")
    trust(tmp_path / "home", tmp_path / "right")
    made = Tablet(playwright, tmp_path / "tablet", "", CODE, home=tmp_path / "home")
    try:
        with wire.Wire(served.port, secure=right) as network:
            made.url = network.url
            made.start()
            made.prepare()
        yield made, right
    finally:
        made.kill()


def test_a_network_with_a_wrong_certificate_lets_responses_wait_in_sight(trusting, served, person, tmp_path) -> None:
    tablet, right = trusting
    port = int(tablet.url.rpartition(":")[2])
    with wire.Wire(served.port, secure=vouch(tmp_path / "wrong"), port=port) as portal:
        fresh = tablet.context.new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            fresh.goto(f"{portal.url}/console")
        fresh.close()
        tablet.open_form()
        tablet.answer([next(person), next(person)])
        assert tablet.sentence() == "waiting"
        assert tablet.look() == Light(waiting=2, offline=True)
        assert tablet.find_readable() == []
    with wire.Wire(served.port, secure=right, port=port):
        assert tablet.drain() == Light()
        counted = served.counted([CODE])
        assert tablet.sent <= set(counted)
        assert len(set(counted)) == len(counted)
