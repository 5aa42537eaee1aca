"""tau-ARGUS on one table, in a process of its own (``python -P engine_process.py``), JSON on pipes.

In: ``{"method": "OPT(1,1)", "axes": [{code: parent}, ...], "cells": [[codes, figure, people, leaves, weight], ...],
"withheld": [figures], "smallest_count": k, "width": w}``. Codes are numbers, so that nothing readable enters the engine's files.
Out: ``{"withheld": [figures], "engine": name and version}``; an exit code other than 0 where the engine failed.

One process for each table, because the native library can crash the process (see ``tau_argus``).

tau-ARGUS takes a count of 0 for an empty cell: never withheld, and known. So counts are written a thousandfold plus one for
each leaf below the cell, which keeps additivity and lets a zero be withheld.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

_TIMES: Final = 1000
_METADATA: Final = """\
<SEPARATOR> ";"
<SAFE> "S"
<UNSAFE> "U"
<PROTECT> "P"
"""
_AXIS: Final = """\
{name}
 <RECODEABLE>
 <TOTCODE> "Total"
 <HIERARCHICAL>
 <HIERLEADSTRING> "@"
 <HIERCODELIST> "{name}.hrc"
"""
_MEASURES: Final = """\
V
 <NUMERIC>
 <DECIMALS> 0
F
 <FREQUENCY>
C
 <NUMERIC> <COST>
S
 <STATUS>
L
 <NUMERIC> <LOWERPL>
U
 <NUMERIC> <UPPERPL>
"""


def main() -> None:
    """Protect the table that comes in on standard input."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the native engine prints
    withheld = protect_table(json.load(sys.stdin))
    json.dump({"withheld": withheld, "engine": f"pytauargus {version('pytauargus')}"}, answer)
    answer.flush()


def protect_table(task: dict[str, Any]) -> list[int]:
    """Return the figures that the engine withholds in a table, those it was given included.

    Raises whatever the engine raises.
    """
    from pytauargus.engine import run_batch  # noqa: PLC0415 - only this process loads the engine

    # The engine leaves logs and its problem, counts included, in the folder it is started in.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        run_batch(str(_write_files(Path(folder), task)))
        return _read_result(Path(folder) / "out.tab", task)


def _write_files(folder: Path, task: dict[str, Any]) -> Path:
    names = [f"A{number}" for number in range(len(task["axes"]))]
    for name, parents in zip(names, task["axes"], strict=True):
        (folder / f"{name}.hrc").write_text("".join(_tree(parents, "0", 0)), encoding="ascii")
    withheld = frozenset(task["withheld"])
    lines = (_line(cell, withheld, task) for cell in task["cells"])
    (folder / "in.tab").write_text("".join(lines), encoding="ascii")
    metadata = _METADATA + "".join(_AXIS.format(name=name) for name in names) + _MEASURES
    (folder / "in.rda").write_text(metadata, encoding="ascii")
    axes = "".join(f'"{name}"' for name in names)
    batch = folder / "in.arb"
    batch.write_text(
        f'<OPENTABLEDATA> "in.tab"\n<OPENMETADATA> "in.rda"\n<SPECIFYTABLE> {axes}|"V"||"C"\n<SAFETYRULE>\n<READTABLE> 0\n'
        f'<SUPPRESS> {task["method"]}\n<WRITETABLE> (1,5,SO+,"out.tab")\n',
        encoding="ascii",
    )
    return batch


def _tree(parents: dict[str, str], above: str, depth: int) -> list[str]:
    lines = []
    for code, parent in parents.items():
        if parent == above:
            lines.append(f"{'@' * depth}{_name(code)}\n")
            lines += _tree(parents, code, depth + 1)
    return lines


def _name(code: str) -> str:
    return "Total" if code == "0" else f"c{int(code):05d}"  # int(): whatever else came in stops here


def _line(cell: list[Any], withheld: frozenset[int], task: dict[str, Any]) -> str:
    codes, figure, people, leaves, weight = cell
    value = people * _TIMES + leaves
    low = 0 < people < task["smallest_count"]
    down = people * _TIMES if low else 0
    up = (max(task["width"], task["smallest_count"]) - (people if low else 0)) * _TIMES
    status = "U" if figure in withheld else "S"
    fields = (*(_name(code) for code in codes), value, leaves, weight, status, down, up)
    return ";".join(str(field) for field in fields) + "\n"


def _read_result(path: Path, task: dict[str, Any]) -> list[int]:
    figure_of = {tuple(_name(code) for code in codes): figure for codes, figure, *_ in task["cells"]}
    count = len(task["axes"])
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = [field.strip().strip('"') for field in line.split(";")]
        if fields[-3] in {"U", "M"}:
            found.add(figure_of[tuple(fields[:count])])
    return sorted(found)


if __name__ == "__main__":
    main()
