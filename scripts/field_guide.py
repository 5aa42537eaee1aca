"""Walks the field guide with the real product, takes its pictures and prints it: `python scripts/field_guide.py [fr nl]`.

A laptop and a tablet are two computers on one cable (network namespaces, as in `tests/lan`; root makes them). The laptop runs
`survey-app serve --lan`, the tablet's Chromium trusts it as the steps say, and the cable is cut where the guide goes without a
network. Where a step does not end as the guide says, this stops. `--print` prints only, from the pictures that are there.
"""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt  # comes with rich, which typer brings
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lan"))

import rooms as two  # noqa: E402 - found by the line above

DOCS: Final = ROOT / "docs"
PICTURES: Final = DOCS / "pictures" / "guide"
SURVEY: Final = [sys.executable, "-m", "survey_app"]
CHROMIUM: Final = "/usr/bin/chromium"
PASSWORD: Final = "four words are enough"  # noqa: S105 - of a made-up account
DESK, TABLET = {"width": 900, "height": 700}, {"width": 800, "height": 1100}
NAME: Final = "survey.local"
LAPTOP: Final = f"https://{NAME}:8443"
STARTS_WITHIN: Final = 60  # seconds
PAGES: Final = 2
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
TERMINAL: Final = """<pre style="margin:0;padding:14px 18px;background:#16191d;color:#e8eaed;font:14px/1.0 'DejaVu Sans Mono',
monospace;display:inline-block">{}</pre>"""
SHEET: Final = """<!doctype html><html lang="{language}"><meta charset="utf-8"><base href="{base}"><style>
@page {{ size: A4; margin: 10mm 13mm }}
body {{ font: 8.7pt/1.29 "Liberation Sans", sans-serif; color: #111; margin: 0 }}
h1 {{ font-size: 15pt; margin: 0 0 1.5mm }} h2 {{ font-size: 11pt; margin: 2.6mm 0 1mm; break-after: avoid }}
p, ul, pre {{ margin: 0 0 1.4mm }} ul {{ padding-left: 4.5mm }}
pre {{ background: #eef1f4; padding: 1mm 2mm; font-size: 9pt }}
code {{ font-family: "Liberation Mono", monospace; font-size: 8.2pt }}
table {{ border-collapse: collapse; width: 100%; margin-bottom: 1.6mm; break-inside: avoid }}
th, td {{ border: 0.3pt solid #8a929c; padding: 0.9mm 1.6mm; text-align: left; vertical-align: top }}
td:has(> img:only-child) {{ text-align: center }}
img {{ max-width: 100%; max-height: 56mm; border: 0.3pt solid #c5cbd3 }}
img[src$=".svg"] {{ border: 0; max-height: 15mm }} img[src*="ipad-trust"] {{ max-height: 50mm }}
img[src*="/ready"], img[src*="/start"], img[src*="/tablets"] {{ max-height: 36mm }}
</style>{body}</html>"""


@contextmanager
def laptop(rooms: two.Rooms, data: Path) -> Iterator[str]:
    """Serve the made-up centre on the laptop; give what was printed."""
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    (rooms.folder / "centre.yaml").write_text(SET_UP)
    subprocess.run([*SURVEY, "setup", rooms.folder / "centre.yaml"], env=environment, check=True, cwd=ROOT)
    log = rooms.folder / "printed"
    with log.open("wb") as told:
        process = subprocess.Popen(rooms.at_laptop(*SURVEY, "serve", "--lan"), env=environment, stdout=told, cwd=ROOT)
    try:
        until = time.monotonic() + STARTS_WITHIN
        while "/console/first/" not in log.read_text("utf-8"):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"the program does not serve:\n{log.read_text('utf-8')}")
            time.sleep(0.1)
        yield log.read_text("utf-8")
    finally:
        process.terminate()
        process.wait(timeout=20)


