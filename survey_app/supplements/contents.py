"""What an installation asks and says: what is shipped, and what came or was corrected later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language
from survey_app.foundation.places import shipped
from survey_app.foundation.settings import Settings
from survey_app.questionnaire.corrections import read_our_own, write_corrections, write_whole
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import Questionnaires, load_all
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import Catalogues, Domain, Entry, Key, load_catalogues
from survey_app.supplements.shelf import SHELF, Shelved, find_in_use
from survey_app.voices.clips import DRAFTS, Voices
from survey_app.voices.script import Line, write_script

QUESTIONNAIRES: Final = "questionnaires"
TRANSLATIONS: Final = "translations"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files lie that an installation begins with, and the shelf of what comes later."""

    questionnaires: Path
    translations: Path
    voices: Path
    drafts: Path
    shelf: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """What an installation asks and says."""

    places: Places
    shelved: Shelved | None
    questionnaires: Questionnaires
    catalogues: Catalogues
    voices: Voices

    @property
    def in_use(self) -> Shelved:
        """What was laid down last.

        Raises:
            LookupError: nothing was.
        """
        if self.shelved is None:
            raise LookupError("nothing came or was corrected yet")
        return self.shelved

    @property
    def edition(self) -> str:
        """Fingerprint of what came later; empty where nothing did."""
        return self.shelved.edition if self.shelved else ""

    @property
    def wanted(self) -> Mapping[Domain, frozenset[Key]]:
        """Every sentence that respondents can meet here, by domain."""
        return wanted_of(self.catalogues, self.questionnaires.values())


def find_places(settings: Settings) -> Places:
    """Return where the files of an installation lie."""
    return Places(
        settings.questionnaires_dir or shipped("questionnaires"),
        shipped("translations"),
        settings.voices_dir or shipped("translations") / "voice",
        DRAFTS,
        settings.data_dir / SHELF,
    )


def load_contents(settings: Settings) -> Contents:
    """Load what an installation asks and says.

    Raises:
        RequestMistakenError: a file is at fault; one line for each says what to mend.
    """
    return load_from(find_places(settings))


def load_from(places: Places) -> Contents:
    """Load what lies at these places.

    Raises:
        RequestMistakenError: a file is at fault; one line for each says what to mend.
    """
    shelved = find_in_use(places.shelf)
    return Contents(places, shelved, *load(places, shelved.folder if shelved else places.shelf / "none"))


def load(places: Places, later: Path) -> tuple[Questionnaires, Catalogues, Voices]:
    """Load everything, with what lies over it, and tell all that is wrong with it at once."""
    faults: list[str] = []
    questionnaires = _collect(faults, lambda: load_all(places.questionnaires, later / QUESTIONNAIRES))
    catalogues = _collect(faults, lambda: load_catalogues(places.translations, later / TRANSLATIONS))
    if questionnaires is None or catalogues is None:
        raise RequestMistakenError("\n".join(faults))
    return questionnaires, catalogues, Voices(places.voices, places.drafts, later)


def _collect(faults: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except RequestMistakenError as error:
        faults += str(error).splitlines()
        return None


def wanted_of(catalogues: Catalogues, asked: Iterable[Questionnaire]) -> Mapping[Domain, frozenset[Key]]:
    sentences = (one for form in (*asked, load_practice()) for one in sentences_of(form))
    return {
        "respond": frozenset(catalogues.wanted["respond"]),
        "questionnaires": frozenset((one.context, one.text) for one in sentences),
    }


def script_of(questionnaires: Questionnaires, catalogues: Catalogues, language: Language) -> tuple[Line, ...]:
    """Return what is spoken in a language, the practice question too."""
    return write_script(language, (*questionnaires.values(), load_practice()), catalogues)


def entries_here(here: Contents, language: Language, domain: Domain) -> Mapping[Key, Entry]:
    """Return the sentences of a language that hold here."""
    catalogue = here.catalogues.found.get((domain, language.tag))
    return catalogue.entries if catalogue else {}


def write_file(here: Contents, language: Language, domain: Domain) -> str:
    """Return a catalogue as it holds here, to be taken along; empty where there is none."""
    entries = entries_here(here, language, domain)
    path = here.places.translations / language.locale / "LC_MESSAGES" / f"{domain}.po"
    if path.exists():
        return write_whole(path.read_bytes(), entries, language)
    return write_corrections(entries, language) if entries else ""


def find_corrections(here: Contents, language: Language, domain: Domain) -> Mapping[Key, Entry]:
    """Return the sentences of a language that hold here and are not those that are shipped."""
    if here.shelved is None:
        return {}
    path = here.shelved.folder / TRANSLATIONS / language.locale / "LC_MESSAGES" / f"{domain}.po"
    ours = entries_here(here, language, domain)
    return {key: entry for key, entry in read_our_own(path, language).entries.items() if ours.get(key) == entry}
