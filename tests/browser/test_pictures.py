"""Pictures as a tablet shows them: at 60 px and without colour, each is still told from every other."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "survey_app" / "web" / "static" / "pictures"
FACES = ("face-a-lot", "face-a-little", "face-not-much", "face-not-at-all")
SIDE = 60
CLEARLY = 51
"""Steps of grey, of 255: a fifth of the way from black to white."""
LEAST = 100
"""Dots, of 3600, that differ clearly between two pictures: a patch of 10 by 10 (ours)."""

ONE_MEANING = {("leave", "promise-stop")}
"""Drawn alike on purpose: "you may stop" shows the button that stops."""

DRAW = """async ([source, side]) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, side, side);
  pen.drawImage(image, 0, 0, side, side);
  const dots = pen.getImageData(0, 0, side, side).data;
  const greys = [];
  for (let at = 0; at < dots.length; at += 4) {
    greys.push(Math.round(0.2126 * dots[at] + 0.7152 * dots[at + 1] + 0.0722 * dots[at + 2]));
  }
  return greys;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    yield made
    made.close()


def draw(page: Page, svg: str) -> list[int]:
    """Return the greys of a picture, dot by dot."""
    source = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return page.evaluate(DRAW, [source, SIDE])


def count_different(one: list[int], other: list[int]) -> int:
    return sum(abs(left - right) > CLEARLY for left, right in zip(one, other, strict=True))


def too_alike(greys: Mapping[str, list[int]], least: int) -> dict[tuple[str, str], int]:
    counts = {pair: count_different(greys[pair[0]], greys[pair[1]]) for pair in combinations(greys, 2)}
    return {pair: count for pair, count in counts.items() if count < least}


def in_one_tint(svg: str) -> str:
    """Return a face without the tint of its head, so that only its features tell."""
    return re.sub(r'(r="28" fill=)"#[0-9a-f]{6}"', r'\1"#cccccc"', svg)


def test_faces_are_told_apart_by_their_features_alone(page: Page) -> None:
    drawn = {name: in_one_tint((PICTURES / f"{name}.svg").read_text(encoding="utf-8")) for name in FACES}
    assert all('"#cccccc"' in svg for svg in drawn.values())

    assert too_alike({name: draw(page, svg) for name, svg in drawn.items()}, LEAST) == {}


def test_a_face_that_differs_by_its_tint_only_would_be_noticed(page: Page) -> None:
    face = (PICTURES / "face-a-lot.svg").read_text(encoding="utf-8")
    other = face.replace("#4080cc", "#ffd466")
    greys = {name: draw(page, in_one_tint(svg)) for name, svg in (("one", face), ("other", other))}

    assert face != other
    assert too_alike(greys, LEAST) == {("one", "other"): 0}


def test_every_picture_is_told_from_every_other_in_greyscale(page: Page) -> None:
    paths = sorted(PICTURES.glob("*.svg"))
    greys = {path.stem: draw(page, path.read_text(encoding="utf-8")) for path in paths}

    assert len(greys) >= 50
    assert all(len(each) == SIDE * SIDE for each in greys.values())
    assert set(too_alike(greys, LEAST)) == ONE_MEANING
