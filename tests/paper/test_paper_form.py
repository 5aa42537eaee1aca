"""Paper forms as they come out of the printer: words, letters, pictures, pages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, find_language
from survey_app.foundation.places import shipped
from survey_app.paper.form import SENTENCES, PaperForm
from survey_app.paper.keys import EMPTY_KEY, OFF_SCALE_KEYS
from survey_app.paper.printing import NoPaperError, print_form
from survey_app.papers import FormRequest, list_paper_languages, prepare_form
from survey_app.questionnaire.definition import Is
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues

OFFERED = tuple(language.tag for language in RESPONDENT_LANGUAGES)
CATALOGUES = load_catalogues(shipped("translations"))
QUESTIONNAIRES = load_all(shipped("questionnaires"))
# The domains with the longest sentences, and the comment that paper does not ask for.
LONG = frozenset({"speaking", "doctor", "transport", "school", "comment"})
PROJECT = Project("parole", "charleroi", "Prendre la parole", "amif-exit", 2, LONG, ("ti", "fr"))
OWN_FAMILY = {
    "latin": "SurveyLatin",
    "cyrillic": "SurveyCyrillic",
    "arabic": "SurveyArabic",
    "ethiopic": "SurveyEthiopic",
    "bengali": "SurveyBengali",
    "han": "SurveyChinese",
}
ABOVE_THE_FOOT = 780  # points
MOST_PAGES = {"plain": 5, "large": 11}


def prepare(
    language: str, project: Project = PROJECT, *, is_large: bool = False, session: Session | None = None
) -> PaperForm:
    request = FormRequest(language, "nl", session, is_large=is_large)
    return prepare_form(project, QUESTIONNAIRES, CATALOGUES, OFFERED, request)


def ask(tool: str, *arguments: str) -> str:
    """Ask one of Poppler's tools."""
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout


def read(printed: bytes, folder: Path) -> str:
    """Return the words of a PDF in reading order, spaces and marks of direction as one space."""
    path = folder / "form.pdf"
    path.write_bytes(printed)
    return flatten(ask("pdftotext", "-enc", "UTF-8", str(path), "-"))


def flatten(text: str) -> str:
    return re.sub(r"[\s\u200e\u200f\u202a-\u202e]+", " ", text)


def fonts(printed: bytes, folder: Path) -> Mapping[str, bool]:
    """Return the fonts of a PDF, and whether each lies inside it."""
    path = folder / "form.pdf"
    path.write_bytes(printed)
    lines = ask("pdffonts", str(path)).splitlines()[2:]
    return {line.split()[0].partition("+")[2]: line.split()[-5] == "yes" for line in lines}


def sentences(form: PaperForm) -> list[str]:
    asked = [part for question in form.questions for part in (question.text, question.example, question.hint)]
    boxes = [box.text for question in form.questions for box in (*question.boxes, *question.apart)]
    return [text for text in (*asked, *boxes, form.title, form.funding, *(line.text for line in form.promise)) if text]


def words(text: str) -> set[str]:
    """Return the words with their letters sorted: Poppler turns the two letters of an Arabic ligature around."""
    return {"".join(sorted(word)) for word in re.findall(r"[^\W\d]+|\d+", text)}


@pytest.mark.parametrize("tag", ["fr", "nl", "ar", "ti"])
def test_every_word_of_the_questionnaire_can_be_read_from_the_paper(tag: str, tmp_path: Path) -> None:
    form = prepare(tag)
    text = read(print_form(form), tmp_path)
    assert len(form.questions) == 8
    assert [sentence for sentence in sentences(form) if not words(sentence) <= words(text)] == []


