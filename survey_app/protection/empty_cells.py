"""Rule 4 of the disclosure specification: absent, zero and hidden are three things inside, and outside no telling of more.

Inside, a category that nobody could choose is ``NotAsked``, one that nobody chose is 0, one that is not shown is withheld.
Outside, what nobody could choose is published as 0: it says what the set-up of the project says already (this question is
not asked there). A zero that nobody could know is withheld with its group (rule 3), or where it would give a low count
away (rule 5), and then it looks like every other withheld cell: no value, and the same status.
"""

from __future__ import annotations

from survey_app.aggregation.tables import Coordinates, NotAsked
from survey_app.protection.protected import ProtectedCell, Status


def show_cell(at: Coordinates, count: int | NotAsked, status: Status, held: int | None) -> ProtectedCell:
    """Return a cell as its readers get it.

    Args:
        at: where it stands.
        count: people, or that nobody could be counted.
        status: what the rules decided; ``NotAsked`` needs no protection, whatever it says.
        held: the figure of an earlier release, for a cell that repeats it.
    """
    if isinstance(count, NotAsked):
        return ProtectedCell(at, 0, Status.PUBLISHED)
    values = {Status.PUBLISHED: count, Status.HELD: held}
    return ProtectedCell(at, values.get(status), status)
