"""Packing what an installation asks and says, remarks on releases and answers to signals, for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from survey_app.carrying import know_instance
from survey_app.exchange.envelope import Card
from survey_app.exchange.supplement import Content, Remark, SignalAnswer, Spoken, pack_supplement
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, SPOKEN_LANGUAGES
from survey_app.questionnaire.corrections import DOMAINS
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import load_questionnaire
from survey_app.questionnaire.translation import Domain
from survey_app.questionnaire.versions import fingerprint, name_version, read_published
from survey_app.storage import received, received_signals, sign_offs
from survey_app.storage.database import Database
from survey_app.supplements.contents import QUESTIONNAIRES, Contents, script_of, write_file

ENDING: Final = ".survey-supplement"


@dataclass(frozen=True, slots=True)
class PackedSupplement:
    """A supplement for one receiver, and how much is in it."""

    id: UUID
    content: bytes
    questionnaires: int
    languages: int
    voices: int
    remarks: int
    answers: int


def pack_contents(
    db: Database, here: Contents, receiver: Card, now: datetime, *, draw: Callable[[], UUID] = uuid4
) -> PackedSupplement:
    """Pack what this installation asks and says, and what was said of the receiver's releases and signals, for one receiver.

    Raises:
        UnavailableError: the database cannot be read now.
    """
    content = Content(
        dict(_published(here)),
        dict(_sentences(here)),
        dict(_sounds(here)),
        tuple(_remarks(db, receiver)),
        tuple(SignalAnswer(*one) for one in received_signals.list_answers_to(db, receiver.id)),
    )
    supplement_id = draw()
    packed = pack_supplement(content, know_instance(db), receiver, supplement_id, now)
    languages = {tag for tag, _ in content.sentences}
    said = (len(content.remarks), len(content.answers))
    counts = (len(content.questionnaires), len(languages), len(content.clips), *said)
    return PackedSupplement(supplement_id, packed, *counts)


def _published(here: Contents) -> Iterator[tuple[str, str]]:
    """Give every published questionnaire: what may still be edited does not travel."""
    later = [here.shelved.folder / QUESTIONNAIRES] if here.shelved else []
    for folder in (here.places.questionnaires, *later):
        published = read_published(folder)
        for path in sorted(folder.glob("*.yaml")):
            found = load_questionnaire(path)
            if isinstance(found, Questionnaire) and published.get(name_version(found)) == fingerprint(found):
                yield f"{name_version(found)}.yaml", path.read_text(encoding="utf-8-sig")


def _sentences(here: Contents) -> Iterator[tuple[tuple[str, Domain], str]]:
    for language in RESPONDENT_LANGUAGES:
        for domain in DOMAINS:
            if text := write_file(here, language, domain):
                yield (language.tag, domain), text


def _sounds(here: Contents) -> Iterator[tuple[tuple[Spoken, str, str], bytes]]:
    """Give every sound that fits a sentence as it now is."""
    for language in (*RESPONDENT_LANGUAGES, *SPOKEN_LANGUAGES):
        there = here.voices.clips(language.tag)
        for line in script_of(here.questionnaires, here.catalogues, language) if there else ():
            if clip := there.get(line.key):
                yield (clip.state, language.tag, line.key), clip.path.read_bytes()


def _remarks(db: Database, receiver: Card) -> Iterator[Remark]:
    """Give what reviewers said of the releases that came from a receiver."""
    theirs = {one.hash for one in received.list_received(db) if one.sender == receiver.id}
    for release, said in sorted(sign_offs.list_sign_offs(db).items()):
        if release in theirs:
            yield from (Remark(release, one.signed_at, one.signed_by, one.remark) for one in said)
