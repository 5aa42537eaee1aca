"""Make the letters of paper forms: the fonts of ``node_modules`` as TrueType files, one for each weight.

The printer reads neither compressed web fonts nor variable ones. Each font gets a family name of its own, so that a test
can see in a PDF that no other font took its place. Chinese comes in a hundred files: what its sentences need is taken out of
them and put together; whoever changes a sentence runs this again (``./run`` does). Nothing is downloaded here: ``npm ci``
did that from the lock.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po
from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT: Final = Path(__file__).resolve().parent.parent
MODULES: Final = ROOT / "node_modules" / "@fontsource-variable"
FONTS: Final = ROOT / "survey_app" / "paper" / "fonts"
FAMILIES: Final = {
    "Survey Latin": ("noto-sans", "latin"),
    "Survey Latin Extended": ("noto-sans", "latin-ext"),
    "Survey Cyrillic": ("noto-sans", "cyrillic"),
    "Survey Arabic": ("vazirmatn", "arabic"),
    "Survey Ethiopic": ("noto-sans-ethiopic", "ethiopic"),
    "Survey Bengali": ("noto-sans-bengali", "bengali"),
}
"""Family on paper -> package and subset."""
CHINESE: Final = ("Survey Chinese", "noto-sans-sc")
SENTENCES: Final = ROOT / "translations" / "zh_Hans" / "LC_MESSAGES"
WEIGHTS: Final = {400: "Regular", 700: "Bold"}
_FAMILY, _STYLE, _UNIQUE, _FULL, _POSTSCRIPT = 1, 2, 3, 4, 6
_KEPT_NAMES: Final = (0, 5, 13, 14)  # copyright, version, licence and its address
_BOLD: Final = 700
_FIRST_CHINESE: Final = 0x2E80


def make(family: str, package: str, subset: str) -> None:
    """Write the weights of one font."""
    for weight in WEIGHTS:
        with TTFont(MODULES / package / "files" / f"{package}-{subset}-wght-normal.woff2") as font:
            _save(_fix(font, weight), family, weight)


def make_from_many(family: str, package: str, characters: set[int]) -> None:
    """Write the weights of a font that comes in many files, with these characters only."""
    parts = [part for file in sorted((MODULES / package / "files").glob("*.woff2")) if (part := _cut(file, characters))]
    for weight in WEIGHTS:
        files = [io.BytesIO() for _ in parts]
        for part, file in zip(parts, files, strict=True):
            _fix(TTFont(io.BytesIO(part)), weight).save(file)
            file.seek(0)
        _save(Merger().merge(files), family, weight)


def find_characters(folder: Path) -> set[int]:
    """Return the Chinese characters of the sentences; letters and digits beside them are those of the Latin font."""
    texts = ["中文"]
    for path in folder.glob("*.po"):
        with path.open("rb") as file:
            texts += [message.string for message in read_po(file) if isinstance(message.string, str)]
    return {ord(character) for character in "".join(texts) if ord(character) >= _FIRST_CHINESE}


def _cut(file: Path, characters: set[int]) -> bytes | None:
    """Return a font with those of the characters that it draws; ``None`` where there are none."""
    font = TTFont(file)
    drawn = characters & set(font.getBestCmap())
    if not drawn:
        return None
    cutter = Subsetter(Options(layout_features=[], notdef_outline=True))
    cutter.populate(unicodes=drawn)
    cutter.subset(font)
    font.flavor = None
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def _fix(font: TTFont, weight: int) -> TTFont:
    """Make one weight of a variable font, in place: a copy takes longer than to read it again."""
    fixed = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
    made = instantiateVariableFont(font, {**fixed, "wght": weight}, inplace=True)
    made.flavor = None
    return made


def _save(font: TTFont, family: str, weight: int) -> None:
    _name(font, family, weight)
    font.save(FONTS / f"{family.replace(' ', '')}-{WEIGHTS[weight]}.ttf")


def _name(font: TTFont, family: str, weight: int) -> None:
    """Give the font its family, and say which of the family it is."""
    style = WEIGHTS[weight]
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in _KEPT_NAMES]
    postscript = f"{family.replace(' ', '')}-{style}"
    new = {_FAMILY: family, _STYLE: style, _UNIQUE: postscript, _FULL: f"{family} {style}", _POSTSCRIPT: postscript}
    for number, text in new.items():
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0x61) | (0x20 if weight == _BOLD else 0x40)
    font["head"].macStyle = 1 if weight == _BOLD else 0


def main() -> int:
    if not MODULES.is_dir():
        print("There is no node_modules folder. Run `npm ci` first.", file=sys.stderr)
        return 2
    shutil.rmtree(FONTS, ignore_errors=True)
    FONTS.mkdir(parents=True)
    for family, (package, subset) in FAMILIES.items():
        make(family, package, subset)
    make_from_many(*CHINESE, find_characters(SENTENCES))
    for package in {*(package for package, _ in FAMILIES.values()), CHINESE[1]}:
        shutil.copyfile(MODULES / package / "LICENSE", FONTS / f"{package}.LICENSE.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
