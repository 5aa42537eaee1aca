"""The door to tau-ARGUS (pytauargus): asks it which figures to withhold, and believes it only to withhold *more*.

Each table of up to ``LARGEST`` cells in which something is withheld is protected in a process of its own. What it chooses
there is completed over the whole linked set by our own optimiser, and the assurance attacks the result either way. Missing,
crashed, babbling or of another version, the engine can not weaken a release: a table that it fails on is left to our own
optimiser, and so is one of which it would publish what it was told to withhold. Nor can a
slow machine change one: where it is late with a table, nothing that it said counts.

Found by trying pytauargus 0.6.0 on our tables:

* ``linked=True`` ends in "PrepareHITAS failed"; GH, NET and CTA are refused.
* OPT on answer x place: 39 to 104 cells, 6 to 35 of them low: 0.1 to 1 s; 377 cells, 26 low: 1.2 s, 61 withheld; 247 cells,
  77 low: 9 s; 377 cells, 141 low: not within 15 s. On answer x gender x age (325 cells, 185 low) it crashes after 38 s.
* MOD crashes the process on most of our tables (SIGSEGV: few codes on an axis, or three axes). Where it does not, it is
  wasteful: of 377 cells it withholds 191 where OPT withholds 61, and 168 where no cell is low at all.

So OPT is used, and a table of three axes is handed over as its planes (one axis held at each of its codes), which share cells
like tables do. What is withheld in one table is not carried to the others for tau-ARGUS to answer, as the statistical
offices do. Measured on 40 made-up worlds, what is withheld beside what rules withhold, weighed by what the reader loses:

* carried on until nothing changes, tables of up to 130 cells (24 of the worlds): never cheaper than our own optimiser alone;
* asked once, tables of up to 60 cells, completed by our own optimiser: cheaper in 31 of 40, by 0.2 to 12 %. A table takes
  0.2 to 1 s of a processor, most of it the start of the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from survey_app.aggregation.tables import Axis, LinkedTables, NotAsked, UnprotectedTable
from survey_app.protection.linkage import Linkage, weight_of
from survey_app.protection.policy import Policy
from survey_app.protection.reasons import EngineUsed

COMMAND: Final = (sys.executable, "-P", str(Path(__file__).with_name("engine_process.py")))
SUPPORTED: Final = "pytauargus 0.6."
LARGEST: Final = 60  # cells of a table that OPT protects in a second, whatever is withheld in it
_WORKERS: Final = 2
_PLANE: Final = 2  # axes


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """``withheld``: figures that the engine withholds, those it was given included.

    ``engine``: for the certificate; ``None`` where no table was for it.
    """

    withheld: frozenset[int]
    engine: EngineUsed | None


@dataclass(frozen=True, slots=True)
class _Said:
    withheld: frozenset[int]
    engine: str = ""


def ask_engine(
    linked: LinkedTables,
    linkage: Linkage,
    withheld: Collection[int],
    policy: Policy,
    *,
    command: Sequence[str] = COMMAND,
) -> EngineAnswer:
    """Ask tau-ARGUS about each small table in which something is withheld; never raises for what happens in the engine.

    It has ``policy.engine_seconds`` for each table.
    """
    tables = list(_tasks(linked, linkage, policy))
    due = [task for task in tables if len(task["cells"]) <= LARGEST and _figures(task).intersection(withheld)]
    if not due:
        return EngineAnswer(frozenset(withheld), None)
    tasks = [task | {"withheld": sorted(_figures(task).intersection(withheld))} for task in due]
    with ThreadPoolExecutor(_WORKERS) as workers:
        try:
            answers = list(workers.map(lambda task: _ask(task, command, policy.engine_seconds), tasks))
        except subprocess.TimeoutExpired:
            workers.shutdown(cancel_futures=True)
            answers = []
    said = [answer for answer in answers if answer is not None]
    found = frozenset(withheld).union(*(answer.withheld for answer in said))
    return EngineAnswer(found, _named({answer.engine for answer in said}, len(said), len(tables)))


def _named(engines: Collection[str], done: int, tables: int) -> EngineUsed:
    if not engines:
        return EngineUsed("tau-argus-silent", "tau-ARGUS", 0, tables)
    return EngineUsed("tau-argus", ", ".join(sorted(engines)), done, tables)


def _figures(task: dict[str, Any]) -> frozenset[int]:
    return frozenset(figure for _, figure, *_ in task["cells"])


def _ask(task: dict[str, Any], command: Sequence[str], seconds: float) -> _Said | None:
    """Return what the engine says of one table; ``None`` where it fails.

    Raises:
        subprocess.TimeoutExpired: it is late.
    """
    try:
        # The engine leaves logs with counts where it stands: in a folder that goes with it, however it ends.
        with TemporaryDirectory(prefix="tau-argus-", ignore_cleanup_errors=True) as folder:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
                command,
                input=json.dumps(task).encode(),
                capture_output=True,
                check=True,
                cwd=folder,
                env={**os.environ, "TMPDIR": folder},
                timeout=seconds,
            )
        answer = json.loads(done.stdout)
        figures, engine = answer["withheld"], answer["engine"]
    except (OSError, subprocess.CalledProcessError, ValueError, TypeError, KeyError):
        return None
    return _Said(frozenset(figures), engine) if _is_sane(task, figures, engine) else None


def _is_sane(task: dict[str, Any], figures: object, engine: object) -> bool:
    """Say whether an answer is one to the question, of the engine that was tried: all that was withheld, and known figures."""
    if not isinstance(engine, str) or not engine.startswith(SUPPORTED) or not isinstance(figures, list):
        return False
    known = _figures(task)
    return all(type(figure) is int and figure in known for figure in figures) and set(task["withheld"]) <= set(figures)


def _tasks(linked: LinkedTables, linkage: Linkage, policy: Policy) -> Iterable[dict[str, Any]]:
    """Yield each table for the engine's process, those of more than two axes as their planes."""
    for number, table in enumerate(linked.tables):
        for fixed in _planes(table):
            if task := _task((number, table), fixed, linked, linkage):
                yield task | {"smallest_count": policy.smallest_count, "width": policy.interval_width}


