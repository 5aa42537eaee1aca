"""What aggregation is told: plain facts, checked once, without a type of any other room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["scale", "single", "several"]

NOT_UNDERSTOOD = "not-understood"
NOT_FOR_ME = "not-for-me"
NO_ANSWER = "no-answer"
MISSING = "missing"
OFF_SCALE_ANSWERS = (NOT_UNDERSTOOD, NOT_FOR_ME, NO_ANSWER, MISSING)

FINISHED, MET, LEFT = "finished", "met", "left"
FAST, UNHURRIED = "fast", "unhurried"
REPLAYED_NEVER, REPLAYED_ONCE, REPLAYED_MORE = "replayed-never", "replayed-once", "replayed-more"
QUICK, USUAL, LONG = "quick", "usual", "long"
TALLIED_OF_THE_FORM = frozenset({FINISHED, FAST, UNHURRIED})
TALLIED = frozenset({*TALLIED_OF_THE_FORM, MET, LEFT, REPLAYED_ONCE, REPLAYED_MORE, QUICK, LONG})

GENDERS = ("female", "male", "non-binary")
AGES = ("under-18", "18-60", "over-60")
UNDISCLOSED = "undisclosed"

OTHER_LANGUAGE = "other-language"

MODES = ("alone", "with-helper", "paper")

RESERVED_ANSWERS = frozenset(
    {"total", "answered", "positive", "negative", "off-scale", "other-answers", *OFF_SCALE_ANSWERS}
)
ALIKE = "alike"
"""What stands in place of an item where a table tells how alike the answers of each person are."""


class ContradictoryFacts(ValueError):  # noqa: N818  # it names what is wrong, as its message does
    """The facts do not fit together, so that no count can be trusted. The message never holds an answer."""


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An item as aggregation sees it.

    ``answers``: its codes in reading order (for a scale from the most to the least). ``positive`` and ``negative``: the
    codes of a scale that count as such; both empty for other kinds. ``scale`` and ``scale_version``: only for a scale.
    ``role``: ``indicator`` (R.2.9), ``gender``, ``age``, or any other word, which changes nothing here.
    """

    id: str
    kind: Kind
    answers: tuple[str, ...]
    role: str = ""
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    scale: str = ""
    scale_version: int = 0

    def __post_init__(self) -> None:
        """Refuse codes that would be counted twice or be taken for a sum."""
        codes = set(self.answers)
        if not self.answers or len(codes) != len(self.answers):
            raise ContradictoryFacts(f'item "{self.id}": needs answers, each with its own code')
        if self.id == ALIKE:
            raise ContradictoryFacts(f'item "{ALIKE}": tables of answers that are all alike have this name')
        if codes & RESERVED_ANSWERS:
            raise ContradictoryFacts(f'item "{self.id}": {sorted(codes & RESERVED_ANSWERS)} are names of sums')
        if not {*self.positive, *self.negative} <= codes or set(self.positive) & set(self.negative):
            raise ContradictoryFacts(f'item "{self.id}": an answer counts as positive, as negative or as neither')
        if (self.kind == "scale") != bool(self.scale and self.scale_version):
            raise ContradictoryFacts(f'item "{self.id}": a scale, and only a scale, has a scale id and version')
        known = {"gender": GENDERS, "age": AGES}.get(self.role)
        if known is not None and (self.kind != "single" or not codes <= set(known)):
            raise ContradictoryFacts(f'item "{self.id}": role {self.role} is a single choice among {list(known)}')


@dataclass(frozen=True, slots=True)
class QuestionnaireFact:
    """One version of a questionnaire: its items in the order in which they are asked."""

    id: str
    version: int
    items: tuple[ItemFact, ...]


@dataclass(frozen=True, slots=True)
class SessionFact:
    """A closed session: who held it, on what, and the ids of the items that it asked.

    ``organisation``: the code of the organisation that held it; ``lead``: of its lead, ``None`` for a lead itself.
    """

    code: str
    organisation: str
    lead: str | None
    project: str
    module: str
    questionnaire: str
    version: int
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """People in an organisation's own register for a project, of one gender and age bracket; typed in by staff."""

    project: str
    gender: str
    age: str
    people: int

    def __post_init__(self) -> None:
        """Refuse a bracket that no table has, and a negative count."""
        if self.gender not in {*GENDERS, UNDISCLOSED} or self.age not in {*AGES, UNDISCLOSED}:
            raise ContradictoryFacts(f'register of project "{self.project}": unknown gender or age bracket')
        if self.people < 0:
            raise ContradictoryFacts(f'register of project "{self.project}": fewer than no people')


@dataclass(frozen=True, slots=True)
class TallyFact:
    """A sum of a session: ``people`` who did something at an item (``""``: at the whole form). See ``MEASURES``."""

    session: str
    item: str
    measure: str
    people: int

    def __post_init__(self) -> None:
        """Refuse a measure that no table has, and a negative count."""
        if self.people < 0 or (self.measure in TALLIED_OF_THE_FORM) != (not self.item) or self.measure not in TALLIED:
            raise ContradictoryFacts(f"session {self.session}: a sum that no tablet counts")


@dataclass(frozen=True, slots=True)
class ResponseFact:
    """One response: ``answers`` holds a code, or codes for several choices; ``off_scale`` one of the three reasons.

    ``mode``: how the person answered, one of ``MODES``.
    """

    session: str
    answers: Mapping[str, str | Sequence[str]]
    off_scale: Mapping[str, str]
    language: str = ""
    mode: str = MODES[0]


class ResponseDocument(NamedTuple):
    """One response as it is stored: a JSON object with the members ``answers``, ``off_scale``, ``language`` and ``mode``."""

    session: str
    body: str | bytes


@dataclass(frozen=True, slots=True)
class OneProject:
    """The scope of a release about a single project. The other scope is ``None``: all organisations."""

    organisation: str
    project: str


@dataclass(frozen=True, slots=True)
class Population:
    """Whom a release counts: the closed sessions of a period (``2026-H1``) in a scope, and what is known about them.

    ``questionnaires`` holds each version that a session used. ``registers`` may hold other projects: they are left out.
    ``languages``: codes that understanding is broken down by, none: it is not; whoever used another one is counted under
    ``other-language``. ``tallies``: sums of these sessions; those of an item that is not counted are left out.
    """

    period: str
    scope: OneProject | None
    sessions: tuple[SessionFact, ...]
    questionnaires: tuple[QuestionnaireFact, ...]
    registers: tuple[RegisterFact, ...] = ()
    languages: tuple[str, ...] = ()
    tallies: tuple[TallyFact, ...] = ()


@dataclass(frozen=True, slots=True)
class NothingToCount:
    """No closed session lies in the scope, so there is no population and no release."""

    period: str
    scope: OneProject | None
