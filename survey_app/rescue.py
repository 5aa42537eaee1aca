"""Rescue: what a tablet saved to a file, still sealed, comes in by the journey of every response. Each counts once.

In: the text of a rescue file. Out: how many came in, had come before, or were refused and why. Knows nothing of: web.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.strict_json import NotJsonError, read_json
from survey_app.journeys import (
    OfferedLanguages,
    Questionnaires,
    Receipt,
    Refusal,
    RefusalReason,
    Sent,
    read_sent,
    receive_all,
)
from survey_app.storage.database import Database

FORMAT: Final = 1
LARGEST_FILE: Final = 32 * 1024 * 1024
"""Bytes: more than a tablet keeps."""
_AT_ONCE: Final = 200
_NO_END: Final = 1_000_000
"""Days of grace of what staff take in on purpose."""


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of the responses of a file. ``late``: taken in by staff after the days of grace; part of ``stored``."""

    stored: int = 0
    before: int = 0
    late: int = 0
    refused: Mapping[RefusalReason, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.stored + self.before + sum(self.refused.values())


def read_rescue_file(content: bytes) -> tuple[Sent, ...]:
    """Read a rescue file: the same objects as a batch, as many as the tablet kept.

    Raises:
        RequestMistakenError: it is none, or one of a newer version.
    """
    try:
        read = read_json(content)
    except NotJsonError:
        read = None
    match read:
        case {"format": int(made_by), "responses": list(responses)} if made_by == FORMAT:
            return tuple(map(read_sent, responses))
        case {"format": int()}:
            raise RequestMistakenError("the file was saved by a newer version of this program. Install that version.")
    raise RequestMistakenError("this is no file that a tablet saved, or it was cut off. Save it again on the tablet.")


def rescue(  # noqa: PLR0913 - all that responses are judged by
    db: Database,
    questionnaires: Questionnaires,
    kept: Sequence[Sent],
    now: datetime,
    *,
    languages: OfferedLanguages,
    grace_days: int,
    takes_late: Callable[[str], bool] = lambda _code: False,
) -> Rescued:
    """Take in what a tablet kept. Doing it again, or the tablet sending it meanwhile, changes nothing.

    Args:
        db: where it is kept.
        questionnaires: all that are known here.
        kept: as ``read_rescue_file`` read it.
        now: aware.
        languages: tags offered, by questionnaire.
        grace_days: days after its end in which a session still takes what tablets kept.
        takes_late: whether staff take in on purpose what comes later to the session of a code.
    """

    def receive(some: Sequence[Sent], days: int) -> list[Receipt | Refusal]:
        outcomes: list[Receipt | Refusal] = []
        for batch in _in_batches(some):
            outcomes += receive_all(db, questionnaires, batch, now, languages=languages, grace_days=days)
        return outcomes

    outcomes = receive(kept, grace_days)
    late = [at for at, found in enumerate(outcomes) if _is_late(found) and takes_late(kept[at].session)]
    for at, found in zip(late, receive([kept[at] for at in late], _NO_END), strict=True):
        outcomes[at] = found
    return _count(outcomes, late)


def _in_batches(some: Sequence[Sent]) -> list[Sequence[Sent]]:
    return [some[start : start + _AT_ONCE] for start in range(0, len(some), _AT_ONCE)]


def _is_late(found: Receipt | Refusal) -> bool:
    return isinstance(found, Refusal) and found.reason == "session-closed"


def _count(outcomes: Sequence[Receipt | Refusal], late: Sequence[int]) -> Rescued:
    receipts = [found for found in outcomes if isinstance(found, Receipt)]
    return Rescued(
        stored=sum(found.status == "stored" for found in receipts),
        before=sum(found.status == "stored-before" for found in receipts),
        late=sum(isinstance(outcomes[at], Receipt) for at in late),
        refused=dict(Counter(found.reason for found in outcomes if isinstance(found, Refusal))),
    )
