"""The set-up file: organisations, projects, modules and register counts in one YAML file that can be read again.

In: the text of a file and what the installation knows. Out: a ``Setup``, or every fault at once, each with its line and
its mend. Knows nothing of: the database, the web.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from survey_app.fieldwork.keeping import LONGEST, SHORTEST
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation import clock
from survey_app.foundation.languages import SPOKEN_LANGUAGES
from survey_app.questionnaire.definition import Code, Questionnaire, SingleItem
from survey_app.questionnaire.document import Document, Place, parse_document
from survey_app.questionnaire.faults import Fault

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]

UNDISCLOSED: Final = "undisclosed"
OWN_PART: Final = "-own"  # how a release names what a lead did itself, beside its partners
RESERVED: Final = frozenset({"total", UNDISCLOSED})
_BEGIN: Final = 'Begin with "organisations:" and "projects:", as docs/setup.example.yaml does.'


@dataclass(frozen=True, slots=True)
class Known:
    """What the installation has already.

    ``languages``: tags that are offered for each questionnaire, keyed by its id and version. ``in_use``: projects that
    have sessions, by code: what they ask can no longer change. ``synthetic``: codes of projects of the demonstration.
    ``keep_months``: of each project of which somebody decided how long its answers are kept. ``aside``: since when a
    project (with ``""``) or a module of it is put aside; what a file puts aside is so since ``now``.
    """

    questionnaires: Mapping[tuple[str, int], Questionnaire]
    languages: Mapping[tuple[str, int], Collection[str]]
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    in_use: Mapping[str, Project] = field(default_factory=dict)
    synthetic: Collection[str] = frozenset()
    keep_months: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    now: datetime = field(default_factory=clock.now)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the file says, in its order; leads stand before their partners."""

    organisations: tuple[Organisation, ...]
    projects: tuple[Project, ...]
    modules: tuple[Module, ...]
    registered: tuple[RegisterCount, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Organisation(_Entry):
    code: Code
    name: Name
    lead: Code | None = None


class _Module(_Entry):
    code: Code
    name: Name
    aside: bool | None = None


class _Registered(_Entry):
    gender: Code
    age: Code
    people: Annotated[int, Field(ge=0, le=1_000_000)]


class _Project(_Entry):
    code: Code
    organisation: Code
    name: Name
    questionnaire: Code
    version: Annotated[int, Field(ge=1)] = 1
    activities: tuple[Code, ...] = ()
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    voices: dict[str, str] = Field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None
    keep_months: Annotated[int, Field(ge=SHORTEST, le=LONGEST)] | None = None
    aside: bool | None = None
    modules: Annotated[tuple[_Module, ...], Field(min_length=1)]
    registered: tuple[_Registered, ...] = ()


_SECTIONS: Final[Mapping[str, type[_Entry]]] = {"organisations": _Organisation, "projects": _Project}
_E = TypeVar("_E", bound=_Entry)


def read_setup(text: str, path: Path, known: Known, *, synthetic: bool = False) -> Setup | tuple[Fault, ...]:
    """Read the text of a set-up file; return what it says or every fault in it, in the order of lines.

    ``path`` is where faults are told to be. ``synthetic`` marks the projects as made up for demonstration.
    """
    if not text.strip():
        return (Fault(path, 1, f"the file is empty. {_BEGIN}"),)
    document = parse_document(text, path)
    if document.value is None:
        return document.faults
    reader = _Reader(document, known, synthetic=synthetic)
    setup = reader.read()
    faults = (*document.faults, *reader.faults)
    return tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.message))) if faults else setup


