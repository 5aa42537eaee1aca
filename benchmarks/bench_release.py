"""Seconds and memory of a release of 1,000, 10,000 and 100,000 responses, from stored documents to files.

Each size runs in a process of its own, and so does its floor: ``json.loads`` of the same documents and ``csv`` writing
as many rows as the release has. Goals: 100,000 responses in less than 20 s and 600 MB. Where the machine does
other work too, read the CPU seconds.

    python benchmarks/bench_release.py            all sizes
    python benchmarks/bench_release.py 1000 10000 these sizes
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000)
GOAL_SIZE, GOAL_SECONDS, GOAL_MEGABYTES = 100_000, 20, 600
PEOPLE_IN_A_SESSION = 12
FOUR = ("a-lot", "a-little", "not-much", "not-at-all")
DOMAINS = (
    "speaking",
    "letters",
    "doctor",
    "housing",
    "money",
    "transport",
    "people",
    "school",
    "work",
    "phone",
    "confidence",
    "activities",
)
OPTIONS = ("more-hours", "slower", "talk-more", "other-time", "childcare")
LEADS = ("ghent", "antwerp", "brussels", "charleroi", "liege")
PARTNERS = {"ghent": ("ninove", "eeklo", "evergem"), "antwerp": ("schoten", "edegem"), "charleroi": ("binche",)}
LANGUAGES = (
    "fr",
    "nl",
    "en",
    "ar",
    "fa-AF",
    "ps",
    "ti",
    "so",
    "am",
    "tr",
    "uk",
    "es",
    "pt",
    "de",
    "sq",
    "ku",
    "ckb",
    "om",
    "ff",
    "ln",
    "ur",
    "bn",
    "sw",
)
MODULES = ("language-1", "language-2", "creative", "computer")


def projects() -> list[tuple[str, str | None, str]]:
    """Organisation, lead and code: three projects for each lead, one for each partner."""
    found: list[tuple[str, str | None, str]] = []
    for lead in LEADS:
        found += [(lead, None, f"{lead}-{number}") for number in (1, 2, 3)]
        found += [(partner, lead, f"{partner}-1") for partner in PARTNERS.get(lead, ())]
    return found


def session_facts(responses: int) -> list[tuple[str, str, str | None, str, str, list[str]]]:
    """Code, organisation, lead, project, module and items asked of each session; partners hold one in ten."""
    chance = random.Random(7)
    everywhere = projects()
    weights = [1 if lead else 6 for _organisation, lead, _code in everywhere]
    sessions = []
    for number in range(-(-responses // PEOPLE_IN_A_SESSION)):
        organisation, lead, code = chance.choices(everywhere, weights)[0]
        start = sum(map(ord, code)) % len(DOMAINS)
        asked = [DOMAINS[(start + step) % len(DOMAINS)] for step in range(4)]
        sessions.append((f"{number:06}", organisation, lead, code, chance.choice(MODULES), asked))
    return sessions


def write_documents(path: Path, responses: int) -> None:
    """One line a response: the session's code, a tab, the JSON document as storage keeps it."""
    chance = random.Random(11)
    sessions = session_facts(responses)
    with path.open("w", encoding="utf-8") as file:
        for number in range(responses):
            code, *_where, asked = sessions[number // PEOPLE_IN_A_SESSION]
            file.write(f"{code}\t{json.dumps(document(chance, asked))}\n")


def document(chance: random.Random, asked: list[str]) -> dict[str, Any]:
    """A response as groups give them: mostly positive, one in twenty items off the scale, a few left out."""
    answers: dict[str, Any] = {}
    off_scale: dict[str, str] = {}
    choices: dict[str, Any] = {
        **{item: lambda: chance.choices(FOUR, (55, 30, 11, 4))[0] for item in ("helpful", *asked)},
        "change": lambda: chance.sample(OPTIONS, chance.randrange(3)),
        "age": lambda: chance.choices(("under-18", "18-60", "over-60"), (3, 92, 5))[0],
        "gender": lambda: chance.choices(("female", "male", "non-binary"), (60, 39, 1))[0],
    }
    for item, choose in choices.items():
        how = chance.random()
        if how < 0.94:
            answers[item] = choose()
        elif how < 0.99:
            off_scale[item] = chance.choice(("not-understood", "not-for-me", "no-answer"))
    return {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": chance.choices(LANGUAGES, range(len(LANGUAGES), 0, -1))[0],
        "mode": "alone",
        "answers": answers,
        "off_scale": off_scale,
    }


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            code, _tab, body = line.partition("\t")
            yield code, body


def run_release(path: Path, responses: int) -> dict[str, Any]:
    """The whole pipeline, stage by stage, in seconds."""
    started = perf_counter()
    from survey_app.aggregation.build import build_linked_tables
    from survey_app.aggregation.facts import NothingToCount, ResponseDocument
    from survey_app.report.folder import write_release
    from survey_app.report.release import ReleaseFacts
    from survey_app.report.wording import Wording

    stages = {}
    documents = (ResponseDocument(code, body) for code, body in lines_of(path))
    linked = build_linked_tables(population(responses), documents)
    if isinstance(linked, NothingToCount):
        sys.exit("nothing to count")
    stages["count"] = perf_counter() - started
    protected, how = protect_tables(linked)
    stages["protect"] = perf_counter() - started - sum(stages.values())
    facts = ReleaseFacts("bench", datetime(2026, 7, 21, tzinfo=UTC), "network", "2026-H1", synthetic=True)
    write_release(path.with_name(f"release-{responses}"), protected, facts, (Wording("fr"),))
    stages["write"] = perf_counter() - started - sum(stages.values())
    cells = [cell for table in protected.tables for cell in table.cells.values()]
    return {
        "stages": stages,
        "rows": len(cells),
        "withheld": sum(cell.value is None for cell in cells),
        "protection": how,
        "people": linked.people,
    }


def population(responses: int) -> Any:
    from survey_app.aggregation.facts import (
        ItemFact,
        Population,
        QuestionnaireFact,
        RegisterFact,
        SessionFact,
        TallyFact,
    )

    def scale(code: str, role: str) -> Any:
        return ItemFact(code, "scale", FOUR, role, FOUR[:2], FOUR[2:], "much-4", 1)

    items = (
        scale("helpful", "indicator"),
        *(scale(code, "domain") for code in DOMAINS),
        ItemFact("change", "several", OPTIONS, "change"),
        ItemFact("age", "single", ("under-18", "18-60", "over-60"), "age"),
        ItemFact("gender", "single", ("female", "male", "non-binary"), "gender"),
    )
    sessions = tuple(
        SessionFact(code, organisation, lead, project, module, "amif-exit", 1, frozenset({"helpful", *asked, *TO_ALL}))
        for code, organisation, lead, project, module, asked in session_facts(responses)
    )
    registers = tuple(
        RegisterFact(project, gender, age, responses // 50 + 20)
        for _organisation, _lead, project in projects()
        for gender in ("female", "male")
        for age in ("under-18", "18-60", "over-60")
    )
    counted = {"met": 11, "replayed-once": 2, "replayed-more": 1, "quick": 1, "long": 1, "left": 1}
    tallies = tuple(
        TallyFact(session.code, item, measure, people)
        for session in sessions
        for item in sorted(session.asked)
        for measure, people in counted.items()
    )
    tallies += tuple(TallyFact(session.code, "", "finished", 11) for session in sessions)
    form = QuestionnaireFact("amif-exit", 1, items)
    return Population("2026-H1", None, sessions, (form,), registers, LANGUAGES, tallies)


TO_ALL = ("change", "age", "gender")


def protect_tables(linked: Any) -> tuple[Any, str]:
    """Protect with the policy of the network; where that room has no engine yet, say that nothing was protected."""
    try:
        from survey_app.protection.engine import protect
        from survey_app.protection.policy import load_policy
    except ImportError:
        return unprotected(linked), "NOT PROTECTED (no engine)"
    from survey_app.protection.protected import Refused

    protected = protect(linked, load_policy("network"), ())
    if isinstance(protected, Refused):
        sys.exit(f"refused: {protected.reasons[0].code}")
    return protected, " + ".join(engine.name for engine in protected.certificate.engines)


def unprotected(linked: Any) -> Any:
    from survey_app.protection.protected import Certificate, ProtectedCell, ProtectedTable, ProtectedTables, Status

    tables = tuple(
        ProtectedTable(
            table.name,
            table.axes,
            {
                codes: ProtectedCell(cell.at, linked.count(cell), Status.PUBLISHED)
                for codes, cell in table.cells.items()
            },
            table.answer_axis,
        )
        for table in linked.tables
    )
    return ProtectedTables(tables, {"smallest_percentage_base": 10}, Certificate(0, None, (), ()))


def run_floor(path: Path, rows: int) -> dict[str, Any]:
    """What nobody can do without: parse the documents, write the rows."""
    people = sum(len(json.loads(body)) > 0 for _code, body in lines_of(path))
    row = ("item:helpful", "people", "ghent", "ghent-1", "", "2026-H1", "helpful", "a-lot", "", "", "12", "published")
    with path.with_name("floor.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(row for _ in range(rows))
    return {"people": people}


def in_own_process(what: str, path: Path, number: int) -> dict[str, Any]:
    started = perf_counter()
    command = [sys.executable, __file__, what, str(path), str(number)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{what} failed: {done.stderr.strip() or done.stdout.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**result, "seconds": perf_counter() - started}


def compare(sizes: list[int]) -> None:
    print("release: documents -> counts -> protection -> folder; floor: json.loads of the documents + csv of the rows")
    print(
        f"{'responses':>10} {'s':>7} {'CPU s':>7} {'floor s':>8} {'ratio':>6} {'MB':>5} {'floor MB':>8}  stages; cells"
    )
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.txt"
            write_documents(path, size)
            release = in_own_process("release", path, size)
            floor = in_own_process("floor", path, release["rows"])
            stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in release["stages"].items())
            print(
                f"{size:>10,} {release['seconds']:>7.2f} {release['processor']:>7.2f} {floor['seconds']:>8.2f}"
                f" {release['seconds'] / floor['seconds']:>6.1f} {release['megabytes']:>5.0f}"
                f" {floor['megabytes']:>8.0f}  {stages}; {release['rows']:,} cells,"
                f" {release['withheld']:,} withheld by {release['protection']}"
            )
            if size == GOAL_SIZE:
                reached = release["seconds"] < GOAL_SECONDS and release["megabytes"] < GOAL_MEGABYTES
                print(
                    f"goal: {GOAL_SIZE:,} responses in < {GOAL_SECONDS} s and < {GOAL_MEGABYTES} MB:"
                    f" {'reached' if reached else 'MISSED'}"
                )


def main() -> None:
    if sys.argv[1:2] in (["release"], ["floor"]):
        sys.path.insert(0, str(ROOT))
        run = run_release if sys.argv[1] == "release" else run_floor
        result = run(Path(sys.argv[2]), int(sys.argv[3]))
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        processor = sum(each.ru_utime + each.ru_stime for each in used)
        megabytes = max(each.ru_maxrss for each in used) / 1024
        print(json.dumps({**result, "processor": processor, "megabytes": megabytes}))
        return
    compare([int(size) for size in sys.argv[1:]] or list(SIZES))


if __name__ == "__main__":
    main()