def find(said: str, pattern: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise SystemExit(f"the program did not print {pattern}:\n{said}")
    return found[1]


class Guide:
    """The walk of the guide in one language."""

    def __init__(self, desk: Browser, tablet: Browser, language: str, said: str) -> None:
        self.language = language
        self.said = said
        self.desk = desk.new_page(locale=f"{language}-BE", viewport=DESK)
        self.tablet = tablet.new_page(locale=f"{language}-BE", viewport=TABLET)

    def keep(self, page: Page | Locator, name: str) -> None:
        """Take a picture of what is on the screen."""
        file = PICTURES / f"{name}.{self.language}.png"
        page.screenshot(path=file, scale="css")
        print(file.relative_to(ROOT), file.stat().st_size // 1024, "kB")

    def at_desk(self, path: str) -> None:
        self.desk.goto(f"{find(self.said, r'(http://localhost:[0-9]+)/console')}{path}")

    def show_terminal(self) -> None:
        """What the terminal says, up to where the program waits; the link of the first account is nobody's business."""
        shown = self.said.partition("Stop with Ctrl+C.")[0].rstrip()
        self.desk.set_content(TERMINAL.format(html.escape(f"$ survey-app serve --lan\n{shown}")))
        self.keep(self.desk.locator("pre"), "terminal")

    def sign_in(self) -> None:
        """Make the first account, by whose invitation whoever leads the group makes theirs; go on as that one."""
        self._make_account(find(self.said, r"(http://localhost:\d+/console/first/\S+)"), "chef")
        self.at_desk("/console/staff")
        self.desk.locator("input[name=role][value=facilitator]").check()
        self.desk.locator("[data-action=invite]").click()
        link = self.desk.locator("#link").input_value()
        self.desk.locator("form.leave button").click()
        self.at_desk(f"/console/first/{link.rpartition('/')[2]}")
        self._make_account(self.desk.url, "amina")

    def _make_account(self, link: str, name: str) -> None:
        self.desk.goto(link)
        self.desk.fill("#name", name)
        self.desk.fill("#password", PASSWORD)
        self.desk.fill("#again", PASSWORD)
        self.desk.locator("main button[type=submit]").click()
        expect(self.desk.locator("form.leave")).to_be_visible()

    def name_tablet(self, name: str) -> str:
        """Name a tablet; return what stands behind the QR code."""
        self.at_desk("/console/tablets")
        self.desk.fill("#name", name)
        self.desk.locator("[data-action=add-tablet]").click()
        self.keep(self.desk.locator("main .panel"), "qr")
        return self.desk.locator("code").last.inner_text()

    def learn_to_trust(self, link: str) -> None:
        if link.partition("#")[0] != f"http://{two.LAPTOP_ADDRESS}:8080/":
            raise SystemExit(f"the QR code leads to {link}")
        self.tablet.goto(f"{link.replace('#', f'?device=android&language={self.language}#')}")
        self.keep(self.tablet, "steps")
        self.tablet.locator("[data-check]").click()
        expect(self.tablet.locator("[data-tier=trusted]")).to_be_visible(timeout=60_000)
        expect(self.tablet.locator("[data-enrolled=done]")).to_be_visible()
        if not self.tablet.url.startswith(f"{LAPTOP}/tablet"):
            raise SystemExit(f"the check led to {self.tablet.url}, not to the name")

    def start_session(self) -> str:
        """Start a session in the console; return its code."""
        self.at_desk("/console/sessions/new")
        self.desk.locator("input[name=module]").first.check()
        self.keep(self.desk.locator("form.start"), "start")
        self.desk.locator("[data-action=start-session]").click()
        code = self.desk.locator("[data-code]").get_attribute("data-code") or ""
        if self.desk.locator(".address").inner_text() != f"{LAPTOP}/s/{code}":
            raise SystemExit(f"the session is said to be at {self.desk.locator('.address').inner_text()}")
        expect(self.desk.locator("[data-phones=refused]")).to_be_visible()
        return code

    def make_ready(self, code: str) -> None:
        self.tablet.reload()
        self.tablet.locator(f"[data-groups] input[value='{code}']").check()
        self.tablet.locator("[data-make-ready]").click()
        expect(self.tablet.locator("[data-result=ready]")).to_be_visible(timeout=120_000)
        self.keep(self.tablet.locator("[data-prepare]"), "ready")

    def answer_without_network(self) -> None:
        """Open the session by the link under "Ready without internet", answer, and look at the tablet's first page."""
        self.tablet.reload()
        self.tablet.locator("[data-ready] a").first.click()
        self.tablet.locator(f"a[hreflang={self.language}]").click()
        self.tablet.wait_for_selector("html.ready")
        self.tablet.locator("[data-action=start]:visible").first.click()
        while not self.tablet.locator("[data-action=submit]:visible").count():
            self.tablet.locator("[data-action=answer]:visible").first.click()
            self.tablet.locator("[data-action=next]:visible").first.click()
        self.tablet.locator("[data-action=submit]:visible").click()
        self.tablet.wait_for_selector("#thanks:visible")
        self.tablet.goto(f"{LAPTOP}/")
        expect(self.tablet.locator("[data-day-end] b")).to_have_text("1", timeout=60_000)
        self.keep(self.tablet.locator("[data-day-end]"), "one-waits")

    def end_the_day(self) -> None:
        self.tablet.goto(f"{LAPTOP}/")
        expect(self.tablet.locator("[data-day-end] b")).to_have_text("0", timeout=60_000)
        self.keep(self.tablet.locator("[data-day-end]"), "none-waits")
        self.tablet.evaluate("localStorage.removeItem('survey-app-said')")  # it speaks at most once a minute
        with self.tablet.expect_response("**/api/v1/device/state"):
            self.tablet.reload()
        self.at_desk("/console/tablets")
        card = self.desk.locator(".card").first
        expect(card).to_contain_text(LAPTOP)
        self.keep(card, "tablets")


@contextmanager
def chromium(playwright: Playwright, command: Path, home: Path) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=command,
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        env={**os.environ, "HOME": str(home)},
    )
    yield browser
    browser.close()


def walk(playwright: Playwright, language: str) -> None:
    """Go the whole way once, with two computers and an installation of their own."""
    with tempfile.TemporaryDirectory() as place, two.made(Path(place)) as rooms:
        data, homes = Path(place) / "data", Path(place) / "homes"
        with laptop(rooms, data) as said:
            if rooms.ask_for_name() != two.LAPTOP_ADDRESS:
                raise SystemExit("the tablet does not hear the laptop's name")
            rooms.know({NAME: two.LAPTOP_ADDRESS})
            trusting = two.make_home(homes / "tablet", data / "tls" / "authority.crt")
            untouched = two.make_home(homes / "laptop", None)
            with (
                chromium(playwright, rooms.browser_at(rooms.laptop), untouched) as desk,
                chromium(playwright, rooms.browser, trusting) as tablet,
            ):
                go(rooms, Guide(desk, tablet, language, said))


def go(rooms: two.Rooms, guide: Guide) -> None:
    """Take the steps of the guide, in its order."""
    guide.show_terminal()
    guide.sign_in()
    guide.learn_to_trust(guide.name_tablet("Bleue" if guide.language == "fr" else "Blauw"))
    code = guide.start_session()
    guide.make_ready(code)
    rooms.cut()
    guide.answer_without_network()
    rooms.join()
    guide.end_the_day()


def print_guide(playwright: Playwright, language: str) -> None:
    """Print the guide on two sheets of A4.

    Raises:
        SystemExit: it needs another number of pages.
    """
    name = f"field-guide.{language}"
    body = MarkdownIt("commonmark").enable("table").render((DOCS / f"{name}.md").read_text("utf-8"))
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    with tempfile.TemporaryDirectory() as place:
        sheet = Path(place) / f"{name}.html"
        sheet.write_text(SHEET.format(language=language, base=f"{DOCS.as_uri()}/", body=body), "utf-8")
        page = browser.new_page()
        page.goto(sheet.as_uri(), wait_until="load")
        page.pdf(path=DOCS / f"{name}.pdf", prefer_css_page_size=True, print_background=True)
    browser.close()
    told = subprocess.run(["pdfinfo", DOCS / f"{name}.pdf"], capture_output=True, text=True, check=True).stdout
    if f"Pages:           {PAGES}\n" not in told:
        raise SystemExit(f"{name}.pdf is not on {PAGES} pages:\n{told}")
    print(f"docs/{name}.pdf", (DOCS / f"{name}.pdf").stat().st_size // 1024, "kB")


def main(asked: list[str]) -> None:
    languages = [each for each in asked if not each.startswith("-")] or ["fr", "nl"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        for language in languages:
            if "--print" not in asked:
                walk(playwright, language)
            print_guide(playwright, language)


if __name__ == "__main__":
    main(sys.argv[1:])