def _planes(table: UnprotectedTable) -> Iterable[Mapping[int, str]]:
    """Yield which axes are held at which code, so that two are left, the answers among them."""
    others = [place for place, axis in enumerate(table.axes) if axis.name != table.answer_axis]
    surplus = len(table.axes) - _PLANE
    if surplus <= 0:
        yield {}
        return
    for held in combinations(others, surplus):
        for codes in product(*(table.axes[place].codes for place in held)):
            yield dict(zip(held, codes, strict=True))


def _task(
    numbered: tuple[int, UnprotectedTable], fixed: Mapping[int, str], linked: LinkedTables, linkage: Linkage
) -> dict[str, Any] | None:
    """Return a plane without the codes under which nobody was asked; ``None`` if nothing is left of it."""
    number, table = numbered
    free = [place for place in range(len(table.axes)) if place not in fixed]
    asked = {
        tuple(codes[place] for place in free): (codes, cell)
        for codes, cell in table.cells.items()
        if not isinstance(cell.atoms, NotAsked) and all(codes[place] == code for place, code in fixed.items())
    }
    used = [{codes[place] for codes in asked} for place in range(len(free))]
    axes = [
        Axis("", {code: parent for code, parent in table.axes[place].parents.items() if code in codes})
        for place, codes in zip(free, used, strict=True)
    ]
    if any(not axis.parents for axis in axes):
        return None
    names = [{code: str(place) for place, code in enumerate(axis.codes)} for axis in axes]
    leaves = [{code: _leaves(axis, code) for code in axis.codes} for axis in axes]
    cells: list[list[Any]] = []
    for codes, (where, cell) in asked.items():
        below = product(*(tree[code] for tree, code in zip(leaves, codes, strict=True)))
        count = sum(1 for leaf in below if leaf in asked)
        coded = [name[code] for name, code in zip(names, codes, strict=True)]
        weight = round(weight_of(table, where), 6)
        cells.append([coded, linkage.shown_by[number, where], linked.count(cell), count, weight])
    return {
        "method": "OPT(1,1)",
        "axes": [
            {name[code]: name[parent] for code, parent in axis.parents.items()}
            for name, axis in zip(names, axes, strict=True)
        ],
        "cells": cells,
    }


def _leaves(axis: Axis, code: str) -> tuple[str, ...]:
    children = axis.children(code)
    return tuple(leaf for child in children for leaf in _leaves(axis, child)) if children else (code,)