class _Reader:
    """Collects faults while it reads: everything that can be judged is judged."""

    def __init__(self, document: Document, known: Known, *, synthetic: bool) -> None:
        self.document = document
        self.known = known
        self.synthetic = synthetic
        self.faults: list[Fault] = []

    def read(self) -> Setup:
        self._check_shape()
        organisations = self._entries("organisations", _Organisation)
        projects = self._entries("projects", _Project)
        self._check_organisations(organisations)
        self._check_projects(projects)
        return Setup(
            organisations=_leads_first(entry for _, entry in organisations),
            projects=tuple(self._project(entry) for _, entry in projects),
            modules=tuple(
                Module(m.code, m.name, entry.code, self._aside_since((entry.code, m.code), is_aside=m.aside))
                for _, entry in projects
                for m in entry.modules
            ),
            registered=tuple(
                RegisterCount(entry.code, r.gender, r.age, r.people) for _, entry in projects for r in entry.registered
            ),
        )

    def _project(self, entry: _Project) -> Project:
        return Project(
            code=entry.code,
            organisation=entry.organisation,
            name=entry.name,
            questionnaire=entry.questionnaire,
            version=entry.version,
            activities=frozenset(entry.activities),
            languages=entry.languages,
            synthetic=self.synthetic,
            voices=tuple(sorted(entry.voices.items())),
            first_day=entry.first_day,
            last_day=entry.last_day,
            keep_months=self._keep_months(entry),
            aside_since=self._aside_since((entry.code, ""), is_aside=entry.aside),
        )

    def _aside_since(self, key: tuple[str, str], *, is_aside: bool | None) -> datetime | None:
        """Return since when something is put aside: a file that does not speak of it brings nothing back."""
        before = self.known.aside.get(key)
        if is_aside is None:
            return before
        return (before or self.known.now) if is_aside else None

    def _keep_months(self, entry: _Project) -> int | None:
        """Return how long answers are kept: a file that does not speak of it takes back nobody's decision."""
        said = "keep_months" in entry.model_fields_set
        return entry.keep_months if said else self.known.keep_months.get(entry.code)

    def _add(self, place: Place, message: str) -> None:
        self.faults.append(self.document.fault(place, message))

    def _check_shape(self) -> None:
        value = self.document.value
        if not isinstance(value, dict):
            self._add((), f"the file is no list of sections. {_BEGIN}")
            return
        for key in value:
            if key not in _SECTIONS:
                self._add((key,), _unknown_word(key, _SECTIONS))

    def _entries(self, section: str, kind: type[_E]) -> list[tuple[Place, _E]]:
        value = self.document.value
        entries = value.get(section) if isinstance(value, dict) else None
        if entries is None:
            return []
        if not isinstance(entries, list):
            self._add((section,), f'"{section}" is a list. Begin each entry with "- code:".')
            return []
        read = [((section, i), self._entry((section, i), entry, kind)) for i, entry in enumerate(entries)]
        return [(place, entry) for place, entry in read if entry is not None]

    def _entry(self, place: Place, value: Any, kind: type[_E]) -> _E | None:  # noqa: ANN401 - YAML holds anything
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for fault in error.errors():
                self._add((*place, *fault["loc"]), _sentence(dict(fault), kind))
        return None

    def _codes(self, section: str) -> dict[str, Any]:
        """Return the raw entries of a section by code, also those with faults: one fault must not breed others."""
        value = self.document.value
        entries = value.get(section) if isinstance(value, dict) else None
        listed = entries if isinstance(entries, list) else []
        return {str(entry["code"]): entry for entry in listed if isinstance(entry, dict) and "code" in entry}

    def _check_organisations(self, entries: Sequence[tuple[Place, _Organisation]]) -> None:
        leads: dict[str, str | None] = {code: one.lead for code, one in self.known.organisations.items()}
        leads |= {code: entry.get("lead") for code, entry in self._codes("organisations").items()}
        self._check_codes("organisation", entries)
        for place, entry in entries:
            if entry.lead is not None:
                self._check_lead((*place, "lead"), entry.code, entry.lead, leads)

    def _check_lead(self, place: Place, code: str, lead: str, leads: Mapping[str, str | None]) -> None:
        if lead == code:
            self._add(place, f'organisation "{code}" is its own lead. Leave "lead" out where there is none.')
        elif lead not in leads:
            self._add(place, f'organisation "{code}": its lead "{lead}" is unknown. {_nearest(lead, leads)}')
        elif (above := leads[lead]) is not None:
            circle = above == code or leads.get(str(above)) is not None
            mend = "Leave it out at one of them." if circle else f'Write "lead: {above}".'
            self._add(place, f'organisation "{code}": its lead "{lead}" has a lead itself ("{above}"). {mend}')

    def _check_codes(self, noun: str, entries: Sequence[tuple[Place, _Organisation | _Project]]) -> None:
        seen: set[str] = set()
        for place, entry in entries:
            here = (*place, "code")
            if entry.code in seen:
                self._add(here, f'{noun} "{entry.code}" is listed twice. Give each its own code.')
            seen.add(entry.code)
            if entry.code in RESERVED or entry.code.endswith(OWN_PART):
                self._add(here, f'{noun} "{entry.code}": releases use this word. Choose another code.')

    def _check_projects(self, entries: Sequence[tuple[Place, _Project]]) -> None:
        organisations = {*self.known.organisations, *self._codes("organisations")}
        self._check_codes("project", entries)
        for place, entry in entries:
            if entry.code in organisations:
                mend = f'Choose another, such as "{entry.code}-group".'
                self._add((*place, "code"), f'project "{entry.code}" has the code of an organisation. {mend}')
            if entry.organisation not in organisations:
                message = f'project "{entry.code}": organisation "{entry.organisation}" is unknown.'
                self._add((*place, "organisation"), f"{message} {_nearest(entry.organisation, organisations)}")
            if entry.first_day and entry.last_day and entry.last_day < entry.first_day:
                self._add((*place, "last_day"), f'project "{entry.code}" ends before it begins. Check both days.')
            self._check_modules(place, entry)
            self._check_in_use(place, entry)
            self._check_asked(place, entry)

    def _check_modules(self, place: Place, entry: _Project) -> None:
        for code, i in _repeats([module.code for module in entry.modules]):
            message = f'project "{entry.code}": module "{code}" is listed twice. Give each its own code.'
            self._add((*place, "modules", i, "code"), message)
        for i, module in enumerate(entry.modules):
            if module.code in RESERVED:
                message = f'module "{module.code}": releases use this word. Choose another code.'
                self._add((*place, "modules", i, "code"), message)

    def _check_in_use(self, place: Place, entry: _Project) -> None:
        if not self.synthetic and entry.code in self.known.synthetic:
            message = f'project "{entry.code}" belongs to the demonstration.'
            self._add((*place, "code"), f"{message} Choose another code, or set up an empty installation.")
        used = self.known.in_use.get(entry.code)
        if used is None:
            return
        now = {
            "organisation": (used.organisation, entry.organisation),
            "questionnaire": (used.questionnaire, entry.questionnaire),
            "version": (used.version, entry.version),
            "activities": (used.activities, frozenset(entry.activities)),
        }
        for word, (before, after) in now.items():
            if before != after:
                message = f'project "{entry.code}" has sessions already, so its {word} cannot change.'
                self._add((*place, word), f"{message} Give the new project a new code.")

    def _check_asked(self, place: Place, entry: _Project) -> None:
        key = (entry.questionnaire, entry.version)
        questionnaire = self.known.questionnaires.get(key)
        if questionnaire is None:
            there = ", ".join(f"{name} version {version}" for name, version in sorted(self.known.questionnaires))
            message = f'questionnaire "{key[0]}" version {key[1]} is unknown. There is: {there}.'
            self._add((*place, "questionnaire"), f'project "{entry.code}": {message}')
            return
        self._check_activities(place, entry, questionnaire)
        self._check_languages(place, entry, self.known.languages.get(key, ()))
        self._check_voices(place, entry, self.known.languages.get(key, ()))
        self._check_registered(place, entry, questionnaire)

    def _check_activities(self, place: Place, entry: _Project, questionnaire: Questionnaire) -> None:
        there = tuple(item.activity for item in questionnaire.items if item.activity is not None)
        for i, activity in enumerate(entry.activities):
            if activity not in there:
                message = f'project "{entry.code}": activity "{activity}" is not in {questionnaire.id}.'
                self._add((*place, "activities", i), f"{message} {_nearest(activity, there)}")
        for activity, i in _repeats(entry.activities):
            message = f'project "{entry.code}": activity "{activity}" is listed twice. Keep one.'
            self._add((*place, "activities", i), message)
        most = questionnaire.limits.domains
        beside = questionnaire.comment_for(there)  # a comment is asked beside the domains
        chosen = [activity for activity in entry.activities if beside is None or activity != beside.activity]
        if len(chosen) > most:
            message = f'project "{entry.code}" has {len(chosen)} activities; {most} can be asked.'
            self._add((*place, "activities"), f"{message} Keep the {most} that matter most.")

    def _check_languages(self, place: Place, entry: _Project, offered: Collection[str]) -> None:
        for i, tag in enumerate(entry.languages):
            if tag not in offered:
                message = f'project "{entry.code}": language "{tag}" is not offered.'
                self._add((*place, "languages", i), f"{message} {_nearest(tag, offered)}")
        for tag, i in _repeats(entry.languages):
            self._add((*place, "languages", i), f'project "{entry.code}": language "{tag}" is listed twice. Keep one.')

    def _check_voices(self, place: Place, entry: _Project, offered: Collection[str]) -> None:
        spoken = (*offered, *(language.tag for language in SPOKEN_LANGUAGES))
        for tag, voice in entry.voices.items():
            for word, there in ((tag, offered), (voice, spoken)):
                if word not in there:
                    message = f'project "{entry.code}": voices: language "{word}" is not offered.'
                    self._add((*place, "voices", tag), f"{message} {_nearest(word, there)}")

    def _check_registered(self, place: Place, entry: _Project, questionnaire: Questionnaire) -> None:
        allowed = {role: (*_answers_with_role(questionnaire, role), UNDISCLOSED) for role in ("gender", "age")}
        for i, count in enumerate(entry.registered):
            for role, code in (("gender", count.gender), ("age", count.age)):
                if code not in allowed[role]:
                    message = f'project "{entry.code}": {role} "{code}" is unknown. {_nearest(code, allowed[role])}'
                    self._add((*place, "registered", i, role), message)
        for (gender, age), i in _repeats([(count.gender, count.age) for count in entry.registered]):
            message = f'project "{entry.code}" counts {gender}, {age} twice. Add the two up.'
            self._add((*place, "registered", i), message)


