"""Opening and closing a session."""

from __future__ import annotations

from datetime import UTC, date, datetime

import builders
import pytest

from survey_app.foundation.errors import RequestMistakenError
from survey_app.journeys import close_session, open_session
from survey_app.storage.database import Database

DAY = date(2026, 5, 12)


def test_a_session_opens_under_a_new_code_and_closes_once(db: Database) -> None:
    first = open_session(db, "ensemble", "language", 12, DAY, randbelow=lambda _: 7)
    draws = iter([7, 8])
    second = open_session(db, "ensemble", "creative", 5, DAY, randbelow=lambda _: next(draws))
    assert (first.code, second.code) == ("100007", "100008")
    closed = close_session(db, first.code, datetime(2026, 5, 12, 16, tzinfo=UTC))
    again = close_session(db, first.code, datetime(2026, 5, 13, 16, tzinfo=UTC))
    assert closed == again
    assert closed.closed_at is not None


@pytest.mark.parametrize(
    ("project", "module", "people", "mend"),
    [
        ("nowhere", "language", 12, "The projects are: ensemble"),
        ("ensemble", "cooking", 12, "Its modules are: creative, language"),
        ("ensemble", "language", 0, "from 1 to 500"),
        ("ensemble", "language", 501, "from 1 to 500"),
    ],
)
def test_a_wrong_request_is_answered_with_its_mend(
    db: Database, project: str, module: str, people: int, mend: str
) -> None:
    with pytest.raises(RequestMistakenError, match=mend):
        open_session(db, project, module, people, DAY)


def test_there_is_nothing_to_close_under_a_wrong_code(db: Database) -> None:
    builders.open_session(db)
    with pytest.raises(RequestMistakenError, match="six digits"):
        close_session(db, "999999", datetime(2026, 5, 12, 16, tzinfo=UTC))
