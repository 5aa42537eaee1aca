"""A faulty file names each fault with its line and its mend, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import Fault, FaultyQuestionnaires, load_all, load_questionnaire

SHIPPED = Path(__file__).parents[2] / "questionnaires"

SOUND = """\
id: exit
version: 2
language: fr
title: "Le groupe"
limits: {items: 4, domains: 1}
scales:
  - id: much
    version: 1
    answers:
      - { code: a-lot, text: "Beaucoup", picture: a, colour: blue, counts_as: positive }
      - { code: a-little, text: "Un peu", picture: b, colour: teal, counts_as: positive }
      - { code: not-at-all, text: "Pas du tout", picture: c, colour: rust, counts_as: negative }
items:
  - id: helpful
    type: scale
    role: indicator
    scale: much
    text: "Le groupe m'aide ?"
    picture: a
  - id: housing
    type: single
    text: "Je sais chercher un logement ?"
    picture: a
    answers:
      - { code: yes, text: "Oui", picture: a, colour: blue }
      - { code: no, text: "Non", picture: b, colour: teal }
  - id: why
    type: several
    ask_if: { item: housing, is_one_of: [no] }
    text: "Que faut-il changer ?"
    picture: a
    answers:
      - { code: more, text: "Plus", picture: a, colour: blue }
      - { code: less, text: "Moins", picture: b, colour: teal }
