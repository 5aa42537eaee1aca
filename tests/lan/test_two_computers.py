"""A laptop and a tablet without internet, as two computers: what works with the authority trusted, and what without.

Mind the trap: ``ignore_https_errors`` behaves like a person who clicks the warning away, and the service worker is refused;
the flag ``--ignore-certificate-errors`` would register it and hide what happens in the field.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import builders
import pytest
import rooms as two
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect

from survey_app.fieldwork.device import Device
from survey_app.foundation import clock
from survey_app.lan.authority import open_authority, sign_server
from survey_app.storage import devices, sessions
from survey_app.storage import rooms as rooms_of_sessions
from survey_app.storage.database import Database
from survey_app.web.enrol.steps import DEVICES
from survey_app.web.kit.device_keys import hash_key

pytestmark = pytest.mark.browser

NAME = "survey.local"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STARTS_WITHIN = 60  # seconds
FORGETS_NAMES = 240  # seconds: a browser keeps for minutes what a name meant
SERVE_FOREIGN = """
import http.server, ssl, sys
server = http.server.HTTPServer(("0.0.0.0", 9443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class Field:
    """Both computers, and what the laptop stores."""

    rooms: two.Rooms
    data: Path
    db: Database

    @property
    def authority(self) -> Path:
        return self.data / "tls" / "authority.crt"

    def received(self) -> int:
        counter = sessions.counter(self.db, builders.CODE)
        return counter.received if counter else 0

    def wait_for(self, number: int, page: Page, seconds: int = 40) -> int:
        for _ in range(seconds * 5):
            if self.received() >= number:
                break
            page.wait_for_timeout(200)
        return self.received()

    def settle_at(self, address: str) -> None:
        """Give the laptop an address, and wait until it shows and announces it and the tablet's system knows."""
        self.rooms.cut()
        self.rooms.give_address(address)
        self.rooms.join()
        self.rooms.wait_for_name(address)
        self.rooms.know({NAME: address, "www.example.com": address})


@contextlib.contextmanager
def serving(command: list[str], environment: dict[str, str], log: Path, ready: str) -> Iterator[None]:
    with log.open("wb") as told:
        process = subprocess.Popen(command, env=environment, stdout=told, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        until = time.monotonic() + STARTS_WITHIN
        while ready not in log.read_text("utf-8"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until, log.read_text("utf-8")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def field(tmp_path_factory) -> Iterator[Field]:
    reason = two.why_not()
    if reason is not None:
        pytest.skip(f"THE LAPTOP AND THE TABLET WERE NOT TRIED AS TWO COMPUTERS: {reason}")
    folder = tmp_path_factory.mktemp("rooms")
    data = folder / "data"
    db = Database(f"sqlite:///{data / 'survey.sqlite3'}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    rooms_of_sessions.allow_phones(db, builders.CODE, are_allowed=True)
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    with two.made(folder) as rooms:
        command = rooms.at_laptop(sys.executable, "-m", "survey_app", "serve", "--lan")
        with serving(command, environment, folder / "log", "Stop with Ctrl+C"):
            assert rooms.ask_for_name() == two.LAPTOP_ADDRESS, "the tablet does not hear the laptop's name"
            rooms.know({NAME: two.LAPTOP_ADDRESS, "www.example.com": two.LAPTOP_ADDRESS})
            yield Field(rooms, data, db)
    db.close()


@contextlib.contextmanager
def browser_of(playwright: Playwright, field: Field, home: Path, authority: Path | None) -> Iterator[Browser]:
    made = playwright.chromium.launch(
        executable_path=field.rooms.browser,
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        env={**os.environ, "HOME": str(two.make_home(home, authority))},
    )
    yield made
    made.close()


@pytest.fixture
def trusting(playwright: Playwright, field: Field, tmp_path) -> Iterator[BrowserContext]:
    """A tablet on which the authority was installed."""
    with browser_of(playwright, field, tmp_path / "home", field.authority) as browser:
        yield browser.new_context(locale="fr-BE")


def open_form(page: Page) -> None:
    page.goto(f"https://{NAME}:8443/s/{builders.CODE}/fr")
    page.wait_for_selector("html.ready")


def answer(page: Page) -> None:
    """Answer the whole questionnaire with the first answers."""
    page.locator("[data-action=start]:visible").first.click()
    while not page.locator("[data-action=submit]:visible").count():
        page.locator("[data-action=answer]:visible").first.click()
        page.locator("[data-action=next]:visible").first.click()
    page.locator("[data-action=submit]:visible").click()
    page.wait_for_selector("#thanks:visible")


def enrol(page: Page) -> None:
    """Go the way of a person: the steps by http, then the check."""
    page.goto(f"http://{two.LAPTOP_ADDRESS}:8080/?device=android&language=fr")
    page.locator("[data-check]").click()


def test_a_tablet_that_trusts_the_laptop_works_with_the_cable_cut_and_hands_in_later(field, trusting) -> None:
    page = trusting.new_page()
    enrol(page)
    expect(page.locator("[data-tier=trusted]")).to_be_visible(timeout=30_000)
    assert page.url == f"https://{NAME}:8443/tablet/fr", "the name comes first"
    page.goto(f"https://{NAME}:8443/s/{builders.CODE}")
    page.wait_for_selector("html[data-kept]", timeout=60_000)
    before = field.received()
    field.rooms.cut()
    try:
        open_form(page)
        page.reload()
        page.wait_for_selector("html.ready")
        answer(page)
        page.goto(f"https://{NAME}:8443/tablet/fr")
        expect(page.locator("[data-waiting]")).to_have_text("1")
        assert field.received() == before
    finally:
        field.rooms.join()
    page.goto(f"https://{NAME}:8443/s/{builders.CODE}")
    assert field.wait_for(before + 1, page) == before + 1


def test_a_tablet_whose_warning_was_clicked_away_says_that_it_works_by_halves(playwright, field, tmp_path) -> None:
    with browser_of(playwright, field, tmp_path / "home", None) as browser:
        clicked = browser.new_context(locale="fr-BE", ignore_https_errors=True).new_page()
        clicked.goto(f"https://{NAME}:8443/tablet/fr")
        expect(clicked.locator("[data-tier=clicked]")).to_be_visible(timeout=30_000)
        expect(clicked.locator("[data-prepare]")).to_be_hidden()
        assert clicked.evaluate("navigator.serviceWorker.getRegistration().then((one) => one === undefined)")
        untrusting = browser.new_context(locale="fr-BE").new_page()
        for width, device in zip((360, 800, 1280, 360), DEVICES, strict=True):
            untrusting.set_viewport_size({"width": width, "height": 900})
            untrusting.goto(f"http://{two.LAPTOP_ADDRESS}:8080/?device={device}&language=fr")
            assert untrusting.evaluate("document.documentElement.scrollWidth") <= width
            assert Axe().run(untrusting, options=WCAG).response["violations"] == [], device
        enrol(untrusting)
        expect(untrusting.locator("[data-untrusted]")).to_be_visible(timeout=30_000)
        assert untrusting.url.startswith("http://"), "nobody is sent into a warning unawares"


def test_an_address_without_encryption_says_that_it_needs_the_network(field, trusting, tmp_path) -> None:
    command = field.rooms.at_laptop(sys.executable, "-m", "survey_app", "serve", "--host", two.LAPTOP_ADDRESS)
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    with serving([*command, "--port", "8111"], environment, tmp_path / "log", "listens on"):
        page = trusting.new_page()
        page.goto(f"http://{two.LAPTOP_ADDRESS}:8111/tablet/fr")
        expect(page.locator("[data-tier=plain]")).to_be_visible(timeout=30_000)


def test_the_authority_opens_no_site_of_the_internet_on_a_tablet_that_trusts_it(field, trusting, tmp_path) -> None:
    authority = open_authority(field.data / "tls", "survey", clock.now())
    key = ec.generate_private_key(ec.SECP256R1())
    pem = tmp_path / "pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + sign_server(authority, key.public_key(), ["www.example.com"], [], clock.now()).public_bytes(
            serialization.Encoding.PEM
        )
    )
    command = field.rooms.at_laptop(sys.executable, "-u", "-c", f"print('up')\n{SERVE_FOREIGN}", pem)
    with serving(command, dict(os.environ), tmp_path / "log", "up"):
        page = trusting.new_page()
        page.wait_for_timeout(500)
        with pytest.raises(Error, match="ERR_CERT_INVALID"):
            page.goto("https://www.example.com:9443/")


@pytest.mark.slow
def test_another_address_of_the_laptop_strands_nothing_that_waits_under_its_name(field, trusting) -> None:
    page = trusting.new_page()
    page.goto(f"https://{NAME}:8443/s/{builders.CODE}")
    page.wait_for_selector("html[data-kept]", timeout=60_000)
    before = field.received()
    field.rooms.cut()
    open_form(page)
    answer(page)
    try:
        field.settle_at("192.168.8.30")
        page.goto(f"https://{NAME}:8443/s/{builders.CODE}")
        assert field.wait_for(before + 1, page, FORGETS_NAMES) == before + 1
        page.goto("https://192.168.8.30:8443/tablet/fr")
        expect(page.locator("[data-tier=trusted]")).to_be_visible(timeout=30_000)
    finally:
        field.settle_at(two.LAPTOP_ADDRESS)


@pytest.mark.slow
def test_what_waits_under_an_address_that_is_gone_is_found_carried_over_and_counts_once(
    field, trusting, tmp_path
) -> None:
    page = trusting.new_page()
    device = Device("blue", "Blue", "charleroi")
    devices.add_device(field.db, device)
    enrol_at(field, page, f"https://{two.LAPTOP_ADDRESS}:8443", "first-token")
    page.goto(f"https://{two.LAPTOP_ADDRESS}:8443/s/{builders.CODE}")
    page.wait_for_selector("html[data-kept]", timeout=60_000)
    before = field.received()
    field.rooms.cut()
    page.goto(f"https://{two.LAPTOP_ADDRESS}:8443/s/{builders.CODE}/fr")
    page.wait_for_selector("html.ready")
    answer(page)
    try:
        field.settle_at("192.168.8.30")
        enrol_at(field, page, f"https://{NAME}:8443", "second-token")
        lost = page.locator("[data-left] a")
        expect(lost).to_have_text(f"https://{two.LAPTOP_ADDRESS}:8443")
        lost.click()
        expect(page.locator("[data-waiting]")).to_have_text("1", timeout=60_000)
        assert page.url.startswith(f"https://{two.LAPTOP_ADDRESS}:8443"), "opened without anybody at that address"
        with page.expect_download() as saving:
            page.locator("[data-save]").click()
        saving.value.save_as(tmp_path / "rescue.json")
        environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(field.data)}
        for _ in range(2):
            command = [sys.executable, "-m", "survey_app", "rescue", str(tmp_path / "rescue.json")]
            subprocess.run(command, env=environment, check=True, timeout=60)
            assert field.received() == before + 1
    finally:
        field.settle_at(two.LAPTOP_ADDRESS)


def enrol_at(field: Field, page: Page, origin: str, token: str) -> None:
    """Open the link of a QR code at one address of the laptop."""
    now = clock.now()
    devices.add_link(field.db, hash_key(token), "blue", now + timedelta(hours=1), now)
    page.goto(f"{origin}/tablet/fr#enrol={token}")
    expect(page.locator("[data-enrolled=done]")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-tier=trusted]")).to_be_visible(timeout=30_000)
    page.wait_for_function("caches.match(location.pathname).then(Boolean)")
