"""The counts agree with a count that a child could follow, over random worlds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import FOUR, population, session

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import MODES, ResponseFact, SessionFact
from survey_app.aggregation.tables import LinkedTables

OFF = ("not-understood", "not-for-me", "no-answer")
SESSIONS = tuple(
    session(
        str(n),
        organisation=organisation,
        lead=lead,
        project=project,
        module=module,
        asked=frozenset({"helpful", "age", "gender", *more}),
    )
    for n, (organisation, lead, project, module, more) in enumerate(
        [
            ("ghent", None, "sewing", "basic", ["doctor"]),
            ("ghent", None, "sewing", "advanced", ["change"]),
            ("ghent", None, "cooking", "basic", []),
            ("eeklo", "ghent", "garden", "basic", ["doctor", "change"]),
            ("liege", None, "work", "basic", ["doctor", "housing"]),
        ]
    )
)
ANSWERS = {
    "helpful": st.sampled_from(FOUR),
    "doctor": st.sampled_from(FOUR),
    "housing": st.sampled_from(FOUR),
    "change": st.lists(st.sampled_from(("slower", "childcare")), unique=True),
    "age": st.sampled_from(("under-18", "18-60", "over-60")),
    "gender": st.sampled_from(("female", "male", "non-binary")),
}


@st.composite
def responses(draw: st.DrawFn) -> ResponseFact:
    held = draw(st.sampled_from(SESSIONS))
    answers, off_scale = {}, {}
    for item in sorted(held.asked):
        how = draw(st.sampled_from(("answered", "answered", "off", "missing")))
        if how == "answered":
            answers[item] = draw(ANSWERS[item])
        elif how == "off":
            off_scale[item] = draw(st.sampled_from(OFF))
    return ResponseFact(held.code, answers, off_scale, mode=draw(st.sampled_from(MODES)))


def _leaf(response: ResponseFact, item: str, option: str) -> str:
    if item not in response.answers:
        return response.off_scale.get(item, "missing")
    if option:
        return "chosen" if option in response.answers[item] else "not-chosen"
    return str(response.answers[item])


def _places(session: SessionFact) -> set[str]:
    lead = session.lead or session.organisation
    own = f"{lead}-own" if session.organisation == "ghent" else session.organisation
    return {"total", lead, own, f"{session.organisation}/{session.project}"}


SUMS = {
    **dict.fromkeys(FOUR[:2], ("positive", "answered")),
    **dict.fromkeys(FOUR[2:], ("negative", "answered")),
    **dict.fromkeys(("chosen", "not-chosen"), ("answered",)),
    **dict.fromkeys((*OFF, "missing"), ("off-scale",)),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(responses(), max_size=25))
def test_every_cell_agrees_with_a_naive_count(given_responses: list[ResponseFact]) -> None:
    linked = build_linked_tables(population(*SESSIONS), given_responses)
    assert isinstance(linked, LinkedTables)
    expected = _count_naively(given_responses)
    for table in linked.tables:
        for codes, cell in table.cells.items():
            assert linked.count(cell) == expected[(table.name, *codes)], (table.name, codes)
    for left, right in linked.identities:
        assert sum(linked.atoms[a] for a in left) == sum(linked.atoms[a] for a in right)


def _count_naively(given_responses: list[ResponseFact]) -> Counter[tuple[str, ...]]:
    by_code = {session.code: session for session in SESSIONS}
    return Counter(cell for response in given_responses for cell in _cells_of(response, by_code[response.session]))


def _cells_of(response: ResponseFact, session: SessionFact) -> Iterator[tuple[str, ...]]:
    """Every cell that this one person is counted in."""
    for code in ("helpful", "doctor", "housing", "change:slower", "change:childcare"):
        item, _, option = code.partition(":")
        if item in session.asked:
            leaf = _leaf(response, item, option)
            sums = ("total", leaf, *SUMS[leaf])
            yield from product([f"item:{code}"], sums, _places(session))
            yield from product([f"module:{code}"], sums, ("total", session.module))
    leaf = _leaf(response, "helpful", "")
    genders = ("total", str(response.answers.get("gender", "undisclosed")))
    ages = ("total", str(response.answers.get("age", "undisclosed")))
    yield from product(["indicator"], ("total", leaf, *SUMS[leaf]), genders, ages)
    if "answered" in SUMS[leaf]:
        yield from product(["by-mode:helpful"], ("total", SUMS[leaf][0]), ("total", response.mode))
    if "housing" in session.asked:
        said = [response.answers.get(item) for item in ("helpful", "doctor", "housing")]
        alike = ("other-answers",)
        if said[0] is not None and said == said[:1] * 3:
            alike = ("all-same", "all-top" if said[0] == FOUR[0] else "all-same-below")
        yield from product(["alike"], ("total", *alike), _places(session))
        yield from product(["alike-module"], ("total", *alike), ("total", session.module))


COUNT_20_000 = """
import json, random, resource, sys
from survey_app.aggregation import build, facts
import pandas  # what it costs by itself is not ours
four = ("a-lot", "a-little", "not-much", "not-at-all")
ids = ["i%d" % n for n in range(12)]
items = tuple(facts.ItemFact(i, "scale", four, "", four[:2], four[2:], "much-4", 1) for i in ids)
sessions = tuple(
    facts.SessionFact(str(n), f"o{n % 9}", None, f"p{n % 9}", f"m{n % 4}", "q", 1, frozenset(ids)) for n in range(500)
)
chance = random.Random(1)
documents = (
    facts.ResponseDocument(
        str(n % 500), json.dumps({"mode": "alone", "answers": {i: chance.choice(four) for i in ids}, "off_scale": {}})
    )
    for n in range(20_000)
)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
population = facts.Population("2026-H1", None, sessions, (facts.QuestionnaireFact("q", 1, items),))
linked = build.build_linked_tables(population, documents)
print(linked.people, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_20_000_responses_are_counted_within_80_megabytes() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", COUNT_20_000],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
        timeout=120,
    )
    people, kilobytes = map(int, answer.stdout.split())
    assert people == 20_000
    assert kilobytes < 80_000


def test_the_room_is_entered_without_paying_for_pandas() -> None:
    program = "import sys, survey_app.aggregation.build as b; print('pandas' in sys.modules, bool(b))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.split() == ["False", "True"]
