"""Sessions: their join code and whether they still take responses."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from survey_app.fieldwork.session import Session, draw_code, is_code
from survey_app.fieldwork.structure import Project
from survey_app.foundation.errors import RequestMistakenError

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def build_session(closed_at: datetime | None = None) -> Session:
    return Session("482913", "ensemble", "language", 12, date(2026, 5, 12), closed_at)


def test_a_session_is_open_until_staff_close_it() -> None:
    assert build_session().state(NOON + timedelta(days=900), grace_days=14) == "open"


@pytest.mark.parametrize(("after", "state"), [(0, "grace"), (14, "grace"), (14.001, "closed"), (400, "closed")])
def test_a_closed_session_takes_what_tablets_kept_for_the_days_of_grace(after: float, state: str) -> None:
    assert build_session(closed_at=NOON).state(NOON + timedelta(days=after), grace_days=14) == state


def test_without_days_of_grace_a_session_ends_when_it_is_closed() -> None:
    assert build_session(closed_at=NOON).state(NOON + timedelta(seconds=1), grace_days=0) == "closed"


def test_a_code_has_six_digits_and_no_leading_zero() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    draw = random.Random(seed).randrange
    assert all(is_code(draw_code(frozenset(), draw)) for _ in range(500))


@pytest.mark.parametrize("text", ["", "12345", "1234567", "012345", "12345a", "１２３４５６", "123456\n", " 123456"])
def test_what_is_not_six_digits_is_no_code(text: str) -> None:
    assert not is_code(text)


def test_a_code_that_was_used_is_not_drawn_again() -> None:
    draws = iter([5, 5, 6])
    assert draw_code({"100005"}, lambda _: next(draws)) == "100006"


def test_when_no_code_is_free_staff_are_told_what_to_do() -> None:
    with pytest.raises(RequestMistakenError, match="new installation"):
        draw_code({"100005"}, lambda _: 5)


def test_the_languages_of_the_project_come_first_and_none_is_lost() -> None:
    project = Project("p", "o", "P", "amif-exit", 1, languages=("ti", "ar", "xx"))
    assert project.order_languages(("fr", "ar", "ti")) == ("ti", "ar", "fr")
