"""Where the glossary and the explanations of a questionnaire lie: in ``plain-language/`` beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from survey_app.questionnaire.plain.explanations import Explanations, read_explanations
from survey_app.questionnaire.plain.glossary import Glossary, load_glossary

FOLDER: Final = "plain-language"
GLOSSARY: Final = "glossary.yaml"
EXPLANATIONS: Final = "explanations.yaml"


def find_glossary(questionnaire: Path, shipped: Path) -> Glossary:
    """Return the glossary beside a questionnaire, else the shipped one.

    Raises:
        FaultyQuestionnaires: it is no glossary.
        RequestMistakenError: it can't be read.
    """
    beside = questionnaire.parent / FOLDER / GLOSSARY
    return load_glossary(beside if beside.exists() else shipped / FOLDER / GLOSSARY)


def find_explanations(questionnaires: Iterable[Path], shipped: Path) -> tuple[Explanations, ...]:
    """Return the shipped explanations, and those beside questionnaires, each file once."""
    folders = (shipped, *(path.parent for path in questionnaires))
    files = dict.fromkeys((folder / FOLDER / EXPLANATIONS).resolve() for folder in folders)
    return tuple(read_explanations(path) for path in files if path.exists())
