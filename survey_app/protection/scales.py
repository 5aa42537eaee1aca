"""Items of earlier releases under the codes by which the release that is being made counts them.

An item stands under its own code where everybody was asked it with one scale (``helpful``), and under its code with the
scale where two meet (``helpful@much-4-1``). So the same people are counted under two codes, before a scale was changed and
after. Whoever reads both releases knows that; so does the comparison.
"""

from __future__ import annotations

from survey_app.aggregation.tables import TOTAL, LinkedTables
from survey_app.protection.cohorts import Cohorts, People
from survey_app.protection.protected import EarlierRelease


def code_now(code: str, counted: Cohorts, linked: LinkedTables, people: People) -> str | None:
    """Return the code by which an item is counted now; ``None`` where nobody of now was asked it so.

    Args:
        code: the one of an earlier release: an item, with its scale where two met, and its option where it has several.
        counted: whom that release counted.
        linked: the counts of now.
        people: the cohorts of both.
    """
    whole, colon, option = code.partition(":")
    item, _, scale = whole.partition("@")
    ways = linked.scales.get(item, {})
    if not ways:
        return code
    if scale:
        met = {scale} & ways.keys()
    elif len(ways) == 1:
        met = set(ways)  # told of one scale, counted with one: whom both count were asked with the same
    else:
        now = counted & people.now
        met = {way for way, sessions in ways.items() if now & people.of_sessions(sessions)}
    if len(met) != 1:
        return None
    return (item if len(ways) == 1 else f"{item}@{met.pop()}") + colon + option


def asked_otherwise(code: str, release: EarlierRelease, people: People) -> Cohorts:
    """Return who surely was asked an item with another scale than a code of an earlier release has: by its projects.

    A table has a row for each project that was asked so, and no other.
    """
    item, at, _ = code.partition(":")[0].partition("@")
    if not at:
        return 0
    asked = {
        (cell.at.item, cell.at.project)
        for cell in release.cells
        if cell.at.item.partition("@")[0] == item and cell.at.project not in {"", TOTAL}
    }
    own = {project for other, project in asked if other == code}
    return people.of_projects(release, frozenset(project for _, project in asked if own and project not in own))
