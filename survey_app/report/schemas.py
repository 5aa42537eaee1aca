"""The published form of ``release.json`` and ``tables.json``, as JSON Schema; of every format that was ever written.

It describes and does not judge: ``survey-app release audit`` also knows what the parts must agree on.
"""

from __future__ import annotations

from typing import Any, Final, get_args

from survey_app.protection.protected import Status
from survey_app.protection.reasons import Step
from survey_app.report.release_json import FORMAT
from survey_app.report.tables_csv import COLUMNS, COLUMNS_AT_FIRST

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PERIOD: Final = {"type": "string", "pattern": r"^(\.\.)?20[0-9]{2}-H[12]$"}


def release_schema() -> dict[str, Any]:
    """Return the schema of ``release.json``."""
    properties = {
        "format": {
            "enum": list(range(1, FORMAT + 1)),
            "description": "1 until tables.csv had a column for the language, 2 until it had one for the mode.",
        },
        "id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,80}$"},
        "created": {"type": "string", "format": "date-time", "description": "In UTC, to the second."},
        "period": {**_PERIOD, "description": "A half-year; with two dots before it, all up to its end."},
        "tier": {"enum": ["inside", "network", "public"]},
        "scope": {
            "oneOf": [
                _object(kind={"const": "all-organisations"}),
                _object(kind={"const": "one-project"}, organisation=_TEXT, project=_TEXT),
            ]
        },
        "synthetic": {"type": "boolean", "description": "True where nobody gave these answers."},
        "policy": {
            "type": "object",
            "description": "The policy as it was applied: each number, some with reason and source.",
        },
        "questionnaires": _array(_object(id=_TEXT, version=_COUNT, scales=_array(_object(id=_TEXT, version=_COUNT)))),
        "certificate": _certificate(),
        "folded": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "Partner to the lead that it is counted with.",
        },
        "files": {"type": "object", "additionalProperties": _object(sha256=_HASH, bytes=_COUNT)},
        "previous": {
            "anyOf": [_HASH, {"type": "null"}],
            "description": "Hash of the release before; null for the first.",
        },
    }
    return {"$schema": _DIALECT, "title": "release.json of survey-app", **_object(**properties)}


def tables_schema() -> dict[str, Any]:
    """Return the schema of ``tables.json``."""
    cell = {
        **dict.fromkeys(COLUMNS, _TEXT),
        "value": {"anyOf": [_COUNT, {"type": "null"}], "description": "People; null exactly where it is withheld."},
        "status": {"enum": list(Status)},
    }
    withheld = {"properties": {"status": {"const": Status.WITHHELD.value}}}
    cells = {
        "type": "object",
        "properties": cell,
        "required": list(COLUMNS_AT_FIRST),
        "additionalProperties": False,
        "if": withheld,
        "then": {"properties": {"value": {"type": "null"}}},
        "else": {"properties": {"value": {"type": "integer"}}},
    }
    code = _object(
        code=_TEXT,
        parent={**_TEXT, "description": "The code that it adds up to; empty for the whole."},
        values=_array(_TEXT),
    )
    axis = _object(name=_TEXT, columns=_array({"enum": list(COLUMNS)}), codes=_array(code))
    table = _object(name=_TEXT, answer_axis={"anyOf": [_TEXT, {"type": "null"}]}, axes=_array(axis))
    whole = _object(
        release=_TEXT,
        synthetic={"type": "boolean"},
        columns=_array({"enum": list(COLUMNS)}),
        tables=_array(table),
        cells=_array(cells),
    )
    return {"$schema": _DIALECT, "title": "tables.json of survey-app", **whole}


def _certificate() -> dict[str, Any]:
    required = {
        "cells_attacked": _COUNT,
        "narrowest_interval": {"anyOf": [_COUNT, {"type": "null"}]},
        "attacks": _array(_TEXT),
        "engines": _array(_object(code=_TEXT, name=_TEXT, done=_COUNT, tables=_COUNT)),
    }
    later = {
        name: {"anyOf": [each, {"type": "null"}]}
        for name, each in (
            ("step", {"enum": list(get_args(Step))}),
            ("quality", {"type": "object"}),
            ("rounded", _object(base=_COUNT, reach=_COUNT)),
        )
    }
    return {**_object(**required), "properties": {**required, **later}}


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - schemas
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema
    return {"type": "array", "items": items}
