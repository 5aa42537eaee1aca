"""From a stream of responses to a frame with one small integer a cell: the only module that hands pandas a response.

A frame has a row for each response, in no order that means anything, and the columns ``stratum`` (index into the
strata), ``language``, ``mode``, ``gender``, ``age`` and one categorical column for each breakdown, named ``item:`` and its code;
empty where it was not asked.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_app.aggregation.breakdowns import AGE_AXIS, CHOSEN, GENDER_AXIS, NOT_CHOSEN, Asked, Breakdown, layout_of
from survey_app.aggregation.facts import (
    MISSING,
    MODES,
    OFF_SCALE_ANSWERS,
    OTHER_LANGUAGE,
    UNDISCLOSED,
    ContradictoryFacts,
    ItemFact,
    ResponseDocument,
    ResponseFact,
    SessionFact,
)

if TYPE_CHECKING:
    import pandas as pd

    from survey_app.aggregation.breakdowns import Layout

_Answers = Mapping[str, str | Sequence[str]]
_OffScale = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Sessions that no table tells apart: one project, one module, the same breakdowns."""

    organisation: str
    lead: str | None
    project: str
    module: str
    codes: frozenset[str]


def strata_of(sessions: Sequence[SessionFact], asked: Mapping[Layout, Asked]) -> tuple[Stratum, ...]:
    """Return the strata of the sessions in the order of their codes; a stratum without a response is there too."""
    return tuple(sorted({_stratum(session, asked) for session in sessions}, key=_reading_order))


def _stratum(session: SessionFact, asked: Mapping[Layout, Asked]) -> Stratum:
    codes = asked[layout_of(session)].codes
    return Stratum(session.organisation, session.lead, session.project, session.module, codes)


def _reading_order(stratum: Stratum) -> tuple[str, str, str, str, list[str]]:
    lead = stratum.lead or stratum.organisation
    return lead, stratum.organisation, stratum.project, stratum.module, sorted(stratum.codes)


def column_of(code: str) -> str:
    """Return the name of the column of a breakdown."""
    return f"item:{code}"


def read_responses(
    responses: Iterable[ResponseFact | ResponseDocument],
    sessions: Sequence[SessionFact],
    asked: Mapping[Layout, Asked],
    strata: Sequence[Stratum],
    languages: Sequence[str] = (),
) -> pd.DataFrame:
    """Encode a stream of responses; each is forgotten once its codes are kept (about 20 bytes a response).

    Raises ``ContradictoryFacts`` for a response of a session that is not counted, to an item that was not asked there,
    or with a code that the item does not have. The message names the session and never the answer.
    """
    index = {stratum: number for number, stratum in enumerate(strata)}
    sheets = {layout: _Sheet(layout_asked) for layout, layout_asked in asked.items()}
    where = {s.code: (sheets[layout_of(s)], index[_stratum(s, asked)]) for s in sessions}
    spoken = {language: number for number, language in enumerate(languages)}
    modes = {mode: number for number, mode in enumerate(MODES)}
    for session, language, mode, answers, off_scale in _parts(responses):
        try:
            sheet, stratum = where[session]
            sheet.modes.append(modes[mode])
            sheet.add(stratum, answers, off_scale)
            sheet.languages.append(spoken.get(language, len(spoken)))
        except (KeyError, TypeError):
            # The cause would show an answer in a traceback.
            raise ContradictoryFacts(
                f"session {session}: a response does not fit what the session asked; nothing was counted"
            ) from None
    return _frame(sheets.values(), (*languages, OTHER_LANGUAGE))


def _parts(responses: Iterable[ResponseFact | ResponseDocument]) -> Iterator[tuple[str, str, str, _Answers, _OffScale]]:
    for response in responses:
        if isinstance(response, ResponseDocument):
            document = json.loads(response.body)
            language, mode = document.get("language", ""), document.get("mode", "")
            yield response.session, language, mode, document.get("answers", {}), document.get("off_scale", {})
        else:
            yield response.session, response.language, response.mode, response.answers, response.off_scale


class _Single:
    """One item with one answer: the index of each answer, kept as bytes."""

    def __init__(self, item: str, code: str, answers: Mapping[str, int], off_scale: Mapping[str, int]) -> None:
        self.item, self.code = item, code
        self.answers, self.off_scale = answers, off_scale
        self.cells = bytearray()

    def columns(self) -> Iterator[tuple[str, bytearray]]:
        """Give the column by its code."""
        yield self.code, self.cells


class _Several:
    """One item with several answers: for each option, chosen or not, kept as bytes."""

    def __init__(self, item: str, breakdowns: Sequence[Breakdown]) -> None:
        self.item = item
        self._options = frozenset(breakdown.option for breakdown in breakdowns)
        self._off_scale = _indices(breakdowns[0].leaves, OFF_SCALE_ANSWERS)
        self._cells = [(breakdown.option, breakdown.code, bytearray()) for breakdown in breakdowns]
        self._chosen = breakdowns[0].leaves.index(CHOSEN)
        self._not_chosen = breakdowns[0].leaves.index(NOT_CHOSEN)

    def add(self, answers: _Answers, off_scale: _OffScale) -> int:
        """Keep each option's code; return how many of the response's entries were read."""
        chosen = answers.get(self.item)
        if chosen is None:
            reason = off_scale.get(self.item)
            code = self._off_scale[reason or MISSING]
            for _option, _code, cells in self._cells:
                cells.append(code)
            return 0 if reason is None else 1
        if isinstance(chosen, str) or not self._options.issuperset(chosen):
            raise KeyError(self.item)
        for option, _code, cells in self._cells:
            cells.append(self._chosen if option in chosen else self._not_chosen)
        return 1

    def columns(self) -> Iterator[tuple[str, bytearray]]:
        """Give the columns by their codes."""
        for _option, code, cells in self._cells:
            yield code, cells