@pytest.mark.parametrize(("tag", "letters"), [*((tag, "plain") for tag in OFFERED), ("fr", "large"), ("ckb", "large")])
def test_a_form_in_each_language_holds_all_of_its_own_letters_and_no_other_font(
    tag: str, letters: str, tmp_path: Path
) -> None:
    check_letters_and_pages(tag, letters, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("tag", OFFERED)
def test_a_form_in_large_letters_holds_them_too(tag: str, tmp_path: Path) -> None:
    check_letters_and_pages(tag, "large", tmp_path)


def check_letters_and_pages(tag: str, letters: str, tmp_path: Path) -> None:
    form = prepare(tag, is_large=letters == "large")
    printed = print_form(form)  # refused by the compiler where a letter is missing
    found = fonts(printed, tmp_path)
    own = OWN_FAMILY[form.language.script]
    assert {f"{own}-Regular", f"{own}-Bold"} <= set(found)
    others = {"SurveyLatin", "SurveyLatinExtended", own}
    assert {name.partition("-")[0] for name in found} <= others
    assert all(found.values())
    about = ask("pdfinfo", str(tmp_path / "form.pdf"))
    assert re.search(r"^Tagged:\s+yes$", about, re.MULTILINE)
    assert re.search(r"^Page size:.*A4", about, re.MULTILINE)
    pages = re.search(r"^Pages:\s+(\d+)$", about, re.MULTILINE)
    assert pages is not None
    assert int(pages[1]) <= MOST_PAGES[letters]


def test_the_same_form_is_the_same_file() -> None:
    assert print_form(prepare("nl")) == print_form(prepare("nl"))


def test_no_question_is_split_over_two_pages(tmp_path: Path) -> None:
    form = prepare("ku")
    path = tmp_path / "form.pdf"
    path.write_bytes(print_form(form))
    pages = [flatten(page) for page in ask("pdftotext", "-enc", "UTF-8", str(path), "-").split("\f")]
    last = form.questions[0].apart[-1].text
    starts = [sum(page.count(question.text) for question in form.questions[:5]) for page in pages]
    assert sum(starts) >= 4, "the guard saw the questions"
    for page in pages[1:-1]:
        numbers = [question for question in form.questions if question.text in page]
        assert page.count(last.split()[-1]) >= len(numbers)


def test_paper_says_nothing_that_no_tablet_says() -> None:
    assert len(SENTENCES) == 14
    assert {("", sentence) for sentence in SENTENCES} - set(CATALOGUES.wanted["respond"]) == set()


def test_a_paper_asks_for_no_name_and_no_comment_and_shows_five_promises() -> None:
    form = prepare("fr")
    assert "more" in {item.id for item in QUESTIONNAIRES[PROJECT.form].asked_for(LONG)}
    assert "Je veux dire autre chose ?" not in sentences(form)
    assert len(form.promise) == 5
    assert "Nous ne demandons pas votre nom." in sentences(form)


def test_a_small_group_reads_that_its_answers_are_not_shown() -> None:
    today = clock.today()
    small, usual = (prepare("nl", session=Session("482913", "parole", "base", people, today)) for people in (9, 10))
    assert (len(small.promise), len(usual.promise)) == (6, 5)


def test_only_the_code_of_the_session_is_there_for_staff(tmp_path: Path) -> None:
    session = Session("482913", "parole", "base", 12, clock.today())
    text = read(print_form(prepare("nl", session=session)), tmp_path)
    assert "4 8 2 9 1 3" in text
    assert "Code van de sessie" in text
    assert "amif-exit 2 nl" in text
    assert not re.search(r"\b(naam|handtekening|datum)\b(?! )", text)


def test_drafts_say_so_to_staff_and_try_outs_to_everybody(tmp_path: Path) -> None:
    real = read(print_form(prepare("ti")), tmp_path)
    assert "Concept" in real
    mark = CATALOGUES.respond("nl").gettext("This is a try-out. No real answers.")
    assert mark not in read(print_form(prepare("nl")), tmp_path)
    made_up = read(print_form(prepare("nl", replace(PROJECT, synthetic=True))), tmp_path)
    pages = re.search(r"(\d) ?/ ?\1 *$", made_up)
    assert pages is not None
    assert made_up.count(mark) == int(pages[1]), "once on each page"


def test_the_keys_of_boxes_off_the_scale_never_change() -> None:
    form = prepare("fr")
    for question in form.questions:
        assert [box.key for box in question.boxes] == [str(n) for n in range(1, len(question.boxes) + 1)]
        assert [box.key for box in question.apart] == ["7", "8", "9"]
        assert len({EMPTY_KEY, *(box.key for box in (*question.boxes, *question.apart))}) == len(question.boxes) + 4
    assert list(OFF_SCALE_KEYS.values()) == ["7", "8", "9"]


def test_a_question_that_is_asked_only_after_an_answer_shows_which() -> None:
    exit_survey = QUESTIONNAIRES[PROJECT.form]
    condition = Is(item="helpful", is_one_of=("not-much", "not-at-all"))
    items = tuple(
        item.model_copy(update={"ask_if": condition}) if item.id == "change" else item for item in exit_survey.items
    )
    changed = {PROJECT.form: exit_survey.model_copy(update={"items": items})}
    form = prepare_form(PROJECT, changed, CATALOGUES, OFFERED, FormRequest("fr"))
    (marked,) = [question for question in form.questions if question.only_after]
    assert (marked.number, marked.only_after) == ("6", (("1", ("3", "4")),))
    assert print_form(form)


@pytest.mark.parametrize(("tag", "runs"), [("fr", 1), ("ar", -1)])
def test_the_scale_runs_with_the_reading_direction_and_its_keys_with_it(tag: str, runs: int, tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(print_form(prepare(tag)))
    first_page = ask("pdftotext", "-bbox", "-l", "1", str(path), "-")
    found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>(\d)</word>', first_page)
    places = {digit: float(x) for x, y, digit in found if float(y) < ABOVE_THE_FOOT}
    assert sorted(places) == ["1", "2", "3", "4"]
    assert sorted(places, key=lambda digit: places[digit] * runs) == ["1", "2", "3", "4"]


def test_a_language_that_is_only_spoken_has_no_paper_form() -> None:
    tags = [language.tag for language in list_paper_languages(PROJECT, (*OFFERED, "ymm"))]
    assert tags[:2] == ["ti", "fr"]
    assert find_language("ymm") is not None
    assert "ymm" not in tags
    with pytest.raises(RequestMistakenError, match=r'no paper form in "ymm"\. Choose: ti, fr, nl'):
        prepare("ymm")


def test_a_sentence_with_a_letter_that_we_cannot_draw_is_not_printed() -> None:
    form = replace(prepare("zh-Hans"), title="龘")
    with pytest.raises(NoPaperError, match="a letter of the form in zh-Hans has no drawing") as refused:
        print_form(form)
    assert refused.value.reason == "letters-missing"


def test_what_stands_in_a_sentence_is_never_a_command(tmp_path: Path) -> None:
    form = replace(prepare("fr"), title='#panic("x") *Le groupe* $1$')
    assert '#panic("x") *Le groupe* $1$' in read(print_form(form), tmp_path)
