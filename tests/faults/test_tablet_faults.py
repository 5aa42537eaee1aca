"""Each fault of a tablet, with what the respondent and staff see of it."""

from __future__ import annotations

import time

import installation
import pytest
import wire
from incidents import (
    closing_storage,
    full_storage,
    half_answered,
    no_cipher,
    remembering_form,
    wake_worker,
    wrong_clock,
)
from tablets import Light

pytestmark = pytest.mark.browser

TEN_YEARS = 3652
BROWSER_NOTES_WITHIN = 8_000  # milliseconds; seen here: less than 4 seconds
WRITE_PLAINLY = """(words) => new Promise((resolve, reject) => {
  const request = indexedDB.open("plain", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("plain", { keyPath: "id" });
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const transaction = request.result.transaction("plain", "readwrite", { durability: "strict" });
    transaction.objectStore("plain").put({ id: 1, words });
    transaction.oncomplete = () => { request.result.close(); resolve(); };
  };
})"""

A_NEWER_WORKER_WAITS = """() => {
  void navigator.serviceWorker.getRegistration().then((found) => { window.isWaiting = Boolean(found?.waiting); });
  return window.isWaiting;
}"""
ONLY_THE_NEWER_SHELL = """() => {
  void caches.keys().then((names) => {
    window.areOlderGone = !names.some((name) => name.startsWith("shell-") && !name.startsWith("shell-newer-1"));
  });
  return window.areOlderGone;
}"""
"""Not promises: to ``wait_for_function`` one is an answer by itself, and always a yes."""

