"""How each item is broken down, and which sessions can be counted together for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_app.aggregation.facts import (
    AGES,
    GENDERS,
    OFF_SCALE_ANSWERS,
    UNDISCLOSED,
    ContradictoryFacts,
    ItemFact,
    QuestionnaireFact,
    SessionFact,
)
from survey_app.aggregation.tables import TOTAL, Axis

CHOSEN, NOT_CHOSEN = "chosen", "not-chosen"

GENDER_AXIS = Axis("gender", dict.fromkeys((*GENDERS, UNDISCLOSED), TOTAL))
AGE_AXIS = Axis("age", dict.fromkeys((*AGES, UNDISCLOSED), TOTAL))


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One figure's split of the people who were asked: an item, or one option of an item with several choices.

    ``code`` stands in the column ``item``: ``helpful``; ``helpful@much-4-1`` where two scales would meet in one figure;
    ``change:slower`` for an option. ``scale``: what is behind the ``@``, whether it is shown or not. ``is_on_scale``: its
    answers are those of a scale.
    """

    code: str
    item: str
    option: str
    answers: tuple[str, ...]
    axis: Axis
    is_indicator: bool = False
    scale: str = ""
    is_on_scale: bool = False

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the answers and then the off-scale answers: each person who was asked is in exactly one."""
        return self.axis.leaves


@dataclass(frozen=True, slots=True)
class Asked:
    """What sessions of one questionnaire, version and set of asked items have in common."""

    breakdowns: tuple[Breakdown, ...]
    gender: ItemFact | None
    age: ItemFact | None

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of everything that is counted in these sessions."""
        return frozenset(breakdown.code for breakdown in self.breakdowns)


Layout = tuple[str, int, frozenset[str]]  # questionnaire, version, ids of the items asked


def answer_axis(item: ItemFact) -> Axis:
    """Return the tree that an item's answers add up in: answered, positive, negative, off-scale."""
    parents = {"answered": TOTAL}
    for side, codes in (("positive", item.positive), ("negative", item.negative)):
        if codes:
            parents[side] = "answered"
            parents.update(dict.fromkeys((code for code in item.answers if code in codes), side))
    neither = [code for code in item.answers if code not in parents]
    parents.update(dict.fromkeys(neither, "answered"))
    return _with_off_scale(parents)


def option_axis() -> Axis:
    """Return the tree of one option among several: chosen or not by those who answered."""
    return _with_off_scale({"answered": TOTAL, CHOSEN: "answered", NOT_CHOSEN: "answered"})


def _with_off_scale(parents: dict[str, str]) -> Axis:
    off_scale = {"off-scale": TOTAL, **dict.fromkeys(OFF_SCALE_ANSWERS, "off-scale")}
    return Axis("answer", {**parents, **off_scale})


def layout_of(session: SessionFact) -> Layout:
    """Return what decides how a response of this session is read."""
    return session.questionnaire, session.version, session.asked


def break_down(sessions: Sequence[SessionFact], questionnaires: Iterable[QuestionnaireFact]) -> Mapping[Layout, Asked]:
    """Return what each kind of session counts.

    Items of one id whose scale (or list of answers) differs between sessions never meet in one figure: each becomes an
    item of its own, with its scale in its code.

    Raises ``ContradictoryFacts`` where a session names a questionnaire or an item that is not among the facts.
    """
    known = {(fact.id, fact.version): fact for fact in questionnaires}
    asked = {layout: _items_asked(layout, known) for layout in sorted({layout_of(s) for s in sessions}, key=_order)}
    scales = _scales(asked)
    return {
        layout: Asked(
            breakdowns=tuple(b for item in items if item.role not in {"gender", "age"} for b in _splits(item, scales)),
            gender=next((item for item in items if item.role == "gender"), None),
            age=next((item for item in items if item.role == "age"), None),
        )
        for layout, items in asked.items()
    }


def in_reading_order(asked: Iterable[Asked], questionnaires: Iterable[QuestionnaireFact]) -> tuple[Breakdown, ...]:
    """Return every breakdown once, in the order in which the questionnaires ask."""
    items = [item.id for questionnaire in questionnaires for item in questionnaire.items]
    positions = {item: position for position, item in enumerate(dict.fromkeys(items))}
    found = {breakdown.code: breakdown for each in asked for breakdown in each.breakdowns}
    return tuple(sorted(found.values(), key=lambda breakdown: positions[breakdown.item]))


def _order(layout: Layout) -> tuple[str, int, list[str]]:
    questionnaire, version, asked = layout
    return questionnaire, version, sorted(asked)


def _items_asked(layout: Layout, known: Mapping[tuple[str, int], QuestionnaireFact]) -> tuple[ItemFact, ...]:
    questionnaire, version, asked = layout
    fact = known.get((questionnaire, version))
    if fact is None:
        raise ContradictoryFacts(f'a session uses questionnaire "{questionnaire}" version {version}, which is unknown')
    items = tuple(item for item in fact.items if item.id in asked)
    if len(items) != len(asked):
        strange = sorted(asked - {item.id for item in items})
        raise ContradictoryFacts(f'questionnaire "{questionnaire}" version {version} has no items {strange}')
    return items


def _signature(item: ItemFact) -> tuple[object, ...]:
    if item.kind == "scale":
        return item.kind, item.scale, item.scale_version
    if item.kind == "single":
        return item.kind, item.answers
    return (item.kind,)


_Scales = Mapping[str, Mapping[tuple[object, ...], str]]


def _scales(asked: Mapping[Layout, Sequence[ItemFact]]) -> _Scales:
    """Return, by the id of each item, what its scale is called under each signature."""
    seen: dict[str, dict[tuple[object, ...], str]] = {}
    facts: dict[tuple[str, tuple[object, ...]], ItemFact] = {}
    for (questionnaire, version, _asked), items in asked.items():
        for item in items:
            signature = _signature(item)
            same = facts.setdefault((item.id, signature), item)
            if item.kind == "scale" and answer_axis(same) != answer_axis(item):
                raise ContradictoryFacts(f'item "{item.id}": two forms of scale "{item.scale}" {item.scale_version}')
            suffix = f"{item.scale}-{item.scale_version}" if item.kind == "scale" else f"{questionnaire}-{version}"
            seen.setdefault(item.id, {}).setdefault(signature, suffix)
    return seen


def _splits(item: ItemFact, scales: _Scales) -> Iterable[Breakdown]:
    """Yield what is counted of an item: under its id, and its scale too where the id has several."""
    scale = scales[item.id][_signature(item)]
    code = item.id if len(scales[item.id]) == 1 else f"{item.id}@{scale}"
    if item.kind == "several":
        for option in item.answers:
            yield Breakdown(f"{code}:{option}", item.id, option, (CHOSEN, NOT_CHOSEN), option_axis(), scale=scale)
        return
    # The axis lists positive answers before negative ones: leaves follow it.
    axis = answer_axis(item)
    answers = tuple(leaf for leaf in axis.leaves if leaf in item.answers)
    is_indicator, is_on_scale = item.role == "indicator", item.kind == "scale"
    yield Breakdown(code, item.id, "", answers, axis, is_indicator, scale, is_on_scale)
