"""A language is offered when every sentence exists in it; what would break a page does not count as existing."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language, find_language
from survey_app.questionnaire.definition import Questionnaire, SingleItem
from survey_app.questionnaire.loader import load_all, load_questionnaire
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translated import translate
from survey_app.questionnaire.translation import (
    DOMAINS,
    Catalogues,
    State,
    least_state,
    load_catalogues,
    missing,
    offered_languages,
    wanted_keys,
    wanted_languages,
)

ROOT = Path(__file__).parents[2]

FORM = """\
id: tea
version: 1
language: fr
title: "On essaie"
items:
  - id: tea
    type: single
    text: "J'aime le thé ?"
    example: "Par exemple : le matin."
    picture: tea
    answers:
      - { code: yes, text: "Oui", picture: a, colour: blue }
      - { code: no, text: "Non", picture: b, colour: rust }
"""
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {forms}\\n"\n\n'
TWO = "nplurals=2; plural=(n != 1);"
UKRAINIAN = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
RESPOND = 'msgid "Next"\nmsgstr "{next}"\n\n# state: tested\nmsgid "Question {{n}} of {{total}}"\nmsgstr "{question}"\n'
OWN = {
    "tea/title": ("On essaie", "We proberen"),
    "tea/tea": ("J'aime le thé ?", "Ik hou van thee?"),
    "tea/tea/example": ("Par exemple : le matin.", "Bijvoorbeeld: 's morgens."),
    "tea/tea/yes": ("Oui", "Ja"),
    "tea/tea/no": ("Non", "Nee"),
}


def language(tag: str) -> Language:
    found = find_language(tag)
    assert found is not None
    return found


@pytest.fixture
def form(tmp_path: Path) -> Questionnaire:
    (tmp_path / "tea.v1.yaml").write_text(FORM, encoding="utf-8")
    loaded = load_questionnaire(tmp_path / "tea.v1.yaml")
    assert isinstance(loaded, Questionnaire)
    return loaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of catalogues in which Dutch is complete."""
    made = tmp_path / "translations"
    (made / "nl" / "LC_MESSAGES").mkdir(parents=True)
    for domain in DOMAINS:
        (made / f"{domain}.pot").write_text(HEADER.format(forms=TWO), encoding="utf-8")
    template = RESPOND.format(next="", question="")
    (made / "respond.pot").write_text(HEADER.format(forms=TWO) + template, encoding="utf-8")
    write(made, "respond", RESPOND.format(next="Verder", question="Vraag {n} van {total}"))
    write(made, "questionnaires", own_sentences("reviewed"))
    return made


def own_sentences(state: str, **changed: str) -> str:
    return "\n".join(
        f'# state: {state}\nmsgctxt "{context}"\nmsgid "{source}"\nmsgstr "{changed.get(context, text)}"\n'
        for context, (source, text) in OWN.items()
    )


def write(folder: Path, domain: str, text: str, locale: str = "nl", forms: str = TWO) -> None:
    path = folder / locale / "LC_MESSAGES" / f"{domain}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(forms=forms) + text, encoding="utf-8")


def test_each_sentence_of_a_questionnaire_has_a_context_of_its_own(form: Questionnaire) -> None:
    assert {sentence.context: sentence.text for sentence in sentences_of(form)} == {
        context: source for context, (source, _) in OWN.items()
    }
    for shipped in load_all(ROOT / "questionnaires").values():
        contexts = [sentence.context for sentence in sentences_of(shipped)]
        assert len(contexts) == len(set(contexts))


def test_a_complete_language_is_offered_and_an_incomplete_one_is_not(form: Questionnaire, folder: Path) -> None:
    offered = offered_languages(form, load_catalogues(folder))

    assert [found.tag for found in offered] == ["nl"], "French lacks the interface, English the questionnaire"


def test_a_questionnaire_in_another_language_keeps_its_codes(form: Questionnaire, folder: Path) -> None:
    dutch = translate(form, language("nl"), load_catalogues(folder))

    item = dutch.items[0]
    assert isinstance(item, SingleItem)
    assert (dutch.title, item.text, item.example) == ("We proberen", "Ik hou van thee?", "Bijvoorbeeld: 's morgens.")
    assert [(answer.code, answer.text) for answer in item.answers] == [("yes", "Ja"), ("no", "Nee")]
    assert dutch.language == "nl"
    assert translate(form, language("fr"), load_catalogues(folder)) is form


def test_one_missing_sentence_is_named_and_takes_the_language_off_the_list(form: Questionnaire, folder: Path) -> None:
    write(folder, "questionnaires", own_sentences("draft", **{"tea/tea/no": ""}))

    gaps = missing(form, language("nl"), load_catalogues(folder))

    assert [(gap.domain, gap.context, gap.text) for gap in gaps] == [("questionnaires", "tea/tea/no", "Non")]
    assert offered_languages(form, load_catalogues(folder)) == ()


