"""What is said about a release beside its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class QuestionnaireUsed:
    """A questionnaire that sessions of the release used. ``scales``: id and version of each scale in it."""

    id: str
    version: int
    scales: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release's own facts.

    ``created``: with its time zone. ``organisation`` and ``project``: the scope, both empty for all organisations.
    ``synthetic``: the responses were made up, and every file says so. ``previous``: the hash of the release before, or
    ``None`` for the first.
    """

    id: str
    created: datetime
    tier: str
    period: str
    questionnaires: tuple[QuestionnaireUsed, ...] = ()
    organisation: str = ""
    project: str = ""
    synthetic: bool = False
    previous: str | None = None

    def __post_init__(self) -> None:
        if self.created.tzinfo is None:
            raise ValueError(f"release {self.id}: the time of creation needs a time zone")
        if bool(self.organisation) != bool(self.project):
            raise ValueError(f"release {self.id}: a project is named together with its organisation")

    @property
    def scope(self) -> dict[str, Any]:
        """Return the scope as it stands in ``release.json``."""
        if not self.project:
            return {"kind": "all-organisations"}
        return {"kind": "one-project", "organisation": self.organisation, "project": self.project}

    @property
    def created_utc(self) -> str:
        """Return the moment of creation in UTC, to the second."""
        return self.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
