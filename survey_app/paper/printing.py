"""Printing: a form becomes a PDF that says to screen readers what it shows (PDF/UA-1), with its own letters inside.

The compiler sees our fonts only and takes none in their place: with a letter that they lack, it makes no PDF. It is
imported when a form is printed, never at start-up, and an installation without it serves everything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language, Script
from survey_app.paper.form import PaperForm

if TYPE_CHECKING:
    import typst

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_TEMPLATE: Final = Path(__file__).with_name("form.typ")
_TOKENS: Final = _PACKAGE / "web" / "static" / "css" / "tokens.css"
FONTS: Final = Path(__file__).with_name("fonts")
"""Made by ``scripts/paper_fonts.py``, not committed."""

_LATIN: Final = ("Survey Latin", "Survey Latin Extended")
_LETTERS: Final[Mapping[Script, tuple[str, ...]]] = {
    "latin": (),
    "cyrillic": ("Survey Cyrillic",),
    "arabic": ("Survey Arabic",),
    "ethiopic": ("Survey Ethiopic",),
    "bengali": ("Survey Bengali",),
    "han": ("Survey Chinese",),
}
_MISSING: Final = re.compile(r'(?:the text `"(.+?)"` )?could not be displayed with font')

NoPaperReason = Literal["not-installed", "letters-missing"]


class NoPaperError(RequestMistakenError):
    """A form can't be printed on this machine. ``reason`` is a code; the message says how to mend it."""

    def __init__(self, reason: NoPaperReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class LettersMissingError(NoPaperError):
    """No font of ours has a letter of it. ``letters``: which, as far as the compiler names them."""

    def __init__(self, language: str, letters: str) -> None:
        mend = "A sentence may have changed: run ./run again, or scripts/paper_fonts.py."
        super().__init__("letters-missing", f"a letter of the form in {language} has no drawing here. {mend}")
        self.letters = letters


def print_form(form: PaperForm) -> bytes:
    """Return the form as PDF; the same form gives the same bytes.

    Raises:
        NoPaperError: the compiler or letters of the language are not here.
    """
    return cast("bytes", _compile(form, format="pdf", pdf_standards=["ua-1"], timestamp=0))


def draw_pages(form: PaperForm, ppi: float) -> list[bytes]:
    """Return the pages of the form as PNG, for people who look at them.

    Raises:
        NoPaperError: the compiler or letters of the language are not here.
    """
    drawn = _compile(form, format="png", ppi=ppi)
    return drawn if isinstance(drawn, list) else [cast("bytes", drawn)]


def print_document(template: Path, content: Mapping[str, object], language: str) -> bytes:
    """Return what a template of ours makes of its content as PDF/UA-1; the same content gives the same bytes.

    Args:
        template: a ``.typ`` file inside the package; it reads ``sys.inputs.form``.
        content: what it says, as JSON can; ``fonts`` and ``colours`` are added.
        language: tag, for what is said where a letter has no drawing.

    Raises:
        NoPaperError: the compiler is not here; ``LettersMissingError`` where a letter has no drawing.
    """
    whole = {**content, "fonts": _every_family(), "colours": _read_colours()}
    return cast("bytes", _typeset(template, whole, language, format="pdf", pdf_standards=["ua-1"], timestamp=0))


def _compile(form: PaperForm, **how: Any) -> object:  # noqa: ANN401 - options of the compiler
    families = _find_families(form.language)
    return _typeset(_TEMPLATE, _write_content(form, families), form.language.tag, **how)


def _typeset(template: Path, content: Mapping[str, object], language: str, **how: Any) -> object:  # noqa: ANN401 - as above
    fonts = _fonts()
    import typst  # noqa: PLC0415 - 85 MB that only print needs

    written = json.dumps(content, ensure_ascii=False)
    try:
        return typst.compile(template, root=_PACKAGE, font_paths=fonts, sys_inputs={"form": written}, **how)
    except typst.TypstError as error:
        if (missing := _MISSING.search(str(error))) is not None:
            raise LettersMissingError(language, _unescape(missing[1] or "")) from None
        raise


def _unescape(letters: str) -> str:
    """Return letters as they were written: the compiler names those that nobody sees by their number."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda number: chr(int(number[1], 16)), letters)


def _every_family() -> tuple[str, ...]:
    """Return all our families of letters, Latin first.

    Raises:
        NoPaperError: they, or the compiler, are not here.
    """
    known = set(_fonts().families())
    if not known.issuperset(_LATIN):
        raise _not_installed()
    return (*_LATIN, *sorted(known - set(_LATIN)))


def _find_families(language: Language) -> tuple[str, ...]:
    """Return the families of letters that a form in a language is printed in, its own first.

    Raises:
        NoPaperError: they, or the compiler, are not here.
    """
    own = _LETTERS[language.script]
    if not set(_fonts().families()).issuperset((*own, *_LATIN)):
        raise _not_installed()
    return (*own, *_LATIN)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return our fonts and no other: what the machine has would take their place unseen.

    Raises:
        NoPaperError: the compiler is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - as above
    except ImportError:
        raise _not_installed() from None
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def _write_content(form: PaperForm, families: tuple[str, ...]) -> dict[str, object]:
    base, _, more = form.language.tag.partition("-")
    is_script = len(more) == len("Arab")
    content = {name: value for name, value in asdict(form).items() if name not in {"language", "for_staff"}}
    return {
        **content,
        "staff": asdict(form.for_staff),
        "colours": _read_colours(),
        "fonts": families,
        "is_rtl": form.language.direction == "rtl",
        "lang": base,
        "region": more if more and not is_script else None,
        "script": more.lower() if is_script else None,
    }


@lru_cache(maxsize=1)
def _read_colours() -> dict[str, str]:
    """Return the colours of the tablet's pages by name: paper looks like the screen."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", _TOKENS.read_text(encoding="utf-8")))


def _not_installed() -> NoPaperError:
    mend = "Run ./run once with an internet connection, or install survey-app[paper] and run scripts/paper_fonts.py."
    return NoPaperError("not-installed", f"paper forms can't be printed on this computer yet. {mend}")
