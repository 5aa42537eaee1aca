"""Whom each release counts: people compared by the sessions they sat in, never by the names of places.

A *cohort* is some people that no release of the ledger tells apart: those of one session that had handed in when a release
was made, or those who came to it later. A set of cohorts is a whole number with one bit for each. A release keeps where its
sessions were held then, so that a project that is renamed, split or merged is still the people that it was.

Where the sessions' places or numbers are not given (tables made by hand), every session may hold people of every place
that the tables name, and only a release about the same sessions is compared by its number of people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import product
from math import inf

from survey_app.aggregation.tables import TOTAL, Coordinates, LinkedTables, SessionPlace
from survey_app.protection.folding import OWN
from survey_app.protection.protected import EarlierRelease, ProtectedCell

Cohorts = int


@dataclass(frozen=True, slots=True)
class _Cohort:
    session: str
    level: float  # responses of the session up to which it reaches
    place: SessionPlace


class People:
    """The cohorts of a release that is being made and of the earlier ones: ``now`` those of the release."""

    def __init__(self, linked: LinkedTables, earlier: Sequence[EarlierRelease]) -> None:
        self._linked, self._earlier = linked, earlier
        sessions = linked.sessions.union(*(release.sessions for release in earlier))
        self._cohorts = [
            _Cohort(session, level, place)
            for session in sorted(sessions)
            for level in self._levels(session)
            for place in self._places(session)
        ]
        self.now = self._those(
            cohort.session in linked.sessions and cohort.level <= self._counted_now(cohort.session)
            for cohort in self._cohorts
        )

    @property
    def everybody(self) -> Cohorts:
        return (1 << len(self._cohorts)) - 1

    def counted_by(self, release: EarlierRelease) -> Cohorts:
        """Return whom an earlier release counted."""
        return self._those(
            cohort.session in release.sessions and cohort.level <= self._counted_by(release, cohort.session)
            for cohort in self._cohorts
        )

    def at(self, project: str, module: str) -> Cohorts:
        """Return whom the release that is being made counts in a project and a module (``""``: in any)."""
        here = self._those(
            project in {"", cohort.place.project} and module in {"", cohort.place.module} for cohort in self._cohorts
        )
        return here & self.now or self.now

    def of_sessions(self, sessions: frozenset[str]) -> Cohorts:
        """Return everybody of some sessions."""
        return self._those(cohort.session in sessions for cohort in self._cohorts)

    def of_projects(self, release: EarlierRelease, projects: frozenset[str]) -> Cohorts:
        """Return everybody whom an earlier release knew in some projects."""
        return self._those(release.places.get(each.session, each.place).project in projects for each in self._cohorts)

    def moved_since(self, release: EarlierRelease) -> Iterator[Cohorts]:
        """Yield whom an earlier release counted at each place, of those that are counted at another place now."""
        moved: dict[SessionPlace, Cohorts] = {}
        for number, cohort in enumerate(self._cohorts):
            then = release.places.get(cohort.session, cohort.place)
            if then != cohort.place:
                moved[then] = moved.get(then, 0) | 1 << number
        yield from moved.values()

    def of_each_cell(self, release: EarlierRelease) -> Iterator[tuple[ProtectedCell, Cohorts]]:
        """Yield each cell of an earlier release with the people that it counted."""
        counted = self.counted_by(release)
        organisations = frozenset(cell.at.organisation for cell in release.cells)
        met = Counter[Coordinates]()
        known: dict[tuple[str, str, str, bool], Cohorts] = {}
        for cell in release.cells:
            is_own = cell.at in met  # a lead's row with its partners comes first, then its own row
            met[cell.at] += 1
            key = (cell.at.organisation, cell.at.project, cell.at.module, is_own)
            if key not in known:
                known[key] = counted & self._standing_at(release, cell.at, organisations, is_own=is_own)
            yield cell, known[key]

    def _standing_at(
        self, release: EarlierRelease, at: Coordinates, organisations: frozenset[str], *, is_own: bool
    ) -> Cohorts:
        return self._those(
            _is_there(release.places.get(cohort.session, cohort.place), at, organisations, is_own=is_own)
            for cohort in self._cohorts
        )

    @staticmethod
    def _those(claims: Iterable[bool]) -> Cohorts:
        return sum(1 << number for number, is_one in enumerate(claims) if is_one)

    def _levels(self, session: str) -> Sequence[float]:
        counts = {self._counted_by(release, session) for release in self._earlier if session in release.sessions}
        if session in self._linked.sessions:
            counts.add(self._counted_now(session))
        return sorted(counts - {0, inf}) or [0]

    def _counted_now(self, session: str) -> float:
        return self._linked.responses.get(session, 0) if self._linked.responses else self._linked.people

    def _counted_by(self, release: EarlierRelease, session: str) -> float:
        if self._linked.responses:
            return release.responses.get(session, 0) if release.responses else inf
        return sum(release.responses.values()) if release.sessions == self._linked.sessions else inf

    def _places(self, session: str) -> Sequence[SessionPlace]:
        if session in self._linked.session_places:
            return (self._linked.session_places[session],)
        then = [release.places[session] for release in self._earlier if session in release.places]
        return then[-1:] or self._named_places

    @cached_property
    def _named_places(self) -> Sequence[SessionPlace]:
        """Return every place that the tables of any release name."""
        leads = {place.organisation: place.lead or "" for place in self._linked.places}
        now = (cell.at for table in self._linked.tables for cell in table.cells.values())
        told = [*now, *(cell.at for release in self._earlier for cell in release.cells)]
        projects = {(at.organisation, at.project) for at in told if _is_named(at.project)} or {("", "")}
        modules = {at.module for at in told if _is_named(at.module)} or {""}
        return [
            SessionPlace(organisation, leads.get(organisation, ""), project, module)
            for (organisation, project), module in product(sorted(projects), sorted(modules))
        ]


def _is_there(place: SessionPlace, at: Coordinates, organisations: frozenset[str], *, is_own: bool) -> bool:
    """Say whether people of a place are counted at some coordinates of a release that shows these organisations."""
    if _is_named(at.module) and place.module != at.module:
        return False
    if _is_named(at.project):
        return place.project == at.project
    if not _is_named(at.organisation) or place.organisation == at.organisation:
        return True
    lead = at.organisation.removesuffix(OWN)
    if lead == place.organisation:
        return True
    is_own = is_own or lead != at.organisation
    return place.lead == lead and (not is_own or place.organisation not in organisations)  # folded into its lead


def _is_named(code: str) -> bool:
    return code not in {"", TOTAL}


def related(linked: LinkedTables, earlier: Iterable[EarlierRelease]) -> list[EarlierRelease]:
    """Return the releases that speak of the same people, or of people that such a release speaks of; the oldest first."""
    met, apart = set(linked.sessions), sorted(earlier, key=_age)
    found: list[EarlierRelease] = []
    while near := [release for release in apart if not met.isdisjoint(release.sessions)]:
        apart = [release for release in apart if met.isdisjoint(release.sessions)]
        met.update(*(release.sessions for release in near))
        found += near
    return sorted(found, key=_age)


def _age(release: EarlierRelease) -> tuple[datetime, str]:
    return release.created, release.id


def divide(cohorts: Cohorts, masks: Iterable[Cohorts]) -> list[Cohorts]:
    """Return the parts into which some sets of cohorts cut another one."""
    parts = [cohorts] if cohorts else []
    for mask in masks:
        parts = [part for each in parts for part in (each & mask, each & ~mask) if part]
    return parts


def connected(parts: Iterable[Cohorts]) -> list[Cohorts]:
    """Join sets of cohorts that overlap, until none does."""
    joined: list[Cohorts] = []
    for part in parts:
        apart = [other for other in joined if not other & part]
        together = part
        for other in joined:
            if other & part:
                together |= other
        joined = [*apart, together]
    return joined
