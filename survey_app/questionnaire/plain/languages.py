"""What is known of each language, read from the reviewed file ``rules.yaml`` beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from survey_app.questionnaire.document import read_document
from survey_app.questionnaire.plain.words import Cut

RULES: Final = Path(__file__).with_name("rules.yaml")

Phrases = tuple[Annotated[str, Field(min_length=1)], ...]
"""Words and phrases; ``*`` stands for any letters of a word, ``?`` for one."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Negation(_Part):
    """Words that say no.

    ``says_no`` each say it once; ``in_statements`` only where nothing is asked; ``completes`` only where no other word
    of the clause did ("ne ... jamais" says no once). ``means_no`` are counted beside one of these. ``but`` look alike.
    """

    says_no: Phrases = ()
    in_statements: Phrases = ()
    completes: Phrases = ()
    means_no: Phrases = ()
    but: Phrases = ()


class Passive(_Part):
    """Forms of the passive: an auxiliary with a participle at most ``within`` words after it, or a word alone."""

    auxiliaries: Phrases = ()
    participles: Phrases = ()
    within: int = 3
    forms: Phrases = ()
    but: Phrases = ()


class LanguageRules(_Part):
    """What is known of one language; ``None``: not known, so not looked at."""

    most: int
    elides: bool = False
    by_character: bool = False
    has_dotless_i: bool = False
    negation: Negation | None = None
    passive: Passive | None = None
    abbreviations: Phrases | None = None
    frequencies: str | None = None
    rarest: float
    endings: int = 0

    @property
    def cut(self) -> Cut:
        return Cut(self.elides, self.by_character, self.has_dotless_i)


@cache
def load_rules() -> Mapping[str, LanguageRules]:
    """Return the rules of each language by its tag.

    Raises:
        ValueError: the file is not what this program was shipped with.
    """
    document = read_document(RULES)
    common, languages = document.at(("common",)), document.at(("languages",))
    if document.faults or not isinstance(common, dict) or not isinstance(languages, dict):
        raise ValueError(f"{RULES} is broken: {document.faults}")
    own = {tag: each if isinstance(each, dict) else {} for tag, each in languages.items()}
    return {tag: LanguageRules.model_validate(common | each) for tag, each in own.items()}


def rules_of(tag: str) -> LanguageRules:
    """Return the rules of a language; for one that the file does not name, those that hold for all."""
    return load_rules().get(tag) or LanguageRules(most=15, rarest=3.0)
