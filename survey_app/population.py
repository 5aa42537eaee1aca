"""Whom a release counts, told in the plain facts of aggregation; and how its report names things.

In: storage, questionnaires, catalogues. Out: Population, ReleaseFacts, Wording. Knows nothing of: web, counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_app.aggregation.facts import (
    ItemFact,
    OneProject,
    Population,
    QuestionnaireFact,
    RegisterFact,
    ResponseDocument,
    SessionFact,
    TallyFact,
)
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Organisation, Project
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, find_language
from survey_app.foundation.periods import Period
from survey_app.protection.reasons import Reason
from survey_app.questionnaire.definition import CommentItem, Item, Questionnaire, ScaleItem
from survey_app.questionnaire.translated import translate
from survey_app.questionnaire.translation import Catalogues
from survey_app.report.release import QuestionnaireUsed
from survey_app.report.wording import Wording
from survey_app.storage import comprehension, sessions, structure
from survey_app.storage.database import Database

Questionnaires = Mapping[tuple[str, int], Questionnaire]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The population of a release, and what its report says about it."""

    population: Population
    questionnaires: tuple[QuestionnaireUsed, ...]
    synthetic: bool


@dataclass(frozen=True, slots=True)
class AnswersDeleted:
    """Answers of so many sessions of a population were deleted, the last on this day: what is left is not its sum."""

    sessions: int
    on: date


def say_deleted(gone: AnswersDeleted) -> Reason:
    """Return why no figures are made of a population whose answers were deleted in part."""
    return Reason("answers-deleted", slots={"sessions": gone.sessions, "day": gone.on.isoformat()})


def gather(
    db: Database, questionnaires: Questionnaires, period: Period, project: str | None
) -> Gathered | AnswersDeleted:
    """Find the closed sessions of a period, in one project or in all; not where answers of some were deleted.

    Raises:
        RequestMistakenError: there is no such project.
    """
    projects = {found.code: found for found in structure.list_projects(db)}
    if project is not None and project not in projects:
        raise RequestMistakenError(
            f'there is no project "{project}". The projects are: {", ".join(projects) or "none"}.'
        )
    organisations = {found.code: found for found in structure.list_organisations(db)}
    closed = sessions.list_closed(db, period.first, period.last, project)
    if gone := [session.answers_deleted_on for session in closed if session.answers_deleted_on is not None]:
        return AnswersDeleted(len(gone), max(gone))
    forms = sorted({projects[session.project].form for session in closed})
    used = [questionnaires[form] for form in forms]
    scope = None if project is None else OneProject(projects[project].organisation, project)
    facts = tuple(_session_fact(session, projects, organisations, questionnaires) for session in closed)
    registers = tuple(
        RegisterFact(count.project, count.gender, count.age, count.people)
        for code in sorted({session.project for session in closed})
        for count in structure.list_register_counts(db, code)
    )
    return Gathered(
        Population(
            period.code,
            scope,
            facts,
            tuple(_questionnaire_fact(each) for each in used),
            registers,
            languages=tuple(language.tag for language in RESPONDENT_LANGUAGES),
            tallies=tuple(
                TallyFact(*line) for line in comprehension.list_sums(db, [session.code for session in closed])
            ),
        ),
        tuple(_questionnaire_used(each) for each in used),
        any(projects[session.project].synthetic for session in closed),
    )


def read_responses(db: Database, population: Population) -> Iterator[ResponseDocument]:
    """Give the responses of a population, in an order that says nothing."""
    codes = [session.code for session in population.sessions]
    return (ResponseDocument(session, body) for session, body in sessions.documents(db, codes))


def word_report(db: Database, questionnaires: Questionnaires, catalogues: Catalogues, tag: str) -> Wording:
    """Return how a report in a language of the staff names items, answers and places."""
    language = find_language(tag)
    if language is None:
        raise RequestMistakenError(f'"{tag}" is not a language of reports.')
    items: dict[str, str] = {}
    answers: dict[tuple[str, str], str] = {}
    for form in sorted(questionnaires):
        spoken = translate(questionnaires[form], language, catalogues)
        for item in spoken.items:
            items[item.id] = item.text
            answers |= {(item.id, answer.code): answer.text for answer in spoken.answers_of(item)}
    projects = structure.list_projects(db)
    return Wording(
        language=tag,
        gettext=catalogues.messages(tag).gettext,
        items=items,
        answers=answers,
        organisations={found.code: found.name for found in structure.list_organisations(db)},
        projects={found.code: found.name for found in projects},
        modules={module.code: module.name for module in structure.list_modules(db)},
        languages={language.tag: language.own_name for language in RESPONDENT_LANGUAGES},
        spoken=speak(questionnaires, catalogues),
    )


def speak(questionnaires: Questionnaires, catalogues: Catalogues) -> Mapping[tuple[str, str], str]:
    """Return each item's sentence in each language of respondents, as (item id, tag) -> text; the newest version's."""
    return {
        (item.id, language.tag): item.text
        for form in sorted(questionnaires)
        for language in RESPONDENT_LANGUAGES
        for item in translate(questionnaires[form], language, catalogues).items
    }


def _session_fact(
    session: Session,
    projects: Mapping[str, Project],
    organisations: Mapping[str, Organisation],
    questionnaires: Questionnaires,
) -> SessionFact:
    project = projects[session.project]
    asked = questionnaires[project.form].asked_for(project.activities)
    return SessionFact(
        code=session.code,
        organisation=project.organisation,
        lead=organisations[project.organisation].lead,
        project=project.code,
        module=session.module,
        questionnaire=project.questionnaire,
        version=project.version,
        asked=frozenset(item.id for item in asked if not isinstance(item, CommentItem)),
    )


def _questionnaire_fact(questionnaire: Questionnaire) -> QuestionnaireFact:
    items = (item for item in questionnaire.items if not isinstance(item, CommentItem))
    return QuestionnaireFact(
        questionnaire.id, questionnaire.version, tuple(_item_fact(questionnaire, item) for item in items)
    )


def _item_fact(questionnaire: Questionnaire, item: Item) -> ItemFact:
    answers = questionnaire.answers_of(item)
    codes = tuple(answer.code for answer in answers)
    role = item.role or ""
    if not isinstance(item, ScaleItem):
        return ItemFact(item.id, "several" if item.type == "several" else "single", codes, role=role)
    scale = next(scale for scale in questionnaire.scales if scale.id == item.scale)
    return ItemFact(
        item.id,
        "scale",
        codes,
        role=role,
        positive=tuple(answer.code for answer in answers if answer.counts_as == "positive"),
        negative=tuple(answer.code for answer in answers if answer.counts_as == "negative"),
        scale=scale.id,
        scale_version=scale.version,
    )


def _questionnaire_used(questionnaire: Questionnaire) -> QuestionnaireUsed:
    scales: Sequence[tuple[str, int]] = tuple((scale.id, scale.version) for scale in questionnaire.scales)
    return QuestionnaireUsed(questionnaire.id, questionnaire.version, tuple(scales))
