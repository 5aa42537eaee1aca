"""Takes the pictures of the field guide from the real product: `python scripts/field_guide.py [--language nl]`.

Serves a made-up centre with `survey-app serve --lan` on this computer alone, lets Chromium trust its authority, and goes the
way that the guide tells, step by step; where a step does not end as the guide says, it stops.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
PICTURES: Final = ROOT / "docs" / "pictures" / "guide"
SURVEY: Final = [sys.executable, "-m", "survey_app"]
CHROMIUM: Final = "/usr/bin/chromium"
PASSWORD: Final = "four words are enough"  # noqa: S105 - of a made-up account
DESK, TABLET = {"width": 900, "height": 700}, {"width": 800, "height": 1100}
SET_UP: Final = """
organisations:
  - { code: charleroi, name: CPAS de Charleroi }
projects:
  - code: parole
    organisation: charleroi
    name: Prendre la parole
    questionnaire: amif-exit
    version: 1
    activities: [speaking, doctor]
    languages: [fr, nl, ar]
    modules:
      - { code: base, name: Français débutant }
"""


@contextmanager
def laptop(folder: Path) -> Iterator[str]:
    """Serve the made-up centre; give what was printed."""
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
    (folder / "centre.yaml").write_text(SET_UP)
    subprocess.run([*SURVEY, "setup", folder / "centre.yaml"], env=environment, check=True, cwd=ROOT)
    ports = ["--port", "0", "--plain-port", "0", "--desk-port", "0"]
    command = [*SURVEY, "serve", "--lan", "--host", "127.0.0.1", *ports]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        said = ""
        for line in process.stdout or ():
            said += line
            if "/console/first/" in line:
                break
        try:
            yield said
        finally:
            process.terminate()


def trust(folder: Path, authority: Path) -> None:
    """Let the browser of this home folder trust the authority, as a person does by the steps."""
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    database = ["-d", f"sql:{store}"]
    subprocess.run(["certutil", *database, "-N", "--empty-password"], check=True)
    subprocess.run(["certutil", *database, "-A", "-t", "C,,", "-n", "survey-app", "-i", authority], check=True)


def find(said: str, pattern: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise SystemExit(f"the program did not print {pattern}:\n{said}")
    return found[1]


class Guide:
    """The walk of the guide in one language."""

    def __init__(self, browser: Browser, language: str, said: str) -> None:
        self.language = language
        self.said = said
        self.desk = browser.new_page(locale=f"{language}-BE", viewport=DESK)
        self.tablet = browser.new_page(locale=f"{language}-BE", viewport=TABLET)

    def keep(self, page: Page | Locator, name: str) -> None:
        """Take a picture of what is on the screen."""
        file = PICTURES / f"{name}.{self.language}.png"
        page.screenshot(path=file, scale="css")
        print(file.relative_to(ROOT), file.stat().st_size // 1024, "kB")

    def sign_in(self) -> None:
        self.desk.goto(find(self.said, r"(http://localhost:\d+/console/first/\S+)"))
        self.desk.fill("#name", "amina")
        self.desk.fill("#password", PASSWORD)
        self.desk.fill("#again", PASSWORD)
        self.desk.locator("main button[type=submit]").click()
        self.desk.wait_for_url("**/console**")

    def name_tablet(self, name: str) -> str:
        """Name a tablet; return what stands behind the QR code."""
        self.desk.goto(re.sub(r"/console.*", "/console/tablets", self.desk.url))
        self.desk.fill("#name", name)
        self.desk.locator("[data-action=add-tablet]").click()
        self.keep(self.desk.locator("main .panel"), "qr")
        return self.desk.locator("code").last.inner_text()

    def learn_to_trust(self, link: str) -> None:
        self.tablet.goto(f"{link.replace('#', f'?device=android&language={self.language}#')}")
        self.keep(self.tablet, "steps")
        self.tablet.locator("[data-check]").click()
        expect(self.tablet.locator("[data-tier=trusted]")).to_be_visible(timeout=60_000)
        expect(self.tablet.locator("[data-enrolled=done]")).to_be_visible()
        if "survey.local" not in self.tablet.url:
            raise SystemExit(f"the check led to {self.tablet.url}, not to the name")

    def make_ready(self, code: str) -> None:
        self.tablet.reload()
        self.tablet.locator(f"[data-groups] input[value='{code}']").check()
        self.tablet.locator("[data-make-ready]").click()
        expect(self.tablet.locator("[data-result=ready]")).to_be_visible(timeout=120_000)
        self.keep(self.tablet.locator("[data-prepare]"), "ready")

    def answer_without_network(self, code: str) -> None:
        self.tablet.context.set_offline(True)
        self.tablet.goto(f"{self.tablet.url.partition('/tablet')[0]}/s/{code}/{self.language}")
        self.tablet.wait_for_selector("html.ready")
        self.tablet.locator("[data-action=start]:visible").first.click()
        while not self.tablet.locator("[data-action=submit]:visible").count():
            self.tablet.locator("[data-action=answer]:visible").first.click()
            self.tablet.locator("[data-action=next]:visible").first.click()
        self.tablet.locator("[data-action=submit]:visible").click()
        self.tablet.wait_for_selector("#thanks:visible")
        self.tablet.goto(f"{self.tablet.url.partition('/s/')[0]}/")
        expect(self.tablet.locator("[data-day-end] b")).to_have_text("1")
        self.keep(self.tablet.locator("[data-day-end]"), "one-waits")

    def end_the_day(self) -> None:
        self.tablet.context.set_offline(False)
        self.tablet.reload()
        expect(self.tablet.locator("[data-day-end] b")).to_have_text("0", timeout=60_000)
        self.keep(self.tablet.locator("[data-day-end]"), "none-waits")
        self.desk.goto(re.sub(r"/console.*", "/console/tablets", self.desk.url))
        self.keep(self.desk.locator(".card").first, "tablets")


def walk(language: str) -> None:
    """Go the whole way once, in a home folder and an installation of its own."""
    with tempfile.TemporaryDirectory() as place, laptop(Path(place)) as said, sync_playwright() as playwright:
        folder = Path(place)
        trust(folder / "home", folder / "data" / "tls" / "authority.crt")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP survey.local 127.0.0.1"],
            env={**os.environ, "HOME": str(folder / "home")},
        )
        guide = Guide(browser, language, said)
        guide.sign_in()
        environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(folder / "data")}
        opening = [*SURVEY, "session", "open", "--project", "parole", "--module", "base", "--people", "12"]
        opened = subprocess.run(opening, env=environment, check=True, capture_output=True, text=True, cwd=ROOT)
        code = opened.stdout.strip().splitlines()[-1]
        guide.learn_to_trust(guide.name_tablet("Bleue" if language == "fr" else "Blauw"))
        guide.make_ready(code)
        guide.answer_without_network(code)
        guide.end_the_day()
        browser.close()


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[1:] or ("fr", "nl"):
        walk(each)
