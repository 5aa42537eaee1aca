"""``tables-fr.sav``: the cells of ``tables.csv`` for SPSS, PSPP and jamovi, with labels in one language.

Codes stay texts, as in every other file, so that files of several years can be put one below the other; labels explain
them. ``value`` is system-missing where it is withheld.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import Any, Final, cast

from survey_app.protection.protected import ProtectedTables
from survey_app.report.dictionary import label_codes, name_columns
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import COLUMNS, cells_in_order, row_of
from survey_app.report.told import Told, synthetic_warning
from survey_app.report.wording import Wording

_LONGEST_LABEL: Final = 120  # bytes; of a value, in the format
_LONGEST_TITLE: Final = 64
_LONGEST_LINE: Final = 60  # letters; of a note, which may be 80 bytes long
_MOMENT: Final = slice(92, 109)  # in the file's header: the day (9 bytes) and the time (8) of its writing
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sav(protected: ProtectedTables, facts: ReleaseFacts, wording: Wording) -> bytes:
    """Return the file; the same bytes for the same release and words, with the release's day and no clock time."""
    import pandas as pd  # noqa: PLC0415 - imported when a release is made
    import pyreadstat  # noqa: PLC0415 - as above

    rows = [dict(zip(COLUMNS, row_of(cell), strict=True)) for cell in cells_in_order(protected)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["value"] = pd.to_numeric(frame["value"].replace("", None)).astype("float64")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.sav"
        pyreadstat.write_sav(
            frame,
            path,
            file_label=_cut(Told(facts, wording).title(), _LONGEST_TITLE),
            note=wrap(synthetic_warning(wording), _LONGEST_LINE) if facts.synthetic else None,
            column_labels={**name_columns(wording)},
            variable_value_labels=cast("Any", _labels(protected, wording)),  # its types know labels of numbers only
            variable_measure={name: "scale" if name == "value" else "nominal" for name in COLUMNS},
            variable_format={"value": "F8.0"},
            row_compress=True,
        )
        written = bytearray(path.read_bytes())
    written[_MOMENT] = _moment(facts.created.date())
    return bytes(written)


def _labels(protected: ProtectedTables, wording: Wording) -> Mapping[str, Mapping[str, str]]:
    """Return the label of each code of a column; an answer that says something else in another question keeps its code."""
    found: dict[str, dict[str, set[str]]] = {}
    for entry, label in label_codes(protected, wording).items():
        found.setdefault(entry.column, {}).setdefault(entry.code, set()).add(label)
    return {
        column: {code: _label(code, labels - {code}) for code, labels in codes.items()}
        for column, codes in found.items()
    }


def _label(code: str, labels: set[str]) -> str:
    return _cut(labels.pop() if len(labels) == 1 else code, _LONGEST_LABEL)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _moment(day: date) -> bytes:
    return f"{day.day:02} {_MONTHS[day.month - 1]} {day.year % 100:02}00:00:00".encode()
