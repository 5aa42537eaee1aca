"""Which sentences need work: who did not understand an item in which language, and what tablets tallied at each item.

The tables, at the level of the scope; gender, age and places meet none of them:

- ``language:<code>``: "not understood" or any other answer x language, for each item that everybody was asked;
- ``replays:<item>`` and ``time:<item>``: people who finished and met the item, by how often they listened again and by
  how long they needed;
- ``pace``: people who finished, by whether they answered every question before it could be heard;
- ``leaving``: people who began, by whether they finished or at which item they left.

Items that only some projects ask have no language table where the scope is larger than these projects: subtracted from
another one, it would tell who speaks a language in a few projects, and figures about persons never meet a place. A
release about one project has a table for each of its items.

What tablets tallied counts the people of the responses again, as far as tablets could send it. Where the numbers are
the same, an attacker may take them for the same people; where fewer were tallied, the tally is a part of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from survey_app.aggregation.breakdowns import Breakdown
from survey_app.aggregation.facts import (
    FAST,
    FINISHED,
    LEFT,
    LONG,
    MET,
    NOT_UNDERSTOOD,
    OTHER_LANGUAGE,
    QUICK,
    REPLAYED_MORE,
    REPLAYED_NEVER,
    REPLAYED_ONCE,
    UNHURRIED,
    USUAL,
    ContradictoryFacts,
    TallyFact,
)
from survey_app.aggregation.frame import Stratum, column_of, count_by
from survey_app.aggregation.grids import ByLeaves, answered_at, cross
from survey_app.aggregation.tables import OTHER_ANSWERS, TOTAL, Axis, Coordinates, UnprotectedTable

if TYPE_CHECKING:
    import pandas as pd

Atoms = frozenset[int]
Family = Mapping[tuple[int, str], Atoms]  # (stratum, answer) -> atoms

UNDERSTANDING = Axis("answer", {NOT_UNDERSTOOD: TOTAL, OTHER_ANSWERS: TOTAL})
REPLAYS = Axis("tally", dict.fromkeys((REPLAYED_NEVER, REPLAYED_ONCE, REPLAYED_MORE), TOTAL))
TIME = Axis("tally", dict.fromkeys((QUICK, USUAL, LONG), TOTAL))
PACE = Axis("tally", dict.fromkeys((FAST, UNHURRIED), TOTAL))


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is already: the strata, the atoms of each item in them, how to add an atom, and how many are in one."""

    at: Coordinates
    strata: Sequence[Stratum]
    families: Mapping[str, Family]
    add_atom: Callable[[int], int]
    people_in: Callable[[int], int]

    def atoms_of(self, code: str, strata: Iterable[int], answers: Iterable[str]) -> Atoms:
        """Return the atoms of some answers to an item in some strata."""
        found = (self.families[code][stratum, answer] for stratum in strata for answer in answers)
        return frozenset[int]().union(*found)


@dataclass(frozen=True, slots=True)
class Added:
    """Tables, and which of their atoms count the same people as others."""

    tables: tuple[UnprotectedTable, ...]
    identities: tuple[tuple[Atoms, Atoms], ...]


def sentence_of(breakdown: Breakdown) -> str:
    """Return the code of the item that a breakdown splits: its options share one sentence."""
    return breakdown.code.removesuffix(f":{breakdown.option}") if breakdown.option else breakdown.code


def count_languages(
    counted: Counted, breakdowns: Iterable[Breakdown], frame: pd.DataFrame, languages: Sequence[str]
) -> Added:
    """Count who did not understand, by item and language, at the items that everybody of the scope was asked."""
    everywhere = [b for b in breakdowns if all(b.code in stratum.codes for stratum in counted.strata)]
    sentences = {sentence_of(breakdown): breakdown for breakdown in reversed(everywhere)}
    counting = _Languages(counted, Axis("language", dict.fromkeys((*languages, OTHER_LANGUAGE), TOTAL)), [])
    tables = [counting.count(sentence, sentences[sentence], frame) for sentence in reversed(sentences)]
    for table in tables[1:]:
        counting.identify_speakers(tables[0], table)
    return Added(tuple(tables), tuple(counting.identities))


@dataclass(frozen=True, slots=True)
class _Languages:
    counted: Counted
    axis: Axis
    identities: list[tuple[Atoms, Atoms]]

    def count(self, sentence: str, breakdown: Breakdown, frame: pd.DataFrame) -> UnprotectedTable:
        """Return the table of one item, and say that it counts the same people as the item's answers do."""
        people = Counter[tuple[str, str]]()
        for (language, answer), number in count_by(frame, "language", column_of(breakdown.code)).items():
            people[_understanding(answer), language] += number
        leaves: ByLeaves = {
            codes: frozenset({self.counted.add_atom(people[codes])})
            for codes in product(UNDERSTANDING.leaves, self.axis.leaves)
        }
        strata = range(len(self.counted.strata))
        for code in UNDERSTANDING.leaves:
            answers = [answer for answer in breakdown.leaves if _understanding(answer) == code]
            here = frozenset[int]().union(*(leaves[code, language] for language in self.axis.leaves))
            self.identities.append((self.counted.atoms_of(breakdown.code, strata, answers), here))
        at = replace(self.counted.at, table=f"language:{sentence}", item=sentence)
        return cross(
            at,
            (UNDERSTANDING, self.axis),
            leaves,
            lambda at, codes: replace(answered_at(at, codes[0]), language=codes[1]),
        )

    def identify_speakers(self, one: UnprotectedTable, other: UnprotectedTable) -> None:
        """Say that two items split the same people of each language."""
        for language in self.axis.leaves:
            left, right = (table.cells[TOTAL, language].atoms for table in (one, other))
            if isinstance(left, frozenset) and isinstance(right, frozenset):
                self.identities.append((left, right))


