"""What became of something that people said: four words for posters, screens and signals alike."""

from __future__ import annotations

from typing import Final, Literal, get_args

Became = Literal["heard", "in-discussion", "changed", "not-possible"]
BECAME: Final[tuple[Became, ...]] = get_args(Became)
