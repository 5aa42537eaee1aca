"""A new questionnaire, or a new program, in the middle of somebody's answers: both wait for the next person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import installation
import pytest
import wire
from incidents import half_answered, serving_group
from playwright.sync_api import Page
from tablets import Light

pytestmark = pytest.mark.browser

HALF = installation.QUESTIONS // 2


def start_again(served: installation.Installation) -> None:
    served.end()
    served.start()


@pytest.fixture
def without_older_program(served: installation.Installation) -> Iterator[installation.Installation]:
    """A server that speaks to no tablet of today once it is started again."""
    served.speak_next_protocol(only=True)
    yield served
    served.speak_next_protocol(only=False)
    start_again(served)


def notice(page: Page) -> None:
    """Let a page notice that the network is back."""
    page.evaluate("void dispatchEvent(new Event('online'))")


def version_on(page: Page) -> str | None:
    """The version of the questionnaire that a form shows."""
    shown = re.search(r"texte (\d)", page.locator(".step[data-item=canary-0]").text_content() or "")
    return shown and shown[1]


def test_a_new_version_of_the_questionnaire_comes_between_two_people_and_every_prepared_group_stays_usable(
    tablet, network, served, person
) -> None:
    number, after, later = next(person), next(person), next(person)
    half_answered(tablet, number)
    newer = served.open_session("482992", served.publish(2))
    start_again(served)
    notice(tablet.page)
    assert len(tablet.chosen()) == HALF
    assert version_on(tablet.page) == "1"
    tablet.answer([number])
    assert tablet.sentence() == "kept"
    with serving_group(tablet, newer), network.suffering(wire.cut_before, everything=True):
        tablet.open_form()
        assert version_on(tablet.page) == "2"
        tablet.answer([later])
        tablet.code = installation.JOIN_CODE
        tablet.open_form()
        assert version_on(tablet.page) == "1"
        tablet.answer([after])
        assert tablet.look() == Light(waiting=2, offline=True)
    assert tablet.drain() == Light()
    assert served.counted([newer]) == [later]
    assert {number, after} <= set(served.counted([tablet.code]))
    tablet.sent.discard(later)  # of another group than the one that is counted in the end


def test_a_program_that_is_too_old_keeps_all_says_so_and_is_exchanged_between_two_people(
    tablet, network, without_older_program, person
) -> None:
    """The server answers 426. Nobody's answers are interrupted; the new program sends what the old one kept."""
    wall = tablet.context.new_page()
    tablet.go(tablet.wall, wall)
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(2)])
        number = next(person)
        half_answered(tablet, number)
        start_again(without_older_program)
    notice(wall)
    wall.locator("[data-outdated]").wait_for()
    assert wall.locator("[data-count=waiting] b").text_content() == "2"
    notice(tablet.page)
    assert len(tablet.chosen()) == HALF
    tablet.answer([number])
    assert tablet.sentence() == "waiting"
    tablet.page.goto("about:blank")
    notice(wall)
    for _ in range(300):
        if tablet.sent <= set(without_older_program.counted([installation.JOIN_CODE])):
            break
        wall.wait_for_timeout(200)
    assert tablet.sent <= set(without_older_program.counted([installation.JOIN_CODE]))
    wall.locator("[data-outdated]").wait_for(state="hidden")
    wall.close()