COUNT_COPIES = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("survey-app-copies");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("copies").objectStore("copies").count();
    counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
    counting.onerror = () => reject(counting.error);
  };
})"""


@pytest.mark.parametrize("seconds", [0, 0.03])
def test_a_browser_that_is_killed_has_what_it_thanked_for(tablet, network, person, seconds) -> None:
    before = len(tablet.sent)
    with network.suffering(wire.cut_before):
        with tablet.killed_after(8, seconds):
            tablet.answer([next(person) for _ in range(200)])
        tablet.start()
        light = tablet.look()
        thanked = len(tablet.sent) - before
        assert light.offline
        assert 8 <= thanked <= light.waiting <= thanked + 1


@pytest.mark.parametrize("days", [-TEN_YEARS, TEN_YEARS])
def test_a_tablet_whose_clock_is_ten_years_wrong_keeps_and_sends_all_the_same(tablet, network, person, days) -> None:
    with wrong_clock(tablet, days) as page:
        with network.suffering(wire.cut_before):
            tablet.answer([next(person)], page)
            page.goto(tablet.wall)
            assert page.evaluate("readLight()") == {"waiting": 1, "shelved": 0, "offline": True}
        page.goto(tablet.wall)
        assert page.evaluate("readLight()") == {"waiting": 0, "shelved": 0, "offline": False}


def test_a_worker_whose_clock_is_ten_years_behind_sends_what_waits_and_its_copies_are_not_old(
    tablet, network, served, person
) -> None:
    """By the page's right clock they are ten years old; by the server's they are of today."""
    numbers = {next(person) for _ in range(3)}
    with network.suffering(wire.cut_before):
        tablet.answer(numbers)
        assert tablet.sentence() == "waiting"
    before = tablet.page.evaluate(COUNT_COPIES)
    tablet.page.goto("about:blank")  # nobody but the worker sends
    wake_worker(tablet, -TEN_YEARS)
    for _ in range(3):  # a browser may let an event go while the round of another one, which the cut made fail, ends
        if is_counted(served, tablet, numbers):
            break
        wake_worker(tablet, 0)
    assert numbers <= set(served.counted([tablet.code]))
    assert tablet.look() == Light()
    assert tablet.page.evaluate(COUNT_COPIES) == before + len(numbers)


def is_counted(served, tablet, numbers: set[int]) -> bool:
    """Wait ten seconds at most."""
    until = time.monotonic() + 10
    while not numbers <= set(served.counted([tablet.code])) and time.monotonic() < until:
        tablet.page.wait_for_timeout(50)
    return numbers <= set(served.counted([tablet.code]))


def test_without_room_on_the_tablet_the_answers_go_to_the_server_at_once(tablet, served, person) -> None:
    number = next(person)
    with full_storage(tablet) as page:
        tablet.answer([number], page)
        assert not tablet.not_kept
    assert number in served.counted([tablet.code])


def test_without_room_and_without_network_the_page_says_so_and_tries_again(tablet, network, served, person) -> None:
    number = next(person)
    with full_storage(tablet) as page:
        with network.suffering(wire.cut_before):
            tablet.answer([number], page)
        assert tablet.not_kept == {number}
        assert page.locator("[data-not-kept]").is_visible()
        assert tablet.chosen(page) == []
        page.locator("[data-action=submit]").click()
        page.locator("#thanks").wait_for()
    tablet.not_kept.clear()
    assert number in served.counted([tablet.code])


def test_a_storage_that_closes_under_the_page_loses_nothing(tablet, network, person) -> None:
    with network.suffering(wire.cut_before):
        with closing_storage(tablet) as page:
            tablet.answer([next(person) for _ in range(3)], page)
        assert not tablet.not_kept
        assert tablet.look() == Light(waiting=3, offline=True)


def test_nothing_that_waits_can_be_read_in_the_profile_of_the_browser(tablet, network, person) -> None:
    """After each sending, after a kill and a new start too."""
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(3)])
        assert tablet.find_readable() == []
        tablet.kill()
        tablet.start()
        assert tablet.look() == Light(waiting=3, offline=True)
        assert tablet.find_readable() == []


def test_what_is_left_readable_is_found_in_the_profile_of_the_browser(tablet, network, person) -> None:
    """After the very sending of a tablet that seals nothing; three notes in plain words, after a kill too."""
    unsealed = next(person)
    with network.suffering(wire.cut_before), no_cipher(tablet) as page:
        tablet.answer([unsealed], page)
        assert tablet.readable != []
    for words, form in (
        (installation.CANARY, installation.AS_TEXT),
        (installation.CANARY + "…", installation.AS_WIDE_TEXT),
        ({"canary-0": "kanarie-0-1"}, installation.AS_OBJECT),
    ):
        tablet.page.evaluate(WRITE_PLAINLY, words)
        assert tablet.search.everything([form]) != []
    tablet.kill()
    tablet.start()
    tablet.look()
    assert tablet.search.everything() != []
    tablet.sent.discard(unsealed)
    tablet.burn()


@pytest.mark.slow
def test_the_browser_notes_nothing_of_what_is_touched_before_it_is_sent(tablet, person) -> None:
    """It notes what is touched on other forms a few seconds later, as the second half shows."""
    half_answered(tablet, next(person))
    tablet.page.wait_for_timeout(BROWSER_NOTES_WITHIN)
    assert tablet.find_readable() == []
    with remembering_form(tablet) as page:
        half_answered(tablet, next(person), page)
        until = time.monotonic() + 30
        while not (found := tablet.search.everything([installation.AS_FORM])) and time.monotonic() < until:
            page.wait_for_timeout(100)
    assert found != []
    tablet.burn()


def test_two_tabs_send_each_response_once(tablet, network, person) -> None:
    second = tablet.context.new_page()
    tablet.open_form(second)
    with network.suffering(wire.cut_before):
        tablet.answer([next(person) for _ in range(5)])
        tablet.answer([next(person) for _ in range(5)], second)
    for page in (tablet.page, second):
        page.evaluate("void dispatchEvent(new Event('online'))")
    assert tablet.look() == Light()
    second.close()


def test_a_worker_that_is_updated_in_the_middle_of_a_questionnaire_waits_for_its_end(
    tablet, served, network, person
) -> None:
    """Then the session opens without a network as it did before."""
    served.update("newer-1")
    served.end()
    served.start()
    number = next(person)
    half_answered(tablet, number)
    tablet.page.evaluate("async () => void (await navigator.serviceWorker.getRegistration()).update()")
    tablet.page.wait_for_function(A_NEWER_WORKER_WAITS)
    assert len(tablet.chosen()) == installation.QUESTIONS // 2
    tablet.answer([number])
    assert tablet.sentence() == "kept"
    tablet.kill()
    tablet.start()
    tablet.look()
    tablet.page.wait_for_function(ONLY_THE_NEWER_SHELL)
    with network.suffering(wire.cut_before, everything=True):
        tablet.open_form()
        tablet.answer([next(person)])
        assert tablet.look() == Light(waiting=1, offline=True)
    served.take_update_back()
    served.end()
    served.start()
