"""The words of a report: sentences from a catalogue, labels of items and places from outside, codes nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from survey_app.protection.protected import Coordinates

ALIKE: Final = "alike"
"""What stands in place of an item where a table tells how alike the answers of each person are."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How to say things in one language of the staff.

    ``language``: its tag. ``gettext``: gives a sentence's translation, or the sentence itself. ``items``: the question
    of each item id; ``answers``: the text of each (item id, answer code); names of ``organisations``, ``projects`` and
    ``modules`` by their codes; ``languages``: of respondents, by their tags, and ``spoken``: each (item id, tag) as they
    read it. A label that is not given is its code.
    """

    language: str
    gettext: Callable[[str], str] = str
    items: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    spoken: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def item(self, code: str) -> str:
        """Name an item: with its scale where two scales would have met, with its option where it is one of several."""
        _ = self.gettext
        base, scale, option = split_item(code)
        title = _("All questions on the scale") if base == ALIKE else self.items.get(base, base)
        title = self.with_scale(title, scale)
        if option:
            answer = self.answers.get((base, option), option)
            title = _("%(question)s – %(answer)s") % {"question": title, "answer": answer}
        return title

    def answer(self, item: str, code: str) -> str:
        """Name an answer of an item or a sum of answers."""
        _ = self.gettext
        sums = {
            "total": _("Asked"),
            "answered": _("Answered"),
            "positive": _("Positive answers"),
            "negative": _("Negative answers"),
            "chosen": _("Chosen"),
            "not-chosen": _("Not chosen"),
            "off-scale": _("Without an answer"),
            "not-understood": _("Did not understand"),
            "not-for-me": _("Said it is not for them"),
            "no-answer": _("Did not want to answer"),
            "missing": _("Skipped it"),
            "other-reasons": _("Without an answer for another reason"),
            "all-same": _("The same answer to every question"),
            "all-top": _("The best answer to every question"),
            "all-same-below": _("The same answer to every question, not the best one"),
        }
        return sums.get(code) or self.answers.get((split_item(item)[0], code), code)

    def with_scale(self, name: str, scale: str) -> str:
        """Add the scale to a name, where there is one to tell."""
        return self.gettext("%(question)s (scale %(scale)s)") % {"question": name, "scale": scale} if scale else name

    def period(self, code: str) -> str:
        """Name a period: a half-year by its code, or the start of the programme and the half-year that it runs to."""
        half = code.removeprefix("..")
        return code if half == code else self.gettext("start of the programme to %(period)s") % {"period": half}

    def gender(self, code: str) -> str:
        """Name a gender."""
        _ = self.gettext
        names = {
            "total": _("Total"),
            "female": _("Female"),
            "male": _("Male"),
            "non-binary": _("Non-binary"),
            "undisclosed": _("Gender undisclosed"),
        }
        return names.get(code, code)

    def age(self, code: str) -> str:
        """Name an age bracket as the Regulation writes it."""
        _ = self.gettext
        names = {"total": _("Total"), "under-18": "< 18", "over-60": "> 60", "undisclosed": _("Age undisclosed")}
        return names.get(code, code)

    def mode(self, code: str) -> str:
        """Name how people answered, or all of them."""
        _ = self.gettext
        names = {
            "total": _("Total"),
            "alone": _("Alone, on a tablet"),
            "with-helper": _("With a helper"),
            "paper": _("On paper"),
        }
        return names.get(code, code)

    def place(self, at: Coordinates, *, is_group: bool) -> str:
        """Name the place of a cell; ``is_group`` for a lead together with its partners."""
        _ = self.gettext
        if at.project not in {"total", ""}:
            return self.projects.get(at.project, at.project)
        if at.organisation in {"total", ""}:
            return _("All organisations")
        lead = at.organisation.removesuffix("-own")
        name = self.organisations.get(lead, lead)
        if is_group:
            return _("%(organisation)s and its partners") % {"organisation": name}
        if lead != at.organisation:
            return _("%(organisation)s, lead") % {"organisation": name}
        return name

    def language_of(self, tag: str) -> str:
        """Name a language of respondents, or all of them."""
        _ = self.gettext
        if not tag:
            return _("All languages")
        return _("Other languages") if tag == "other-language" else self.languages.get(tag, tag)

    def sentence(self, item: str, tag: str) -> str:
        """Give an item's sentence as people read it in a language; empty where it is not known."""
        return self.spoken.get((split_item(item)[0], tag), "")

    def module(self, code: str) -> str:
        """Name a module, or all of them."""
        _ = self.gettext
        return _("All modules") if code == "total" else self.modules.get(code, code)


def split_item(code: str) -> tuple[str, str, str]:
    """Return an item code's id, scale (or ``""``) and option (or ``""``): ``helpful@much-4-1``, ``change:slower``."""
    head, _colon, option = code.partition(":")
    base, _at, scale = head.partition("@")
    return base, scale, option
