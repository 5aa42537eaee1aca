"""Each measure finds a sentence that is hard and lets a plain one pass, in several languages and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.questionnaire.faults import FaultyQuestionnaires
from survey_app.questionnaire.plain.check import PlainReport, check_messages
from survey_app.questionnaire.plain.explanations import read_explanations
from survey_app.questionnaire.plain.findings import Code, Message
from survey_app.questionnaire.plain.glossary import load_glossary
from survey_app.questionnaire.plain.languages import load_rules
from survey_app.questionnaire.plain.rarity import Frequencies, find_frequencies

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests" / "cases" / "plain-language.json").read_text(encoding="utf-8"))
GLOSSARY = load_glossary(ROOT / "questionnaires" / "plain-language" / "glossary.yaml")
FREQUENCIES = find_frequencies()


def message(text: str, language: str = "fr", source: str | None = None) -> Message:
    return Message("form.v1", "item", language, text, language if source is None else "fr", source or text)


def found(text: str, language: str = "fr", source: str | None = None) -> set[str]:
    report = check_messages([message(text, language, source)], GLOSSARY, (), FREQUENCIES)
    return {str(finding.code) for finding, _ in report.findings}


def test_every_measure_has_cases() -> None:
    assert {case["finding"] for case in CASES} == set(Code) - {Code.TERM_MISSING}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['finding']}-{case['language']}")
def test_a_hard_sentence_is_found_and_a_plain_one_is_not(case: dict) -> None:
    assert {text: case["finding"] in found(text, case["language"]) for text in case["hard"]} == dict.fromkeys(
        case["hard"], True
    )
    assert {text: case["finding"] in found(text, case["language"]) for text in case["plain"]} == dict.fromkeys(
        case["plain"], False
    )


@pytest.mark.parametrize(
    ("language", "kept", "lost"),
    [
        ("nl", "De groep helpt mij?", "De cursus helpt mij?"),
        ("tr", "Grup bana yardım ediyor mu?", "Kurs bana yardım ediyor mu?"),
        ("ar", "هل تساعدني المجموعة؟", "هل يساعدني الدرس؟"),
        ("zh-Hans", "小组对我有帮助吗？", "这里对我有帮助吗？"),
    ],
)
def test_a_translation_keeps_the_glossary_s_word(language: str, kept: str, lost: str) -> None:
    source = "Le groupe m'aide ?"

    assert "term-missing" not in found(kept, language, source)
    assert "term-missing" in found(lost, language, source)


def test_a_finding_names_the_message_the_language_what_was_measured_and_what_to_look_at() -> None:
    report = check_messages([message("Vos réponses sont gardées.")], (), (), None)

    (finding,) = report.unexplained
    assert str(finding) == (
        'form.v1 item [fr] passive: "Vos réponses sont gardées." hides who acts ("sont gardées"). '
        "Look whether it can name who does it."
    )


@given(text=st.text(max_size=80), language=st.sampled_from([each.tag for each in RESPONDENT_LANGUAGES]))
def test_no_text_breaks_the_check(text: str, language: str) -> None:
    frequencies = Frequencies(lambda _word, _name: 0.0, frozenset({"fr", "ar", "tr", "bn"}))

    report = check_messages([message(text, language, "Le groupe aide.")], GLOSSARY, (), frequencies)

    assert [looked.messages for looked in report.languages] == [1]
    assert all(finding.said and "{" not in finding.said.replace(finding.about, "") for finding in report.unexplained)


def test_every_language_has_rules_and_no_other_has() -> None:
    assert set(load_rules()) == {language.tag for language in RESPONDENT_LANGUAGES}


def test_the_glossary_names_each_thing_in_french_dutch_and_english_and_contradicts_itself_nowhere() -> None:
    assert len(GLOSSARY) >= 8
    assert [term.id for term in GLOSSARY if not {"fr", "nl", "en"} <= set(term.use)] == []
    assert [
        (term.id, tag) for term in GLOSSARY for tag in term.avoid if set(term.avoid[tag]) & set(term.use[tag])
    ] == []


def test_a_file_that_is_no_glossary_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yaml"
    path.write_text("terms:\n  - { id: group, means: people, use: group }\n", encoding="utf-8")

    with pytest.raises(FaultyQuestionnaires, match=r"glossary\.yaml line 1: use"):
        load_glossary(path)


def test_a_language_without_a_list_or_rules_says_so() -> None:
    looked = check_messages([message("Mi faalaaka jaabagol", "ff")], (), (), FREQUENCIES).languages[0]

    assert {name.split(" (")[0] for name in looked.not_looked_at} == {
        "negation", "passive", "abbreviations beyond initials", "rare words", "glossary",
    }  # fmt: skip


def test_without_the_package_rare_words_are_said_to_be_not_looked_at() -> None:
    report = check_messages([message("Le truchement du groupe")], GLOSSARY, (), None)

    assert report.findings == ()
    assert report.languages[0].not_looked_at[0].startswith("rare words (wordfreq is not installed")


EXPLAINED = """\
explained:
  - finding: negation
    in: form.v1
    messages: [item]
    languages: {languages}
    reason: It is what the answer means.
