"""The room of a session, as whoever leads the group sees it; and what was started there before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project


@dataclass(frozen=True, slots=True)
class Room:
    """What staff say of a session's room.

    ``languages``: tags, the most used first; empty where nobody chose any. ``helped``: people who had help with the
    tablet; ``None`` where nobody said. ``is_cancelled``: the session was started by mistake. ``own_phones``: whether people may
    answer on their own phones; where nobody said, they may until the organisation has enrolled its first tablet.
    ``begins_with_news``: whether its tablets first tell what became of what groups of the project said.
    """

    languages: tuple[str, ...] = ()
    helped: int | None = None
    is_cancelled: bool = False
    own_phones: bool | None = None
    begins_with_news: bool = False

    def seat(self, project: Project) -> Project:
        """Return the project as this room meets it: its own languages first, and none of the project's lost."""
        return replace(project, languages=tuple(dict.fromkeys((*self.languages, *project.languages))))


@dataclass(frozen=True, slots=True)
class Template:
    """The session that a module had last, as the start of the next one."""

    session: Session
    room: Room
