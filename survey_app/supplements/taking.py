"""Taking a supplement: all of it, once, after all of it passed what the shipped files must pass; or nothing, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from survey_app.carrying import by_id, know_instance, list_cards
from survey_app.exchange.envelope import EnvelopeFault
from survey_app.exchange.supplement import Content, Spoken, Supplement, unpack_supplement
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, find_language
from survey_app.foundation.places import PICTURES
from survey_app.questionnaire.checks import check_pictures
from survey_app.questionnaire.corrections import Corrections, find_changes, read_corrections
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import parse_document
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.loader import parse_questionnaire
from survey_app.questionnaire.practice import PRACTICE
from survey_app.questionnaire.translation import Domain, Entry, Key, Wrong
from survey_app.questionnaire.versions import fingerprint, name_version
from survey_app.signals import find_why_fault
from survey_app.storage import sign_offs, signals
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.sign_offs import SignOff
from survey_app.supplements.contents import Contents, entries_here, wanted_of
from survey_app.supplements.laying import Change, Clips, find_advice, lay_down
from survey_app.supplements.shelf import Came, Counts, Origin, remove
from survey_app.voices.clips import SUFFIX
from survey_app.voices.mp3 import NoSoundError
from survey_app.voices.recording import check_sound

_MOST_FAULTS: Final = 50
NotTakenReason = (
    EnvelopeFault
    | Literal[
        "newer-version",
        "repeated",
        "older",
        "version-edited",
        "questionnaire-faulty",
        "sentence-faulty",
        "voice-faulty",
        "answer-faulty",
        "unavailable",
    ]
)


@dataclass(frozen=True, slots=True)
class Taken:
    """All of a supplement is here. ``remarks`` and ``answers`` are new; ``advice``: new sentences that could be plainer."""

    id: UUID
    sender_name: str
    counts: Counts
    remarks: int
    answers: int
    advice: int


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """One thing that is wrong, and where. ``wrong``: of a sentence, as its desk says it; else for who made the file."""

    where: str
    wrong: Wrong | str

    def __str__(self) -> str:
        """Return the place and what is wrong in one line."""
        if isinstance(self.wrong, str):
            return f"{self.where} {self.wrong}".strip()
        return str(Fault(Path(self.where), self.wrong.line, self.wrong.said))


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nothing of a supplement was taken. ``faults``: what is wrong, each with its place."""

    reason: NotTakenReason
    faults: tuple[PlacedFault, ...] = ()


class _Refused(Exception):  # noqa: N818 - an answer on its way, not a fault
    def __init__(self, reason: NotTakenReason, faults: Iterable[PlacedFault] = ()) -> None:
        super().__init__(reason)
        self.answer = NotTaken(reason, tuple(faults)[:_MOST_FAULTS])


def take_supplement(db: Database, here: Contents, raw: bytes, now: datetime, taken_by: str) -> Taken | NotTaken:
    """Take a supplement: all of it, once, or nothing, and say why.

    Args:
        db: who is trusted here, and what reviewers said.
        here: what is here now.
        raw: the file as it came.
        now: aware.
        taken_by: name of the member of staff, empty for a command.
    """
    try:
        cards = list_cards(db)
        opened = unpack_supplement(raw, know_instance(db), by_id(cards))
        if isinstance(opened, str):
            return NotTaken(opened)
        name = next(name for name, card in cards.items() if card.id == opened.sender)
        origin = Origin("came", now, taken_by, "", str(opened.id), opened.sender, name, opened.packed_at)
        return _take(db, here, opened, origin)
    except _Refused as refused:
        return refused.answer
    except RequestMistakenError as error:
        return NotTaken("questionnaire-faulty", tuple(PlacedFault("", line) for line in str(error).splitlines()))
    except (UnavailableError, OSError):
        return NotTaken("unavailable")


def _take(db: Database, here: Contents, opened: Supplement, origin: Origin) -> Taken:
    _refuse_repeated(here.shelved.came if here.shelved else (), opened)
    change = _judge(here, opened.content)
    contents = lay_down(here, change, origin, Came(origin.id, opened.sender, opened.packed_at))
    name = origin.sender_name
    said = (
        SignOff(one.release, 0, one.signed_at, f"{one.signed_by}, {name}", one.remark) for one in opened.content.remarks
    )
    answered = tuple((one.signal, one.became, one.why) for one in opened.content.answers)
    try:
        with db.writing() as connection:
            remarks = sign_offs.receive(connection, tuple(said))
            answers = signals.add_answers(connection, name, answered)
    except UnavailableError:  # what was said could not be kept: nothing of it counts
        remove(contents.in_use)
        raise
    return Taken(opened.id, name, contents.in_use.counts, remarks, answers, len(find_advice(contents, change)))


