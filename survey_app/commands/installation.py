"""What every command that touches the data works on: one opened installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey_app.foundation.settings import Settings
    from survey_app.journeys import OfferedLanguages
    from survey_app.questionnaire.loader import Questionnaires
    from survey_app.questionnaire.translation import Catalogues
    from survey_app.storage.database import Database


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, database, questionnaires and languages, all without fault."""

    settings: Settings
    db: Database
    questionnaires: Questionnaires
    catalogues: Catalogues
    languages: OfferedLanguages


@contextmanager
def opened() -> Iterator[Installation]:
    """Open the installation that the environment names, and close it at the end.

    Raises:
        RequestMistakenError: a setting, a questionnaire or the database is at fault.
    """
    from survey_app.foundation.places import shipped
    from survey_app.foundation.settings import read_settings
    from survey_app.main import find_languages, open_database, open_voices
    from survey_app.questionnaire.loader import load_all
    from survey_app.questionnaire.translation import load_catalogues

    settings = read_settings()
    questionnaires = load_all(settings.questionnaires_dir or shipped("questionnaires"))
    catalogues = load_catalogues(shipped("translations"))
    db = open_database(settings)
    try:
        languages = find_languages(questionnaires, catalogues, open_voices(settings))
        yield Installation(settings, db, questionnaires, catalogues, languages)
    finally:
        db.close()
