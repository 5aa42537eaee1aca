"""A tablet that meets another server of the same session at the address that it knows, and goes back to the first one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import installation
import pytest
import wire
from tablets import Light, Tablet

from survey_app.backup.restoring import restore
from survey_app.foundation import clock
from survey_app.storage.database import Database

pytestmark = pytest.mark.browser


@pytest.fixture
def without_copies(tablet: Tablet, served: installation.Installation) -> Tablet:
    """The tablet, once all that it handed in before is in a backup."""
    served.keep_backup()
    assert tablet.look() == Light()
    tablet.open_form()
    return tablet


@pytest.fixture
def spare(served: installation.Installation, tmp_path: Path) -> Iterator[installation.Installation]:
    """A spare laptop, made from this morning's backup of the first one."""
    served.keep_backup()
    made = installation.Installation(tmp_path / "spare")
    made.db.close()
    restore(served.backup, made.database_file.parent, installation.PASSPHRASE, clock.now(), replace=True)
    made.db = Database(f"sqlite:///{made.database_file}")
    with made:
        yield made
    made.db.close()


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[installation.Installation]:
    """A laptop with keys of its own, on which a session has the same code."""
    with installation.Installation(tmp_path / "stranger") as made:
        made.open_session(installation.JOIN_CODE)
        yield made
    made.db.close()


def numbers(person: Iterator[int], people: int) -> set[int]:
    return {next(person) for _ in range(people)}


def test_a_tablet_that_moves_to_a_spare_laptop_and_back_has_handed_in_everything_to_both(
    without_copies, network, served, spare, person
) -> None:
    """What both have counts once after carrying: ``../exchange/test_carrying.py``."""
    tablet = without_copies
    here, waiting, there = numbers(person, 3), numbers(person, 2), numbers(person, 2)
    tablet.answer(here)
    assert tablet.look() == Light()
    with network.suffering(wire.cut_before):
        tablet.open_form()
        tablet.answer(waiting)
        assert tablet.look() == Light(waiting=2, offline=True)
    try:
        network.upstream = spare.port
        assert tablet.drain() == Light()
        tablet.open_form()
        tablet.answer(there)
        assert tablet.sentence() == "kept"
        assert tablet.look() == Light()
        counted = spare.counted([installation.JOIN_CODE])
        assert here | waiting | there <= set(counted)
        assert len(set(counted)) == len(counted)
    finally:
        network.upstream = served.port
    assert tablet.look() == Light()
    assert waiting | there <= set(served.counted([installation.JOIN_CODE]))


def test_what_another_laptop_cannot_open_is_shown_to_staff_and_handed_in_where_it_belongs(
    without_copies, network, served, stranger, person
) -> None:
    """Receipts of the first laptop mean nothing to the other one: all of it goes to the shelf, and nothing is twice."""
    tablet = without_copies
    received, waiting = numbers(person, 2), numbers(person, 3)
    tablet.answer(received)
    assert tablet.look() == Light()
    with network.suffering(wire.cut_before):
        tablet.open_form()
        tablet.answer(waiting)
    try:
        network.upstream = stranger.port
        assert tablet.drain() == Light(shelved=5)
        assert stranger.counted([installation.JOIN_CODE]) == []
        tablet.go(f"{tablet.url}/tablet/fr")
        tablet.page.locator("[data-reason='']").wait_for()
    finally:
        network.upstream = served.port
    tablet.page.locator("[data-send-again]").click()
    tablet.page.locator("[data-shelved]").wait_for(state="hidden")
    assert tablet.look() == Light()
    counted = served.counted([installation.JOIN_CODE])
    assert received | waiting <= set(counted)
    assert len(set(counted)) == len(counted)
