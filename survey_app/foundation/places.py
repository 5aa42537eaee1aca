"""Where the shipped files lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE = Path(__file__).resolve().parent.parent
PICTURES: Final = _PACKAGE / "web" / "static" / "pictures"
"""Folder of the drawn pictures, ``NAME.svg`` each."""


def shipped(name: str) -> Path:
    """Return the folder ``name`` (``questionnaires``, ``translations``, ``migrations``)."""
    inside = _PACKAGE / "shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
