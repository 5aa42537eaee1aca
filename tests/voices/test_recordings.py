"""What a person recorded is taken whole or not at all, and nothing of the person stays."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from survey_app.voices.clips import Voices, key_of
from survey_app.voices.mp3 import NoSoundError, read_sound
from survey_app.voices.recording import FaultyRecordingsError, read_index, take_recordings, write_sheet
from survey_app.voices.script import Line

MakeMp3 = Callable[..., bytes]
LINES = tuple(Line(key_of("ps", text), text, "answer") for text in ("هو", "نه", "لږ"))


@pytest.fixture
def voices(tmp_path: Path) -> Voices:
    return Voices(tmp_path / "recorded", tmp_path / "drafts")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def test_files_named_as_the_sheet_says_are_taken(voices: Voices, source: Path, make_mp3: MakeMp3) -> None:
    sheet = write_sheet("ps", LINES, voices)
    (source / "ps.csv").write_text(sheet, encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [row["sentence"] for row in rows] == [line.text for line in LINES]
    (source / rows[1]["file"]).write_bytes(make_mp3())
    (source / f"{LINES[2].key}.mp3").write_bytes(make_mp3(0.7))
    taken = take_recordings(source, "ps", LINES, voices.recorded)
    assert {one.line.text for one in taken} == {"نه", "لږ"}
    assert voices.find("ps", "هو") is None
    found = voices.find("ps", "نه")
    assert found is not None
    assert found.state == "recorded"
    assert read_index(voices.recorded / "ps") == {line.key: line.text for line in LINES[1:]}
    assert [row["voice"] for row in csv.DictReader(io.StringIO(write_sheet("ps", LINES, voices)))] == [
        "missing", "recorded", "recorded",
    ]  # fmt: skip


def test_labels_that_may_name_a_person_are_left_out(voices: Voices, source: Path, make_mp3: MakeMp3) -> None:
    sound = make_mp3()
    label = b"ID3\x04\x00\x00\x00\x00\x00\x14" + b"TPE1 recorded by NAME"[:20]
    (source / f"{LINES[0].key}.mp3").write_bytes(label + sound + b"TAG" + b"NAME".ljust(125, b"\0"))
    take_recordings(source, "ps", LINES, voices.recorded)
    found = voices.find("ps", "هو")
    assert found is not None
    kept = found.path.read_bytes()
    assert b"NAME" not in kept
    assert kept in sound


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("abcdefghij.mp3", "sound", "fits no sentence"),
        (f"{LINES[0].key}.mp3", "text", "is no MP3 file"),
        (f"{LINES[0].key}.mp3", "broken", "is broken"),
        (f"{LINES[0].key}.mp3", "stereo", "is stereo"),
        (f"{LINES[0].key}.mp3", "long", "seconds long"),
        (f"{LINES[0].key}.mp3", "large", "larger than"),
    ],
)
def test_one_file_at_fault_and_nothing_is_taken(
    voices: Voices, source: Path, make_mp3: MakeMp3, name: str, content: str, said: str
) -> None:
    contents = {
        "sound": make_mp3,
        "text": lambda: b"not a sound" * 50,
        "broken": lambda: make_mp3()[:-40],
        "stereo": lambda: make_mp3(channels=2),
        "long": lambda: make_mp3(25.0),
        "large": lambda: make_mp3() + b"\0" * 260_000,
    }
    (source / f"{LINES[1].key}.mp3").write_bytes(make_mp3())
    (source / name).write_bytes(contents[content]())
    with pytest.raises(FaultyRecordingsError, match=said) as told:
        take_recordings(source, "ps", LINES, voices.recorded)
    assert str(told.value).endswith("Nothing was taken.")
    assert not voices.clips("ps")


def test_an_empty_folder_is_told(voices: Voices, source: Path) -> None:
    with pytest.raises(FaultyRecordingsError, match="holds no recording"):
        take_recordings(source, "ps", LINES, voices.recorded)


def test_the_length_of_a_sound_is_read_from_its_frames(make_mp3: MakeMp3) -> None:
    assert read_sound(make_mp3(2.0)).seconds == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"ID3", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"\xff\xfb\x90\x00" * 40]
)
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(NoSoundError):
        read_sound(content)
