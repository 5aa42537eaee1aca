"""tau-ARGUS in its own process: what it adds, and that its failures never cost protection."""

import sys
from dataclasses import replace
from typing import Any

import pytest
from protection_worlds import SHORT_SCALE, Place, count, country, one_project, rows

from survey_app.aggregation.tables import LinkedTables
from survey_app.protection import engine
from survey_app.protection.assurance import attack
from survey_app.protection.engine import protect
from survey_app.protection.folding import fold_small_partners
from survey_app.protection.linkage import Linkage, link
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Number, load_policy
from survey_app.protection.protected import ProtectedTables
from survey_app.protection.reasons import EngineUsed
from survey_app.protection.tau_argus import COMMAND, LARGEST, EngineAnswer, ask_engine

INSIDE = load_policy("inside")
WORLD = rows(
    (Place("ghent"),),
    {
        "g1": ("ghent", {"a-lot": 40, "not-much": 2, "missing": 7}),
        "g2": ("ghent", {"a-lot": 30, "not-much": 8, "missing": 6}),
    },
    scale=SHORT_SCALE,
)


def question(world=WORLD) -> tuple[LinkedTables, Linkage, set[int]]:
    linked = fold_small_partners(count(world), INSIDE).linked
    linkage = link(linked)
    return linked, linkage, {n for n, figure in enumerate(linkage.figures) if is_low(figure.people, INSIDE)}


def script(body) -> tuple[str, ...]:
    return (sys.executable, "-c", body)


def test_the_engine_withholds_complements() -> None:
    linked, linkage, low = question()
    answer = ask_engine(linked, linkage, low, INSIDE)
    assert low < answer.withheld
    assert answer.engine == EngineUsed("tau-argus", "pytauargus 0.6.0", 1, 1)


def test_a_release_protected_with_the_engine_withstands_the_attack() -> None:
    result = protect(count(WORLD), INSIDE)
    assert isinstance(result, ProtectedTables)
    assert "tau-argus" in {engine.code for engine in result.certificate.engines}
    assert attack(result.tables, INSIDE).is_clean


def test_an_engine_that_is_asked_nothing_is_not_started() -> None:
    linked, linkage, _ = question(one_project({"a-lot": 40}))
    assert ask_engine(linked, linkage, (), INSIDE, command=("/nowhere",)).withheld == frozenset()


def test_a_large_table_is_left_to_our_own_optimiser() -> None:
    linked, linkage, low = question(replace(country(1, 60, 4, 2), has_modules=False))
    sizes = [len(table.cells) for table in linked.tables]
    assert min(sizes) > LARGEST
    assert low
    answer = ask_engine(linked, linkage, low, INSIDE, command=script("raise SystemExit(3)"))
    assert answer == EngineAnswer(frozenset(low), None)


def test_an_engine_that_is_late_with_one_table_is_not_heard_at_all(tmp_path) -> None:
    quick = replace(INSIDE, numbers=INSIDE.numbers.model_copy(update={"engine_seconds": _seconds(2)}))
    body = f"""
import json, pathlib, sys, time
task = json.load(sys.stdin)
try:
    pathlib.Path({str(tmp_path / "first")!r}).touch(exist_ok=False)
except FileExistsError:
    time.sleep(60)
print(json.dumps({{"withheld": [cell[1] for cell in task["cells"]], "engine": "pytauargus 0.6.0"}}))
"""
    linked, linkage, _ = question(replace(WORLD, has_modules=True))
    withheld = {linkage.shown_by[0, ("not-much", "g1")], linkage.shown_by[1, ("missing", "m1")]}  # in both tables
    answer = ask_engine(linked, linkage, withheld, quick, command=script(body))
    assert answer.withheld == withheld
    assert answer.engine.code == "tau-argus-silent"


FAULTS = {
    "missing": ("/nowhere/engine",),
    "crash": script("import os; os.abort()"),
    "exit": script("raise SystemExit(3)"),
    "silence": script("pass"),
    "garbage": script("print('\\x00 not json')"),
    "wrong shape": script("print('[1, 2]')"),
    "wrong types": script('print(\'{"withheld": "all", "engine": 3}\')'),
    "unknown figures": script('print(\'{"withheld": [99999], "engine": "x"}\')'),
    "publishes all": script('print(\'{"withheld": [], "engine": "x"}\')'),
    "late": script("import time; time.sleep(60)"),
    "package missing": script("raise ModuleNotFoundError('pytauargus')"),
    "another version": script(
        "import json, sys; task = json.load(sys.stdin); "
        "print(json.dumps({'withheld': [cell[1] for cell in task['cells']], 'engine': 'pytauargus 0.7.0'}))"
    ),
    "one cell fewer": script(
        "import json, sys; task = json.load(sys.stdin); "
        "print(json.dumps({'withheld': task['withheld'][1:], 'engine': 'pytauargus 0.6.0'}))"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_engine_never_publishes_more(fault, monkeypatch) -> None:
    quick = replace(INSIDE, numbers=INSIDE.numbers.model_copy(update={"engine_seconds": _seconds(1)}))
    linked, linkage, low = question()
    heard = ask_engine(linked, linkage, low, quick, command=FAULTS[fault])
    assert heard.withheld == low, "nothing that it said was taken"
    assert heard.engine.code == "tau-argus-silent"

    def ask(*args: Any, **more: Any) -> EngineAnswer:
        return ask_engine(*args, **more, command=FAULTS[fault])

    monkeypatch.setattr(engine, "ask_engine", ask)
    result = protect(count(WORLD), quick)
    assert isinstance(result, ProtectedTables)
    assert attack(result.tables, INSIDE).is_clean


def _seconds(value) -> Number:
    return INSIDE.numbers.engine_seconds.model_copy(update={"value": value})


def test_only_numbers_enter_the_engine(monkeypatch) -> None:
    import json
    import subprocess

    seen = []
    real = subprocess.run

    def watched(*args: Any, **more: Any) -> Any:
        seen.append(more["input"].decode())
        return real(*args, **more)

    monkeypatch.setattr(subprocess, "run", watched)
    linked, linkage, low = question()
    ask_engine(linked, linkage, low, INSIDE, command=COMMAND)
    assert seen
    for task in seen:
        assert "ghent" not in task
        assert "a-lot" not in task
        assert json.loads(task)["method"] == "OPT(1,1)"
