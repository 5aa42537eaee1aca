"""All pictures in one file: ``/pictures/<version>.svg#face-a-lot``.

A cheap tablet needs longer to set up each SVG file than to draw it; one file is also one request instead of thirty.
The pictures stay separate in ``static/pictures``; this sheet is put together when the server starts to need it.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "static" / "pictures"
_SIDE: Final = 64  # every picture is drawn on 64 x 64; the emblem of the Union is wider
_WIDEST: Final = 96
_DISTANCE: Final = 8  # between pictures, so that no line of a neighbour shows
_ROOT: Final = re.compile(r'<svg xmlns="[^"]*" viewBox="([\d. ]+)"([^>]*)>(.*)</svg>', re.DOTALL)


@lru_cache(maxsize=1)
def write_sheet() -> str:
    """Return the sheet: one view per picture, named like its file.

    Raises:
        ValueError: a picture is not drawn as ``static/pictures/README.md`` says.
    """
    parts: list[str] = []
    for number, file in enumerate(sorted(FOLDER.glob("*.svg"))):
        match = _ROOT.search(file.read_text(encoding="utf-8").strip())
        if match is None:
            message = f"{file.name}: the picture does not begin with xmlns and viewBox. Write them first."
            raise ValueError(message)
        box, attributes, drawing = match.groups()
        _, _, width, height = (float(length) for length in box.split())
        wide = round(_SIDE * width / height)
        top = number * (_SIDE + _DISTANCE)
        place = f'y="{top}" width="{wide}" height="{_SIDE}"'
        parts.append(f'<view id="{file.stem}" viewBox="0 {top} {wide} {_SIDE}"/>')
        parts.append(f'<svg {place} viewBox="{box}"{attributes}>{drawing.strip()}</svg>')
    size = f'width="{_WIDEST}" height="{len(parts) // 2 * (_SIDE + _DISTANCE)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


@lru_cache(maxsize=1)
def sheet_address() -> str:
    """Return the address of the sheet, with its fingerprint."""
    return f"/pictures/{hashlib.sha256(write_sheet().encode()).hexdigest()[:10]}.svg"


def picture_address(name: str) -> str:
    """Return the address of one picture on the sheet.

    Raises:
        LookupError: there is no such picture.
    """
    if not (FOLDER / f"{name}.svg").is_file():
        raise LookupError(f'there is no picture "{name}". Draw it, or name another one.')
    return f"{sheet_address()}#{name}"
