"""Seconds to protect a national release, how they grow with the organisations, and what is withheld beside the optimum.

The release: 5, 15 and 60 organisations (a lead for each dozen, the others its partners), 8 items of which each project asks
5, by organisation and project and by module, and the indicator by 4 genders and 4 ages. Goal: 60 organisations in less than
60 s on two cores, and in less than 90 s and 1 GB with all files in three languages, PDF too; where the machine does other
work too, read the CPU seconds.

The optimum: on tables so small that every choice of figures can be tried, the cheapest one that stands the attack. What is
compared is what a reader loses beside what rules withhold, in weights of the figures (totals cost most).

    python benchmarks/bench_national.py           5, 15 and 60 organisations, then the optimum
    python benchmarks/bench_national.py 15        these
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from math import fsum
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES = (5, 15, 60)
GOAL_SIZE, GOAL_SECONDS = 60, 60
GOAL_WHOLE_SECONDS, GOAL_MEGABYTES = 90, 1000
ROWS, PAIRS = 30, 6  # small tables: one row of answers; two projects of three answers
TRIED = 20_000  # choices of figures, per table


def protect_country(organisations: int) -> dict[str, Any]:
    from protection_worlds import count, national

    from survey_app.protection.engine import protect
    from survey_app.protection.policy import load_policy
    from survey_app.protection.protected import Refused

    linked = count(national(organisations))
    started, used = perf_counter(), _processor()
    result = protect(linked, load_policy("network"))
    if isinstance(result, Refused):
        sys.exit(f"refused: {result.reasons[0].code}")
    quality = result.certificate.quality
    protected = perf_counter() - started
    files = write_files(result)
    return {
        "seconds": protected,
        "whole": perf_counter() - started,
        "files": len(files),
        "has_pdf": any(name.endswith(".pdf") for name in files),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "processor": _processor() - used,
        "people": linked.people,
        "cells": sum(len(table.cells) for table in result.tables),
        "figures": quality.figures,
        "withheld": quality.withheld,
        "primary": result.withheld_primary,
        "kept": quality.information_kept,
        "step": result.certificate.step,
    }


def write_files(protected: Any) -> dict[str, bytes]:
    from survey_app.report.folder import release_files
    from survey_app.report.release import ReleaseFacts
    from survey_app.report.wording import Wording

    facts = ReleaseFacts("bench", datetime(2026, 7, 21, tzinfo=UTC), "network", "2026-H1", synthetic=True)
    return release_files(protected, facts, [Wording(language) for language in ("fr", "nl", "en")])


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def in_own_process(organisations: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "country", str(organisations)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{organisations} organisations failed: {done.stderr.strip() or done.stdout.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def grow(sizes: list[int]) -> bool:
    print("protection of a national release: 8 items, 4 genders x 4 ages")
    print(
        f"{'organisations':>13} {'people':>7} {'cells':>7} {'s':>7} {'CPU s':>7}  figures withheld; information kept; step"
    )
    reached = True
    for size in sizes:
        one = in_own_process(size)
        print(
            f"{size:>13} {one['people']:>7,} {one['cells']:>7,} {one['seconds']:>7.1f} {one['processor']:>7.1f}"
            f"  {one['withheld']:,} of {one['figures']:,}, {one['primary']:,} by rules; {one['kept']} %; {one['step']}"
        )
        pdf = "PDF too" if one["has_pdf"] else "NO PDF"
        print(f"{'':>13} with its {one['files']} files ({pdf}): {one['whole']:.1f} s, {one['megabytes']:.0f} MB")
        if size == GOAL_SIZE:
            whole = one["whole"] < GOAL_WHOLE_SECONDS and one["megabytes"] < GOAL_MEGABYTES and one["has_pdf"]
            reached = one["seconds"] < GOAL_SECONDS and whole
            print(
                f"goal: {GOAL_SIZE} organisations in < {GOAL_SECONDS} s, with files in < {GOAL_WHOLE_SECONDS} s and"
                f" < {GOAL_MEGABYTES} MB: {'reached' if reached else 'MISSED'}"
            )
    return reached


# -- beside the optimum ----------------------------------------------------------------------------------------------


def small_tables() -> Iterator[Any]:
    from protection_worlds import SHORT_SCALE, Place, count, one_project, rows

    chance = random.Random(3)
    for _ in range(ROWS):
        answers = ("a-lot", "a-little", "not-much", "not-at-all", "missing")
        yield "one row", count(one_project({answer: chance.choice((0, 1, 3, 6, 9, 14, 30)) for answer in answers}))
    for _ in range(PAIRS):
        projects = {
            code: ("ghent", {answer: chance.choice((0, 2, 7, 12, 30)) for answer in ("a-lot", "not-much", "missing")})
            for code in ("g1", "g2")
        }
        yield "two projects", count(rows((Place("ghent"),), projects, scale=SHORT_SCALE))


def compare_with_the_optimum() -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    skipped = 0
    for name, linked in small_tables():
        costs = costs_of(linked)
        if costs is None:
            skipped += 1
        else:
            found.setdefault(name, []).append(costs)
    print("what is withheld for others, weighed, beside the cheapest choice that stands the attack")
    for name, costs in found.items():
        own, best = (fsum(each[side] for each in costs) for side in (0, 1))
        same = sum(abs(one - other) < 1e-6 for one, other in costs)
        ratio = f"{own / best:.3f} times the optimum" if best else "nothing more was withheld"
        print(f"{name:>13}: {ratio}; the optimum itself in {same} of {len(costs)} tables")
    print(f"tables not compared (nothing withheld by rules, refused, or more than {TRIED:,} choices): {skipped}")


def costs_of(linked: Any) -> tuple[float, float] | None:
    """What our choice and the best one withhold beside the rules, in weights."""
    from survey_app.protection.assurance import attack_counts
    from survey_app.protection.engine import protect
    from survey_app.protection.linkage import link
    from survey_app.protection.policy import load_policy
    from survey_app.protection.protected import ProtectedTables, Status

    policy, linkage = load_policy("inside"), link(linked)
    result = protect(linked, policy)
    if not isinstance(result, ProtectedTables) or result.folded or not result.withheld_primary:
        return None
    primary = primary_of(linked, linkage, policy)
    withheld = {
        figure
        for (number, codes), figure in linkage.shown_by.items()
        if result.tables[number].cells[codes].status is Status.WITHHELD
    }
    sensitive = {where for figure in primary for where in linkage.figures[figure].places}

    def stands(chosen: frozenset[int]) -> bool:
        statuses = {
            where: Status.WITHHELD if figure in chosen else Status.PUBLISHED
            for where, figure in linkage.shown_by.items()
        }
        return attack_counts(linked, statuses, policy, (), sensitive).is_clean

    weights = {n: figure.weight for n, figure in enumerate(linkage.figures) if n not in primary}
    own = fsum(weights[figure] for figure in sorted(withheld - primary))
    best = cheapest(weights, own, lambda more: stands(primary | more))
    return None if best is None else (own, best)


def primary_of(linked: Any, linkage: Any, policy: Any) -> frozenset[int]:
    from survey_app.protection.class_disclosure import disclosing_groups
    from survey_app.protection.low_counts import is_low

    low = {number for number, figure in enumerate(linkage.figures) if is_low(figure.people, policy)}
    for number, table in enumerate(linked.tables):
        codes_of = {id(cell): codes for codes, cell in table.cells.items()}
        for group in disclosing_groups(linked, table, policy):
            low |= {linkage.shown_by[number, codes_of[id(cell)]] for cell in group}
    return frozenset(low)


def cheapest(weights: dict[int, float], most: float, stands: Any) -> float | None:
    """Try choices in the order of what they cost, up to ``most``, which is known to stand; ``None`` after too many."""
    order = sorted(weights, key=lambda figure: (weights[figure], figure))
    waiting: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    tried = 0
    while waiting:
        cost, chosen = heappop(waiting)
        if cost >= most - 1e-9:
            return most
        tried += 1
        if tried > TRIED:
            return None
        if stands(frozenset(order[at] for at in chosen)):
            return cost
        for at in range(chosen[-1] + 1 if chosen else 0, len(order)):
            heappush(waiting, (cost + weights[order[at]], (*chosen, at)))
    return most


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "protection")]
    if sys.argv[1:2] == ["country"]:
        print(json.dumps(protect_country(int(sys.argv[2]))))
        return
    reached = grow([int(size) for size in sys.argv[1:]] or list(SIZES))
    if not sys.argv[1:]:
        compare_with_the_optimum()
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
