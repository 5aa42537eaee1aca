"""The real engine, in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from survey_app.foundation.errors import RequestMistakenError
from survey_app.voices import drafting
from survey_app.voices.clips import Voices, key_of
from survey_app.voices.engine import ENGINE_VOICES
from survey_app.voices.mp3 import read_sound
from survey_app.voices.script import Line, count_voices


@pytest.fixture
def voices(tmp_path: Path) -> Voices:
    return Voices(tmp_path / "recorded", tmp_path / "drafts")


def lines(tag: str, *texts: str) -> list[Line]:
    return [Line(key_of(tag, text), text, "") for text in texts]


def test_only_what_is_missing_is_spoken_and_what_is_gone_is_dropped(voices: Voices) -> None:
    first = lines("fr", "Je prends le bus tout seul, toute seule ?", "Oui, beaucoup")
    assert len(drafting.draft("fr", first, voices).made) == 2
    assert count_voices(first, "fr", voices).draft == 2
    then = [first[0], *lines("fr", "Oui, un peu")]
    done = drafting.draft("fr", then, voices)
    assert (done.made, done.dropped) == ((then[1].key,), (first[1].key,))
    assert drafting.draft("fr", then, voices) == drafting.Drafted((), (), ())


def test_a_draft_is_a_small_mono_mp3_of_a_likely_length(voices: Voices) -> None:
    drafting.draft("nl", lines("nl", "Neem ik alleen de bus of de trein?"), voices)
    clip = voices.find("nl", "Neem ik alleen de bus of de trein?")
    assert clip is not None
    sound = read_sound(clip.path.read_bytes())
    assert sound.is_mono
    assert 1.5 < sound.seconds < 4
    assert clip.size / sound.seconds == pytest.approx(3_000, rel=0.1)  # 24 kbit/s


def test_the_engine_has_each_voice_that_the_table_names(voices: Voices) -> None:
    assert len(ENGINE_VOICES) > 10
    for tag in ENGINE_VOICES:
        assert drafting.draft(tag, lines(tag, "1 2 3"), voices).made, tag


def test_an_unknown_voice_speaks_no_nonsense(voices: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "ENGINE_VOICES", {"ps": "ps"})
    with pytest.raises(RequestMistakenError, match="No draft was made"):
        drafting.draft("ps", lines("ps", "زه"), voices)
    assert not voices.clips("ps")


def test_a_text_that_the_engine_spells_is_refused(voices: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "ENGINE_VOICES", {"pa-Arab": "pa"})
    done = drafting.draft("pa-Arab", lines("pa-Arab", "میں بس وچ جاندا ہاں"), voices)
    assert (len(done.made), len(done.refused)) == (0, 1)
    assert not voices.clips("pa-Arab")


def test_without_the_engine_the_mend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "_PACKAGES", ("no_such_engine",))
    with pytest.raises(RequestMistakenError, match=r'pip install "survey-app\[voices\]"'):
        drafting.check_engine()


def test_the_server_never_imports_the_engine() -> None:
    asked = """
import sys, survey_app.main
print([name for name in sys.modules if "espeak" in name or "lameenc" in name or name.endswith("voices.speak")])
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
