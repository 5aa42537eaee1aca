"""What a device sends as a comment is read as words or refused with a code, and sound needs no parser."""

from __future__ import annotations

import io
import json
import wave
from array import array
from pathlib import Path

import pytest

from survey_app.collection.comment import LARGEST_SOUND, MOST_LETTERS, Spoken, Written, read_spoken, read_written
from survey_app.collection.reading import Problem, Rejected
from survey_app.collection.sound import write_wave


def refused(code: str) -> Rejected:
    return Rejected((Problem("comment", code),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("  Plus d'heures \r\n le soir\t", "Plus d'heures \n le soir"),
        ("ስመይ", "ስመይ"),
        ("می‌خواهم", "می‌خواهم"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("abc\u202edef", "abcdef"),
        ("😀" * MOST_LETTERS, "😀" * MOST_LETTERS),
    ],
    ids=["line ends", "Ethiopic", "joiners stay", "no control characters", "no turned order", "as long as allowed"],
)
def test_words_are_read_without_what_nobody_can_see(sent: str, read: str) -> None:
    assert read_written(sent.encode()) == Written(read)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "comment-empty"),
        (b" \n\x00", "comment-empty"),
        (b"\xff\xfe", "comment-not-text"),
        (b"a" * 501, "comment-too-long"),
    ],
)
def test_what_is_no_comment_is_refused(sent: bytes, code: str) -> None:
    assert read_written(sent) == refused(code)


def test_sound_is_any_bytes_up_to_a_minute() -> None:
    assert read_spoken(b"\x00") == Spoken(b"\x00")
    assert read_spoken(b"\xff" * LARGEST_SOUND) == Spoken(b"\xff" * LARGEST_SOUND)
    assert read_spoken(b"\xff" * (LARGEST_SOUND + 1)) == refused("comment-too-long")
    assert read_spoken(b"") == refused("comment-empty")


def test_a_minute_of_sound_is_a_wave_file_of_a_minute() -> None:
    with wave.open(io.BytesIO(write_wave(b"\xff" * LARGEST_SOUND))) as file:
        assert file.getnframes() / file.getframerate() == 60
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)


def test_samples_have_the_values_of_the_recommendation() -> None:
    with wave.open(io.BytesIO(write_wave(bytes((0xFF, 0x7F, 0x80, 0x00, 0xF0, 0x8F))))) as file:
        read = file.readframes(6)
    values = [int.from_bytes(read[at : at + 2], "little", signed=True) for at in range(0, 12, 2)]
    assert values == [0, 0, 32124, -32124, 120, 16764]


def test_every_byte_sounds_here_as_it_does_on_the_tablet() -> None:
    cases = json.loads((Path(__file__).parents[1] / "cases" / "telephone.json").read_text("utf-8"))
    with wave.open(io.BytesIO(write_wave(bytes(range(256))))) as file:
        read = array("h", file.readframes(256))
    assert list(read) == cases["linear"]
