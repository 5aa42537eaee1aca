"""What became of what groups said, as the tablets tell it before the questions.

Wishes come from a release that left and is safe for a wall, signals from groups that are large enough. There is no figure
on it: who is about to answer should not know what others answered. A signal's own words are never shown: who wrote them may
sit in the room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import Request

from survey_app import signals
from survey_app.fieldwork.signal import Signal, Theme
from survey_app.fieldwork.structure import Project
from survey_app.questionnaire.definition import Questionnaire
from survey_app.report.poster import PICTURES, say_became
from survey_app.storage.news import latest_news
from survey_app.storage.rooms import find_room
from survey_app.web.kit.pages import Words
from survey_app.web.respond.contexts import Told

THEME_PICTURES: Final[Mapping[Theme, str]] = {
    "course": "letters",
    "hours": "other-time",
    "way-there": "transport",
    "children": "childcare",
    "languages": "language",
    "papers-and-money": "money",
    "housing": "housing",
    "health": "doctor",
    "work": "work",
}


def begins_with_news(request: Request, code: str, project: Project) -> bool:
    """Say whether a session begins with news: staff chose it, and there is some."""
    db = request.app.state.database
    if not find_room(db, code).begins_with_news:
        return False
    return latest_news(db, project.code) is not None or bool(_list_told(request, project))


def write_news(request: Request, project: Project, form: Questionnaire, words: Words) -> tuple[Told, ...]:
    """Return what is told in one language: wishes of the last release, then signals that got an answer.

    A wish that the questionnaire of today does not know any more is left out.
    """
    became = say_became(words)
    news = latest_news(request.app.state.database, project.code)
    told: list[Told] = []
    for one in news.wishes if news else ():
        item = form.item(one.item)
        answers = form.answers_of(item) if item is not None else ()
        wish = next((each for each in answers if each.code == one.wish), None)
        if wish is not None:
            told.append(Told(wish.picture, wish.text, became[one.became], PICTURES[one.became]))
    for signal in _list_told(request, project):
        picture = THEME_PICTURES[signal.theme]
        told.append(Told(picture, "", became[signal.became], PICTURES[signal.became], signal.why))
    return tuple(told)


def _list_told(request: Request, project: Project) -> tuple[Signal, ...]:
    state = request.app.state
    least = signals.least_people(state.settings.comments_from_people, state.policies.values())
    return signals.list_told(state.database, project.code, least)
