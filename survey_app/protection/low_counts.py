"""Rule 2 of the disclosure specification: a published count of persons is 0 or at least ``policy.smallest_count``."""

from __future__ import annotations

from survey_app.protection.policy import Policy


def is_low(people: int, policy: Policy) -> bool:
    """Say whether a count of persons is too small to be published; 0 is not (rule 4 looks after zeros that disclose)."""
    return 0 < people < policy.smallest_count
