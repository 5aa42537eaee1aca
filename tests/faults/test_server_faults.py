"""Each fault of the server, with what the respondent and staff see of it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import installation
import pytest
import wire
from incidents import full_disk, locked, meanwhile, serving_group, wrong_clock
from playwright.sync_api import Page
from tablets import Light, Tablet

from survey_app.foundation import clock
from survey_app.questionnaire.loader import load_all
from survey_app.rescue import Rescued, read_rescue_file, rescue
from survey_app.storage import sessions

pytestmark = pytest.mark.browser

TEN_YEARS = 3652
DAYS_AHEAD = 100


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


def test_what_a_restored_server_lost_waits_in_sight_though_nothing_can_be_handed_in(
    tablet, served, network, person
) -> None:
    """Somebody's answers wait, so no round comes to its end: the tablet asks which database this is all the same."""
    served.keep_backup()
    today = [next(person) for _ in range(3)]
    tablet.open_form()
    tablet.answer(today)
    assert tablet.look() == Light()
    served.restore_backup()
    with network.suffering(wire.FAULTS["storm of 502"]):
        tablet.open_form()
        tablet.answer([next(person)])
        assert tablet.look() == Light(waiting=4, offline=True)
    assert tablet.drain() == Light()
    assert set(today) <= set(served.counted([tablet.code]))


@pytest.mark.parametrize("whose", ["tablet", "server"])
def test_a_clock_that_was_ten_years_ahead_for_a_while_threw_no_copy_away(tablet, served, person, whose) -> None:
    served.keep_backup()
    today = [next(person) for _ in range(3)]
    tablet.open_form()
    tablet.answer(today)
    assert tablet.look() == Light()
    if whose == "tablet":
        with wrong_clock(tablet, TEN_YEARS) as page:
            look_after_copies(tablet, page)
    else:
        with clock_ahead(served, TEN_YEARS):
            look_after_copies(tablet, tablet.page)
    served.restore_backup()
    assert not set(today) & set(served.counted([tablet.code]))
    tablet.drain()
    assert set(today) <= set(served.counted([tablet.code]))


def look_after_copies(tablet: Tablet, page: Page) -> None:
    """Open the wall, whose round between two people ends when it asked which database this is."""
    with page.expect_response("**/api/v1/store", timeout=30_000) as asked:
        page.goto(tablet.wall)
    assert asked.value.ok
    assert page.evaluate("readLight()") == {"waiting": 0, "shelved": 0, "offline": False}


@contextmanager
def clock_ahead(served: installation.Installation, days: int) -> Iterator[None]:
    """Let the server's clock go wrong, and right again."""
    served.set_clock(days)
    served.end()
    served.start()
    try:
        yield
    finally:
        served.set_clock(0)
        served.end()
        served.start()


def save_file(tablet: Tablet, file: Path) -> Path:
    """Save what the tablet keeps, by the button on its own page."""
    tablet.go(f"{tablet.url}/tablet/fr")
    with tablet.page.expect_download() as saving:
        tablet.page.locator("[data-save]").click()
    saving.value.save_as(file)
    return file


def take_in(served: installation.Installation, file: Path, *, late: bool) -> Rescued:
    """Take in what a tablet saved, as staff do on the laptop; ``late``: on purpose, whatever the clock says."""
    known = load_all(served.folder / "questionnaires")
    far = clock.now() + timedelta(days=DAYS_AHEAD)
    kept = read_rescue_file(file.read_bytes())
    offered = dict.fromkeys(known, ("fr",))
    return rescue(served.db, known, kept, far, languages=offered, grace_days=14, takes_late=lambda _code: late)


def test_a_group_that_is_over_only_by_a_wrong_clock_of_the_server_lies_on_the_shelf_until_staff_take_it_in(
    tablet, served, network, person, tmp_path
) -> None:
    group, number = served.open_session("482999"), next(person)
    with serving_group(tablet, group):
        network.suffer(wire.cut_before, everything=True)
        tablet.open_form()
        tablet.answer([number])
        sessions.close(served.db, group, clock.now())
        with clock_ahead(served, DAYS_AHEAD):
            network.heal()
            assert tablet.drain() == Light(shelved=1)
            file = save_file(tablet, tmp_path / "rescue.json")
            tablet.page.locator("[data-reason=session-closed]").wait_for()
            assert take_in(served, file, late=False).stored == 0
            found = take_in(served, file, late=True)
            assert (found.stored, found.late) == (1, 1)
            assert tablet.look() == Light(shelved=1), "nothing leaves a tablet by being saved"
        tablet.go(f"{tablet.url}/tablet/fr")
        tablet.page.locator("[data-send-again]").click()
        tablet.page.locator("[data-shelved]").wait_for(state="hidden")
        assert tablet.look() == Light()
        assert served.counted([group]) == [number]
    tablet.sent.discard(number)  # of another group than the one that is counted in the end
