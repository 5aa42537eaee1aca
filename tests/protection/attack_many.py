"""The long run: many random worlds and stories, each attacked. ``make attack``; it goes on where it was stopped.

World number n is drawn from the seed and n alone, so that a failure can be looked at again: ``--only n``. What is done is
kept, chunk by chunk, in a file of one line each; the same seed goes on, another seed begins again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

SEED = 20260731
CHUNK = 100
EVERY = 100  # one story in so many is a large one


def attack_one(seed: int, number: int) -> Counter[str]:
    """Draw world ``number`` and attack its releases; what was done, and what was found as ``failed``."""
    from stories import KINDS, SMALL, check_story, draw_story, draw_tiny_story

    from survey_app.protection.policy import load_all_policies

    chance = Random(f"{seed}:{number}")
    if number % EVERY == 0:
        return check_story(draw_story(chance), load_all_policies())
    return check_story(draw_tiny_story(chance, chance.choice(KINDS)), SMALL)


def attack_chunk(seed: int, first: int) -> dict[str, object]:
    """Attack the worlds of one chunk."""
    from stories import silence_tau_argus

    done: Counter[str] = Counter()
    failed: dict[str, list[str]] = {}
    with silence_tau_argus():
        for number in range(first, first + CHUNK):
            try:
                done += attack_one(seed, number)
            except AssertionError as error:
                failed[str(number)] = [str(error)[:500]]
    return {"seed": seed, "first": first, "worlds": CHUNK, "done": dict(done), "failed": failed}


def read_done(path: Path, seed: int) -> list[dict[str, object]]:
    """Read the chunks that are done; a last line that was not written to its end is done again."""
    chunks = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            chunk = json.loads(line)
        except ValueError:
            continue
        if chunk["seed"] == seed:
            chunks.append(chunk)
    return chunks


def run(seed: int, worlds: int, processes: int, path: Path) -> list[dict[str, object]]:
    """Attack what is left of the worlds."""
    chunks = read_done(path, seed)
    known = {chunk["first"] for chunk in chunks}
    left = [first for first in range(0, worlds, CHUNK) if first not in known]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file, ProcessPoolExecutor(processes) as workers:
        for waiting in as_completed([workers.submit(attack_chunk, seed, first) for first in left]):
            chunk = waiting.result()
            file.write(json.dumps(chunk) + "\n")
            file.flush()
            chunks.append(chunk)
            print(f"{len(chunks) * CHUNK} of {worlds} worlds", *chunk["failed"], flush=True)
    return chunks


def report(chunks: Iterable[dict[str, object]]) -> int:
    """Print what was done; return how many worlds failed."""
    done: Counter[str] = Counter()
    failed: dict[str, list[str]] = {}
    worlds = 0
    for chunk in chunks:
        worlds += chunk["worlds"]
        done += Counter(chunk["done"])
        failed |= chunk["failed"]
    print(f"{worlds} worlds: " + ", ".join(f"{many} {what}" for what, many in sorted(done.items())))
    for number, said in sorted(failed.items(), key=lambda one: int(one[0])):
        print(f"world {number}: {said[0]}")
    return len(failed)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--worlds", type=int, default=20_000)
    arguments.add_argument("--processes", type=int, default=1)
    arguments.add_argument("--keep", type=Path, default=HERE.parent.parent / ".attack" / "done.jsonl")
    arguments.add_argument("--only", type=int, help="attack this world again and stop")
    asked = arguments.parse_args()
    if asked.only is not None:
        from stories import silence_tau_argus

        with silence_tau_argus():
            print(attack_one(asked.seed, asked.only))
        return
    raise SystemExit(1 if report(run(asked.seed, asked.worlds, asked.processes, asked.keep)) else 0)


if __name__ == "__main__":
    main()
