"""The indicator return: the exact totals of R.2.9 as files of their own, in the columns of Table 11, with every warning.

In: exact totals, which nothing else in this room takes. Out: ``indicator.json`` and a workbook in each language of staff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.exact_totals import Exact, ExactTotals, GendersByAge, Pointed
from survey_app.protection.protected import Coordinates
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.reasons import name_cell
from survey_app.report.release import ReleaseFacts
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.table11 import ACHIEVED, BESIDE, WIDTHS, column_heads, write_texts
from survey_app.report.told import synthetic_warning
from survey_app.report.wording import Wording, split_item

INDICATOR: Final = "indicator.json"
TIER: Final = "indicator"
"""The circle of readers in the facts of a return: who asks for it by law."""
FORMAT: Final = 1
MERGE_RULE: Final = (
    "Non-binary, undisclosed gender and undisclosed age are part of the totals and have no row of their own."
)


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """What is said about a return beside its figures.

    ``release``: id, moment, period, questionnaires, and the return before. ``until``: the last day that is counted; values
    are cumulative from the start of the programme (Article 42 of Regulation (EU) 2021/1060).
    """

    release: ReleaseFacts
    until: date
    by: GendersByAge
    policy: Mapping[str, Any]

    @property
    def day(self) -> str:
        """Return the last day as the Regulation's template writes it: dd/mm/yy."""
        return self.until.strftime("%d/%m/%y")


def return_files(totals: Sequence[ExactTotals], facts: ReturnFacts, wordings: Sequence[Wording]) -> Mapping[str, bytes]:
    """Return every file of a return by its name, ``indicator.json`` last."""
    books = {f"indicator-{wording.language}.xlsx": _workbook(totals, facts, wording) for wording in wordings}
    return {**books, INDICATOR: canonical_json(_document(totals, facts, books))}


def _document(totals: Sequence[ExactTotals], facts: ReturnFacts, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": "indicator-return",
        "id": facts.release.id,
        "created": facts.release.created_utc,
        "indicator": "R.2.9",
        "until": facts.until.isoformat(),
        "genders_by_age": facts.by,
        "merge_rule": MERGE_RULE,
        "synthetic": facts.release.synthetic,
        "policy": dict(facts.policy),
        "totals": [
            {
                "item": each.item,
                "helpful": [{"gender": row.at.gender, "age": row.at.age, "people": row.people} for row in each.rows],
                "beside": {_name_of(figure): figure.people for figure in each.beside},
                "warnings": [{"at": _written(one.at), "why": one.why} for one in each.warnings],
            }
            for each in totals
        ],
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()},
        "previous": facts.release.previous,
    }


def _name_of(figure: Exact) -> str:
    return figure.at.measure if figure.at.measure != "people" else figure.at.answer


def _written(at: Coordinates) -> dict[str, str]:
    return {name: code for name, code in asdict(at).items() if code}


def _workbook(totals: Sequence[ExactTotals], facts: ReturnFacts, wording: Wording) -> bytes:
    book = Book(facts.release, wording)
    _add_table(book, totals, facts)
    _add_warnings(book, totals, facts)
    return book.content()


def _add_table(book: Book, totals: Sequence[ExactTotals], facts: ReturnFacts) -> None:
    _ = book.wording.gettext
    sheet = book.add_sheet(_("Table 11"), _("Result indicator R.2.9 (Annex VII, Table 11): exact totals"), WIDTHS)
    sheet.set_row(HEADER_ROW, 92)
    for column, head in enumerate(column_heads(book, facts.day)):
        sheet.write_string(HEADER_ROW, column, head, book.header)
    row = HEADER_ROW
    for each in totals:
        pointed = {one.at for one in each.warnings}
        for figure in each.rows:
            row += 1
            comment = _comment(book, each, figure, is_pointed=figure.at in pointed)
            write_texts(book, sheet, row, (figure.at.gender, figure.at.age), comment)
            sheet.write_number(row, ACHIEVED, figure.people, book.count)
            if figure is each.rows[0]:
                _write_beside(book, sheet, row, each)
    book.freeze(sheet, 4)
    sheet.set_selection(HEADER_ROW + 1, ACHIEVED, HEADER_ROW + 1, ACHIEVED)