class _Sheet:
    """The responses of sessions that asked the same items."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.strata = array("l")
        self.languages = bytearray()
        self.modes = bytearray()
        self.gender = _bracket(asked.gender, "gender", GENDER_AXIS.leaves)
        self.age = _bracket(asked.age, "age", AGE_AXIS.leaves)
        self._readers = tuple(_readers(asked.breakdowns))
        single = (*(reader for reader in self._readers if isinstance(reader, _Single)), self.gender, self.age)
        # What the inner loop needs and nothing else: it runs about ten times for each response.
        self._single = [(r.item, r.answers, r.off_scale, r.off_scale[MISSING], r.cells.append) for r in single]
        self._several = [reader for reader in self._readers if isinstance(reader, _Several)]

    def add(self, stratum: int, answers: _Answers, off_scale: _OffScale) -> None:
        """Keep one response; ``KeyError`` or ``TypeError`` where it holds anything that was not asked."""
        read = 0
        for item, codes, reasons, missing, append in self._single:
            if item in answers:
                append(codes[answers[item]])  # type: ignore[index]  # a list of codes is refused by TypeError
                read += 1
            elif item in off_scale:
                append(reasons[off_scale[item]])
                read += 1
            else:
                append(missing)
        for reader in self._several:
            read += reader.add(answers, off_scale)
        if read != len(answers) + len(off_scale):
            raise KeyError(stratum)
        self.strata.append(stratum)

    def columns(self) -> Iterator[tuple[str, bytearray]]:
        """Give each breakdown's column by its code."""
        for reader in self._readers:
            yield from reader.columns()


def _bracket(item: ItemFact | None, role: str, leaves: Sequence[str]) -> _Single:
    """Return the reader of a gender or age bracket; whoever gives none is undisclosed, and so is everyone not asked."""
    undisclosed = dict.fromkeys(OFF_SCALE_ANSWERS, leaves.index(UNDISCLOSED))
    if item is None:
        return _Single("", role, {}, undisclosed)
    return _Single(item.id, role, _indices(leaves, item.answers), undisclosed)


def _readers(breakdowns: Sequence[Breakdown]) -> Iterator[_Single | _Several]:
    for item in dict.fromkeys(breakdown.item for breakdown in breakdowns):
        mine = [breakdown for breakdown in breakdowns if breakdown.item == item]
        if mine[0].option:
            yield _Several(item, mine)
        else:
            leaves = mine[0].leaves
            yield _Single(item, mine[0].code, _indices(leaves, mine[0].answers), _indices(leaves, OFF_SCALE_ANSWERS))


def _indices(leaves: Sequence[str], codes: Sequence[str]) -> Mapping[str, int]:
    return {code: leaves.index(code) for code in codes}


def _frame(sheets: Iterable[_Sheet], languages: Sequence[str]) -> pd.DataFrame:
    import numpy as np  # two seconds that a web server must not spend at its start
    import pandas as pd

    sheets = [sheet for sheet in sheets if sheet.strata]
    rows = sum(len(sheet.strata) for sheet in sheets)
    leaves = {b.code: b.leaves for sheet in sheets for b in sheet.asked.breakdowns}
    columns: dict[str, Any] = {code: np.full(rows, -1, dtype="int8") for code in leaves}
    stratum = np.empty(rows, dtype="int32")
    language, mode, gender, age = (np.empty(rows, dtype="int8") for _ in range(4))
    start = 0
    for sheet in sheets:
        here = slice(start, start := start + len(sheet.strata))
        stratum[here] = sheet.strata
        language[here], mode[here] = sheet.languages, sheet.modes
        gender[here], age[here] = sheet.gender.cells, sheet.age.cells
        for code, cells in sheet.columns():
            columns[code][here] = cells
    categorical = pd.Categorical.from_codes
    return pd.DataFrame(
        {
            "stratum": stratum,
            "language": categorical(language, categories=languages),
            "mode": categorical(mode, categories=MODES),
            "gender": categorical(gender, categories=GENDER_AXIS.leaves),
            "age": categorical(age, categories=AGE_AXIS.leaves),
            **{column_of(c): categorical(codes, categories=leaves[c]) for c, codes in columns.items()},
        }
    )


def count_by(frame: pd.DataFrame, *columns: str) -> Mapping[tuple[Any, ...], int]:
    """Return how many responses stand at each combination that occurs; rows where a column is empty are not counted."""
    if any(column not in frame for column in columns):
        return {}
    sizes = frame.groupby(list(columns), observed=True).size()
    return {tuple(key): int(people) for key, people in sizes.items()}
