"""Laying a change over what is here, whole or not at all; and bringing an earlier one back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from survey_app.exchange.supplement import Spoken
from survey_app.fieldwork.structure import Project
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language, find_language
from survey_app.foundation.places import shipped
from survey_app.questionnaire.corrections import read_our_own, write_corrections
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import Questionnaires, load_all, load_questionnaire
from survey_app.questionnaire.plain.check import check_messages
from survey_app.questionnaire.plain.findings import Finding
from survey_app.questionnaire.plain.messages import messages_of, messages_of_interface
from survey_app.questionnaire.plain.places import find_explanations, find_glossary
from survey_app.questionnaire.translation import Domain, Entry, Key
from survey_app.questionnaire.versions import FILE, publish
from survey_app.storage import structure
from survey_app.storage.database import Database
from survey_app.supplements.contents import QUESTIONNAIRES, TRANSLATIONS, Contents, Places, load, script_of
from survey_app.supplements.shelf import (
    Came,
    Counts,
    Origin,
    Shelved,
    hash_all,
    link_all,
    new_folder,
    newest,
    put_in_place,
    verify,
    write_anew,
)
from survey_app.voices.clips import DRAFTED, RECORDED, SUFFIX, folder_of

_FOLDERS: Final[Mapping[Spoken, str]] = {"recorded": RECORDED, "draft": DRAFTED}
Entries = Mapping[tuple[str, Domain], Mapping[Key, Entry]]
Clips = Mapping[tuple[Spoken, str, str], bytes]


@dataclass(frozen=True, slots=True)
class Change:
    """What is laid over what is here: new questionnaires by name of their file, sentences, and sounds."""

    questionnaires: Mapping[str, str] = field(default_factory=dict)
    entries: Entries = field(default_factory=dict)
    clips: Clips = field(default_factory=dict)


class LostQuestionnaireError(RequestMistakenError):
    """A project asks a questionnaire that an earlier version does not have."""

    def __init__(self, project: Project) -> None:
        form = f"{project.questionnaire}.v{project.version}"
        super().__init__(f'project "{project.code}" asks {form}, which that version does not have.')
        self.project = project


def lay_down(here: Contents, change: Change, origin: Origin, came: Came | None = None) -> Contents:
    """Lay a change over what is here; from now on it is in use. It is there whole, or not at all.

    Raises:
        RequestMistakenError: something in it is at fault; nothing was changed.
        OSError: it cannot be written, or another change came at the same moment; nothing was changed.
    """
    before = here.shelved
    with new_folder(here.places.shelf) as folder:
        if before is not None:
            link_all(before.folder, folder)
        _add_questionnaires(folder, change.questionnaires)
        _add_sentences(folder, change.entries)
        counts = _count(change, _add_clips(folder, here.places, change.clips))
        history = (*(before.came if before else ()), *((came,) if came else ()))
        number = before.number + 1 if before else 1
        return _finish(here.places, Shelved(number, folder, origin, counts, history, hash_all(folder)))


def bring_back(db: Database, places: Places, number: int, now: datetime, by: str) -> Contents:
    """Make an earlier change the last one again; 0: nothing but what is shipped.

    Raises:
        RequestMistakenError: there is none of this number, it is damaged, or a project asks a questionnaire that it lacks.
        OSError: it cannot be written; nothing was changed.
    """
    wanted = places.shelf / f"{number:06}"
    if number and not wanted.is_dir():
        raise RequestMistakenError(f"there is no version {number} to bring back. Look at: survey-app supplement list")
    if not newest(places.shelf):
        raise RequestMistakenError("nothing came or was corrected yet: there is nothing to bring back.")
    earlier = verify(wanted) if number else None
    with new_folder(places.shelf) as folder:
        if earlier is not None:
            link_all(earlier.folder, folder)
        _refuse_lost_questionnaires(db, load_all(places.questionnaires, folder / QUESTIONNAIRES))
        counts = earlier.counts if earlier else Counts()
        origin = Origin("brought-back", now, by, about=str(number))
        came, following = earlier.came if earlier else (), newest(places.shelf) + 1
        return _finish(places, Shelved(following, folder, origin, counts, came, hash_all(folder)))


def _refuse_lost_questionnaires(db: Database, kept: Questionnaires) -> None:
    for project in structure.list_projects(db):
        if project.form not in kept:
            raise LostQuestionnaireError(project)


def _finish(places: Places, shelved: Shelved) -> Contents:
    """Look at a folder once more as the server does when it starts, and put it in its place."""
    load(places, shelved.folder)
    there = put_in_place(places.shelf, shelved)
    return Contents(places, there, *load(places, there.folder))


def _add_questionnaires(folder: Path, texts: Mapping[str, str]) -> None:
    target = folder / QUESTIONNAIRES
    if texts and (list_of := target / FILE).exists():
        write_anew(list_of, list_of.read_bytes())
    for name, text in texts.items():
        write_anew(target / name, text.encode())
        found = load_questionnaire(target / name)
        if isinstance(found, Questionnaire):  # what is not is named when everything is loaded
            publish(target / name, found)


def _add_sentences(folder: Path, entries: Entries) -> None:
    for (tag, domain), new in entries.items():
        language = _know(tag)
        path = folder / TRANSLATIONS / language.locale / "LC_MESSAGES" / f"{domain}.po"
        before = read_our_own(path, language).entries
        write_anew(path, write_corrections({**before, **new}, language).encode())


def _know(tag: str) -> Language:
    language = find_language(tag)
    if language is None:
        raise RequestMistakenError(f'language "{tag}" is unknown.')
    return language


def _add_clips(folder: Path, places: Places, clips: Clips) -> Mapping[str, int]:
    """Add the sounds that fit a sentence as it now is, and return their number by language."""
    if not clips:
        return {}
    asked, catalogues, _ = load(places, folder)
    fitting = {
        tag: {line.key for line in script_of(asked, catalogues, _know(tag))} for tag in {tag for _, tag, _ in clips}
    }
    added: Counter[str] = Counter()
    for (kind, tag, key), sound in clips.items():
        if key in fitting[tag]:
            write_anew(folder_of(folder / _FOLDERS[kind], tag) / f"{key}{SUFFIX}", sound)
            added[tag] += 1
    return dict(added)


def _count(change: Change, voices: Mapping[str, int]) -> Counts:
    sentences: Counter[str] = Counter()
    for (tag, _), new in change.entries.items():
        sentences[tag] += len(new)
    return Counts(tuple(sorted(name.removesuffix(".yaml") for name in change.questionnaires)), dict(sentences), voices)


def find_advice(contents: Contents, change: Change) -> tuple[Finding, ...]:
    """Return what of a change could be plainer, as far as this machine can measure it. It is advice and refuses nothing."""
    said = {(tag, text) for (tag, _), new in change.entries.items() for entry in new.values() for text in entry.texts}
    forms = {name.removesuffix(".yaml") for name in change.questionnaires}
    every = [one for form in contents.questionnaires.values() for one in messages_of(form, contents.catalogues)]
    every += messages_of_interface(contents.catalogues)
    new = [
        one
        for one in every
        if (one.language, one.text) in said or (one.origin in forms and one.language == one.source_language)
    ]
    ours = shipped("questionnaires")
    report = check_messages(new, find_glossary(ours / "none", ours), find_explanations((), ours), None)
    return report.unexplained
