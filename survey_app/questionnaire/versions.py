"""Published versions: a list of fingerprints beside the questionnaires, so that nobody edits what was answered.

The fingerprint is taken of what the file means: comments, order of keys and quotes may change, a word may not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.faults import Fault, FaultyQuestionnaires

FILE: Final = "published.json"


def name_version(questionnaire: Questionnaire) -> str:
    """Return ``amif-exit.v1``."""
    return f"{questionnaire.id}.v{questionnaire.version}"


def fingerprint(questionnaire: Questionnaire) -> str:
    """Return the SHA-256 of a questionnaire's canonical JSON, in hexadecimal."""
    content = questionnaire.model_dump(mode="json", by_alias=True, exclude_none=True)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_published(folder: Path) -> dict[str, str]:
    """Return the fingerprints of the versions published in a folder, by name; none where there is no list.

    Raises:
        FaultyQuestionnaires: the list can't be read.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        message = "the list of published versions can't be read. Take it back from the last commit."
        raise FaultyQuestionnaires((Fault(path, 1, message),))
    return content


def find_edit(path: Path, questionnaire: Questionnaire) -> Fault | None:
    """Return a fault where this version was published with another content.

    Raises:
        FaultyQuestionnaires: the list can't be read.
    """
    name = name_version(questionnaire)
    known = read_published(path.parent).get(name)
    if known is None or known == fingerprint(questionnaire):
        return None
    following = f"{questionnaire.id}.v{questionnaire.version + 1}.yaml"
    message = (
        f"{name} was published and can't be edited. Undo the change, and copy the file to {following} for a new one."
    )
    return Fault(path, 1, message)


def find_edited(folder: Path, found: Mapping[Path, Questionnaire]) -> tuple[Fault, ...]:
    """Return a fault for each published version of a folder that was edited or is gone.

    Raises:
        FaultyQuestionnaires: the list can't be read.
    """
    names = {name_version(questionnaire) for questionnaire in found.values()}
    gone = [
        Fault(folder / FILE, 1, f"{name} was published, but its file is gone or faulty. Put {name}.yaml back.")
        for name in read_published(folder)
        if name not in names
    ]
    edited = [fault for path, questionnaire in found.items() if (fault := find_edit(path, questionnaire))]
    return (*edited, *gone)


def publish(path: Path, questionnaire: Questionnaire) -> bool:
    """Add the version in this file to the list beside it; return whether it is new there.

    Raises:
        FaultyQuestionnaires: the list holds this version with another content, or can't be read.
    """
    if edit := find_edit(path, questionnaire):
        raise FaultyQuestionnaires((edit,))
    published, name = read_published(path.parent), name_version(questionnaire)
    if name in published:
        return False
    published[name] = fingerprint(questionnaire)
    text = json.dumps(published, indent=2, sort_keys=True) + "\n"
    (path.parent / FILE).write_text(text, encoding="utf-8")
    return True
