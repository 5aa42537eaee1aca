"""The four answers of the scale are told apart by colour-blind eyes, and by their faces' lightness in greyscale.

Colour is never alone: face, word and voice go with it. ``tests/browser/test_pictures.py`` looks at the faces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
import vision

STATIC = Path(__file__).parents[2] / "survey_app" / "web" / "static"
TOKENS = vision.tokens((STATIC / "css" / "tokens.css").read_text(encoding="utf-8"))
ANSWERS = {"a-lot": "blue", "a-little": "teal", "not-much": "amber", "not-at-all": "rust"}
LEAST = 3 * vision.JUST_NOTICEABLE
"""Difference of two answers: three times what is just noticeable side by side, as tiles stand apart (ours)."""


def confused(tiles: Mapping[str, tuple[vision.Colour, vision.Colour]], sight: str) -> list[tuple[str, str]]:
    """Return the pairs of tiles, each a ground and a frame, of which neither part differs enough."""
    seen = {name: [vision.seen_with(sight, part) for part in parts] for name, parts in tiles.items()}
    return [
        (one, other)
        for one, other in combinations(seen, 2)
        if max(map(vision.difference, seen[one], seen[other])) < LEAST
    ]


def tiles_of(names: Mapping[str, str]) -> dict[str, tuple[vision.Colour, vision.Colour]]:
    return {answer: (TOKENS[name], TOKENS[f"{name}-frame"]) for answer, name in names.items()}


def faces() -> dict[str, vision.Colour]:
    drawn = {answer: (STATIC / "pictures" / f"face-{answer}.svg").read_text(encoding="utf-8") for answer in ANSWERS}
    heads = {answer: re.search(r'r="28" fill="(#[0-9a-f]{6})"', text) for answer, text in drawn.items()}
    return {answer: vision.colour(head.group(1)) for answer, head in heads.items() if head}


@pytest.mark.parametrize("sight", vision.SIGHTS)
def test_no_two_answers_look_alike(sight: str) -> None:
    assert confused(tiles_of(ANSWERS), sight) == []


@pytest.mark.parametrize("sight", vision.SIGHTS)
def test_no_two_faces_have_the_same_tint(sight: str) -> None:
    heads = faces()

    assert len(heads) == 4
    assert confused({answer: (head, head) for answer, head in heads.items()}, sight) == []


def test_faces_differ_in_lightness_when_colour_is_gone() -> None:
    heads = {answer: vision.lightness(head) for answer, head in faces().items()}

    assert len(heads) == 4
    assert [pair for pair in combinations(heads, 2) if abs(heads[pair[0]] - heads[pair[1]]) < LEAST] == []


@pytest.mark.parametrize("sight", vision.SIGHTS)
@pytest.mark.parametrize("name", [*ANSWERS.values(), "violet"])
def test_words_and_frames_stay_legible(name: str, sight: str) -> None:
    ink, paper, ground, frame = (
        vision.seen_with(sight, TOKENS[part]) for part in ("ink", "paper", name, f"{name}-frame")
    )

    assert vision.contrast(ink, ground) >= 7  # WCAG 2.2, 1.4.6
    assert min(vision.contrast(frame, ground), vision.contrast(frame, paper)) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize(
    ("sight", "grounds", "frames"),
    [
        ("protanopia", ("#e3ecd0", "#f3e6cf"), ("#3d6b1a", "#7d5a00")),
        ("deuteranopia", ("#dff0d8", "#f3e6d6"), ("#4e6b1a", "#7a5020")),
        ("tritanopia", ("#dceafb", "#d8f0f3"), ("#1a6b8e", "#1a6f80")),
    ],
)
def test_green_beside_red_or_blue_beside_green_would_be_noticed(
    sight: str, grounds: tuple[str, str], frames: tuple[str, str]
) -> None:
    tiles = {name: (vision.colour(grounds[at]), vision.colour(frames[at])) for at, name in enumerate(("one", "other"))}

    assert confused(tiles, "typical") == []
    assert confused(tiles, sight) == [("one", "other")]


def test_the_simulation_keeps_greys_and_takes_red_from_green() -> None:
    grey = vision.colour("#808080")
    red, green = vision.colour("#9a3f1b"), vision.colour("#4c6b1a")

    assert all(vision.difference(grey, vision.seen_with(sight, grey)) < 0.1 for sight in vision.SIGHTS)
    assert vision.difference(red, green) > 40
    assert vision.difference(*(vision.seen_with("deuteranopia", each) for each in (red, green))) < 25
    assert (vision.lightness(vision.colour("#fff")), vision.lightness(vision.colour("#000"))) == pytest.approx((100, 0))
    assert vision.contrast(vision.colour("#fff"), vision.colour("#000")) == pytest.approx(21)
