"""Paper forms of a project: which languages have one, and the form as staff want it printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from survey_app.fieldwork.session import SMALL_GROUP, Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language, find_language
from survey_app.paper.form import ForStaff, PaperForm, write_form
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.translated import translate
from survey_app.questionnaire.translation import Catalogues, State, least_state

Questionnaires = Mapping[tuple[str, int], Questionnaire]

LANGUAGE_OF_STAFF: Final = "fr"


@dataclass(frozen=True, slots=True)
class FormRequest:
    """What staff ask for: a language, the language of the small print, letters, and the session where it is known."""

    language: str
    staff_language: str = LANGUAGE_OF_STAFF
    session: Session | None = None
    is_large: bool = False


def list_paper_languages(project: Project, offered: Collection[str]) -> tuple[Language, ...]:
    """Return the languages in which a project has a paper form, its own first: the written ones of those offered."""
    found = (find_language(tag) for tag in project.order_languages(tuple(offered)))
    return tuple(language for language in found if language is not None and not language.is_only_spoken)


def prepare_form(
    project: Project,
    questionnaires: Questionnaires,
    catalogues: Catalogues,
    offered: Collection[str],
    asked: FormRequest,
) -> PaperForm:
    """Write the paper form of a project.

    Args:
        project: what it asks, and its languages.
        questionnaires: all that are known here.
        catalogues: words of the form and of its small print.
        offered: tags of the languages in which the project's questionnaire is complete.
        asked: what staff want.

    Raises:
        RequestMistakenError: the questionnaire has no written form in that language.
    """
    languages = {language.tag: language for language in list_paper_languages(project, offered)}
    language = languages.get(asked.language)
    if language is None:
        choice = ", ".join(languages)
        raise RequestMistakenError(
            f'project "{project.code}" has no paper form in "{asked.language}". Choose: {choice}.'
        )
    questionnaire = questionnaires[project.form]
    return write_form(
        translate(questionnaire, language, catalogues),
        translate(load_practice(), language, catalogues),
        project.activities,
        language,
        catalogues.respond(language.tag),
        _write_small_print(catalogues, asked, least_state(questionnaire, language, catalogues)),
        is_synthetic=project.synthetic,
        is_small_group=asked.session is not None and asked.session.people < SMALL_GROUP,
        is_large=asked.is_large,
    )


def _write_small_print(catalogues: Catalogues, asked: FormRequest, state: State) -> ForStaff:
    words = catalogues.messages(asked.staff_language)
    draft = words.gettext("Draft: nobody who speaks this language has checked these sentences.")
    return ForStaff(
        language=asked.staff_language,
        session=words.gettext("Code of the session"),
        code=asked.session.code if asked.session is not None else "",
        draft=draft if state is State.DRAFT else "",
    )