def _refuse_repeated(came: Sequence[Came], opened: Supplement) -> None:
    if any(one.id == str(opened.id) for one in came):
        raise _Refused("repeated")
    if any(one.sender == opened.sender and one.packed_at > opened.packed_at for one in came):
        raise _Refused("older")


def _judge(here: Contents, content: Content) -> Change:
    """Say what of a supplement is new here, after all of it passed what the shipped files must pass.

    What became of a signal is read out to a group: it passes what staff must pass who type it here.
    """
    if any(find_why_fault(one.became, one.why) for one in content.answers):
        raise _Refused("answer-faulty")
    new = dict(_new_questionnaires(here, content.questionnaires))
    wanted = wanted_of(here.catalogues, [*here.questionnaires.values(), *(found for found, _ in new.values())])
    entries = dict(_new_sentences(here, content.sentences, wanted))
    return Change({name: text for name, (_, text) in new.items()}, entries, dict(_new_clips(here, content.clips)))


def _new_questionnaires(here: Contents, texts: Mapping[str, str]) -> Iterator[tuple[str, tuple[Questionnaire, str]]]:
    drawn = frozenset(picture.stem for picture in PICTURES.glob("*.svg"))
    faults: list[Fault] = []
    edited: list[PlacedFault] = []
    for name, text in texts.items():
        document = parse_document(text, Path(name))
        found = parse_questionnaire(document)
        faults += found if isinstance(found, tuple) else check_pictures(document, drawn)
        if isinstance(found, tuple):
            continue
        known = here.questionnaires.get((found.id, found.version))
        if known is not None and fingerprint(known) != fingerprint(found):
            said = "is another one here: a version that was published is never edited."
            edited.append(PlacedFault(name_version(found), said))
        elif known is None and found.id != PRACTICE:
            yield f"{name_version(found)}.yaml", (found, text)
    if faults:
        raise _Refused("questionnaire-faulty", (PlacedFault("", str(one)) for one in faults))
    if edited:
        raise _Refused("version-edited", edited)


def _new_sentences(
    here: Contents, files: Mapping[tuple[str, Domain], str], wanted: Mapping[Domain, frozenset[Key]]
) -> Iterator[tuple[tuple[str, Domain], Mapping[Key, Entry]]]:
    """Give the sentences that take the place of ours. A language that this version does not know is left out."""
    faults: list[PlacedFault] = []
    for (tag, domain), text in files.items():
        language = find_language(tag)
        if language not in RESPONDENT_LANGUAGES or language is None:
            continue
        read = read_corrections(text.encode(), language)
        if not isinstance(read, Corrections):
            faults += (PlacedFault(f"{tag}-{domain}.po", wrong) for wrong in read)
            continue
        new = find_changes(read.entries, entries_here(here, language, domain))
        fitting = {key: entry for key, entry in new.items() if key in wanted[domain]}
        if fitting:
            yield (tag, domain), fitting
    if faults:
        raise _Refused("sentence-faulty", faults)


def _new_clips(here: Contents, clips: Clips) -> Iterator[tuple[tuple[Spoken, str, str], bytes]]:
    """Give the sounds that are not here. A draft fills a gap only; a recording takes the place of another one."""
    faults: list[PlacedFault] = []
    known = {tag: here.voices.clips(tag) for tag in {tag for _, tag, _ in clips} if find_language(tag)}
    for (kind, tag, key), content in clips.items():
        try:
            sound = check_sound(content)
        except NoSoundError as error:
            faults.append(PlacedFault(f"{tag}/{key}{SUFFIX}", f"{error}."))
            continue
        if tag not in known:
            continue
        there = known[tag].get(key)
        is_new = there is None or (kind == "recorded" and there.path.read_bytes() != sound)
        if is_new:
            yield (kind, tag, key), sound
    if faults:
        raise _Refused("voice-faulty", faults)
