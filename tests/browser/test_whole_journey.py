"""The whole journey, once: from a set-up file to a workbook that is read back.

Twelve people, four languages (one from right to left, one in Ethiopic script), four without a network when they press
"Send", one without a script, one who leaves in the middle. Everything is started as the README says.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import servers
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey_app.foundation import clock
from survey_app.foundation.periods import period_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary-5d0c1e77"
SETUP = """
organisations:
  - { code: centre, name: Centre }
projects:
  - code: parole
    organisation: centre
    name: Parole
    questionnaire: amif-exit
    version: 1
    activities: [speaking, doctor]
    languages: [fr, ar, ti, uk]
    modules: [{ code: base, name: Base }]
    registered: [{ gender: female, age: 18-60, people: 9 }, { gender: male, age: 18-60, people: 8 }]
"""


@dataclass(frozen=True)
class Person:
    """How a person answers: on which tablet, in which language, and what."""

    language: str
    helpful: str
    speaking: str
    gender: str
    how: str = "online"

    @property
    def answers(self) -> dict[str, str]:
        return {
            "helpful": self.helpful,
            "speaking": self.speaking,
            "doctor": "not-understood" if self.language == "ti" else "a-lot",
            "change": "slower",
            "age": "18-60",
            "gender": self.gender,
        }


PEOPLE = (
    Person("fr", "a-lot", "a-lot", "female"),
    Person("fr", "a-lot", "a-lot", "female"),
    Person("fr", "a-little", "a-lot", "male", how="plain"),
    Person("ar", "a-lot", "a-lot", "female", how="offline"),
    Person("ar", "a-little", "a-lot", "male", how="offline"),
    Person("ar", "a-lot", "a-lot", "female"),
    Person("ti", "a-lot", "a-lot", "female", how="offline"),
    Person("ti", "a-little", "not-at-all", "male", how="offline"),
    Person("ti", "a-lot", "a-lot", "male"),
    Person("uk", "a-little", "a-lot", "male"),
    Person("uk", "a-little", "a-lot", "female"),
    Person("uk", "not-at-all", "a-lot", "male", how="leaves"),
)
COUNTED = tuple(person for person in PEOPLE if person.how != "leaves")


class Installation(servers.Server):
    """A laptop: the command line, and the server as its own process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ours = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_APP_")}
        self.environment = {**ours, "PYTHONPATH": str(ROOT), "SURVEY_APP_DATA_DIR": str(folder / "data")}
        serve = [sys.executable, "-m", "survey_app", "serve", "--host", "127.0.0.1", "--port"]
        super().__init__(servers.command(serve, self.environment), folder / "server.log")

    def run(self, *arguments: str, expected: int = 0) -> str:
        command = [sys.executable, "-m", "survey_app", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stderr
        return done.stdout

    def ask(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=10) as reply:
            return bytes(reply.read())

    def put(self, code: str, body: dict[str, Any]) -> int:
        address = f"{self.url}/api/v1/sessions/{code}/responses/0b9a7c52-6d1f-4c7b-8f57-2a0f6a2f9d11"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as refused:
            body, status = refused.read(), refused.code
        assert CANARY.encode() not in body
        return status


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    (tmp_path / "centre.yaml").write_text(SETUP, "utf-8")
    made.run("setup", str(tmp_path / "centre.yaml"))
    with made:
        yield made
        made.end()


def on_tablet(browser: Browser, installation: Installation, code: str, *, script: bool = True) -> BrowserContext:
    tablet = browser.new_context(
        base_url=installation.url, viewport={"width": 800, "height": 1280}, java_script_enabled=script
    )
    page = tablet.new_page()
    page.goto(f"/s/{code}")
    if script:
        page.wait_for_selector("html[data-kept]", timeout=30_000)
    return tablet


def press(page: Page, action: str) -> None:
    page.locator(f"[data-action={action}]:visible").first.click()


def choose(page: Page, item: str, answer: str) -> None:
    box = page.locator(f"[data-item={item}] input[value='{answer}']")
    page.locator(
        f"[data-item={item}] label", has=page.locator(f"input[value='{answer}']")
    ).click()  # once it lies still, as a finger does
    expect(box).to_be_checked()


def answer_by_touch(page: Page, code: str, person: Person) -> None:
    """Walk from the wall of languages to the last touch, as far as this person goes."""
    page.goto(f"/s/{code}")
    page.locator(f"a[lang='{person.language}']").click()
    page.wait_for_selector("html.ready")
    press(page, "start")
    page.locator("#try [data-action=answer]").first.click()
    press(page, "next")
    for item, answer in person.answers.items():
        if person.how == "leaves" and item == "doctor":
            press(page, "leave")
            expect(page.locator(f"a[lang='{person.language}']")).to_be_visible()
            return
        expect(page.locator(f"section[data-item={item}]")).to_be_visible()
        choose(page, item, answer)
        press(page, "next")
    if person.how == "offline":
        page.context.set_offline(True)
    press(page, "submit")
    expect(page.locator("#thanks")).to_be_visible()
    where = "waiting" if person.how == "offline" else "kept"
    expect(page.locator(f"[data-where={where}]")).to_be_visible()
    assert page.locator("input:checked").count() == 0


def answer_by_form(page: Page, code: str, person: Person) -> None:
    page.goto(f"/s/{code}/{person.language}")
    for item, answer in person.answers.items():
        choose(page, item, answer)
    press(page, "submit")
    expect(page).to_have_url(f"{page.url.split('/s/')[0]}/s/{code}/{person.language}/thanks")


def received(installation: Installation, code: str) -> int:
    address = f"file:{installation.folder}/data/survey.sqlite3?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM response WHERE session = ?", (code,)).fetchone()[0])


