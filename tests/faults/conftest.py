"""One server, one wire, one tablet for the named faults of the browser; each test leaves them whole and empty."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `import wire`, beside the tests

import installation
import tablets
import wire
from playwright.sync_api import Playwright


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[installation.Installation]:
    """The server, with session ``JOIN_CODE`` open."""
    with installation.Installation(tmp_path_factory.mktemp("served")) as made:
        made.open_session(installation.JOIN_CODE)
        yield made
        made.db.close()


@pytest.fixture(scope="session")
def network(served: installation.Installation) -> Iterator[wire.Wire]:
    with wire.Wire(served.port) as made:
        yield made


@pytest.fixture(scope="session")
def _the_tablet(
    playwright: Playwright, network: wire.Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tablets.Tablet]:
    made = tablets.Tablet(playwright, tmp_path_factory.mktemp("tablets") / "blue", network.url, installation.JOIN_CODE)
    made.start()
    made.prepare()
    yield made
    made.kill()


@pytest.fixture
def tablet(
    _the_tablet: tablets.Tablet, served: installation.Installation, network: wire.Wire
) -> Iterator[tablets.Tablet]:
    """A tablet on its form. After the test all that was sent on it is counted once, and nothing waits."""
    _the_tablet.open_form()
    yield _the_tablet
    network.heal()
    light = _the_tablet.drain()
    counted = served.counted([installation.JOIN_CODE])
    assert light == tablets.Light()
    assert len(set(counted)) == len(counted), "something was counted twice"
    assert _the_tablet.sent <= set(counted), "something was lost"
    assert set(counted) <= _the_tablet.begun
    assert _the_tablet.find_readable() == []
    assert network.at_once == set(), "a response was sent twice at once"


_numbers = count()


@pytest.fixture
def person() -> Iterator[int]:
    """The next person's number: their answers say it, and nobody else's do."""
    return _numbers
