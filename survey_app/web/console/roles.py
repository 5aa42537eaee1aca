"""Who may do what: the one place that knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from survey_app.storage.staff import Role

Right = Literal["run-sessions", "release-inside", "release-outside", "return-indicator"]

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "administrator": frozenset({"run-sessions", "release-inside", "release-outside", "return-indicator"}),
    "manager": frozenset({"run-sessions", "release-inside"}),
    "reporter": frozenset(
        {"run-sessions", "release-inside", "return-indicator"}
    ),  # sends R.2.9 to the managing authority
}
TIER_NEEDS: Final[Mapping[str, Right]] = {
    "inside": "release-inside",
    "network": "release-outside",
    "public": "release-outside",
}


def may(role: Role, right: Right) -> bool:
    """Say whether a role has a right."""
    return right in RIGHTS[role]


def tiers_of(role: Role) -> tuple[str, ...]:
    """Return the tiers that a role may release, the narrowest first."""
    return tuple(tier for tier, right in TIER_NEEDS.items() if may(role, right))
