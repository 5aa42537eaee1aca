"""Reads questionnaires. Every fault of a file is found at once, with its line and its mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.coherence import find_faults
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import Document, read_document
from survey_app.questionnaire.faults import Fault, FaultyQuestionnaires
from survey_app.questionnaire.shape import parse_shape
from survey_app.questionnaire.versions import find_edited, fingerprint, name_version

__all__ = [
    "Fault", "FaultyQuestionnaires", "Questionnaires", "load_all", "load_questionnaire", "parse_questionnaire"
]  # fmt: skip


class Questionnaires(Mapping[tuple[str, int], Questionnaire]):
    """Every questionnaire of a folder by id and version, in that order."""

    def __init__(self, found: Mapping[tuple[str, int], Questionnaire]) -> None:
        self._found = dict(sorted(found.items()))

    def __getitem__(self, key: tuple[str, int]) -> Questionnaire:
        return self._found[key]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def latest(self, questionnaire_id: str) -> Questionnaire | None:
        """Return the highest version of a questionnaire, ``None`` where there is none of this id."""
        versions = [found for (name, _), found in self._found.items() if name == questionnaire_id]
        return versions[-1] if versions else None


def parse_questionnaire(document: Document) -> Questionnaire | tuple[Fault, ...]:
    """Return the questionnaire of a document, or all of its faults in order of line."""
    if document.value is None and document.faults:
        return document.faults
    shaped = parse_shape(document)
    faults = [*document.faults, *find_faults(document)]
    if isinstance(shaped, Questionnaire) and not faults:
        return shaped
    faults += shaped if isinstance(shaped, tuple) else ()
    return tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.message)))


def load_questionnaire(path: Path) -> Questionnaire | tuple[Fault, ...]:
    """Read one file.

    Raises:
        RequestMistakenError: there is no such file, or it can't be read.
    """
    try:
        return parse_questionnaire(read_document(path))
    except OSError as error:
        raise RequestMistakenError(f"{path} can't be read ({error.strerror}). Name a questionnaire's file.") from None


def load_all(folder: Path, more: Path | None = None) -> Questionnaires:
    """Read every questionnaire of a folder, and those that came later into another one.

    Raises:
        FaultyQuestionnaires: a file is faulty, a published version was edited or is gone, or a version that came later is
            another one than that of the first folder.
        RequestMistakenError: a file can't be read.
    """
    faults: list[Fault] = []
    ours = _read_folder(folder, faults)
    later = _read_folder(more, faults) if more is not None else {}
    read = {(found.id, found.version): found for found in ours.values()}
    for path, found in later.items():
        if fingerprint(read.setdefault((found.id, found.version), found)) != fingerprint(found):
            faults.append(Fault(path, 1, f"{name_version(found)} is another one in {folder}. Keep one of the two."))
    if faults:
        raise FaultyQuestionnaires(tuple(faults))
    return Questionnaires(read)


def _read_folder(folder: Path, faults: list[Fault]) -> dict[Path, Questionnaire]:
    """Return the sound questionnaires of a folder by file, and add what is wrong to the faults."""
    found: dict[Path, Questionnaire] = {}
    for path in sorted(folder.glob("*.yaml")):
        loaded = load_questionnaire(path)
        if isinstance(loaded, Questionnaire):
            found[path] = loaded
        else:
            faults += loaded
    faults += find_edited(folder, found)
    return found
