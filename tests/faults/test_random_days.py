"""Days on which everything goes wrong: what was sent is counted once, or waits in sight; nothing is lost, nothing twice.

``make faults`` runs a long one. ``FAULTS_SEED`` repeats a run, ``FAULTS_PEOPLE`` says how long it goes on.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from installation import Installation
from playwright.sync_api import Playwright
from schedule import Day
from tablets import Tablet, start_all
from vouching import needs_certutil, trust, vouch
from wire import Wire

pytestmark = [pytest.mark.browser, needs_certutil]

SESSIONS = ("482913", "482914")
COLOURS = ("blue", "green", "red")


def live_through(playwright: Playwright, monkeypatch: pytest.MonkeyPatch, folder: Path, seed: int, people: int) -> Day:
    """Live through one day; when it fails, what happened until then is printed."""
    print(f"FAULTS_SEED={seed} FAULTS_PEOPLE={people}")
    right, wrong = vouch(folder / "right"), vouch(folder / "wrong")
    trust(folder / "home", folder / "right")
    with Installation(folder / "server") as served, Wire(served.port, secure=right) as network:
        for code in SESSIONS:
            served.open_session(code)
        tablets = [
            Tablet(playwright, folder / colour, network.url, SESSIONS[number % len(SESSIONS)], home=folder / "home")
            for number, colour in enumerate(COLOURS)
        ]
        day = Day(random.Random(seed), served, network, wrong, tablets)
        try:
            start_all(tablets)
            day.run(people)
            with Installation(folder / "centre") as centre, Wire(centre.port) as way:
                monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(folder / "server" / "data"))
                day.carry(centre, way)
                centre.db.close()
        finally:
            print("\n".join(day.told))
            for tablet in tablets:
                tablet.kill()
            served.db.close()
    counts = Counter(part for line in day.told for part in line.partition(": ")[2].split("; "))
    print(f"{day.people} people sent, in {len(day.told)} rounds:", dict(counts))
    return day


def test_on_a_random_day_every_response_is_counted_once_or_waits_in_sight(playwright, monkeypatch, tmp_path) -> None:
    seed = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
    day = live_through(playwright, monkeypatch, tmp_path, seed, people=300)
    assert day.people >= 300


@pytest.mark.slow
def test_on_many_random_days_every_response_is_counted_once_or_waits_in_sight(
    playwright, monkeypatch, tmp_path
) -> None:
    """Days of 500 people, each with the seed after the one before: a run that was broken off goes on with the last seed."""
    first = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))
    people = int(os.environ.get("FAULTS_PEOPLE") or 5_000)
    for number in range(-(-people // 500)):
        live_through(playwright, monkeypatch, tmp_path / str(number), first + number, people=min(500, people))
