"""What protection does to groups of known sizes, whatever was answered: all that may be told before a release is made.

How many figures would be withheld depends on the answers. Told before a release, and again after each session that is
closed, it would be a series of figures that no ledger remembers and no later release is compared with. So this sees sizes
only, and says what is sure from them; what else is withheld is said by the release, which is remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy


@dataclass(frozen=True, slots=True)
class Group:
    """A module, the project and organisation it belongs to, the lead of these, and how many people answered there."""

    organisation: str
    lead: str | None
    project: str
    module: str
    people: int


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is sure to be withheld because too few people answered; ``people``: of all groups.

    ``folded``: partner -> lead. ``organisations``, ``projects`` of other organisations and ``modules`` (project, module) of
    other projects: codes of those of which no answer is shown.
    """

    people: int
    is_too_small: bool
    folded: tuple[tuple[str, str], ...]
    organisations: tuple[str, ...]
    projects: tuple[str, ...]
    modules: tuple[tuple[str, str], ...]


def foresee(groups: Sequence[Group], policy: Policy) -> Foresight:
    """Return what rules 2 and 5 do to groups of these sizes, in every data set that they can hold."""
    of_organisations: Counter[str] = Counter()
    of_projects: Counter[str] = Counter()
    of_modules: Counter[tuple[str, str]] = Counter()
    for group in groups:
        of_organisations[group.organisation] += group.people
        of_projects[group.project] += group.people
        of_modules[group.project, group.module] += group.people
    leads = {group.organisation: group.lead for group in groups}
    owners = {group.project: group.organisation for group in groups}
    low_places = sorted(code for code, people in of_organisations.items() if is_low(people, policy))
    low_projects = sorted(code for code, people in of_projects.items() if is_low(people, policy))
    people = of_organisations.total()
    return Foresight(
        people=people,
        is_too_small=is_low(people, policy),
        folded=tuple((code, lead) for code in low_places if (lead := leads[code]) is not None),
        organisations=tuple(code for code in low_places if leads[code] is None),
        projects=tuple(code for code in low_projects if owners[code] not in low_places),
        modules=tuple(
            (project, module)
            for (project, module), counted in sorted(of_modules.items())
            if is_low(counted, policy) and project not in low_projects
        ),
    )
