"""Skip logic: which items a respondent meets. ``static/js/respond/rules.js`` says the same to the tablet.

Both are held to ``tests/cases/rules.json``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from survey_app.questionnaire.definition import All, AnyOf, Is, Item, Questionnaire, Rule

Answers = Mapping[str, str | Sequence[str]]
"""Item to the code of its answer, or to the codes of its several answers."""


def is_true(rule: Rule, answers: Answers, off_scale: Mapping[str, str]) -> bool:
    """Tell whether a condition is true. An item without an answer, or with one off the scale, matches no code."""
    if isinstance(rule, All):
        return all(is_true(inner, answers, off_scale) for inner in rule.all)
    if isinstance(rule, AnyOf):
        return any(is_true(inner, answers, off_scale) for inner in rule.any)
    if isinstance(rule, Is):
        return _matches(rule, answers, off_scale)
    return not is_true(rule.not_, answers, off_scale)


def path(
    questionnaire: Questionnaire, activities: Collection[str], answers: Answers, off_scale: Mapping[str, str]
) -> tuple[Item, ...]:
    """Return the items that a respondent meets, in order.

    Those are the items asked where a project does ``activities`` whose condition is true. An answer to an item that is
    itself off the path counts as not given: a respondent who goes back and changes an answer leaves nothing behind.
    """
    met: list[Item] = []
    known: dict[str, str | Sequence[str]] = {}
    for item in questionnaire.asked_for(activities):
        if item.ask_if is not None and not is_true(item.ask_if, known, off_scale):
            continue
        met.append(item)
        if item.id in answers:
            known[item.id] = answers[item.id]
    return tuple(met)


def _matches(rule: Is, answers: Answers, off_scale: Mapping[str, str]) -> bool:
    if rule.item in off_scale:
        return False
    given = answers.get(rule.item, ())
    codes = (given,) if isinstance(given, str) else given
    return any(code in rule.is_one_of for code in codes)
