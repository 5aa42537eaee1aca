"""Percentages are figures too (rule 2): of published counts only, and only of enough answers."""

from __future__ import annotations

from survey_app.protection.protected import ProtectedCell, Status


def percentage_of(part: ProtectedCell, whole: ProtectedCell, smallest_base: int) -> float | None:
    """Return 100 x part / whole, or ``None`` where it is withheld.

    It is withheld where either count is not of this release (withheld, or held from an earlier one: a mixture of two
    releases would be neither), or the whole is below ``smallest_base`` people (the policy's ``smallest_percentage_base``). Of
    two rounded counts it is as rough as they are, and tells no more.
    """
    if part.status is not whole.status or whole.status not in {Status.PUBLISHED, Status.ROUNDED}:
        return None
    if part.value is None or whole.value is None or whole.value < max(smallest_base, 1):
        return None
    return 100.0 * part.value / whole.value
