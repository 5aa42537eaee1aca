"""A questionnaire in another language: the same codes and rules, other words."""

from __future__ import annotations

from survey_app.foundation.languages import Language
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.sentences import rewrite
from survey_app.questionnaire.translation import Catalogues


def translate(questionnaire: Questionnaire, language: Language, catalogues: Catalogues) -> Questionnaire:
    """Return the questionnaire as a page shows it.

    A sentence that does not exist in the language stays in the source language; ``offered_languages`` keeps
    respondents from ever meeting that.
    """
    if language.tag == questionnaire.language:
        return questionnaire
    return rewrite(
        questionnaire, lambda context, text, _: catalogues.text(questionnaire, language.tag, context, text)
    ).model_copy(update={"language": language.tag})
