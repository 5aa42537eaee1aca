"""A response: what one person answered, and the document that is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from survey_app.questionnaire.definition import OffScale

Chosen = str | tuple[str, ...]


class Mode(StrEnum):
    """How the person answered; results tell them apart because help changes answers."""

    ALONE = "alone"
    WITH_HELPER = "with-helper"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Response:
    """A response that fits its questionnaire. An item stands in ``answers``, in ``off_scale`` or in neither.

    ``id`` is random and made by the device; it says nothing about when or where.
    """

    id: UUID
    questionnaire: str
    version: int
    language: str
    mode: Mode
    answers: Mapping[str, Chosen]
    off_scale: Mapping[str, OffScale]


def document(response: Response) -> str:
    """Write the response as canonical JSON: the same answers give the same text, without id, time or device."""
    content = {
        "questionnaire": response.questionnaire,
        "version": response.version,
        "language": response.language,
        "mode": response.mode,
        "answers": dict(response.answers),
        "off_scale": dict(response.off_scale),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
