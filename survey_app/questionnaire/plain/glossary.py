"""The locked glossary: the same thing has the same word everywhere, in each language.

Inclusion Europe, Words: "Use the same word to describe the same thing throughout your document."
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from survey_app.questionnaire.document import read_document
from survey_app.questionnaire.faults import Fault, FaultyQuestionnaires
from survey_app.questionnaire.plain.findings import Code, Finding
from survey_app.questionnaire.plain.languages import Phrases, rules_of
from survey_app.questionnaire.plain.measures import Reading
from survey_app.questionnaire.plain.words import Sentence, find_phrases, read_lines


class Term(BaseModel):
    """A thing, and what it is called: ``use`` in each language, ``avoid`` words that say the same otherwise.

    A language without an entry is not decided yet, so not looked at. ``but``: phrases in which the word means another
    thing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    means: Annotated[str, Field(min_length=3)]
    use: dict[str, Phrases]
    avoid: dict[str, Phrases] = {}
    but: dict[str, Phrases] = {}


Glossary = tuple[Term, ...]


def load_glossary(path: Path) -> Glossary:
    """Read a glossary.

    Raises:
        FaultyQuestionnaires: the file is no glossary.
        OSError: it can't be read.
    """
    document = read_document(path)
    terms = document.at(("terms",))
    if document.faults or not isinstance(terms, list):
        fault = Fault(path, 1, 'this is no glossary. Begin it with "terms:" and list them below.')
        raise FaultyQuestionnaires(document.faults or (fault,))
    try:
        return tuple(Term.model_validate(term) for term in terms)
    except ValidationError as error:
        wrong = error.errors()[0]
        names = ".".join(map(str, wrong["loc"]))
        raise FaultyQuestionnaires((Fault(path, 1, f"{names}: {wrong['msg']}. Mend the glossary."),)) from None


def compare_terms(reading: Reading, glossary: Glossary) -> Iterator[Finding]:
    """Yield a finding where a term is called otherwise, or is missing though the source text has it."""
    message, cut = reading.message, reading.rules.cut
    source = read_lines(message.source, rules_of(message.source_language).cut)
    source_sentences = tuple(sentence for line in source for sentence in line)
    for term in glossary:
        for other in _find(term.avoid.get(message.language, ()), reading.sentences, reading, term):
            yield Finding(Code.OTHER_WORD, message, other)
        if message.language == message.source_language or message.language not in term.use:
            continue
        if _is_asked_for(term, message.source_language, source_sentences) and not any(
            find_phrases(term.use[message.language], sentence.folded, cut) for sentence in reading.sentences
        ):
            yield Finding(Code.TERM_MISSING, message, term.id)


def _find(phrases: Phrases, sentences: tuple[Sentence, ...], reading: Reading, term: Term) -> tuple[str, ...]:
    but = term.but.get(reading.message.language, ())
    found = (find_phrases(phrases, sentence.folded, reading.rules.cut, but) for sentence in sentences)
    return tuple(dict.fromkeys(word for words in found for word in words))


def _is_asked_for(term: Term, language: str, sentences: tuple[Sentence, ...]) -> bool:
    words, but, cut = term.use.get(language, ()), term.but.get(language, ()), rules_of(language).cut
    return any(find_phrases(words, sentence.folded, cut, but) for sentence in sentences)
