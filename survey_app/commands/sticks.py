"""Files that travel between instances on a USB stick."""

from __future__ import annotations

from pathlib import Path

from survey_app.foundation.errors import RequestMistakenError


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
