"""Before a release is made: whom it would count, what is sure to be withheld and why, which files it would have.

Nothing here depends on an answer, and nobody is told a number that their other desks do not tell: sizes of groups only to
who sees the counters of their sessions. Why, says ``protection.foresight``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.periods import read_period
from survey_app.ledger import find_faults
from survey_app.population import AnswersDeleted, say_deleted, word_report
from survey_app.protection.foresight import Foresight, Group, foresee
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy, load_policy
from survey_app.report.reasons import say_reason
from survey_app.storage import sessions, structure
from survey_app.web.console.making import head_of
from survey_app.web.console.naming import name_day
from survey_app.web.console.shelf import ALL, list_readable
from survey_app.web.console.visit import ConsolePage, DutyVisit

Since = Literal["first", "nothing", "too-few", "enough", "unknown"]
KINDS: Final = (
    "pdf", "docx", "xlsx", "csv", "json", "dictionary", "described", "parquet", "sav", "sdmx", "sdmx-structure", "release"
)  # fmt: skip
"""Every kind of file that a release has, those for people first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed into the form. ``attempt``: drawn with it, so that sending it twice makes one release."""

    tier: str = "inside"
    period: str = ""
    scope: str = ALL
    rounded: bool = False
    attempt: str = ""


@dataclass(frozen=True, slots=True)
class PreviewPage(ConsolePage):
    """What is known before. ``stops``: sentences that say why none can be made now, empty where one can be tried.

    ``closed`` sessions are counted, ``running`` ones are not. ``people``: who answered, ``None`` where this visitor does not
    see all counters; of groups the names. ``since``: what came since the last such release, made on the day ``last``.
    ``base``: what numbers are rounded to, ``None`` where they are not. ``is_by_gender``: gender and age are shown.
    """

    wish: Wish
    scope: str
    stops: tuple[str, ...]
    closed: int
    running: int
    smallest: int
    smallest_base: int
    group_at_risk: int
    base: int | None
    is_by_gender: bool
    people: int | None = None
    is_too_small: bool = False
    folded: tuple[tuple[str, str], ...] = ()
    small: tuple[str, ...] = ()
    since: Since = "unknown"
    last: str = ""
    kinds: tuple[str, ...] = KINDS


def look_ahead(visit: DutyVisit, wish: Wish) -> PreviewPage:
    """Say of a wish without faults what is known before it is tried."""
    policy = load_policy(wish.tier)
    period = read_period(wish.period)
    projects = {one.code: one for one in structure.list_projects(visit.db) if wish.scope in {ALL, one.code}}
    within = [
        one
        for one in sessions.list_all(visit.db)
        if one.project in projects and period.first <= one.opened_on <= period.last
    ]
    closed = [one for one in within if one.closed_at is not None]
    known = _sizes(visit, closed, projects)
    foreseen = None if known is None else foresee(known, policy)
    since, last = _since(visit, wish, foreseen)
    names = _Names.of(visit)
    return PreviewPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("releases"),
        wish=wish,
        scope=names.projects.get(wish.scope, wish.scope),
        stops=tuple(_stops(visit, closed)),
        closed=len(closed),
        running=len(within) - len(closed),
        smallest=policy.smallest_count,
        smallest_base=policy.smallest_percentage_base,
        group_at_risk=policy.group_at_risk,
        base=policy.rounding_base if wish.rounded else None,
        is_by_gender=_is_by_gender(visit, policy, {projects[one.project].organisation for one in closed}),
        people=None if foreseen is None else foreseen.people,
        is_too_small=foreseen is not None and foreseen.is_too_small,
        folded=()
        if foreseen is None
        else tuple((names.place(code), names.place(lead)) for code, lead in foreseen.folded),
        small=() if foreseen is None else tuple(names.of_small(foreseen)),
        since=since,
        last=last,
    )


def _stops(visit: DutyVisit, closed: Sequence[Session]) -> Iterable[str]:
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    gone = [one.answers_deleted_on for one in closed if one.answers_deleted_on is not None]
    deleted = (say_deleted(AnswersDeleted(len(gone), max(gone))),) if gone else ()
    return [say_reason(reason, words) for reason in (*deleted, *find_faults(visit.db, head_of(visit), clock.now()))]


def _sizes(visit: DutyVisit, closed: Sequence[Session], projects: Mapping[str, Project]) -> list[Group] | None:
    """Return the groups with their sizes; ``None`` where the visitor does not see the counter of each."""
    if not {projects[one.project].organisation for one in closed} <= visit.reach("run-sessions"):
        return None
    leads = {one.code: one.lead for one in structure.list_organisations(visit.db)}
    counted = sessions.counters(visit.db, [one.code for one in closed])
    return [
        Group(
            projects[one.project].organisation,
            leads[projects[one.project].organisation],
            one.project,
            one.module,
            counted[one.code].received,
        )
        for one in closed
    ]


def _since(visit: DutyVisit, wish: Wish, foreseen: Foresight | None) -> tuple[Since, str]:
    """Say what came since the last release of the same wish, and on which day that one was made."""
    same = [
        one for one in list_readable(visit) if (one.tier, one.period, one.scope) == (wish.tier, wish.period, wish.scope)
    ]
    if not same:
        return "first", ""
    last = name_day(same[-1].created, visit.language)
    if foreseen is None:
        return "unknown", last
    return _grown(foreseen.people - sum(same[-1].responses.values()), load_policy(wish.tier)), last


def _grown(more: int, policy: Policy) -> Since:
    if more <= 0:
        return "nothing"
    return "too-few" if is_low(more, policy) else "enough"


def _is_by_gender(visit: DutyVisit, policy: Policy, organisations: Collection[str]) -> bool:
    """Say whether gender and age may be shown: not of one lead and its partners where the policy forbids that."""
    places = {one.lead or one.code for one in structure.list_organisations(visit.db) if one.code in organisations}
    return policy.shows_demographics_by_place or len(places) > 1


@dataclass(frozen=True, slots=True)
class _Names:
    places: dict[str, str]
    projects: dict[str, str]
    modules: dict[tuple[str, str], str]

    @classmethod
    def of(cls, visit: DutyVisit) -> _Names:
        return cls(
            places={one.code: one.name for one in structure.list_organisations(visit.db)},
            projects={one.code: one.name for one in structure.list_projects(visit.db)},
            modules={(one.project, one.code): one.name for one in structure.list_modules(visit.db)},
        )

    def place(self, code: str) -> str:
        return self.places.get(code, code)

    def of_small(self, foreseen: Foresight) -> Iterable[str]:
        """Give the names of what is too small, places before projects before modules."""
        yield from (self.place(code) for code in foreseen.organisations)
        yield from (self.projects[code] for code in foreseen.projects)
        yield from (
            f"{self.projects[project]} · {self.modules[project, module]}" for project, module in foreseen.modules
        )