"""


def faults_of(folder: Path, text: str, name: str = "exit.v2.yaml") -> list[str]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    loaded = load_questionnaire(path)
    assert isinstance(loaded, tuple), "the questionnaire was taken for sound"
    return [f"line {fault.line}: {fault.message}" for fault in loaded]


def test_a_sound_file_is_a_questionnaire(tmp_path: Path) -> None:
    (tmp_path / "exit.v2.yaml").write_text(SOUND, encoding="utf-8")

    loaded = load_questionnaire(tmp_path / "exit.v2.yaml")

    assert isinstance(loaded, Questionnaire)
    assert [answer.code for answer in loaded.answers_of(loaded.items[1])] == ["yes", "no"], "no quotes are needed"


def test_the_shipped_questionnaires_are_sound() -> None:
    assert set(load_all(SHIPPED)) >= {("amif-exit", 1), ("practice", 1)}


def test_a_fault_reads_as_one_line_that_an_editor_can_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fault = Fault(tmp_path / "questionnaires" / "x.yaml", 14, "this is wrong. Mend it.")

    assert str(fault) == "questionnaires/x.yaml line 14: this is wrong. Mend it."


REPLACED = [
    ("version: 2", 'version: "2"', 'line 2: the questionnaire: "version" must be a whole number'),
    ("version: 2", "version: true", 'line 2: the questionnaire: "version" must be a whole number'),
    ("version: 2", "version: 0", 'line 2: the questionnaire: "version" is 0. Write at least 1.'),
    ("language: fr", "language: frr", 'line 3: the language "frr" is not in the language table. Did you mean "fr"?'),
    ("language: fr", "language: xx", 'line 3: the language "xx" is not in the language table. Use one of fr, nl'),
    ("title:", "titel:", 'line 4: the questionnaire has the unknown key "titel". Did you mean "title"?'),
    ("title:", "titel:", 'line 1: the questionnaire has no "title". Add it.'),
    ("items: 4", "items: 9", 'line 5: limits: "items" is 9. Write at most 8.'),
    ("domains: 1", "domain: 1", 'line 5: limits has the unknown key "domain". Did you mean "domains"?'),
    ('"Le groupe"', "~", 'line 4: the questionnaire: "title" is empty.'),
    ('"Le groupe"', "12", 'line 4: the questionnaire: "title" must be text. Put it in quotes: "12".'),
    ('"Le groupe"', "[a]", 'line 4: the questionnaire: "title" must be text, not a list'),
    ("code: a-lot", "code: A lot", "Use only small letters without accents, digits and hyphens"),
    ("colour: rust", "colour: red", 'line 12: scale "much", answer "not-at-all": "colour" is "red". Use one of "blue"'),
    ("code: no,", "code: yes,", 'line 26: item "housing" repeats answer "yes". Give each answer its own code.'),
    ("code: no,", "code: no-answer,", 'line 26: item "housing" has the answer "no-answer", which stands beside'),
    ("code: no,", "code: missing,", 'line 26: item "housing" has the answer "missing", a word of the result tables'),
    ("code: no,", "code: chosen,", "a word of the result tables"),
    ("code: no,", "code: off-scale,", "a word of the result tables"),
    ("- id: housing", "- id: helpful", 'line 20: the id "helpful" is used by two items. Give each item its own id.'),
    ("- id: housing", "- id: title", 'line 20: an item can\'t be called "title"'),
    ("scale: much", "scale: mach", 'line 17: item "helpful" has the unknown scale "mach". Did you mean "much"?'),
    ("type: single", "type: singel", 'the unknown type "singel". Use one of scale, single, several, comment. Did you'),
    ("    type: single\n", "", 'line 20: item "housing" has no "type".'),
    (", counts_as: negative", "", 'line 7: scale "much" says "counts_as" for some of its answers only.'),
    ("counts_as: negative", "counts_as: positive", 'line 7: all answers of scale "much" count as positive.'),
    ("blue, counts_as: positive", "blue, counts_as: negative", "Order the answers from the most to the least"),
    ("blue }", "blue, counts_as: positive }", '"counts_as", which only a scale\'s answers have. Delete it.'),
    ("item: housing", "item: huosing", 'line 29: item "why" asks about the unknown item "huosing". Did you mean'),
    ("item: housing", "item: why", 'line 29: item "why" is asked on its own answer.'),
    ("is_one_of: [no]", "is_one_of: [nope]", 'line 29: item "why" asks about the answer "nope", which item "housing"'),
    ("is_one_of: [no]", "is_one_of: [not-understood]", 'asks about the answer "not-understood", which item'),
    ("is_one_of: [no]", "is_one_of: []", 'item "why" has no is_one_of. Write at least one.'),
    ("{ item: housing, is_one_of: [no] }", "{ when: housing }", "has a condition that can't be read. Write {item"),
    ("{ item: housing, is_one_of: [no] }", "housing", "has a condition that can't be read. Write {item"),
    ("items: 4", "items: 2", "line 5: up to 3 items are asked in one session, but limits.items is 2. Delete items"),
    ("role: indicator", "role: domain\n    activity: x\n    ask_if: ~", '"ask_if" is empty'),
    ("role: indicator", "role: indicator\n    activity: x", 'the role "indicator" and is asked of everybody. Delete'),
    ("type: single\n", "type: single\n    role: gender\n", "Use exactly the codes female, male, non-binary."),
    ("type: single\n", "type: single\n    role: age\n", "Use exactly the codes 18-60, over-60, under-18."),
    ("id: exit", "id: leave", 'line 1: the file of "leave" version 2 must be named leave.v2.yaml. Rename it.'),
    ("title:", "id: x\ntitle:", 'line 4: the key "id" was already given on line 1. Delete one of the two.'),
    ("title:", "<<: x\ntitle:", "line 4: this key is not a word."),
    ('"Le groupe"', "&a x", None),
    ('"Le groupe"', "&a x\nstem: *a", "line 5: an alias (*) repeats another part."),
    ('"Le groupe"', "!x y", 'line 4: the tag "!x" has no meaning here. Delete it.'),
    ('"Le groupe"', '"Le groupe', "the YAML can't be read"),
    ('"Le groupe"', "\x07", "a character that can't be printed stands here. Delete it."),
]


@pytest.mark.parametrize(("old", "new", "expected"), REPLACED)
def test_each_fault_is_named_with_its_mend(tmp_path: Path, old: str, new: str, expected: str | None) -> None:
    assert old in SOUND
    broken = SOUND.replace(old, new, 1)
    if expected is None:
        (tmp_path / "exit.v2.yaml").write_text(broken, encoding="utf-8")
        assert isinstance(load_questionnaire(tmp_path / "exit.v2.yaml"), Questionnaire)
        return

    assert any(expected in fault for fault in faults_of(tmp_path, broken)), faults_of(tmp_path, broken)


def test_a_condition_on_a_later_item_says_which_to_move(tmp_path: Path) -> None:
    later = SOUND.replace("    type: single\n", "    type: single\n    ask_if: { item: why, is_one_of: [more] }\n")

    assert 'line 22: item "housing" asks about "why", which is asked later. Move "why" before it.' in faults_of(
        tmp_path, later
    )


def test_faults_inside_nested_conditions_are_found_at_their_own_line(tmp_path: Path) -> None:
    nested = SOUND.replace(
        "ask_if: { item: housing, is_one_of: [no] }",
        "ask_if:\n      all:\n        - not: { item: housing, is_one_of: [maybe] }\n        - any:\n"
        "            - { item: ghost, is_one_of: [x] }\n            - { itm: x }",
    )

    found = faults_of(tmp_path, nested)

    assert any(fault.startswith("line 31:") and '"maybe"' in fault for fault in found)
    assert any(fault.startswith("line 33:") and '"ghost"' in fault for fault in found)
    assert any(fault.startswith("line 34:") and "can't be read" in fault for fault in found)
    assert len(found) == 3, "a faulty condition is told once"


def test_all_faults_of_a_file_are_reported_together(tmp_path: Path) -> None:
    broken = SOUND.replace("version: 2", "version: two").replace("colour: rust", "colour: red")
    broken = broken.replace("code: no,", "code: yes,").replace("scale: much", "scale: mach")

    lines = [int(fault.split()[1].strip(":")) for fault in faults_of(tmp_path, broken)]

    assert {2, 12, 17, 26} <= set(lines)
    assert lines == sorted(lines)


def test_two_indicators_or_two_ages_are_one_too_many(tmp_path: Path) -> None:
    second = '  - {id: again, type: scale, role: indicator, scale: much, text: "Encore ?", picture: a}\n'

    found = faults_of(tmp_path, SOUND + second)

    assert any('item "again" has the role "indicator", as item "helpful" has.' in fault for fault in found)


def test_a_scale_has_three_or_four_answers(tmp_path: Path) -> None:
    lines = SOUND.splitlines(keepends=True)

    assert 'line 9: scale "much" has 2 answers. Write 3 or 4.' in faults_of(tmp_path, "".join(lines[:10] + lines[11:]))


def test_the_fullest_legal_choice_of_domains_must_fit_into_one_session(tmp_path: Path) -> None:
    domain = '  - {{id: d{0}, type: scale, role: domain, activity: d{0}, scale: much, text: "Je ?", picture: a}}\n'
    more = SOUND.replace("domains: 1", "domains: 2") + "".join(domain.format(number) for number in range(5))

    found = faults_of(tmp_path, more)

    assert found == [
        "line 5: up to 5 items are asked in one session, but limits.items is 4. Delete items, or lower limits.domains."
    ]


def test_domains_asked_everywhere_must_fit_into_the_limit(tmp_path: Path) -> None:
    domain = '  - {{id: d{0}, type: scale, role: domain, scale: much, text: "Je ?", picture: a}}\n'
    more = SOUND.replace("items: 4", "items: 8") + domain.format(1) + domain.format(2)

    assert any(
        "2 items of domains are asked everywhere, but limits.domains is 1." in f for f in faults_of(tmp_path, more)
    )


@pytest.mark.parametrize(
    "text", ["", "~", "- a", "words", "{" * 3000, "a: &x [*x]", "? [a]\n: b", "--- a\n--- b", "\x00"]
)
def test_a_file_that_is_no_questionnaire_is_refused_in_plain_words(tmp_path: Path, text: str) -> None:
    assert faults_of(tmp_path, text)


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "exit.v2.yaml"
    path.write_bytes(SOUND.replace("Plus", "Prénom").encode("latin-1"))

    loaded = load_questionnaire(path)

    assert isinstance(loaded, tuple)
    assert (loaded[0].line, "UTF-8" in loaded[0].message) == (33, True)


def test_all_files_of_a_folder_are_read_before_it_is_refused(tmp_path: Path) -> None:
    for name in ("a.v1.yaml", "b.v1.yaml"):
        (tmp_path / name).write_text("id: x\n", encoding="utf-8")

    with pytest.raises(FaultyQuestionnaires) as refused:
        load_all(tmp_path)

    assert {fault.path.name for fault in refused.value.faults} == {"a.v1.yaml", "b.v1.yaml"}
    assert str(refused.value).count("\n") == len(refused.value.faults) - 1


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "version",
                    "items",
                    "scales",
                    "answers",
                    "ask_if",
                    "all",
                    "any",
                    "not",
                    "item",
                    "is_one_of",
                    "type",
                    "limits",
                    "code",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(value=PARTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_is_answered_with_faults_and_never_with_a_crash(tmp_path: Path, value: object) -> None:
    base = yaml.safe_load(SOUND)
    base["items"][2]["ask_if"] = value
    base["scales"][0]["answers"] = value
    for broken in (value, base):
        path = tmp_path / "exit.v2.yaml"
        path.write_text(yaml.safe_dump(broken, allow_unicode=True), encoding="utf-8")

        loaded = load_questionnaire(path)

        assert isinstance(loaded, Questionnaire) or all(fault.line >= 1 and fault.message for fault in loaded)
