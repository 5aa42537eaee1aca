"""Pages name the sound of each sentence, and give it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import builders
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, find_language
from survey_app.main import find_languages
from survey_app.questionnaire.practice import load_practice
from survey_app.storage import structure
from survey_app.voices.clips import Voices, key_of
from survey_app.voices.script import SILENT, count_voices, restrict, write_script

MakeMp3 = Callable[..., bytes]
NAMES = re.compile(r'data-say="([a-z2-7]{8})"')


@pytest.fixture
def voices(app: FastAPI, tmp_path: Path) -> Voices:
    """No voices but those that a test makes."""
    app.state.voices = Voices(tmp_path / "recorded", tmp_path / "drafts")
    found: Voices = app.state.voices
    return found


def record(app: FastAPI, voices: Voices, tag: str, sound: bytes) -> int:
    """Record every sentence of a language; return how many there are."""
    language = find_language(tag)
    assert language is not None
    lines = write_script(language, app.state.questionnaires.values(), app.state.catalogues)
    folder = voices.recorded / language.locale
    folder.mkdir(parents=True)
    for number, line in enumerate(lines):
        (folder / f"{line.key}.mp3").write_bytes(sound + bytes([number]))
    return len(lines)


def test_a_clip_is_given_for_ever_whole_or_in_parts(
    app: FastAPI, client: TestClient, voices: Voices, make_mp3: MakeMp3
) -> None:
    record(app, voices, "fr", make_mp3())
    clip = voices.find("fr", "Oui, beaucoup")
    assert clip is not None
    whole = client.get(f"/voices/fr/{clip.name}.mp3")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert "immutable" in whole.headers["cache-control"]
    assert "content-encoding" not in whole.headers
    part = client.get(f"/voices/fr/{clip.name}.mp3", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert "media-src 'self';" in whole.headers["content-security-policy"]


def test_a_clip_that_is_not_there_is_not_found(
    app: FastAPI, client: TestClient, voices: Voices, make_mp3: MakeMp3
) -> None:
    record(app, voices, "fr", make_mp3())
    clip = voices.find("fr", "Oui, beaucoup")
    assert clip is not None
    for address in (f"/voices/nl/{clip.name}.mp3", "/voices/fr/aaaaaaaa.mp3", "/voices/..%2Ffr/aaaaaaaa.mp3"):
        assert client.get(address).status_code == 404, address
    clip.path.unlink()
    assert client.get(f"/voices/fr/{clip.name}.mp3").status_code == 404


def test_every_sentence_of_the_script_stands_on_the_page_with_its_sound(
    app: FastAPI, client: TestClient, voices: Voices, make_mp3: MakeMp3
) -> None:
    record(app, voices, "fr", make_mp3())
    page = client.get(f"/s/{builders.CODE}/fr").text
    named = set(NAMES.findall(page))
    french = find_language("fr")
    assert french is not None
    asked = (restrict(app.state.questionnaires["amif-exit", 1], builders.ACTIVITIES), load_practice())
    lines = write_script(french, asked, app.state.catalogues)
    # Spoken elsewhere: on the wall, in small groups, after a fault, or not on this page yet.
    on_page = {
        clip.name for line in lines if (clip := voices.clips("fr").get(line.key)) is not None and line.text in page
    }
    assert len(named) > 40
    assert named <= {clip.name for clip in voices.clips("fr").values()}
    assert len(on_page - named) <= 6
    assert 'data-voices="/voices/fr/"' in page


def test_a_page_without_clips_is_silent(client: TestClient, voices: Voices) -> None:
    page = client.get(f"/s/{builders.CODE}/ps").text
    assert "data-say" not in page
    assert "data-voices" not in page


def test_somali_text_is_spoken_by_a_maay_voice(
    app: FastAPI, client: TestClient, voices: Voices, make_mp3: MakeMp3
) -> None:
    record(app, voices, "ymm", make_mp3())
    assert "data-say" not in client.get(f"/s/{builders.CODE}/so").text
    project = structure.find_project(app.state.database, "ensemble")
    assert project is not None
    structure.write_structure(app.state.database, projects=[replace(project, voices=(("so", "ymm"),))])
    page = client.get(f"/s/{builders.CODE}/so").text
    assert 'lang="so"' in page
    assert 'data-voices="/voices/ymm/"' in page
    assert len(set(NAMES.findall(page))) > 40


def test_a_language_that_is_only_spoken_is_offered_once_every_sentence_is_recorded(
    app: FastAPI, client: TestClient, voices: Voices, make_mp3: MakeMp3
) -> None:
    state = app.state

    def offered() -> tuple[str, ...]:
        return find_languages(state.questionnaires, state.catalogues, voices)["amif-exit", 1]

    assert "ymm" not in offered()
    record(app, voices, "ymm", make_mp3())
    assert "ymm" in offered()
    state.languages = find_languages(state.questionnaires, state.catalogues, voices)
    assert ">Maay</a>" in client.get(f"/s/{builders.CODE}").text
    page = client.get(f"/s/{builders.CODE}/ymm").text
    assert '<html lang="ymm" dir="ltr" data-spoken>' in page
    answer = builders.build_raw(language="ymm")
    address = f"/api/v1/sessions/{builders.CODE}/responses/6f2f0c5e-2a55-4b0e-9d49-9a8a1c1d2e3f"
    assert (
        client.put(address, content=json.dumps(answer), headers={"content-type": "application/json"}).status_code == 201
    )
    somali = find_language("so")
    assert somali is not None
    gone = voices.find("ymm", state.catalogues.respond("so").gettext("Thank you!"))
    assert gone is not None
    gone.path.unlink()
    assert "ymm" not in offered()


@pytest.mark.parametrize("language", RESPONDENT_LANGUAGES, ids=lambda language: language.tag)
def test_each_message_in_each_language_has_words_a_voice_state_and_its_picture(app: FastAPI, language: object) -> None:
    state = app.state
    offered = [form for form, tags in state.languages.items() if language.tag in tags]  # type: ignore[attr-defined]
    assert len(offered) >= 2
    for form in offered:
        questionnaire = state.questionnaires[form]
        lines = write_script(language, (questionnaire,), state.catalogues)  # type: ignore[arg-type]
        assert all(line.text.strip() for line in lines)
        assert len(lines) > 20
        count = count_voices(lines, language.tag, state.voices)  # type: ignore[attr-defined]
        assert count.total == len(lines) == count.recorded + count.draft + count.missing
        pictured = [
            *questionnaire.items,
            *(answer for item in questionnaire.items for answer in questionnaire.answers_of(item)),
        ]
        assert all(part.picture for part in pictured)


def test_each_sentence_of_respondents_pages_is_spoken_or_silent_for_a_reason(app: FastAPI) -> None:
    english = find_language("en")
    assert english is not None
    spoken = {line.text for line in write_script(english, (), app.state.catalogues)}
    wanted = {source for _, source in app.state.catalogues.wanted["respond"]}
    assert len(spoken) > 20
    assert wanted - spoken - SILENT == {source for source in wanted if "{" in source}


def test_a_key_depends_on_the_voice() -> None:
    assert key_of("so", "Haa") != key_of("ymm", "Haa")