def _leads_first(entries: Iterable[_Organisation]) -> tuple[Organisation, ...]:
    made = [Organisation(entry.code, entry.name, entry.lead) for entry in entries]
    return tuple(sorted(made, key=lambda one: one.lead is not None))


def _answers_with_role(questionnaire: Questionnaire, role: str) -> tuple[str, ...]:
    items = [item for item in questionnaire.items if isinstance(item, SingleItem) and item.role == role]
    return tuple(answer.code for item in items for answer in item.answers)


_T = TypeVar("_T")


def _repeats(values: Sequence[_T]) -> Iterator[tuple[_T, int]]:
    """Give each value that stood before, with its place."""
    seen: Counter[_T] = Counter()
    for i, value in enumerate(values):
        if seen[value]:
            yield value, i
        seen[value] += 1


def _nearest(word: str, there: Iterable[str]) -> str:
    """Say what was meant, or what there is."""
    choices = sorted(set(there))
    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Choose among: {', '.join(choices)}." if choices else "Add it first."


def _unknown_word(word: str, there: Iterable[str]) -> str:
    return f'"{word}" is not known here. {_nearest(word, there)}'


_CODE_RULE: Final = 'Write small letters, digits and "-", such as "gent-2026"; put it in quotes when it is only digits.'
_A_LIST: Final = '"{word}" is a list. Write it as [one, two] or with "- " before each.'
_A_NUMBER: Final = '"{given}" is not a number that can stand here. Write a whole number, 0 or more.'
_A_DAY: Final = '"{given}" is not a day. Write it as 2026-01-31, or leave "{word}" out.'
_YES_OR_NO: Final = (
    '"{given}" is neither true nor false. Write "{word}: true" for what was made by mistake, or leave it out.'
)
_NO_FIELDS: Final = 'this entry has no fields. Write "code: ..." and the others below each other.'
_SENTENCES: Final[Mapping[str, str]] = {  # by the types of pydantic's errors
    "missing": '"{word}" is missing. Add it.',
    "string_pattern_mismatch": f'"{{given}}" is not a code. {_CODE_RULE}',
    "string_type": f'"{{given}}" is not a code. {_CODE_RULE}',
    "string_too_long": '"{word}" is too long. Write fewer letters.',
    "string_too_short": '"{word}" is empty. Write it.',
    "too_short": '"{word}" is empty. List at least one.',
    "tuple_type": _A_LIST,
    "dict_type": '"{word}" pairs a language with its voice. Write it as {{so: ymm}}.',
    "model_type": _NO_FIELDS,
    "model_attributes_type": _NO_FIELDS,
    "greater_than_equal": _A_NUMBER,
    "less_than_equal": _A_NUMBER,
    "int_type": _A_NUMBER,
    "int_parsing": _A_NUMBER,
    "int_from_float": _A_NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "date_type": _A_DAY,
    "date_parsing": _A_DAY,
    "date_from_datetime_parsing": _A_DAY,
    "date_from_datetime_inexact": _A_DAY,
}


def _sentence(fault: Mapping[str, Any], kind: type[BaseModel]) -> str:
    """Say one fault of a pydantic check in words, with its mend."""
    where = fault["loc"]
    word = str(where[-1]) if where else "entry"
    if fault["type"] == "extra_forbidden":
        return _unknown_word(word, _words_at(kind, where))
    if word == "name" and fault["type"] in {"string_pattern_mismatch", "string_type"}:
        return '"name" is not text on one line. Write it in quotes.'
    told = _SENTENCES.get(fault["type"], '"{word}": this can not stand here. Compare docs/setup.example.yaml.')
    return told.format(word=word, given=fault["input"])


def _words_at(kind: type[BaseModel], where: Sequence[str | int]) -> Iterable[str]:
    inner: Mapping[str, type[BaseModel]] = {"modules": _Module, "registered": _Registered}
    return inner.get(str(where[0]), kind).model_fields if len(where) > 1 else kind.model_fields
