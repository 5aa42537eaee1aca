"""Each fault of the network, with what the respondent and staff see of it: real page, real server, a wire between them."""

from __future__ import annotations

import pytest
import wire
from tablets import Light

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("fault", sorted(set(wire.FAULTS) - wire.DELIVERS))
def test_a_response_that_gets_no_receipt_waits_in_sight_and_is_counted_once(tablet, network, person, fault) -> None:
    with network.suffering(wire.FAULTS[fault]):
        tablet.answer([next(person)])
        assert tablet.sentence() == "waiting"
        assert tablet.look() == Light(waiting=1, offline=True)


@pytest.mark.parametrize("fault", sorted(wire.DELIVERS))
def test_a_response_that_gets_its_receipt_late_or_twice_is_counted_once(tablet, network, person, fault) -> None:
    with network.suffering(wire.FAULTS[fault]):
        tablet.answer([next(person)])
        assert tablet.sentence() == "kept"
        assert tablet.look() == Light()


def test_an_answer_that_needs_a_minute_holds_nobody_up(tablet, network, person) -> None:
    with network.suffering(wire.delay(60)):
        tablet.answer([next(person)])
        assert tablet.sentence() == "waiting"


def test_a_network_with_a_sign_in_page_for_everything_does_not_take_the_place_of_the_form(
    tablet, network, person
) -> None:
    for fault in (wire.sign_in_page, wire.redirect):
        with network.suffering(fault, everything=True):
            tablet.open_form()
            tablet.answer([next(person)])
            assert tablet.sentence() == "waiting"
            assert tablet.look().waiting >= 1


def test_an_error_of_the_network_does_not_take_the_place_of_the_form(tablet, network, person) -> None:
    with network.suffering(wire.storm(502), everything=True):
        tablet.open_form()
        tablet.answer([next(person)])
        assert tablet.look() == Light(waiting=1, offline=True)


def test_what_waits_leaves_by_itself_when_the_network_comes_back_for_the_next_person(tablet, network, person) -> None:
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(5)])
        assert tablet.look() == Light(waiting=5, offline=True)
    tablet.open_form()
    tablet.answer([next(person)])
    assert tablet.sentence() == "kept"
    assert tablet.look() == Light()
