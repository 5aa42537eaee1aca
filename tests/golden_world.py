"""A world whose truth is known: three projects, two half-years, and how everybody answered, made by the rules below.

Parameters, all written down: ``PEOPLE`` (respondents by project and half-year), ``REGISTERED`` (the centres' registers),
``HELPFUL`` and ``SPEAKING`` (weights of the four answers), ``REPEATS`` (chance to say of the doctor what was said of speaking),
``MODES`` (weights of alone, with a helper, on paper), ``WISHES`` (chance of each wish), ``SILENT`` (chance to be off
the scale) and ``SEED``. In the second half-year more people in Ghent say that the group helps. What was really answered is
counted from ``answers_of`` with a ``Counter``, by no code of ours.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from survey_app import journeys
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.storage import sessions
from survey_app.storage.structure import write_structure

SEED = 20261127
HALVES = {"2025-H2": date(2025, 11, 4), "2026-H1": date(2026, 5, 5)}
MADE_ON = {"2025-H2": datetime(2026, 1, 15, 9, tzinfo=UTC), "2026-H1": datetime(2026, 7, 15, 9, tzinfo=UTC)}
PROJECTS = {"gent-samen": "gent", "aalst-samen": "aalst", "luik-parole": "luik"}
PEOPLE = {
    ("gent-samen", "2025-H2"): 60,
    ("aalst-samen", "2025-H2"): 30,
    ("luik-parole", "2025-H2"): 50,
    ("gent-samen", "2026-H1"): 64,
    ("aalst-samen", "2026-H1"): 28,
    ("luik-parole", "2026-H1"): 52,
}
REGISTERED = {"gent-samen": 90, "aalst-samen": 40, "luik-parole": 75}
HELPFUL = {
    ("gent-samen", "2025-H2"): (2, 2, 4, 2),
    ("gent-samen", "2026-H1"): (6, 3, 1, 1),
}
HELPFUL_ELSEWHERE = (4, 3, 2, 1)
SPEAKING = (3, 3, 2, 2)
REPEATS = 0.6
MODES = {"alone": 6, "with-helper": 3, "paper": 1}
WISHES = {"more-hours": 0.5, "slower": 0.3, "talk-more": 0.4}
SILENT = 0.08
SCALE = ("a-lot", "a-little", "not-much", "not-at-all")
ACTIVITIES = frozenset({"speaking", "doctor"})


def answers_of(project: str, half: str) -> list[dict[str, Any]]:
    """How each person of a project answered: an answer, a list of wishes, or the code of an off-scale answer."""
    chance = random.Random(f"{SEED}/{project}/{half}")
    more = random.Random(f"{SEED}/{project}/{half}/more")
    people = []
    for place in range(PEOPLE[project, half]):
        weights = HELPFUL.get((project, half), HELPFUL_ELSEWHERE)
        person: dict[str, Any] = {
            "helpful": chance.choices(SCALE, weights)[0],
            "speaking": chance.choices(SCALE, SPEAKING)[0],
            "change": [wish for wish, share in WISHES.items() if chance.random() < share],
            "gender": chance.choice(("female", "male")),
            "age": chance.choices(("18-60", "over-60"), (4, 1))[0],
        }
        for item in ("helpful", "speaking"):
            if chance.random() < SILENT:
                person[item] = chance.choice(("not-understood", "no-answer"))
        if not person["change"]:
            person["change"] = "no-answer"
        repeats = more.random() < REPEATS and person["speaking"] in SCALE
        person["doctor"] = person["speaking"] if repeats else more.choice(SCALE)
        person["mode"] = more.choices(list(MODES), list(MODES.values()))[0]
        person["language"] = "nl" if place % 2 else "fr"
        people.append(person)
    return people


def everybody(half: str, projects: Iterable[str] = PROJECTS) -> list[dict[str, Any]]:
    return [person for project in projects for person in answers_of(project, half)]


def fill(app: FastAPI) -> None:
    """Set the projects up, hold one session for each half-year, and hand everybody's answers in."""
    db = app.state.database
    write_structure(
        db,
        [
            Organisation("gent", "OCMW Gent"),
            Organisation("aalst", "OCMW Aalst", lead="gent"),
            Organisation("luik", "CPAS de Liège"),
        ],
        [
            Project(code, home, f"Projet {code}", "amif-exit", 1, ACTIVITIES, ("nl", "fr"), True)
            for code, home in PROJECTS.items()
        ],
        [Module("base", "Base", code) for code in PROJECTS],
        [RegisterCount(code, "female", "18-60", people) for code, people in REGISTERED.items()],
    )
    for number, ((project, half), people) in enumerate(PEOPLE.items()):
        code, day = str(100_000 + number), HALVES[half]
        sessions.add(db, Session(code, project, "base", people, day))
        for place, person in enumerate(answers_of(project, half)):
            _hand_in(app, code, place, person, day)
        journeys.close_session(db, code, _noon(day) + timedelta(hours=3))


def _hand_in(app: FastAPI, code: str, place: int, person: dict[str, Any], day: date) -> None:
    off = {"not-understood", "no-answer"}
    said = {item: answer for item, answer in person.items() if item not in {"mode", "language"}}
    response_id = UUID(int=random.Random(f"{code}/{place}").getrandbits(128), version=4)
    raw = {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": person["language"],
        "mode": person["mode"],
        "answers": {item: answer for item, answer in said.items() if not (isinstance(answer, str) and answer in off)},
        "off_scale": {item: answer for item, answer in said.items() if isinstance(answer, str) and answer in off},
    }
    state = app.state
    receipt = journeys.receive(
        state.database,
        state.questionnaires,
        code,
        str(response_id),
        raw,
        _noon(day),
        languages=state.languages,
        grace_days=0,
    )
    assert isinstance(receipt, journeys.Receipt), receipt


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def release(app: FastAPI, half: str, folder: Path, tier: str = "network") -> journeys.Published:
    made = journeys.publish(
        app.state.database,
        app.state.questionnaires,
        app.state.catalogues,
        journeys.ReleaseRequest(tier, half),
        folder,
        now=MADE_ON[half],
        release_id=f"{half}-{tier}-golden",
    )
    assert isinstance(made, journeys.Published), made
    return made
