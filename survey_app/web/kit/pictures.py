"""Pictures that appear together come in one file: ``/pictures/answers-<version>.svg#face-a-lot``; the others come alone.

A cheap tablet needs longer to set up an SVG file than to draw it, so thirty files are too many; and to paint one picture it
walks through the whole file that the picture is in, so one file for all is too large (at a sixth of a laptop's speed it
cost 280 ms before the first question). The pictures stay separate in ``static/pictures``; sheets are put together here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from survey_app.foundation.places import PICTURES

FOLDER: Final = PICTURES
TOGETHER: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "first": (
            "leave",
            "next",
            "promise-who",
            "promise-no-name",
            "promise-no-change",
            "promise-unseen",
            "promise-stop",
            "people-group",
            "eu-emblem",
            "headphones",
            "tablet",
        ),
        "answers": (
            "face-a-lot",
            "face-a-little",
            "face-not-much",
            "face-not-at-all",
            "off-not-understood",
            "off-not-for-me",
            "off-no-answer",
            "back",
            "replay",
            "done",
            "touch",
        ),
        "comment": ("comment", "no-names", "speak", "write", "nothing-more", "stop", "listen", "delete"),
        "change": ("change", "more-hours", "slower", "talk-more", "other-time", "childcare"),
        "persons": (
            "age",
            "age-young",
            "age-adult",
            "age-elder",
            "gender",
            "woman",
            "man",
            "other-person",
        ),
        "end": ("send", "thank-you", "kept", "waiting"),
    }
)
"""Sheet to the pictures of one screen. A picture that is named nowhere here is a file of its own."""
_SIDE: Final = 64  # every picture is drawn on 64 x 64; the emblem of the Union is wider
_WIDEST: Final = 96
_DISTANCE: Final = 8  # between pictures, so that no line of a neighbour shows
_ROOT: Final = re.compile(r'<svg xmlns="[^"]*" viewBox="([\d. ]+)"([^>]*)>(.*)</svg>', re.DOTALL)
_SHEET_OF: Final = {picture: sheet for sheet, pictures in TOGETHER.items() for picture in pictures}


@lru_cache(maxsize=1)
def sheets() -> Mapping[str, str]:
    """Return the text of every file of pictures by its address, fingerprint included.

    Raises:
        ValueError: a picture is not drawn as ``static/pictures/README.md`` says.
        LookupError: a sheet names a picture that is not drawn.
    """
    names: dict[str, tuple[str, ...]] = dict(TOGETHER)
    for file in sorted(FOLDER.glob("*.svg")):
        names.setdefault(_SHEET_OF.get(file.stem, file.stem), (file.stem,))
    texts = {sheet: _write_sheet(pictures) for sheet, pictures in names.items()}
    return MappingProxyType({_address(sheet, text): text for sheet, text in texts.items()})


@lru_cache(maxsize=256)
def picture_address(name: str) -> str:
    """Return the address of one picture.

    Raises:
        LookupError: there is no such picture.
    """
    sheet = _SHEET_OF.get(name, name)
    if not (FOLDER / f"{name}.svg").is_file():
        raise LookupError(f'there is no picture "{name}". Draw it, or name another one.')
    address = _address(sheet, _write_sheet(TOGETHER.get(sheet, (name,))))
    return f"{address}#{name}"


def _address(sheet: str, text: str) -> str:
    return f"/pictures/{sheet}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.svg"


@lru_cache(maxsize=256)
def _write_sheet(pictures: tuple[str, ...]) -> str:
    """Return a file of these pictures, one above the other, with one view per picture, named like it."""
    parts: list[str] = []
    for number, picture in enumerate(pictures):
        box, attributes, drawing = _read_drawing(picture)
        _, _, width, height = (float(length) for length in box.split())
        wide = round(_SIDE * width / height)
        top = number * (_SIDE + _DISTANCE)
        place = f'y="{top}" width="{wide}" height="{_SIDE}"'
        parts.append(f'<view id="{picture}" viewBox="0 {top} {wide} {_SIDE}"/>')
        parts.append(f'<svg {place} viewBox="{box}"{attributes}>{drawing}</svg>')
    size = f'width="{_WIDEST}" height="{len(pictures) * (_SIDE + _DISTANCE)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _read_drawing(picture: str) -> tuple[str, str, str]:
    """Return the view box, the other attributes and the inside of a drawing."""
    file = FOLDER / f"{picture}.svg"
    if not file.is_file():
        raise LookupError(f'there is no picture "{picture}". Draw it, or name another one.')
    match = _ROOT.search(file.read_text(encoding="utf-8").strip())
    if match is None:
        message = f"{file.name}: the picture does not begin with xmlns and viewBox. Write them first."
        raise ValueError(message)
    box, attributes, drawing = match.groups()
    return box, attributes, drawing.strip()
