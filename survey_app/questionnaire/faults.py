"""Faults of a questionnaire file: where each one is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from survey_app.foundation.errors import RequestMistakenError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its file, its line (from 1), and a message that says what to do."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return ``questionnaires/exit.v2.yaml line 14: what is wrong. How to mend it.``."""
        return f"{_near(self.path)} line {self.line}: {self.message}"


class FaultyQuestionnaires(RequestMistakenError):  # noqa: N818 - named as what it carries
    """Questionnaires that can't be used. ``faults`` holds every fault of every file, in order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def _near(path: Path) -> Path:
    """Shorten a path to how its reader would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
