"""Tablets: Debian's Chromium with a profile that stays, as a process of its own that can be killed at any moment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import installation
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, TimeoutError  # noqa: A004
from searching import Search

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",  # a second tab is as quick as the first
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-port=0",
)
STARTS_WITHIN: Final = 60.0
PATIENCE: Final = 30_000
TOUCHES: Final = 3
LEAVE_FOR: Final = """(address) => {
  document.documentElement.classList.add("left");
  setTimeout(() => location.assign(address)); // once this has returned: a browser that is leaving tells nothing any more
}"""
DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
"""A run that is broken off leaves no browser behind."""

DRIVER: Final = (Path(__file__).parent / "respondents.js").read_text("utf-8")


@dataclass(frozen=True)
class Light:
    """What staff see between two respondents: responses that wait and that need a person, and whether all is connected."""

    waiting: int = 0
    shelved: int = 0
    offline: bool = False

    @property
    def held(self) -> int:
        return self.waiting + self.shelved


@dataclass
class Tablet:
    """One tablet. ``sent``: numbers whose sender saw "Thank you"; ``begun``: numbers that somebody touched "Send" for.

    ``home``: of the user whose browser it is, with the authorities that it trusts. ``readable``: the files of the
    profile in which an answer could be read when somebody was thanked; the next one waits until they are searched.
    """

    playwright: Playwright
    profile: Path
    url: str
    code: str
    flags: tuple[str, ...] = ()
    home: Path | None = None
    sent: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    not_kept: set[int] = field(default_factory=set)
    readable: list[str] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _browser: Browser | None = None

    def __post_init__(self) -> None:
        self.search = Search(self.profile)

    def start(self) -> None:
        """Start the browser on its profile, with one page."""
        told = self.profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        self.profile.mkdir(parents=True, exist_ok=True)
        command = [*DIES_WITH_US, CHROMIUM, *FLAGS, *self.flags, f"--user-data-dir={self.profile}", "about:blank"]
        with (self.profile.parent / f"{self.profile.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=self._environment()
            )
        until = time.monotonic() + STARTS_WITHIN
        while not (told.exists() and told.read_text().count("\n") > 0):
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("the browser did not start")
            time.sleep(0.02)
        port = told.read_text().split()[0]
        self._browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        self.context.expose_binding("tellSent", lambda _source, number: self._note_sent(number))
        self.context.add_init_script(DRIVER)
        self.page.set_default_timeout(PATIENCE)

    def _note_sent(self, number: int) -> None:
        self.sent.add(number)
        self.readable += self.search.news()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **({} if self.home is None else {"HOME": str(self.home)})}

    @property
    def context(self) -> BrowserContext:
        if self._browser is None:
            raise LookupError("the tablet is off")
        return self._browser.contexts[0]

    @property
    def page(self) -> Page:
        return self.context.pages[0]

    @property
    def wall(self) -> str:
        return f"{self.url}/s/{self.code}"

    @property
    def form(self) -> str:
        return self.url + installation.FORM.format(self.code)

    def kill(self) -> None:
        """End the browser at once, as an empty battery does. What it has not made durable is gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
        if self._browser is not None:
            with suppress(Error):
                self._browser.close()
        self._process = self._browser = None

    @contextmanager
    def killed_after(self, people: int, seconds: float) -> Iterator[None]:
        """Kill the browser so many seconds after so many people of the block were thanked; the tablet is off then.

        What the block was at is forgotten.
        """
        process, enough = self._process, len(self.sent) + people
        if process is None:
            raise LookupError("the tablet is off")

        def wait_and_kill() -> None:
            until = time.monotonic() + STARTS_WITHIN
            while len(self.sent) < enough and time.monotonic() < until:
                time.sleep(0.002)
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)

        killer = threading.Thread(target=wait_and_kill)
        killer.start()
        with suppress(Error):
            yield
        killer.join()
        self.kill()

    def burn(self) -> None:
        """Throw the profile away and prepare a new one. What waited there would be lost."""
        self.kill()
        shutil.rmtree(self.profile)
        self.readable.clear()
        self.start()
        self.prepare()

    def prepare(self) -> None:
        """Open the wall of languages and wait until the tablet needs no network any more."""
        self.go(self.wall)
        self.page.wait_for_selector("html[data-kept]", timeout=PATIENCE * 2)

    def go(self, address: str, page: Page | None = None) -> None:
        """Go to a page as a touch on a link does. Who sees nothing happen touches again."""
        page = page or self.page
        is_elsewhere = not page.url.startswith(self.url)
        for _ in range(TOUCHES):
            with suppress(TimeoutError):
                if is_elsewhere:
                    page.goto(address)
                    return
                page.evaluate(LEAVE_FOR, address)
                page.wait_for_selector("html:not(.left)", state="attached", timeout=PATIENCE / TOUCHES)
                return
        raise RuntimeError(f"{address} does not open")

    def open_form(self, page: Page | None = None) -> None:
        page = page or self.page
        self.go(self.form, page)
        page.wait_for_selector("html.ready", state="attached")

    def answer(self, numbers: Iterable[int], page: Page | None = None) -> None:
        """Let one person after the other answer on the form that is open, and touch "Send"."""
        people = [[number, installation.codes_of(number)] for number in numbers]
        self.begun |= {int(number) for number, _ in people}  # type: ignore[call-overload]
        outcome = (page or self.page).evaluate("people => window.answerAll(people)", people)
        self.not_kept |= set(outcome["notKept"])

    @contextmanager
    def answering(self, numbers: Iterable[int], page: Page) -> Iterator[None]:
        """Let people answer in another tab at the same time as the block runs."""
        people = [[number, installation.codes_of(number)] for number in numbers]
        self.begun |= {int(number) for number, _ in people}  # type: ignore[call-overload]
        page.evaluate("people => { window.answering = window.answerAll(people); }", people)
        yield
        self.not_kept |= set(page.evaluate("window.answering")["notKept"])

    def chosen(self, page: Page | None = None) -> list[str]:
        """The answers that are touched on the form."""
        checked = "[...document.querySelectorAll('form[data-session] input:checked')].map((one) => one.value)"
        return list((page or self.page).evaluate(checked))

    def sentence(self) -> str:
        """What the last screen tells the person who sent last: ``kept`` on the server, or ``waiting`` on the tablet."""
        return str(self.page.evaluate("window.readSentence()"))

    def look(self) -> Light:
        """Go to the wall, where staff look, and read what it says once a round of sending is over."""
        self.go(self.wall)
        return self.read_light()

    def read_light(self) -> Light:
        seen: dict[str, Any] = self.page.evaluate(
            """patience => Promise.race([window.readLight(), new Promise((_, reject) =>
              setTimeout(() => reject(new Error("a round of sending does not end")), patience))])""",
            PATIENCE * 2,
        )
        return Light(**seen)

    def drain(self, seconds: float = 20) -> Light:
        """Let the tablet notice that the network is back, until nothing waits."""
        until = time.monotonic() + seconds
        light = self.look()
        while (light.waiting or light.offline) and time.monotonic() < until:
            self.page.evaluate("void dispatchEvent(new Event('online'))")
            self.page.wait_for_timeout(100)
            light = self.read_light()
        return light

    def find_readable(self) -> list[str]:
        """Return the files of the profile in which an answer can be read now, or could when somebody was thanked."""
        return [*self.readable, *self.search.everything()]


def start_all(tablets: Iterable[Tablet]) -> None:
    for tablet in tablets:
        tablet.start()
        tablet.prepare()
