"""How colours look to others: sRGB in, what a person with a colour vision deficiency or a grey screen sees out.

Simulation: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
IEEE Transactions on Visualization and Computer Graphics 15 (6), 2009, matrices of severity 1.0, on linear RGB.
Difference: CIE 1976 (L*, a*, b*), white D65. About 2.3 of it is just noticeable (Mahy, Van Eycken and Oosterlinck,
"Evaluation of uniform color spaces", Color Research and Application 19 (2), 1994).
Contrast and relative luminance: WCAG 2.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

Colour = tuple[float, float, float]
"""Linear red, green and blue, 0 to 1."""

JUST_NOTICEABLE = 2.3
SIGHTS: Mapping[str, tuple[Colour, Colour, Colour]] = {
    "typical": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = (0.95047, 1.0, 1.08883)


def colour(written: str) -> Colour:
    """Read ``#abc`` or ``#aabbcc``."""
    digits = written.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return red, green, blue


def tokens(css: str) -> dict[str, Colour]:
    """Return the colours of a style sheet's custom properties by their names."""
    return {name: colour(value) for name, value in re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})\b", css)}


def seen_with(sight: str, shown: Colour) -> Colour:
    """Return the colour that looks the same to typical sight."""
    red, green, blue = (min(1.0, max(0.0, _dot(row, shown))) for row in SIGHTS[sight])
    return red, green, blue


def difference(one: Colour, other: Colour) -> float:
    return math.dist(_lab(one), _lab(other))


def lightness(shown: Colour) -> float:
    """Return L*, 0 to 100: what is left of a colour in greyscale."""
    return _lab(shown)[0]


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((_dot(_LUMINANCE, one), _dot(_LUMINANCE, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _dot(row: Colour, shown: Colour) -> float:
    return sum(part * other for part, other in zip(row, shown, strict=True))


def _lab(shown: Colour) -> Colour:
    x, y, z = (_root(_dot(row, shown) / white) for row, white in zip(_XYZ, _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