"""


def explain(folder: Path, text: str, *messages: Message) -> PlainReport:
    path = folder / "explanations.yaml"
    path.write_text(text, encoding="utf-8")
    return check_messages(messages, GLOSSARY, [read_explanations(path)], FREQUENCIES)


@pytest.mark.parametrize("languages", ["every", "[fr]", "fr"])
def test_an_explained_finding_is_set_apart_with_its_reason(tmp_path: Path, languages: str) -> None:
    report = explain(tmp_path, EXPLAINED.format(languages=languages), message("Pas du tout"))

    assert (report.unexplained, report.faults) == ((), ())
    assert [reason.reason for _, reason in report.findings if reason] == ["It is what the answer means."]


def test_an_explanation_covers_no_other_message_language_or_finding(tmp_path: Path) -> None:
    others = [message("Helemaal niet", "nl"), Message("form.v1", "other", "fr", "Pas du tout", "fr", "Pas du tout")]
    report = explain(
        tmp_path, EXPLAINED.format(languages="[fr]"), message("Pas du tout"), message("Vos 2 réponses"), *others
    )

    assert sorted((str(each.code), each.message.language) for each in report.unexplained) == [
        ("digits", "fr"), ("negation", "fr"), ("negation", "nl"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EXPLAINED.format(languages="every").replace("negation", "passive"), "no finding passive"),
        (EXPLAINED.format(languages="[fr, nl]"), 'no finding negation for "item" in nl'),
        (EXPLAINED.format(languages="every").replace("item", "itme"), 'no message "itme"'),
        (EXPLAINED.format(languages="[french]"), 'no language "french"'),
        (EXPLAINED.format(languages="every").replace("finding: negation", "finding: negatoin"), "finding: Input"),
        (
            EXPLAINED.format(languages="every").replace("    reason: It is what the answer means.\n", ""),
            "reason: Field",
        ),
        (EXPLAINED.format(languages="every").replace("It is what the answer means.", "Yes."), "reason: String"),
        (EXPLAINED.format(languages="every").replace("    messages: [item]\n", ""), "name"),
        (EXPLAINED.format(languages="every").replace("messages: [item]", "about: [sans]"), 'for "sans" in any'),
        ("- finding: negation\n", 'Begin it with "explained:"'),
        ("explained: [\n", "can't be read"),
    ],
)
def test_an_explanation_that_fits_nothing_is_a_fault_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    report = explain(tmp_path, text, message("Pas du tout"), message("Helemaal", "nl"))

    assert [fault for fault in report.faults if expected in fault.message], report.faults
    assert {fault.line for fault in report.faults} <= {1, 2}


def test_what_was_not_looked_at_makes_no_explanation_stale(tmp_path: Path) -> None:
    path = tmp_path / "explanations.yaml"
    rare = EXPLAINED.format(languages="[fr]").replace("negation", "rare-word")
    path.write_text(rare + EXPLAINED.format(languages="[fr]").replace("form.v1", "form.v2")[11:], encoding="utf-8")

    assert check_messages([message("Oui")], (), [read_explanations(path)], None).faults == ()