def _write_beside(book: Book, sheet: Worksheet, row: int, totals: ExactTotals) -> None:
    """Write the seven figures of the whole; a word where not every project has typed in its register."""
    figures = list(totals.beside)
    if figures[0].at.measure != "registered":
        book.write_cell(sheet, row, BESIDE, None)
    first = BESIDE if figures[0].at.measure == "registered" else BESIDE + 1
    for column, figure in enumerate(figures, start=first):
        sheet.write_number(row, column, figure.people, book.count)


def _comment(book: Book, totals: ExactTotals, figure: Exact, *, is_pointed: bool) -> str:
    _ = book.wording.gettext
    said = []
    if figure is totals.rows[0]:
        said.append(_("Anonymous survey at the end of the activity; people who said so, not grossed up."))
        said.append(_("Non-binary, undisclosed gender and undisclosed age are in the totals only."))
        said.append(_("The managing authority fills in baseline, target and planned values."))
    scale = split_item(totals.item)[1]
    if scale:
        said.append(_("Only people asked with scale %(scale)s.") % {"scale": scale})
    if is_pointed:
        said.append(_("So few people that somebody could be recognised: see the next sheet."))
    return " ".join(said)


def _add_warnings(book: Book, totals: Sequence[ExactTotals], facts: ReturnFacts) -> None:
    _ = book.wording.gettext
    title = _("Read before sending")
    sheet = book.add_sheet(title, title, [120])
    sheet.write_string(HEADER_ROW, 0, title, book.header)
    for row, line in enumerate(_lines(book, totals, facts), start=HEADER_ROW + 1):
        sheet.write_string(row, 0, line, book.wrapped)
    book.freeze(sheet, 0)


def _lines(book: Book, totals: Sequence[ExactTotals], facts: ReturnFacts) -> Iterator[str]:
    _ = book.wording.gettext
    if facts.release.synthetic:
        yield synthetic_warning(book.wording)
    yield _("These numbers are exact, because the law asks for them. Nothing is withheld here, unlike in a release.")
    yield _("Send them to the managing authority and to nobody else. They are made public by Article 42(5).")
    yield _("They count everybody from the start of the programme to %(date)s.") % {"date": facts.day}
    yield _("Non-binary, undisclosed gender and undisclosed age are in the totals only.")
    yield _("Making this file was written into a log, and every later release takes these numbers as known.")
    smallest = int(facts.policy["smallest_count"]["value"])
    pointed = list(say_warnings(totals, book.wording, smallest))
    yield _("Numbers that could point at somebody: %(count)d.") % {"count": len(pointed)}
    yield from pointed


def say_warnings(totals: Sequence[ExactTotals], wording: Wording, smallest: int) -> Iterator[str]:
    """Say each warning in a sentence, with the place of its number and never the number itself."""
    return say_codes(((one, smallest) for each in totals for one in each.warnings), wording)


def say_codes(warnings: Iterable[tuple[Pointed, int]], wording: Wording) -> Iterator[str]:
    """Say warnings, each with the smallest count that it was measured by."""
    _ = wording.gettext
    sentences = {
        "low-count": _("%(cell)s: fewer than %(n)d people."),
        "low-rest": _("%(cell)s: what is left of it, when other rows are taken off, is fewer than %(n)d people."),
        "nearly-all": _("%(cell)s: all who answered, or all but fewer than %(n)d, said the same."),
    }
    for one, smallest in warnings:
        yield sentences[one.why] % {"cell": name_cell(one.at, wording), "n": smallest}


def read_warnings(document: bytes) -> Iterator[tuple[Pointed, int]]:
    """Read the warnings back from an ``indicator.json`` that is known to be as it was written."""
    told = json.loads(document)
    smallest = int(told["policy"]["smallest_count"]["value"])
    for each in told["totals"]:
        for one in each["warnings"]:
            yield Pointed(Coordinates(**one["at"]), one["why"]), smallest
