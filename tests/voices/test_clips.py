"""A clip is found by what its sentence says; a person's voice wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, SPOKEN_LANGUAGES, find_language
from survey_app.foundation.places import shipped
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import Catalogues, load_catalogues
from survey_app.voices.clips import Voices, key_of
from survey_app.voices.engine import ENGINE_VOICES, REFUSED, is_spelled
from survey_app.voices.script import SILENT, Line, count_voices, write_script

SENTENCE = "Le groupe m'aide ?"


@pytest.fixture
def voices(tmp_path: Path) -> Voices:
    return Voices(tmp_path / "recorded", tmp_path / "drafts")


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return load_catalogues(shipped("translations"))


def put(folder: Path, tag: str, sentence: str, content: bytes) -> None:
    (folder / tag.replace("-", "_")).mkdir(parents=True, exist_ok=True)
    (folder / tag.replace("-", "_") / f"{key_of(tag, sentence)}.mp3").write_bytes(content)


def test_a_sentence_that_changes_loses_its_voice(voices: Voices) -> None:
    put(voices.drafts, "fr", SENTENCE, b"draft")
    assert voices.find("fr", SENTENCE) is not None
    assert voices.find("fr", SENTENCE.replace("groupe", "cours")) is None
    assert voices.find("nl", SENTENCE) is None


def test_spaces_and_ways_of_writing_the_same_letter_change_nothing(voices: Voices) -> None:
    put(voices.drafts, "fr", "Présent ?", b"draft")
    assert voices.find("fr", "Pre\u0301sent\u00a0 ?") is not None


def test_a_recording_wins_over_a_draft_and_bears_another_name_on_the_wire(voices: Voices) -> None:
    put(voices.drafts, "fa-AF", SENTENCE, b"draft")
    before = voices.find("fa-AF", SENTENCE)
    put(voices.recorded, "fa-AF", SENTENCE, b"recorded")
    after = voices.find("fa-AF", SENTENCE)
    assert before is not None
    assert after is not None
    assert (before.state, after.state) == ("draft", "recorded")
    assert before.name != after.name
    assert voices.named("fa-AF", after.name) == after
    assert voices.named("fa-AF", before.name) is None


def test_voices_are_counted(voices: Voices) -> None:
    lines = [Line(key_of("fr", text), text, "") for text in "abcd"]
    put(voices.drafts, "fr", "a", b"1")
    put(voices.drafts, "fr", "b", b"2")
    put(voices.recorded, "fr", "b", b"3")
    count = count_voices(lines, "fr", voices)
    assert (count.recorded, count.draft, count.missing, count.total) == (1, 1, 2, 4)


def test_each_language_has_an_engine_or_a_reason_why_only_people_speak_it() -> None:
    tags = {language.tag for language in (*RESPONDENT_LANGUAGES, *SPOKEN_LANGUAGES)}
    assert set(ENGINE_VOICES) & set(REFUSED) == set()
    assert set(ENGINE_VOICES) | set(REFUSED) == tags


def test_a_sound_that_is_much_too_long_was_spelled() -> None:
    assert is_spelled("میں بس", 6.1)
    assert not is_spelled("我一个人坐公交车", 2.7)


def test_the_script_holds_each_sentence_once_and_none_that_is_filled_in(catalogues: Catalogues) -> None:
    french = find_language("fr")
    assert french is not None
    lines = write_script(french, load_all(shipped("questionnaires")).values(), catalogues)
    texts = [line.text for line in lines]
    assert {"Français", "Grâce au groupe :", "Je parle mieux la langue d'ici ?", "Par exemple : au magasin."} <= {
        *texts
    }
    assert {"Oui, beaucoup", "Je ne comprends pas", "Entre 18 et 60 ans", "J'aime le thé ?"} <= {*texts}
    assert len(texts) == len(set(texts))
    assert not any("{" in text for text in texts)


def test_what_nobody_speaks_still_stands_on_a_page(catalogues: Catalogues) -> None:
    there = {source for _, source in catalogues.wanted["respond"]}
    # Sentences that a page is about to have.
    coming = {"There is no sound now. You can go on."}
    assert there
    assert SILENT - there <= coming


def test_a_language_that_is_only_spoken_says_what_is_written_in_another(catalogues: Catalogues) -> None:
    maay, somali = find_language("ymm"), find_language("so")
    assert maay is not None
    assert somali is not None
    asked = load_all(shipped("questionnaires")).values()
    spoken, written = (write_script(language, asked, catalogues) for language in (maay, somali))
    assert [line.text for line in spoken][1:] == [line.text for line in written][1:]
    assert {line.key for line in spoken} & {line.key for line in written} == set()


def test_a_sentence_without_translation_is_not_spoken(catalogues: Catalogues) -> None:
    empty = Catalogues({}, catalogues.wanted)
    german = find_language("de")
    assert german is not None
    assert [line.text for line in write_script(german, load_all(shipped("questionnaires")).values(), empty)] == [
        "Deutsch"
    ]
