"""Each fault of the server, with what the respondent and staff see of it."""

from __future__ import annotations

import signal
import time
from functools import partial

import pytest
import wire
from incidents import full_disk, locked, meanwhile
from tablets import Light

pytestmark = pytest.mark.browser

TEN_YEARS = 3652


def test_a_server_that_is_killed_while_tablets_send_loses_nothing(tablet, served, person) -> None:
    with meanwhile(partial(time.sleep, 0.15), partial(served.end, signal.SIGKILL)):
        tablet.answer([next(person) for _ in range(40)])
    light = tablet.look()
    assert light.offline
    assert light.waiting > 0
    served.start()


def test_a_full_disk_of_the_server_lets_responses_wait_in_sight(tablet, served, person) -> None:
    with full_disk(served):
        tablet.answer([next(person)])
        assert tablet.sentence() == "waiting"
        assert tablet.look() == Light(waiting=1, offline=True)


def test_a_locked_database_lets_responses_wait_in_sight(tablet, served, person) -> None:
    with locked(served):
        tablet.answer([next(person)])
        assert tablet.sentence() == "waiting"


@pytest.mark.parametrize("days", [-TEN_YEARS, TEN_YEARS])
def test_a_server_whose_clock_is_ten_years_wrong_takes_what_an_open_session_hands_in(
    tablet, served, person, days
) -> None:
    served.set_clock(days)
    served.end()
    served.start()
    tablet.answer([next(person)])
    assert tablet.sentence() == "kept"
    assert tablet.look() == Light()
    served.set_clock(0)
    served.end()
    served.start()


def test_a_server_that_moved_to_another_address_under_its_name_gets_what_waits(tablet, network, served, person) -> None:
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(3)])
        assert tablet.look() == Light(waiting=3, offline=True)
    served.move()
    network.upstream = served.port
    assert tablet.drain() == Light()


def test_a_key_that_is_rotated_while_fifty_responses_wait_opens_them_all_the_same(
    tablet, network, served, person
) -> None:
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(50)])
        served.rotate_key()
        tablet.open_form()
        assert tablet.look() == Light(waiting=50, offline=True)
    assert tablet.drain() == Light()
    tablet.open_form()
    tablet.answer([next(person)])
    assert tablet.sentence() == "kept"


def test_a_server_restored_from_yesterday_gets_back_what_came_since(tablet, served, person) -> None:
    """The tablet has receipts for all; the restored database knows half. The next look hands the other half in again."""
    tablet.answer([next(person) for _ in range(4)])
    assert tablet.look() == Light()
    served.keep_backup()
    today = [next(person) for _ in range(6)]
    tablet.open_form()
    tablet.answer(today)
    assert tablet.look() == Light()
    served.restore_backup()
    assert not set(today) & set(served.counted([tablet.code]))
    tablet.open_form()
    tablet.answer([next(person)])
    assert tablet.sentence() == "kept"
    tablet.drain()
    assert set(today) <= set(served.counted([tablet.code]))
