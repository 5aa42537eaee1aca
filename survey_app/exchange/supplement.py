"""A supplement: questionnaires, sentences, voices, remarks on releases and answers to signals, on their way back to a laptop.

Nothing of it is secret, but all of it is heard by people who trust us: it travels in the same envelope as everything else,
sealed and signed. What it holds is checked where it is taken in, as what is shipped is. How it is sealed: ``envelope``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final, Literal, cast
from uuid import UUID

from survey_app.exchange.envelope import Card, EnvelopeFault, InstanceKey, Opened
from survey_app.exchange.packed import close_packed, open_packed, read_moment, write_moment
from survey_app.fieldwork.signal import LONGEST_WHY
from survey_app.foundation.became import BECAME, Became
from survey_app.questionnaire.translation import Domain

FORMAT: Final = "survey-app supplement 1"
NEEDS: Final = "0.1.0"
"""The oldest version of this program that can use what a supplement may say: raised whenever questionnaires may say more."""
LONGEST_REMARK: Final = 1000
_ANNOUNCED: Final = b'"format": "survey-app supplement '
_HEAD_BYTES: Final = 64
_KEY: Final = re.compile(r"[a-z2-7]{10}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9-]{1,60}\.v[1-9][0-9]{0,3}\.yaml", re.ASCII)
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z]{2,8})?", re.ASCII)

Spoken = Literal["recorded", "draft"]
_DOMAINS: Final = frozenset({"respond", "questionnaires"})
_SPOKEN: Final = frozenset({"recorded", "draft"})


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer said of a release (its hash)."""

    release: str
    signed_at: datetime
    signed_by: str
    remark: str


@dataclass(frozen=True, slots=True)
class SignalAnswer:
    """What became of a signal that was passed up to the sender (its id), and why."""

    signal: UUID
    became: Became
    why: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a supplement holds.

    ``questionnaires``: text by name of the file; ``sentences``: a PO file by language and domain; ``clips``: MP3 files by kind,
    language and key of what they say.
    """

    questionnaires: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[tuple[str, Domain], str] = field(default_factory=dict)
    clips: Mapping[tuple[Spoken, str, str], bytes] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    answers: tuple[SignalAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplement:
    """What was opened. ``sender``: id of the instance that signed it."""

    id: UUID
    sender: str
    packed_at: datetime
    content: Content


def is_supplement(raw: bytes) -> bool:
    """Say whether a file announces itself as a supplement: the two kinds of files come in by one door."""
    return _ANNOUNCED in raw[:_HEAD_BYTES]


def pack_supplement(
    content: Content, sender: InstanceKey, receiver: Card, supplement_id: UUID, packed_at: datetime
) -> bytes:
    """Seal and sign a supplement for one receiver."""
    written = {
        "packed_at": write_moment(packed_at),
        "needs": NEEDS,
        "questionnaires": dict(sorted(content.questionnaires.items())),
        "sentences": [[tag, domain, text] for (tag, domain), text in sorted(content.sentences.items())],
        "clips": [[*key, base64.b64encode(sound).decode()] for key, sound in sorted(content.clips.items())],
        "remarks": [[one.release, one.signed_at.isoformat(), one.signed_by, one.remark] for one in content.remarks],
        "answers": [[str(one.signal), one.became, one.why] for one in content.answers],
    }
    return close_packed(FORMAT, written, sender, receiver, supplement_id)


def unpack_supplement(
    raw: bytes, receiver: InstanceKey, trusted: Mapping[str, Card]
) -> Supplement | EnvelopeFault | Literal["newer-version"]:
    """Verify and open a supplement; or say why it is not taken, as ``open_packed`` does.

    ``newer-version``: what it holds needs a newer version of this program. What is in it is not judged yet. One that was packed
    before answers travelled holds none.
    """
    return open_packed(FORMAT, raw, receiver, trusted, _read_supplement)


def _read_supplement(opened: Opened, found: Mapping[str, Any]) -> Supplement | Literal["newer-version"]:
    if _numbers(found["needs"]) > _numbers(version("survey-app")):
        return "newer-version"
    if any(became not in BECAME for _signal, became, _why in found.get("answers", ())):
        return "newer-version"
    return Supplement(opened.id, opened.sender, read_moment(found["packed_at"]), _read_content(found))


def _read_content(found: Mapping[str, Any]) -> Content:
    questionnaires = {_only(_NAME, name): str(text) for name, text in found["questionnaires"].items()}
    sentences = {
        (_only(_TAG, tag), cast("Domain", _one_of(_DOMAINS, domain))): str(text)
        for tag, domain, text in found["sentences"]
    }
    clips = {
        (cast("Spoken", _one_of(_SPOKEN, kind)), _only(_TAG, tag), _only(_KEY, key)): base64.b64decode(
            sound, validate=True
        )
        for kind, tag, key, sound in found["clips"]
    }
    remarks = tuple(
        Remark(str(release), read_moment(signed_at), _short(signed_by, 100), _short(remark, LONGEST_REMARK))
        for release, signed_at, signed_by, remark in found["remarks"]
    )
    answers = tuple(_read_answer(*one) for one in found.get("answers", ()))
    return Content(questionnaires, sentences, clips, remarks, answers)


def _read_answer(signal: str, became: Became, why: str) -> SignalAnswer:
    if became == "not-possible" and not why:
        raise ValueError(became)
    return SignalAnswer(UUID(signal), became, _short(why, LONGEST_WHY))


def _only(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError(text)
    return text


def _short(text: str, most: int) -> str:
    if not isinstance(text, str) or len(text) > most:
        raise ValueError(most)
    return text


def _one_of(known: frozenset[str], text: str) -> str:
    if text not in known:
        raise ValueError(text)
    return text


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
