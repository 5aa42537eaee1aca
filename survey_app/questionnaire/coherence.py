"""What the parts of a questionnaire must agree on: names, scales, conditions, limits, roles.

These checks read the plain document and step over whatever has no sound shape, so that every fault of a file is
reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.questionnaire.definition import Limits, OffScale
from survey_app.questionnaire.document import Document, Place, Value
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.shape import name_place, suggest

RESERVED_CODES: Final = frozenset(
    {
        "total",
        "asked",
        "answered",
        "positive",
        "negative",
        "off-scale",
        "missing",
        "chosen",
        "not-chosen",
        "undisclosed",
    }
)
"""Words that the tables of a release use beside the codes of answers."""

RESERVED_ITEMS: Final = frozenset({"title", "stem", "scale", "alike"})
"""Words that the catalogues use beside the ids of items (``amif-exit/title``)."""

BREAKDOWNS: Final[dict[str, frozenset[str]]] = {
    "age": frozenset({"under-18", "18-60", "over-60"}),
    "gender": frozenset({"female", "male", "non-binary"}),
}
"""Codes of Annex VIII of Regulation (EU) 2021/1147 (ages) and of the ESF+ table (gender)."""


def find_faults(document: Document) -> tuple[Fault, ...]:
    """Return every fault of coherence."""
    parts = _read_parts(document)
    return tuple(fault for check in _CHECKS for fault in check(parts))


@dataclass(frozen=True, slots=True)
class _Part:
    """A scale, an item or an answer with a sound id or code."""

    place: Place
    keys: dict[str, Value]

    def word(self, key: str) -> str | None:
        value = self.keys.get(key)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class _Parts:
    document: Document
    items: tuple[_Part, ...]
    scales: tuple[_Part, ...]

    def fault(self, place: Place, message: str) -> Fault:
        return self.document.fault(place, message)

    def name(self, place: Place) -> str:
        return name_place(self.document, place)

    def answers(self, owner: _Part) -> tuple[_Part, ...]:
        """Return the answers that stand in an item or a scale itself."""
        return tuple(_parts_at(self.document, (*owner.place, "answers")))

    def codes(self, item: _Part) -> frozenset[str]:
        """Return the codes that an item can be answered with."""
        owners = [scale for scale in self.scales if scale.word("id") == item.word("scale")]
        return frozenset(
            code for owner in (item, *owners) for answer in self.answers(owner) if (code := answer.word("code"))
        )


def _read_parts(document: Document) -> _Parts:
    items, scales = _parts_at(document, ("items",)), _parts_at(document, ("scales",))
    return _Parts(document, tuple(items), tuple(scales))


def _parts_at(document: Document, place: Place) -> Iterator[_Part]:
    found = document.at(place)
    for number, value in enumerate(found if isinstance(found, list) else []):
        if isinstance(value, dict):
            yield _Part((*place, number), value)


def _language_faults(parts: _Parts) -> Iterator[Fault]:
    tag = parts.document.at(("language",))
    known = [language.tag for language in RESPONDENT_LANGUAGES]
    if isinstance(tag, str) and tag not in known:
        mend = suggest(tag, known) or f" Use one of {', '.join(known)}."
        yield parts.fault(("language",), f'the language "{tag}" is not in the language table.{mend}')


def _repeated_names(parts: _Parts) -> Iterator[Fault]:
    for kind, found in (("item", parts.items), ("scale", parts.scales)):
        seen: set[str] = set()
        for part in found:
            name = part.word("id")
            if name in seen:
                mend = f"Give each {kind} its own id."
                yield parts.fault((*part.place, "id"), f'the id "{name}" is used by two {kind}s. {mend}')
            elif name:
                seen.add(name)


def _reserved_items(parts: _Parts) -> Iterator[Fault]:
    for item in parts.items:
        if item.word("id") in RESERVED_ITEMS:
            message = f'an item can\'t be called "{item.word("id")}": the catalogues use that word. Choose another id.'
            yield parts.fault((*item.place, "id"), message)


def _answer_codes(parts: _Parts) -> Iterator[Fault]:
    for owner in (*parts.scales, *parts.items):
        seen: set[str] = set()
        for answer in parts.answers(owner):
            code, place = answer.word("code"), (*answer.place, "code")
            if not code:
                continue
            name = parts.name(owner.place)
            if code in seen:
                yield parts.fault(place, f'{name} repeats answer "{code}". Give each answer its own code.')
            elif code in frozenset(OffScale):
                message = f'{name} has the answer "{code}", which stands beside every question anyway. Delete it.'
                yield parts.fault(place, message)
            elif code in RESERVED_CODES:
                message = f'{name} has the answer "{code}", a word of the result tables. Choose another code.'
                yield parts.fault(place, message)
            seen.add(code)


def _empty_keys(parts: _Parts) -> Iterator[Fault]:
    """A key that may be left out may not be left empty: a condition that got lost would ask everybody."""
    answers = [answer for owner in (*parts.scales, *parts.items) for answer in parts.answers(owner)]
    whole = parts.document.value
    for part in (*([_Part((), whole)] if isinstance(whole, dict) else ()), *parts.items, *answers):
        for key in ("stem", "example", "activity", "ask_if", "role", "counts_as"):
            if key in part.keys and part.keys[key] is None:
                message = f'{parts.name(part.place)}: "{key}" is empty. Write a value, or delete the key.'
                yield parts.fault((*part.place, key), message)


def _unknown_scales(parts: _Parts) -> Iterator[Fault]:
    known = [name for scale in parts.scales if (name := scale.word("id"))]
    for item in parts.items:
        scale = item.word("scale")
        if scale and item.word("type") == "scale" and scale not in known:
            mend = suggest(scale, known) or (f" Use one of {', '.join(known)}." if known else " Write it under scales.")
            yield parts.fault(
                (*item.place, "scale"), f'{parts.name(item.place)} has the unknown scale "{scale}".{mend}'
            )


def _sides(parts: _Parts) -> Iterator[Fault]:
    """The sides of a scale: all of its answers count, the positive ones first, or none does."""
    for scale in parts.scales:
        sides = [answer.word("counts_as") for answer in parts.answers(scale)]
        name = parts.name(scale.place)
        if any(sides) and not all(sides):
            message = f'{name} says "counts_as" for some of its answers only. Say it for each answer, or for none.'
            yield parts.fault(scale.place, message)
        elif any(sides) and set(sides) <= {"positive", "negative"} and len(set(sides)) == 1:
            message = f"all answers of {name} count as {sides[0]}. Give it answers of both sides."
            yield parts.fault(scale.place, message)
        elif any(sides) and sides != sorted(sides, key=lambda side: side != "positive"):
            message = (
                f"{name} has a positive answer after a negative one. Order the answers from the most to the least."
            )
            yield parts.fault(scale.place, message)
    for item in parts.items:
        for answer in parts.answers(item):
            if answer.word("counts_as"):
                message = f'{parts.name(answer.place)} has "counts_as", which only a scale\'s answers have. Delete it.'
                yield parts.fault((*answer.place, "counts_as"), message)


def _roles(parts: _Parts) -> Iterator[Fault]:
    """Who feeds the European breakdown: one item each, asked of everybody, with the codes of the law."""
    first: dict[str, str] = {}
    for item in parts.items:
        role, name = item.word("role"), parts.name(item.place)
        if role not in {"age", "gender", "indicator"}:
            continue
        if role in first:
            message = f'{name} has the role "{role}", as {first[role]} has. Keep the role at one of them.'
            yield parts.fault((*item.place, "role"), message)
        first.setdefault(role, name)
        for key in ("activity", "ask_if"):
            if item.keys.get(key) is not None:
                message = f'{name} has the role "{role}" and is asked of everybody. Delete "{key}".'
                yield parts.fault((*item.place, key), message)
        yield from _role_answers(parts, item, role)


def _role_answers(parts: _Parts, item: _Part, role: str) -> Iterator[Fault]:
    codes, name = parts.codes(item), parts.name(item.place)
    if role in BREAKDOWNS and codes and codes != BREAKDOWNS[role]:
        wanted = ", ".join(sorted(BREAKDOWNS[role]))
        message = f'{name} has the role "{role}", whose answers feed the EU breakdown. Use exactly the codes {wanted}.'
        yield parts.fault((*item.place, "answers"), message)
    scale = next((scale for scale in parts.scales if scale.word("id") == item.word("scale")), None)
    if role == "indicator" and scale and not any(answer.word("counts_as") for answer in parts.answers(scale)):
        message = f'{name} has the role "indicator", but its scale does not say which answers are positive. '
        yield parts.fault((*item.place, "scale"), message + 'Add "counts_as" to each answer of the scale.')


def _conditions(parts: _Parts) -> Iterator[Fault]:
    earlier: dict[str, _Part] = {}
    for item in parts.items:
        for place, claim in _claims(item.keys.get("ask_if"), (*item.place, "ask_if")):
            yield from _claim_faults(parts, item, place, claim, earlier)
        if name := item.word("id"):
            earlier.setdefault(name, item)


def _claims(rule: Value, place: Place) -> Iterator[tuple[Place, dict[str, Value]]]:
    """Walk to every ``{item, is_one_of}`` of a condition."""
    if not isinstance(rule, dict):
        return
    if "item" in rule:
        yield place, rule
    for key in ("all", "any"):
        inner = rule.get(key)
        for number, value in enumerate(inner if isinstance(inner, list) else []):
            yield from _claims(value, (*place, key, number))
    yield from _claims(rule.get("not"), (*place, "not"))


def _claim_faults(
    parts: _Parts, item: _Part, place: Place, claim: dict[str, Value], earlier: dict[str, _Part]
) -> Iterator[Fault]:
    everyone = frozenset(name for part in parts.items if (name := part.word("id")))
    name, about = parts.name(item.place), claim.get("item")
    if not isinstance(about, str):
        return
    if about not in everyone:
        mend = suggest(about, everyone) or " Name an item that is asked earlier."
        yield parts.fault((*place, "item"), f'{name} asks about the unknown item "{about}".{mend}')
    elif about == item.word("id"):
        message = f"{name} is asked on its own answer. Name an item that is asked earlier."
        yield parts.fault((*place, "item"), message)
    elif about not in earlier:
        message = f'{name} asks about "{about}", which is asked later. Move "{about}" before it.'
        yield parts.fault((*place, "item"), message)
    else:
        yield from _code_faults(parts, item, place, claim, earlier[about])


def _code_faults(parts: _Parts, item: _Part, place: Place, claim: dict[str, Value], asked: _Part) -> Iterator[Fault]:
    codes, known = claim.get("is_one_of"), parts.codes(asked)
    for number, code in enumerate(codes if isinstance(codes, list) else []):
        if isinstance(code, str) and code not in known:
            has = f" It has {', '.join(sorted(known))}." if known else " It has no answers to choose."
            message = (
                f'{parts.name(item.place)} asks about the answer "{code}", which item "{asked.word("id")}" has not.'
            )
            yield parts.fault((*place, "is_one_of", number), message + (suggest(code, known) or has))


def _comments(parts: _Parts) -> Iterator[Fault]:
    """One comment, asked of everybody: one that only some are asked for would say what they answered."""
    found = [item for item in parts.items if item.word("type") == "comment"]
    for item in found:
        name = parts.name(item.place)
        if item.keys.get("ask_if") is not None:
            message = f"{name} is a comment, and whoever is asked for it would be known by an answer."
            yield parts.fault((*item.place, "ask_if"), f'{message} Delete "ask_if".')
        if item is not found[0]:
            message = f"{name} is a second comment. Keep one."
            yield parts.fault(item.place, message)


def _too_many(parts: _Parts) -> Iterator[Fault]:
    """Limits of one session, for the project that legally chooses the most (domain.md, section 3: 8 items, a comment)."""
    most = {key: _limit(parts.document, key) for key in ("items", "domains")}
    fixed = [item for item in _counted(parts) if item.keys.get("activity") is None]
    fixed_domains = sum(item.word("role") == "domain" for item in fixed)
    if fixed_domains > most["domains"]:
        message = f"{fixed_domains} items of domains are asked everywhere, but limits.domains is {most['domains']}. "
        yield parts.fault(("limits", "domains"), message + "Give some of them an activity, or raise the limit.")
        return
    chosen = _most_chosen(parts, room=most["domains"] - fixed_domains)
    asked = len(fixed) + chosen
    if asked > most["items"]:
        message = f"up to {asked} items are asked in one session, but limits.items is {most['items']}. "
        yield parts.fault(("limits", "items"), message + "Delete items, or lower limits.domains.")


def _counted(parts: _Parts) -> Iterator[_Part]:
    """Give the items that limits count: a comment is asked beside them."""
    return (item for item in parts.items if item.word("type") != "comment")


def _most_chosen(parts: _Parts, room: int) -> int:
    """Return how many items the fullest choice of activities asks, with at most ``room`` items of domains."""
    groups: dict[str, list[bool]] = {}
    for item in _counted(parts):
        if activity := item.word("activity"):
            groups.setdefault(activity, []).append(item.word("role") == "domain")
    best = [0] * (room + 1)
    for group in groups.values():
        domains, items = sum(group), len(group)
        best = [max(best[r], best[r - domains] + items) if domains <= r else best[r] for r in range(room + 1)]
    return best[room]


def _limit(document: Document, key: str) -> int:
    value = document.at(("limits", key))
    return value if isinstance(value, int) else int(Limits.model_fields[key].default)


def _file_name(parts: _Parts) -> Iterator[Fault]:
    name, version = parts.document.at(("id",)), parts.document.at(("version",))
    if isinstance(name, str) and isinstance(version, int):
        wanted = f"{name}.v{version}.yaml"
        if parts.document.path.name != wanted:
            yield parts.fault(("id",), f'the file of "{name}" version {version} must be named {wanted}. Rename it.')


_CHECKS: Final[tuple[Callable[[_Parts], Iterator[Fault]], ...]] = (
    _file_name,
    _language_faults,
    _repeated_names,
    _reserved_items,
    _answer_codes,
    _empty_keys,
    _unknown_scales,
    _sides,
    _roles,
    _conditions,
    _comments,
    _too_many,
)
