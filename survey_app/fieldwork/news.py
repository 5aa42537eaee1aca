"""News: what staff say became of the wishes of a group, chosen once for the poster and for the screen on its tablets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.foundation.became import Became


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """A wish that may hang on a wall, by its item and the code of the answer, and what became of it."""

    item: str
    wish: str
    became: Became


@dataclass(frozen=True, slots=True)
class News:
    """What became of the wishes that a release tells, the one told most often first.

    ``project``: whose tablets show it; ``None`` where the release counts all projects.
    """

    release: str
    project: str | None
    wishes: tuple[WishAnswer, ...]

    @property
    def became(self) -> Mapping[str, Became]:
        """What became of each wish, by its code."""
        return {one.wish: one.became for one in self.wishes}
