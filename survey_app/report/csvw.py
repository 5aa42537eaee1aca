"""``tables.csv-metadata.json``: what ``tables.csv`` holds, by the W3C's vocabulary "CSV on the Web".

Programs find it beside the table by its name (https://www.w3.org/TR/tabular-data-model/#standard-file-metadata).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from survey_app.protection.protected import Status
from survey_app.report.canonical import canonical_json
from survey_app.report.dictionary import name_columns
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import COLUMNS
from survey_app.report.told import Told
from survey_app.report.wording import Wording

_VALUE: Final = {"base": "integer", "minimum": 0}
_STATUS: Final = {"base": "string", "format": "|".join(Status)}


def csvw_name(table: str) -> str:
    """Return the file name that belongs to a table's."""
    return f"{table}-metadata.json"


def csvw(facts: ReleaseFacts, table: str, wordings: Sequence[Wording]) -> bytes:
    """Return the file. ``table``: the name of the table beside it; ``wordings``: in which its columns are explained."""
    names = {wording.language: name_columns(wording) for wording in wordings}
    return canonical_json(
        {
            "@context": "http://www.w3.org/ns/csvw",
            "url": table,
            "dc:title": {wording.language: Told(facts, wording).title() for wording in wordings},
            "dc:identifier": facts.id,
            "dc:created": facts.created_utc,
            "dialect": {"encoding": "utf-8", "lineTerminators": ["\n"], "header": True},
            "tableSchema": {
                "columns": [
                    _column(name, {language: named[name] for language, named in names.items()}) for name in COLUMNS
                ]
            },
        }
    )


def _column(name: str, told: dict[str, str]) -> dict[str, Any]:
    kinds: dict[str, Any] = {"value": _VALUE, "status": _STATUS}
    return {
        "name": name,
        "titles": name,
        "datatype": kinds.get(name, "string"),
        "required": name in {"table", "measure", "period", "status"},
        "dc:description": told,
    }
