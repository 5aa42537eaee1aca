"""The shape of a questionnaire: which keys stand where and what they hold, each fault as one plain sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from survey_app.questionnaire import definition
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import Document, Place
from survey_app.questionnaire.faults import Fault

_ITEMS: Final[dict[str, type[BaseModel]]] = {
    "scale": definition.ScaleItem,
    "single": definition.SingleItem,
    "several": definition.SeveralItem,
    "comment": definition.CommentItem,
}
_RULES: Final[dict[str, type[BaseModel]]] = {
    "rule:is": definition.Is,
    "rule:all": definition.All,
    "rule:any": definition.AnyOf,
    "rule:not": definition.Not,
}
_PARTS: Final[dict[str, type[BaseModel]]] = {
    "limits": definition.Limits,
    "scales": definition.Scale,
    "answers": definition.Answer,
}
_CONDITION: Final = 'Write {item: ..., is_one_of: [...]}, or "all", "any" or "not" before other conditions.'


def parse_shape(document: Document) -> Questionnaire | tuple[Fault, ...]:
    """Return the questionnaire, or every fault of its shape."""
    try:
        # Through JSON, pydantic's strict mode takes a list for a tuple and nothing else for anything else.
        return Questionnaire.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        found = [_sentence(detail, document) for detail in error.errors(include_url=False)]
        return tuple(fault for fault in found if fault is not None)


def name_place(document: Document, place: Place) -> str:
    """Say where a place is, as its writer would: ``item "housing", answer "yes"``."""
    names = {"items": ("item", "id"), "scales": ("scale", "id"), "answers": ("answer", "code")}
    parts = []
    for depth, step in enumerate(place):
        if not isinstance(step, int) or depth == 0 or place[depth - 1] not in names:
            continue
        word, key = names[str(place[depth - 1])]
        own = document.at((*place[: depth + 1], key))
        parts.append(f'{word} "{own}"' if isinstance(own, str) else f"{word} number {step + 1}")
    whole = "limits" if place and place[0] == "limits" else "the questionnaire"
    return ", ".join(parts) or whole


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?``, or nothing where no known word is near."""
    near = get_close_matches(word, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _sentence(detail: ErrorDetails, document: Document) -> Fault | None:
    tagged = detail["loc"]
    place = _without_tags(tagged)
    if _is_echo(detail, document, place):
        return None
    write = _SENTENCES.get(detail["type"], _other)
    return document.fault(place, write(detail, document, place))


def _without_tags(tagged: tuple[int | str, ...]) -> Place:
    """Leave out the names of types that pydantic puts between the keys of the document."""
    return tuple(
        step
        for depth, step in enumerate(tagged)
        if not str(step).startswith("rule:") and not (depth == 2 and tagged[0] == "items")  # noqa: PLR2004 - items, n, type
    )


def _is_echo(detail: ErrorDetails, document: Document, place: Place) -> bool:
    """Pydantic calls a list too short when its elements are faulty; those are reported already."""
    value = document.at(place)
    return detail["type"] == "too_short" and isinstance(value, list) and len(value) >= detail["ctx"]["min_length"]


def _owner(tagged: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the type whose keys stand where ``tagged`` ends."""
    owner: type[BaseModel] = Questionnaire
    for depth, step in enumerate(tagged[:-1]):
        if depth == 2 and tagged[0] == "items":  # noqa: PLR2004 - items, n, type
            owner = _ITEMS[str(step)]
        elif step in _RULES:
            owner = _RULES[str(step)]
        elif step in _PARTS:
            owner = _PARTS[str(step)]
    return owner


def _keys(owner: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()]


def _unknown_key(detail: ErrorDetails, document: Document, place: Place) -> str:
    keys = _keys(_owner(detail["loc"]))
    key = str(place[-1])
    mend = suggest(key, keys) or f" Keys here are {', '.join(keys)}."
    return f'{name_place(document, place)} has the unknown key "{key}".{mend}'


def _missing(_: ErrorDetails, document: Document, place: Place) -> str:
    return f'{name_place(document, place[:-1])} has no "{place[-1]}". Add it.'


def _not_text(_: ErrorDetails, document: Document, place: Place) -> str:
    value = document.at(place)
    if isinstance(value, list | dict):
        return f"{_key_of(document, place)} must be text, not a list or keys of its own. Write one text there."
    if value is None:
        return f"{_key_of(document, place)} is empty. Write a text, or delete the key."
    written = str(value).lower() if isinstance(value, bool) else value
    return f'{_key_of(document, place)} must be text. Put it in quotes: "{written}".'


def _not_a_number(_: ErrorDetails, document: Document, place: Place) -> str:
    return f"{_key_of(document, place)} must be a whole number without quotes, for example 1. Write it so."


def _outside(detail: ErrorDetails, document: Document, place: Place) -> str:
    least, most = detail["ctx"].get("ge"), detail["ctx"].get("le")
    mend = f"at least {least}" if least is not None else f"at most {most}"
    return f"{_key_of(document, place)} is {document.at(place)}. Write {mend}."


def _not_a_code(_: ErrorDetails, document: Document, place: Place) -> str:
    return (
        f'{_key_of(document, place)} is "{document.at(place)}". '
        'Use only small letters without accents, digits and hyphens between them, for example "a-lot".'
    )


def _empty(_: ErrorDetails, document: Document, place: Place) -> str:
    return f"{_key_of(document, place)} is empty. Write a text, or delete the key."


def _too_long(detail: ErrorDetails, document: Document, place: Place) -> str:
    value = document.at(place)
    most = detail["ctx"]["max_length"]
    if isinstance(value, list):
        return f"{name_place(document, place[:-1])} has {len(value)} {place[-1]}. {_how_many(place)}"
    return f"{_key_of(document, place)} has {len(str(value))} characters. Shorten it to {most}."


def _too_few(_: ErrorDetails, document: Document, place: Place) -> str:
    value = document.at(place)
    count = len(value) if isinstance(value, list) else 0
    counted = f"1 {str(place[-1])[:-1]}" if count == 1 else f"{count or 'no'} {place[-1]}"
    return f"{name_place(document, place[:-1])} has {counted}. {_how_many(place)}"


def _how_many(place: Place) -> str:
    if place[-1] != "answers":
        return "Write at least one."
    return "Write 3 or 4." if place[0] == "scales" else "Write 2 to 5."


def _not_on_the_list(detail: ErrorDetails, document: Document, place: Place) -> str:
    expected = str(detail["ctx"]["expected"]).replace("'", '"').replace(" or ", ", ")
    value = document.at(place)
    near = suggest(str(value), [word.strip('" ') for word in expected.split(",")])
    return f"{_key_of(document, place)} is {json.dumps(value, ensure_ascii=False)}. Use one of {expected}.{near}"


def _no_role(_: ErrorDetails, document: Document, place: Place) -> str:
    return f"{_key_of(document, place)} has no meaning here. Delete it."


def _not_a_list(_: ErrorDetails, document: Document, place: Place) -> str:
    return f"{_key_of(document, place)} must be a list. Begin each entry with a hyphen."


def _not_keys(_: ErrorDetails, document: Document, place: Place) -> str:
    if not place:
        return "the file must hold keys such as id, version, language, title and items. Write them."
    if "ask_if" in place:
        return f"{name_place(document, place)} has a condition that can't be read. {_CONDITION}"
    return f"{_key_of(document, place)} must hold keys of its own. Write each as a word, a colon and a value."


def _unknown_type(detail: ErrorDetails, document: Document, place: Place) -> str:
    tag = str(detail["ctx"]["tag"])
    return f'{name_place(document, place)} has the unknown type "{tag}". Use one of {", ".join(_ITEMS)}.' + suggest(
        tag, _ITEMS
    )


def _no_type(_: ErrorDetails, document: Document, place: Place) -> str:
    if "ask_if" in place:
        return f"{name_place(document, place)} has a condition that can't be read. {_CONDITION}"
    return f'{name_place(document, place)} has no "type". Use one of {", ".join(_ITEMS)}.'


def _other(detail: ErrorDetails, document: Document, place: Place) -> str:
    return f"{_key_of(document, place)} can't be used ({detail['msg']}). See docs/questionnaire.schema.json."


def _key_of(document: Document, place: Place) -> str:
    """Name a place with its last key: ``item "housing": text``."""
    keys = [step for step in place if isinstance(step, str)]
    if place and isinstance(place[-1], int) and keys and keys[-1] in {"items", "scales", "answers"}:
        return name_place(document, place)
    owner = name_place(document, place)
    return f'{owner}: "{keys[-1]}"' if keys else owner


_SENTENCES: Final[dict[str, Callable[[ErrorDetails, Document, Place], str]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_type": _not_text,
    "string_too_short": _empty,
    "string_too_long": _too_long,
    "string_pattern_mismatch": _not_a_code,
    "int_type": _not_a_number,
    "int_from_float": _not_a_number,
    "greater_than_equal": _outside,
    "less_than_equal": _outside,
    "too_short": _too_few,
    "too_long": _too_long,
    "literal_error": _not_on_the_list,
    "none_required": _no_role,
    "tuple_type": _not_a_list,
    "list_type": _not_a_list,
    "model_type": _not_keys,
    "model_attributes_type": _not_keys,
    "dict_type": _not_keys,
    "union_tag_invalid": _unknown_type,
    "union_tag_not_found": _no_type,
}
