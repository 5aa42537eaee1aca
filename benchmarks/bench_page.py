"""The questionnaire's page against a bare HTML form of the same 12 questions: bytes, and time to the first question.

Both pages come from the same server in the same run, alternating, each time into a browser that has seen nothing yet:
Chromium with a processor slowed down 6 times, 1.6 Mbit/s and 150 ms per request. A question can be answered once one of its
buttons is on the screen; on our page that takes a touch on "Start", done here as soon as that is on the screen.

Goals: at most 20 kB of HTML, CSS and JavaScript, compressed, without letters and pictures; at most 1.5 times the floor.
"""

from __future__ import annotations

import gzip
import html
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from loopback import CHROMIUM, CODE, FLAGS, open_session, serve
from playwright.sync_api import Browser, sync_playwright
from starlette.responses import HTMLResponse

from survey_app.fieldwork.structure import Project
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.questionnaire.definition import Questionnaire

RUNS: Final = 15
QUESTIONS: Final = 12
LARGEST_BYTES: Final = 20_000
SLOWEST_RATIO: Final = 1.5
OFF_SCALE: Final = ("Je ne comprends pas", "Ce n'est pas pour moi", "Je ne veux pas répondre")

WATCH: Final = """(() => {
  let touched = false;
  const onScreen = (selector) => [...document.querySelectorAll(selector)].find((part) => {
    const box = part.getBoundingClientRect();
    return box.width > 0 && box.bottom > 0 && box.top < innerHeight && part.checkVisibility();
  });
  const look = () => {
    if (onScreen("input[type=radio]")) {
      requestAnimationFrame(() => { window.answerable = performance.now(); });
      return;
    }
    const start = onScreen("[data-action=start]");
    if (start && !touched) {
      touched = true;
      start.click();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bench-page-") as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        questionnaire = ask_twelve(app)
        url, server = serve_both(app, questionnaire)
        try:
            sizes = {name: weigh(url, name) for name in ("floor", "page")}
            times = measure(url)
        finally:
            server.should_exit = True
    return report(sizes, times)


def ask_twelve(app: FastAPI) -> Questionnaire:
    """Open a session that asks the 12 domains of the exit survey, all of them."""
    shipped = app.state.questionnaires["amif-exit", 1]
    domains = [item.model_copy(update={"activity": None}) for item in shipped.items if item.role == "domain"]
    questionnaire: Questionnaire = shipped.model_copy(update={"id": "bench", "items": tuple(domains[:QUESTIONS])})
    app.state.questionnaires = {**app.state.questionnaires, ("bench", 1): questionnaire}
    app.state.languages = {**app.state.languages, ("bench", 1): ("fr",)}
    project = Project("bench", "bench-centre", "Bench", "bench", 1, frozenset(), ("fr",))
    open_session(app, project)
    return questionnaire


def write_floor(questionnaire: Questionnaire) -> str:
    """Write the least that asks the same: no style, no script, no picture."""
    parts = ['<!doctype html><html lang="fr"><meta charset="utf-8"><title>12 questions</title><form method="post">']
    for item in questionnaire.items:
        parts.append(f"<fieldset><legend>{html.escape(item.text)}</legend>")
        choices = [(answer.code, answer.text) for answer in questionnaire.answers_of(item)]
        choices += list(zip(("not-understood", "not-for-me", "no-answer"), OFF_SCALE, strict=True))
        for code, text in choices:
            button = f'<input type="radio" name="{item.id}" value="{code}">'
            parts.append(f"<p><label>{button} {html.escape(text)}</label>")
        parts.append("</fieldset>")
    return "".join([*parts, "<button>Envoyer</button></form>"])


def serve_both(app: FastAPI, questionnaire: Questionnaire) -> tuple[str, uvicorn.Server]:
    """Serve both pages from one address."""
    floor = write_floor(questionnaire)
    app.add_api_route("/floor", lambda: HTMLResponse(floor))
    app.router.routes.insert(0, app.router.routes.pop())
    return serve(app)


def address_of(name: str) -> str:
    return "/floor" if name == "floor" else f"/s/{CODE}/fr"


def fetch(url: str) -> tuple[int, str]:
    """Return the bytes on the wire and the text."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
        text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    return len(body), text.decode()


def weigh(url: str, name: str) -> dict[str, int]:
    """Return the compressed bytes of a page (its style is inside) and of its modules."""
    page, text = fetch(url + address_of(name))
    modules = re.findall(r'[" ](/modules/[^" ]+)', text)
    return {"page": page, "modules": sum(fetch(url + module)[0] for module in modules)}


def measure(url: str) -> dict[str, list[float]]:
    """Return milliseconds to the first answerable question, page by page in turns."""
    times: dict[str, list[float]] = {"floor": [], "page": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in times:
            open_once(browser, url, name)
        for _ in range(RUNS):
            for name, found in times.items():
                found.append(open_once(browser, url, name))
        browser.close()
    return times


def open_once(browser: Browser, url: str, name: str) -> float:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.add_init_script(WATCH)
    throttle = context.new_cdp_session(page)
    throttle.send("Network.enable")
    slow: dict[str, Any] = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
    throttle.send("Network.emulateNetworkConditions", slow)
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    page.goto(url + address_of(name), wait_until="commit")
    while not (found := page.evaluate("window.answerable")):
        time.sleep(0.1)
    context.close()
    return float(found)


def report(sizes: dict[str, dict[str, int]], times: dict[str, list[float]]) -> int:
    total = sum(sizes["page"].values())
    floor, page = (statistics.median(times[name]) for name in ("floor", "page"))
    ratio = page / floor
    print(f"page: {total} bytes compressed (HTML and CSS {sizes['page']['page']}, JavaScript {sizes['page']['modules']}); "
          f"floor {sizes['floor']['page']}; goal {LARGEST_BYTES}")  # fmt: skip
    print(f"time to the first answerable question, median of {RUNS}: page {page:.0f} ms, floor {floor:.0f} ms, "
          f"ratio {ratio:.2f}; goal {SLOWEST_RATIO}")  # fmt: skip
    for name, found in times.items():
        print(f"  {name}: {' '.join(f'{value:.0f}' for value in sorted(found))}")
    return 0 if total <= LARGEST_BYTES and ratio <= SLOWEST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
