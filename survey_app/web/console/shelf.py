"""The shelf: which releases somebody may read, and their folders as they left. Desks that show figures find them here only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.dates import format_datetime

from survey_app.fieldwork.rights import Right
from survey_app.foundation import clock
from survey_app.population import word_report
from survey_app.report.folder import DamagedRelease, ReadRelease, read_release, read_tables
from survey_app.report.reading import Reading
from survey_app.report.release import ReleaseFacts
from survey_app.report.told import Told
from survey_app.storage import ledger, sessions, structure
from survey_app.storage.ledger import Release
from survey_app.web.console.visit import DutyVisit, Visit

ALL: Final = "all"
TIER_NEEDS: Final[Mapping[str, Right]] = {
    "inside": "release-inside",
    "network": "release-network",
    "public": "release-public",
}
"""The right to make and to read a release of each tier, the narrowest first. What is public is read by all who see any."""
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A release of the ledger as staff see it; ``scope`` is ``all`` or the name of a project."""

    id: str
    created: str
    tier: str
    period: str
    scope: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which releases somebody may read: what is public, and those of a tier that they have for all who are counted in it.

    ``owners``: session code -> organisation; ``reach``: tier -> organisations for which they have it.
    """

    owners: Mapping[str, str]
    reach: Mapping[str, frozenset[str]]

    def holds(self, release: Release) -> bool:
        """Say whether they may read a release."""
        if release.tier == "public":
            return True
        return {self.owners.get(code, "") for code in release.sessions} <= self.reach.get(release.tier, frozenset())


def open_shelf(visit: DutyVisit) -> Shelf:
    """Return the shelf of this member of staff."""
    organisations = {project.code: project.organisation for project in structure.list_projects(visit.db)}
    return Shelf(
        owners={session.code: organisations[session.project] for session in sessions.list_all(visit.db)},
        reach={tier: visit.reach(right) for tier, right in TIER_NEEDS.items()},
    )


def list_readable(visit: DutyVisit) -> tuple[Release, ...]:
    """Return the releases that this member of staff may read, without their figures, the first one first."""
    shelf = open_shelf(visit)
    return tuple(release for release in ledger.list_without_figures(visit.db) if shelf.holds(release))


def find_readable(visit: DutyVisit, release_id: str) -> Release | None:
    """Return a release that this member of staff may read; the try to find another one is in the log."""
    found = ledger.find_release(visit.db, release_id)
    if found is not None and open_shelf(visit).holds(found):
        return found
    visit.note("refused", f"release {release_id if _ID.fullmatch(release_id) else '?'}")
    return None


def describe(visit: DutyVisit, releases: Iterable[Release]) -> tuple[Line, ...]:
    """Return releases as staff see them; a scope that is no project any more keeps its code."""
    names = {project.code: project.name for project in structure.list_projects(visit.db)}
    return tuple(
        Line(
            id=release.id,
            created=format_datetime(release.created, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale),
            tier=release.tier,
            period=release.period,
            scope=names.get(release.scope, release.scope),
        )
        for release in releases
    )


def releases_folder(visit: Visit) -> Path:
    """Return where releases made here are written."""
    return visit.settings.data_dir / "releases"


def folder_of(visit: DutyVisit, release: Release) -> Path:
    """Return the folder of a release: where it was written, or where releases made here lie."""
    written = Path(release.folder)
    return written if written.is_absolute() else releases_folder(visit) / written


def read_folder(visit: DutyVisit, release: Release) -> ReadRelease | None:
    """Read a release's folder; ``None`` where it is not here any more or is not what the ledger remembers."""
    try:
        read = read_release(folder_of(visit, release))
    except DamagedRelease:
        return None
    return read if read.hash == release.hash else None


def read_in_words(visit: DutyVisit, release: Release) -> Reading | None:
    """Read a release from its folder, in the language of the reader; ``None`` where it is not here or is not as it left."""
    read = read_folder(visit, release)
    return None if read is None else put_in_words(visit, release, read)


def put_in_words(visit: DutyVisit, release: Release, read: ReadRelease) -> Reading | None:
    """Put a release whose folder was read in the language of the reader; ``None`` where its tables cannot be read."""
    tables = read_tables(folder_of(visit, release), read.document)
    if tables is None:
        return None
    facts = ReleaseFacts(
        release.id,
        release.created,
        release.tier,
        release.period,
        organisation=str(read.document["scope"].get("organisation", "")),
        project=str(read.document["scope"].get("project", "")),
        synthetic=bool(read.document["synthetic"]),
    )
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    base = read.document["policy"]["smallest_percentage_base"]
    return Reading(Told(facts, words), tables, int(base["value"] if isinstance(base, dict) else base))
