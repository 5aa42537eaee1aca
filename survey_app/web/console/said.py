"""What reviewers said of a release, as staff read it: on POD MI's desk, and where the organisation finds the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_datetime

from survey_app.foundation import clock
from survey_app.storage.sign_offs import SignOff
from survey_app.web.console.visit import DutyVisit


@dataclass(frozen=True, slots=True)
class Said:
    """What a reviewer said of a release, and when."""

    at: str
    by: str
    remark: str


def say_signed(visit: DutyVisit, said: Mapping[str, tuple[SignOff, ...]], release_hash: str) -> tuple[Said, ...]:
    """Return what reviewers said of a release, the first one first."""
    return tuple(
        Said(
            format_datetime(one.signed_at, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale),
            one.signed_by,
            one.remark,
        )
        for one in said.get(release_hash, ())
    )
