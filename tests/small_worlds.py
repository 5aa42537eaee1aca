"""Small worlds to count: a questionnaire of six items, and builders of sessions, responses and populations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from survey_app.aggregation.facts import ItemFact, Population, QuestionnaireFact, ResponseFact, SessionFact

FOUR = ("a-lot", "a-little", "not-much", "not-at-all")
ASKED = frozenset({"helpful", "doctor", "change", "age", "gender"})


def scale_item(code: str, role: str = "domain") -> ItemFact:
    return ItemFact(code, "scale", FOUR, role, FOUR[:2], FOUR[2:], "much-4", 1)


HELPFUL = scale_item("helpful", "indicator")
EXIT = QuestionnaireFact(
    "exit",
    1,
    (
        HELPFUL,
        scale_item("doctor"),
        scale_item("housing"),
        ItemFact("change", "several", ("slower", "childcare"), role="change"),
        ItemFact("age", "single", ("under-18", "18-60", "over-60"), role="age"),
        ItemFact("gender", "single", ("female", "male", "non-binary"), role="gender"),
    ),
)


def session(code: str = "111111", **changes: Any) -> SessionFact:
    """A session in Ghent that asks everything but housing."""
    return replace(SessionFact(code, "ghent", None, "sewing", "basic", "exit", 1, ASKED), **changes)


def response(session: str = "111111", off: dict[str, str] | None = None, **answers: Any) -> ResponseFact:
    return ResponseFact(session, answers, off or {})


def population(*sessions: SessionFact, **changes: Any) -> Population:
    return replace(Population("2026-H1", None, sessions, (EXIT,)), **changes)