def _understanding(answer: str) -> str:
    return NOT_UNDERSTOOD if answer == NOT_UNDERSTOOD else OTHER_ANSWERS


@dataclass(frozen=True, slots=True)
class People:
    """Some people: the atoms that count each of them once, and how many they are."""

    atoms: Atoms
    number: int


def count_tallies(counted: Counted, items: Sequence[str], tallies: Iterable[TallyFact], everybody: People) -> Added:
    """Count what tablets tallied at each item; no table where no tablet did.

    Args:
        counted: what there is already.
        items: ids of those asked, in reading order.
        tallies: sums of the sessions.
        everybody: who handed in a response.
    """
    sums = Counter[tuple[str, str]]()
    for fact in tallies:
        sums[fact.item, fact.measure] += fact.people
    if not sums:
        return Added((), ())
    return _Tallies(counted, sums, []).count(items, everybody)


@dataclass(frozen=True, slots=True)
class _Tallies:
    counted: Counted
    sums: Mapping[tuple[str, str], int]
    identities: list[tuple[Atoms, Atoms]]

    def count(self, items: Sequence[str], everybody: People) -> Added:
        """Return the tables of all items, tied to the people who handed in a response."""
        leaving, finished = self._leaving(items)
        self._tie(finished, everybody)
        tables = [leaving]
        hurried: list[Atoms] = []
        unhurried: set[int] = set()
        for item in items:
            replays = self._classes(item, "replays", REPLAYS, (REPLAYED_ONCE, REPLAYED_MORE), REPLAYED_NEVER)
            times = self._classes(item, "time", TIME, (QUICK, LONG), USUAL)
            same = [table.cells[TOTAL,].atoms for table in (replays, times)]
            people, others = (atoms for atoms in same if isinstance(atoms, frozenset))
            self.identities.append((people, others))
            missed = self._tie(People(people, self.sums[item, MET]), finished)
            quick, usual, long = (_atoms_of(times, code) for code in (QUICK, USUAL, LONG))
            hurried += [quick | missed] if missed is not None else []
            unhurried |= usual | long
            tables += [replays, times]
        if self.sums["", FAST] or self.sums["", UNHURRIED]:
            tables.append(self._pace(finished, hurried, frozenset(unhurried)))
        return Added(tuple(tables), tuple(self.identities))

    def _leaving(self, items: Sequence[str]) -> tuple[UnprotectedTable, People]:
        places = {f"left:{item}": item for item in items}
        finished = frozenset({self.counted.add_atom(self.sums["", FINISHED])})
        leaves: dict[tuple[str, ...], Atoms] = {(FINISHED,): finished}
        for code, item in places.items():
            leaves[code,] = frozenset({self.counted.add_atom(self.sums[item, LEFT])})
        axis = Axis("leaving", {FINISHED: TOTAL, LEFT: TOTAL, **dict.fromkeys(places, LEFT)})

        def place(at: Coordinates, codes: tuple[str, ...]) -> Coordinates:
            code = codes[0]
            return replace(at, item=places.get(code, TOTAL), answer=LEFT if code in places else code)

        at = replace(self.counted.at, table="leaving", measure="began")
        return cross(at, (axis,), leaves, place), People(finished, self.sums["", FINISHED])

    def _classes(self, item: str, name: str, axis: Axis, told: tuple[str, str], rest: str) -> UnprotectedTable:
        sums = {measure: self.sums[item, measure] for measure in told}
        sums[rest] = self.sums[item, MET] - sum(sums.values())
        if sums[rest] < 0:
            raise ContradictoryFacts(f'item "{item}": more people in the classes of "{name}" than met it')
        leaves: ByLeaves = {(code,): frozenset({self.counted.add_atom(sums[code])}) for code in axis.leaves}
        at = replace(self.counted.at, table=f"{name}:{item}", measure="met", item=item)
        return cross(at, (axis,), leaves, lambda at, codes: replace(at, answer=codes[0]))

    def _pace(self, finished: People, hurried: Iterable[Atoms], unhurried: Atoms) -> UnprotectedTable:
        """Count who was fast, and tell what follows from it.

        Who was quick at every question was quick at each, or did not meet it (``hurried``, by question); who was not was
        slower at one at least (``unhurried``, counted over the questions).
        """
        sums = {code: self.sums["", code] for code in PACE.leaves}
        leaves: ByLeaves = {(code,): frozenset({self.counted.add_atom(people)}) for code, people in sums.items()}
        at = replace(self.counted.at, table="pace", measure="met")
        table = cross(at, (PACE,), leaves, lambda at, codes: replace(at, answer=codes[0]))
        self._tie(People(_atoms_of(table, TOTAL), sum(sums.values())), finished)
        for quick in hurried:
            self._tie(People(leaves[FAST,], sums[FAST]), self._people(quick))
        self._tie(People(leaves[UNHURRIED,], sums[UNHURRIED]), self._people(unhurried))
        return table

    def _people(self, atoms: Atoms) -> People:
        return People(atoms, sum(self.counted.people_in(atom) for atom in atoms))

    def _tie(self, part: People, whole: People) -> Atoms | None:
        """Say that the part is the whole, or lies in it, and return who else does.

        Where it is larger, some were counted twice: no knowledge, and ``None``.
        """
        missing = whole.number - part.number
        if missing < 0:
            return None
        others = frozenset({self.counted.add_atom(missing)}) if missing else frozenset[int]()
        self.identities.append((whole.atoms, part.atoms | others))
        return others


def _atoms_of(table: UnprotectedTable, code: str) -> Atoms:
    atoms = table.cells[code,].atoms
    return atoms if isinstance(atoms, frozenset) else frozenset()
