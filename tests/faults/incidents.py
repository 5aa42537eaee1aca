"""What happens to a tablet or a server in the middle of the day, as blocks in which it is so."""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import installation
from playwright.sync_api import Page
from tablets import Tablet

TOLD_WITHIN: Final = 30.0

_WRONG_CLOCK: Final = """(() => {
  const Right = Date;
  const now = () => Right.now() + %d * 86_400_000;
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
})()"""

# What a browser that is short of memory does: the connection is closed, or ends in the middle of a transaction.
_CLOSING: Final = """(() => {
  const begin = IDBDatabase.prototype.transaction;
  const turns = { readonly: 0, readwrite: 0 };
  IDBDatabase.prototype.transaction = function (...given) {
    turns[given[1]] += 1;
    if (turns[given[1]] % 3 === 1) {
      throw new DOMException("The database connection is closing.", "InvalidStateError");
    }
    const begun = begin.apply(this, given);
    if (turns[given[1]] % 3 === 2) {
      Promise.resolve().then(() => { try { begun.abort(); } catch { /* over already */ } });
    }
    return begun;
  };
})()"""


_NO_CIPHER: Final = """SubtleCrypto.prototype.encrypt = async (_how, _key, text) => {
  const unsealed = new Uint8Array(text.length + 16);
  unsealed.set(text);
  return unsealed.buffer;
}"""

_REMEMBERING: Final = """addEventListener("DOMContentLoaded", () => {
  document.querySelector("form[data-session]")?.setAttribute("autocomplete", "on");
})"""


@contextmanager
def _other_page(tablet: Tablet, script: str) -> Iterator[Page]:
    """Give another page of the tablet, on its form, in which a script ran first."""
    page = tablet.context.new_page()
    page.add_init_script(script)
    tablet.open_form(page)
    yield page
    page.close()


@contextmanager
def wrong_clock(tablet: Tablet, days: int) -> Iterator[Page]:
    """Give a page for which it is so many days later."""
    with _other_page(tablet, _WRONG_CLOCK % days) as page:
        yield page


def wake_worker(tablet: Tablet, days: int) -> None:
    """Let Background Sync wake the tablet's worker, for which it is so many days later from now on."""
    (worker,) = [one for one in tablet.context.service_workers if one.url.startswith(tablet.url)]
    worker.evaluate(_WRONG_CLOCK % days)
    devtools = tablet.context.new_cdp_session(tablet.page)
    known: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: known.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"]),
    )
    devtools.send("ServiceWorker.enable")
    until = time.monotonic() + TOLD_WITHIN
    while not known and time.monotonic() < until:
        tablet.page.wait_for_timeout(50)
    wake = {"origin": tablet.url, "registrationId": known[-1], "tag": "outbox", "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", wake)
    devtools.detach()


@contextmanager
def closing_storage(tablet: Tablet) -> Iterator[Page]:
    """Give a page whose IndexedDB closes under it: two of three transactions fail."""
    with _other_page(tablet, _CLOSING) as page:
        yield page


@contextmanager
def no_cipher(tablet: Tablet) -> Iterator[Page]:
    """Give a page that seals nothing: what it keeps can be read."""
    with _other_page(tablet, _NO_CIPHER) as page:
        yield page


@contextmanager
def remembering_form(tablet: Tablet) -> Iterator[Page]:
    """Give a page whose form lets the browser note what is touched, to show it again after a crash."""
    with _other_page(tablet, _REMEMBERING) as page:
        yield page


@contextmanager
def full_storage(tablet: Tablet) -> Iterator[Page]:
    """Give a page of a browser, started anew, that grants its address no room any more: it refuses by itself, on its disk.

    One that has written before goes on for half a minute with what it was granted then.
    """
    tablet.kill()
    tablet.start()
    page = tablet.context.new_page()
    grant = partial(tablet.context.new_cdp_session(page).send, "Storage.overrideQuotaForOrigin")
    grant({"origin": tablet.url, "quotaSize": 1})
    tablet.open_form(page)
    yield page
    grant({"origin": tablet.url})
    page.close()


def half_answered(tablet: Tablet, number: int, page: Page | None = None) -> None:
    """Let a person answer half of the questions, without sending."""
    half = installation.codes_of(number)[: installation.QUESTIONS // 2]
    (page or tablet.page).evaluate("person => window.answerHalf(person)", half)


@contextmanager
def serving_group(tablet: Tablet, code: str) -> Iterator[None]:
    """Let the tablet serve another group, that it is made ready for."""
    usual, tablet.code = tablet.code, code
    try:
        tablet.prepare()
        yield
    finally:
        tablet.code = usual


@contextmanager
def locked(served: installation.Installation) -> Iterator[None]:
    """Let another program hold the database."""
    other = sqlite3.connect(served.database_file, isolation_level=None, timeout=30)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full_disk(served: installation.Installation) -> Iterator[None]:
    """Let no file of the server grow any more."""
    _, hard = resource.prlimit(served.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(served.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def meanwhile(*acts: object) -> Iterator[None]:
    """Let acts happen one after the other beside the block; their faults are the block's."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            for act in acts:
                act()  # type: ignore[operator]
        except BaseException as fault:  # noqa: BLE001 - handed to the block
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    for fault in faults:
        raise fault