def test_a_fuzzy_translation_does_not_count(form: Questionnaire, folder: Path) -> None:
    write(folder, "respond", "#, fuzzy\n" + RESPOND.format(next="Verder", question="Vraag {n} van {total}"))

    assert [gap.text for gap in missing(form, language("nl"), load_catalogues(folder))] == ["Next"]


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("Vraag {n}", "differs in {total}"),
        ("Vraag {n} van {totaal}", "differs in {totaal}, {total}"),
        ("Vraag {n van {total}", "a brace without its partner"),
        ("Vraag {n} van {total} 100 %", "differs in %"),
        ("<b>Vraag</b> {n} van {total}", "holds HTML"),
        ("Vraag&nbsp;{n} van {total}", "holds HTML"),
    ],
)
def test_a_translation_that_would_break_a_page_counts_as_missing(
    form: Questionnaire, folder: Path, question: str, why: str
) -> None:
    write(folder, "respond", RESPOND.format(next="Verder", question=question))

    catalogues = load_catalogues(folder)

    assert [why in fault.message for fault in catalogues.faults] == [True]
    assert catalogues.faults[0].line == 10
    assert [gap.text for gap in missing(form, language("nl"), catalogues)] == ["Question {n} of {total}"]
    assert catalogues.respond("nl").gettext("Question {n} of {total}") == "Question {n} of {total}"


def test_a_form_is_as_far_as_its_least_checked_sentence(form: Questionnaire, folder: Path) -> None:
    assert least_state(form, language("nl"), load_catalogues(folder)) == State.DRAFT, "no mark means draft"

    checked = RESPOND.format(next="Verder", question="Vraag {n} van {total}")
    write(folder, "respond", "# state: tested\n" + checked)
    assert least_state(form, language("nl"), load_catalogues(folder)) == State.REVIEWED


def test_words_come_back_in_english_where_there_is_no_translation(folder: Path) -> None:
    words = load_catalogues(folder).respond("ti")

    assert words.gettext("Next") == "Next"
    assert words.ngettext("{n} answer", "{n} answers", 2) == "{n} answers"
    assert words.npgettext("x", "{n} answer", "{n} answers", 1) == "{n} answer"


def test_plural_forms_follow_the_language(folder: Path) -> None:
    forms = 'msgstr[0] "{n} особа"\nmsgstr[1] "{n} особи"\nmsgstr[2] "{n} осіб"\n'
    text = 'msgid "{n} person"\nmsgid_plural "{n} people"\n' + forms
    write(folder, "respond", text, locale="uk", forms=UKRAINIAN)

    words = load_catalogues(folder).respond("uk")

    found = [words.ngettext("{n} person", "{n} people", n).format(n=n) for n in (1, 2, 5, 21)]
    assert found == ["1 особа", "2 особи", "5 осіб", "21 особа"]


def test_one_context_does_not_answer_for_another(folder: Path) -> None:
    write(folder, "respond", 'msgctxt "button"\nmsgid "Back"\nmsgstr "Terug"\n')
    words = load_catalogues(folder).respond("nl")

    assert (words.pgettext("button", "Back"), words.gettext("Back")) == ("Terug", "Back")


def test_staff_s_pages_find_the_words_of_shared_components_too(folder: Path) -> None:
    write(folder, "messages", 'msgid "Open a session"\nmsgstr "Een sessie openen"\n')
    words = load_catalogues(folder).messages("nl")

    assert (words.gettext("Open a session"), words.gettext("Next")) == ("Een sessie openen", "Verder")
    assert load_catalogues(folder).messages("en").gettext("Next") == "Next"


def test_a_changed_catalogue_is_read_again_and_an_unchanged_one_is_not(folder: Path) -> None:
    first = load_catalogues(folder)
    assert load_catalogues(folder) is first

    write(folder, "messages", 'msgid "A"\nmsgstr "B"\n')
    assert load_catalogues(folder).messages("nl").gettext("A") == "B"


@pytest.mark.parametrize(
    "line", ['msgstr "Verder', "msgstr Verder", 'msgstr "Ver"der"', "nonsense", 'msgstr[x] "Verder"']
)
def test_a_catalogue_that_can_t_be_read_is_refused_with_its_line(folder: Path, line: str) -> None:
    write(folder, "respond", f'msgid "Next"\n{line}\n')

    with pytest.raises(RequestMistakenError, match=r"respond.po line 7 can't be read"):
        load_catalogues(folder)


def test_a_folder_without_templates_is_refused_since_nobody_knows_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RequestMistakenError, match="survey-app translations extract"):
        load_catalogues(tmp_path)


def test_staff_read_three_languages_and_respondents_twenty_six() -> None:
    assert [found.tag for found in wanted_languages("messages")] == ["fr", "nl", "en"]
    assert len(wanted_languages("respond")) == len(RESPONDENT_LANGUAGES) == 26


def shipped_catalogues() -> Catalogues:
    return load_catalogues(ROOT / "translations")


def test_every_sentence_of_every_shipped_questionnaire_exists_in_every_language() -> None:
    for form in load_all(ROOT / "questionnaires").values():
        assert len(sentences_of(form)) > 5
        offered = offered_languages(form, shipped_catalogues())
        assert [each.tag for each in offered] == [each.tag for each in RESPONDENT_LANGUAGES]


def test_no_shipped_translation_would_break_a_page() -> None:
    assert shipped_catalogues().faults == ()


@pytest.mark.parametrize("tag", ["fr", "nl"])
def test_staff_s_pages_are_complete_in_their_languages(tag: str) -> None:
    catalogues = shipped_catalogues()
    wanted = wanted_keys("messages", tag, (), catalogues)

    assert wanted
    assert [key for key in wanted if catalogues.entry("messages", tag, key) is None] == []
