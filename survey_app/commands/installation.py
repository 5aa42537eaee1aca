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
    from survey_app.supplements.contents import Contents


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, database, questionnaires and languages, all without fault."""

    settings: Settings
    db: Database
    contents: Contents
    languages: OfferedLanguages

    @property
    def questionnaires(self) -> Questionnaires:
        return self.contents.questionnaires

    @property
    def catalogues(self) -> Catalogues:
        return self.contents.catalogues

    @property
    def least_people(self) -> int:
        """How many people of a group must have answered before anybody sees what it asks for."""
        from survey_app.protection.policy import load_all_policies
        from survey_app.signals import least_people

        return least_people(self.settings.comments_from_people, load_all_policies().values())


@contextmanager
def opened() -> Iterator[Installation]:
    """Open the installation that the environment names, and close it at the end.

    Raises:
        RequestMistakenError: a setting, a questionnaire or the database is at fault.
    """
    from survey_app.foundation.settings import read_settings
    from survey_app.main import find_languages, open_database
    from survey_app.supplements.contents import load_contents

    settings = read_settings()
    contents = load_contents(settings)
    db = open_database(settings)
    try:
        languages = find_languages(contents.questionnaires, contents.catalogues, contents.voices)
        yield Installation(settings, db, contents, languages)
    finally:
        db.close()