def test_from_a_questionnaire_to_a_protected_report(browser: Browser, installation: Installation) -> None:
    code = installation.run("session", "open", "--project", "parole", "--module", "base", "--people", "12").strip()
    assert code.isdigit()
    shared, cut, plain = (on_tablet(browser, installation, code, script=script) for script in (True, True, False))
    for person in PEOPLE:
        if person.how == "plain":
            answer_by_form(plain.pages[0], code, person)
        else:
            answer_by_touch((cut if person.how == "offline" else shared).pages[0], code, person)
    assert received(installation, code) == len(COUNTED) - 4
    cut.set_offline(False)
    cut.pages[0].goto(f"/s/{code}")
    wait_until_received(installation, code, len(COUNTED))
    assert installation.put(code, canary_response()) == 422
    for tablet in (shared, cut, plain):
        tablet.close()

    installation.run("session", "close", code)
    period = period_of(clock.today()).code
    out = installation.folder / "release"
    installation.run("release", "create", "--tier", "inside", "--period", period, "--out", str(out))
    installation.run("release", "audit", str(out))

    lines = list(csv.DictReader((out / "tables.csv").read_text("utf-8").splitlines()))
    check_tables(lines)
    for workbook in sorted(out.glob("*.xlsx")):
        check_workbook(workbook, lines)
    assert len(list(out.glob("*.xlsx"))) >= 2
    check_canary(installation, out)


def wait_until_received(installation: Installation, code: str, people: int) -> None:
    for _ in range(200):
        if received(installation, code) == people:
            return
        time.sleep(0.1)
    pytest.fail(f"{received(installation, code)} of {people} responses arrived")


def canary_response() -> dict[str, Any]:
    return {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "fr",
        "mode": "alone",
        "answers": {"helpful": CANARY},
        "off_scale": {},
    }


def naive(item: str, answer: str, language: str = "total", **also: str) -> int:
    """Count the people of this test by hand."""
    groups = {
        "total": lambda _code: True,
        "answered": lambda code: code not in {"not-understood", "not-for-me", "no-answer", "missing"},
        "positive": lambda code: code in {"a-lot", "a-little"},
        "negative": lambda code: code in {"not-much", "not-at-all"},
        "off-scale": lambda code: code in {"not-understood", "not-for-me", "no-answer", "missing"},
        "other-answers": lambda code: code != "not-understood",
    }
    fits = groups.get(answer, lambda code: code == answer)
    return sum(
        fits(person.answers[item])
        and language in {"total", person.language}
        and all(person.answers[key] == code for key, code in also.items())
        for person in COUNTED
    )


def check_tables(lines: list[dict[str, str]]) -> None:
    tallied = ("replays:", "time:", "leaving")  # what tablets summed, not what people answered
    scale = [
        line
        for line in lines
        if line["item"] in {"helpful", "speaking", "doctor"} and not line["table"].startswith(tallied)
    ]
    assert scale
    statuses = Counter(line["status"] for line in scale)
    assert statuses["published"] > 0
    assert statuses["withheld"] > 0
    for line in scale:
        also = {key: line[key] for key in ("gender", "age") if line[key] not in {"", "total", "undisclosed"}}
        language = line["language"] or "total"
        true = 0
        if "undisclosed" not in (line["gender"], line["age"]):
            true = naive(line["item"], line["answer"], language, **also)
        if line["status"] == "withheld":
            assert line["value"] == ""
        else:
            assert int(line["value"]) == true, line
            assert true == 0 or true >= 5, line
    by_place = {
        (line["item"], line["answer"]): line["value"]
        for line in scale
        if line["table"] == f"item:{line['item']}" and line["organisation"] == "total"
    }
    assert by_place["helpful", "total"] == str(len(COUNTED))
    counts = [line for line in scale if line["measure"] == "people" and line["value"] not in {"", "0"}]
    assert counts, "nothing is left to read"
    # All but one gave the same answer: who dissents would be known.
    assert by_place["speaking", "total"] == str(len(COUNTED))
    assert by_place["speaking", "a-lot"] == ""
    assert by_place["speaking", "not-at-all"] == ""


def check_workbook(path: Path, lines: list[dict[str, str]]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    total = next(row for row in rows if row[1] == "R.2.9")
    assert total[11:13] == (17, len(COUNTED))
    for shown, answer in (
        (total[9], "positive"),
        (total[13], "answered"),
        (total[14], "a-lot"),
        (total[16], "not-understood"),
    ):
        assert isinstance(shown, str) or shown == naive("helpful", answer), answer
    published = {int(line["value"]) for line in lines if line["value"]}
    shown = {cell for row in rows for cell in row[11:18] if isinstance(cell, int)}
    assert shown <= published
    assert shown


def check_canary(installation: Installation, out: Path) -> None:
    files = [
        installation.log,
        *out.iterdir(),
        *(path for path in (installation.folder / "data").rglob("*") if path.is_file()),
    ]
    assert len(files) > 5
    assert installation.log.stat().st_size > 0
    for path in files:
        assert CANARY.encode() not in path.read_bytes(), path.name
    assert CANARY.encode() not in installation.ask("/metrics")
    for answer in ("a-little", "not-at-all", "slower"):
        assert answer not in installation.log.read_text("utf-8")
