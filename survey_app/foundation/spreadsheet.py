"""Tables that staff open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t")  # a spreadsheet would compute what begins with these


def as_text(cell: str) -> str:
    """Return what somebody typed so that a spreadsheet shows it and computes nothing."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_csv(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a table as CSV: UTF-8 with its mark, for spreadsheets."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(heading)
    lines.writerows(rows)
    return written.getvalue().encode("utf-8-sig")
