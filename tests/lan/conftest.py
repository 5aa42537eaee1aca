"""One laptop on a local network of its own: the addresses are loopback ones, nothing is announced."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

import pytest

from survey_app.foundation import clock
from survey_app.lan.addresses import Addresses
from survey_app.lan.presence import Ports, Presence

sys.path.insert(0, str(Path(__file__).parent))  # `import rooms`


class Router:
    """Gives the laptop its addresses, and takes them away."""

    def __init__(self, *addresses: str) -> None:
        self.give(*addresses)

    def give(self, *addresses: str) -> None:
        self.addresses: Addresses = tuple(ipaddress.IPv4Address(address) for address in addresses)

    def __call__(self) -> Addresses:
        return self.addresses


@pytest.fixture
def router() -> Router:
    return Router("127.0.0.7")


@pytest.fixture
def presence(tmp_path: Path, router: Router) -> Presence:
    return Presence(tmp_path / "tls", "survey", Ports(8443, 8080), clock.now, router)
