"""Every sentence of a questionnaire under the name that the catalogues know it by (its ``msgctxt``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from survey_app.questionnaire.definition import Answer, CommentItem, Item, Questionnaire, ScaleItem

Say = Callable[[str, str, str], str]
"""What to put for a sentence: from its context, its text and a note for translators."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text of a questionnaire. ``note`` tells a translator what it is."""

    context: str
    text: str
    note: str


def rewrite(questionnaire: Questionnaire, say: Say) -> Questionnaire:
    """Return the questionnaire with each of its texts put as ``say`` says; ids, codes and rules stay."""
    name = questionnaire.id
    changed: dict[str, object] = {"title": say(f"{name}/title", questionnaire.title, "title of the questionnaire")}
    if questionnaire.stem is not None:
        note = "begins each question about a domain of life"
        changed["stem"] = say(f"{name}/stem", questionnaire.stem, note)
    changed["scales"] = tuple(
        scale.model_copy(
            update={"answers": _answers(scale.answers, f"{name}/scale/{scale.id}", f"scale {scale.id}", say)}
        )
        for scale in questionnaire.scales
    )
    changed["items"] = tuple(_item(item, f"{name}/{item.id}", say) for item in questionnaire.items)
    return questionnaire.model_copy(update=changed)


def sentences_of(questionnaire: Questionnaire) -> tuple[Sentence, ...]:
    """Return every sentence in reading order."""
    found: list[Sentence] = []

    def note_down(context: str, text: str, note: str) -> str:
        found.append(Sentence(context, text, note))
        return text

    rewrite(questionnaire, note_down)
    return tuple(found)


def _item(item: Item, context: str, say: Say) -> Item:
    changed: dict[str, object] = {"text": say(context, item.text, f"question of item {item.id}")}
    if item.example is not None:
        changed["example"] = say(f"{context}/example", item.example, f"example of item {item.id}")
    if not isinstance(item, ScaleItem | CommentItem):
        changed["answers"] = _answers(item.answers, context, f"item {item.id}", say)
    return item.model_copy(update=changed)


def _answers(answers: tuple[Answer, ...], context: str, owner: str, say: Say) -> tuple[Answer, ...]:
    return tuple(
        answer.model_copy(
            update={"text": say(f"{context}/{answer.code}", answer.text, f"answer {answer.code} of {owner}")}
        )
        for answer in answers
    )


def pictures_of(questionnaire: Questionnaire) -> dict[str, str]:
    """Return the picture that stands beside a sentence, by the sentence's context."""
    name = questionnaire.id
    found = {
        f"{name}/scale/{scale.id}/{one.code}": one.picture for scale in questionnaire.scales for one in scale.answers
    }
    for item in questionnaire.items:
        found[f"{name}/{item.id}"] = found[f"{name}/{item.id}/example"] = item.picture
        if not isinstance(item, ScaleItem | CommentItem):
            found |= {f"{name}/{item.id}/{one.code}": one.picture for one in item.answers}
    return found
