"""Files that travel between instances on a USB stick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from survey_app.foundation.errors import RequestMistakenError

SAY_ENVELOPE: Final[Mapping[str, str]] = {
    "other-format": "it was packed by another version of this program. Update the older of the two computers.",
    "foreign": "it is for another instance. Pack it with --to and the name of this one.",
    "sender-unknown": "it comes from an instance that is not trusted here. Trust its card first: survey-app instance trust.",
    "forged": "it was not signed by the instance that it names. Do not use it, and find out who brought it.",
    "unavailable": "nothing can be stored now. Try again later.",
}
"""Why a file of any kind is not taken, and what to do. Each kind adds reasons of its own."""


def write_to(out: Path, name: str, content: bytes) -> Path:
    """Write a file into a folder, made where it is not there; whoever pulls the stick too early finds no half file."""
    out.mkdir(parents=True, exist_ok=True)
    unfinished = out / f".{Path(name).stem}.unfinished"
    unfinished.write_bytes(content)
    return unfinished.replace(out / name)


def read_from(file: Path, largest: int) -> bytes:
    """Return what a file holds, and no more than a byte above ``largest``.

    Raises:
        RequestMistakenError: it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(largest + 1)
    except OSError as error:
        raise RequestMistakenError(f"{file} cannot be read ({error.strerror}). Check the name and the stick.") from None
