"""Who may do what, and where: the one place that knows.

A member of staff holds posts. A post is a role at one organisation, or at no organisation for those who work for all of
them (POD MI, the administrator of the installation). ``RIGHTS`` says for each right which roles hold it, and how far it
reaches from the organisation of the post. Nobody has a right to one person's answers: there is none to give.

Commands of ``survey-app`` ask nobody: whoever has a shell on the machine has its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, get_args

from survey_app.fieldwork.structure import Organisation

Role = Literal["facilitator", "manager", "reviewer", "editor", "administrator"]
Right = Literal[
    "run-sessions",
    "set-up",
    "add-organisations",
    "see-releases",
    "release-inside",
    "release-network",
    "release-public",
    "return-indicator",
    "review-releases",
    "review-comments",
    "key-in-papers",
    "keep-tablets",
    "edit-languages",
    "manage-staff",
    "keep-keys",
    "back-up",
    "read-log",
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
AT_AN_ORGANISATION: Final[frozenset[Role]] = frozenset({"facilitator", "manager"})
"""Roles whose posts name an organisation; those of the others never do."""


class Reach(Enum):
    """How far a right reaches from the organisation of the post that gives it."""

    OWN = "own"
    PARTNERS = "own and its partners"
    ALL = "every organisation"


RIGHTS: Final[Mapping[Right, Mapping[Role, Reach]]] = {
    # A colleague takes over when a facilitator is ill: the sessions are those of the organisation.
    "run-sessions": {"facilitator": Reach.OWN, "manager": Reach.PARTNERS},
    "set-up": {"manager": Reach.PARTNERS},
    "add-organisations": {"administrator": Reach.ALL},
    "see-releases": {"manager": Reach.PARTNERS, "reviewer": Reach.ALL},
    "release-inside": {"manager": Reach.PARTNERS},
    "release-network": {"reviewer": Reach.ALL},
    "release-public": {"reviewer": Reach.ALL},
    "return-indicator": {"reviewer": Reach.ALL},
    # Remarks on releases, and the exchange of releases with other instances.
    "review-releases": {"reviewer": Reach.ALL},
    # Never a facilitator: who sat in the room knows the voices.
    "review-comments": {"manager": Reach.PARTNERS, "reviewer": Reach.ALL},
    # Never a facilitator: people were promised that their assistant does not see their answer.
    "key-in-papers": {"manager": Reach.PARTNERS},
    "keep-tablets": {"facilitator": Reach.OWN, "manager": Reach.PARTNERS, "administrator": Reach.ALL},
    "edit-languages": {"editor": Reach.ALL},
    "manage-staff": {"administrator": Reach.ALL},
    "keep-keys": {"administrator": Reach.ALL},
    "back-up": {"administrator": Reach.ALL},
    "read-log": {"administrator": Reach.ALL},
}


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """A role at an organisation (its code), or ``""`` where the role is for all of them."""

    role: Role
    organisation: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether an organisation is named exactly where the role needs one."""
        return (self.role in AT_AN_ORGANISATION) == bool(self.organisation)


def may(posts: Iterable[Post], right: Right) -> bool:
    """Say whether these posts give a right anywhere."""
    return any(post.role in RIGHTS[right] for post in posts)


def rights_of(posts: Iterable[Post]) -> frozenset[Right]:
    """Return every right that these posts give somewhere."""
    held = tuple(posts)
    return frozenset(right for right in RIGHTS if may(held, right))


def find_reach(posts: Iterable[Post], right: Right, organisations: Iterable[Organisation]) -> frozenset[str]:
    """Return the codes of the organisations for which these posts give a right."""
    there = tuple(organisations)
    reached: set[str] = set()
    for post in posts:
        reach = RIGHTS[right].get(post.role)
        if reach is not None:
            reached.update(one.code for one in there if _is_reached(one, post.organisation, reach))
    return frozenset(reached)


def _is_reached(organisation: Organisation, home: str, reach: Reach) -> bool:
    if reach is Reach.ALL or organisation.code == home:
        return True
    return reach is Reach.PARTNERS and organisation.lead == home
