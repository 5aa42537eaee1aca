"""The report as PDF: tagged, PDF/UA-1, with its letters inside. The printer of paper forms prints it.

A name may hold a letter that no font of ours draws: a sign stands in its place and a line says so, and no figure waits for it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from survey_app.paper.printing import LettersMissingError, print_document
from survey_app.report.blocks import Block, Row, Table
from survey_app.report.document import Document

_TEMPLATE: Final = Path(__file__).with_name("document.typ")
_NO_DRAWING: Final = "\N{REPLACEMENT CHARACTER}"
_ROUNDED: Final = str.maketrans({"\N{ALMOST EQUAL TO}": "~"})  # which no font of ours has
_MOST_LETTERS: Final = 40  # that are replaced before we give up


def pdf(document: Document, words: dict[str, str]) -> bytes:
    """Return the file; the same report gives the same bytes. ``words``: what the template says itself.

    Raises:
        NoPaperError: the printer is not installed.
    """
    content: dict[str, Any] = {
        "lang": document.language,
        "title": document.title,
        "line": document.line,
        "warning": document.warning,
        "words": words,
        "sections": [
            {"title": section.title, "blocks": [_write(block) for block in section.blocks]}
            for section in document.sections
        ],
    }
    return _print_with_what_letters_we_have(
        json.dumps(content, ensure_ascii=False).translate(_ROUNDED), document.language
    )


def _print_with_what_letters_we_have(written: str, language: str) -> bytes:
    is_missing = False
    for _ in range(_MOST_LETTERS):
        try:
            return print_document(_TEMPLATE, {**json.loads(written), "letters_missing": is_missing}, language)
        except LettersMissingError as missing:
            is_missing = True
            written = written.replace(missing.letters or _NO_DRAWING, _NO_DRAWING)
    return print_document(_TEMPLATE, {**json.loads(written), "letters_missing": is_missing}, language)


def _write(block: Block) -> dict[str, Any]:
    if not isinstance(block, Table):
        return {"kind": block.kind, **asdict(block)}
    return {
        "kind": block.kind,
        "title": block.title,
        "heads": block.heads,
        "legend": block.legend,
        "has_bars": block.has_bars,
        "rows": [_write_row(row) for row in block.rows],
    }


def _write_row(row: Row) -> dict[str, Any]:
    return {
        "head": row.head,
        "cells": row.cells,
        "depth": row.depth,
        "bar": None if row.bar is None else asdict(row.bar),
    }
