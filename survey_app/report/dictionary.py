"""``dictionary.csv``: what each column and each code of the tables means, in every language of the staff.

Codes stay the same over the years; labels may be put better. So programs join by codes, and people read labels.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from survey_app.protection.protected import ProtectedCell, ProtectedTables
from survey_app.report.tables_csv import COLUMNS, DIMENSIONS, cells_in_order
from survey_app.report.wording import Wording


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A code of a column; ``item``: the question that an answer belongs to, empty for all other codes."""

    column: str
    item: str
    code: str


def dictionary(protected: ProtectedTables, wordings: Sequence[Wording]) -> bytes:
    """Return the file: ``column,item,code`` and a label for each language; a row without a code explains the column."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["column", "item", "code", *(wording.language for wording in wordings)])
    columns = [name_columns(wording) for wording in wordings]
    codes = [label_codes(protected, wording) for wording in wordings]
    for column in COLUMNS:
        lines.writerow([column, "", "", *(named[column] for named in columns)])
        for entry in (entry for entry in (codes[0] if codes else {}) if entry.column == column):
            lines.writerow([column, entry.item, entry.code, *(labels[entry] for labels in codes)])
    return text.getvalue().encode()


def name_columns(wording: Wording) -> dict[str, str]:
    """Say what each column holds."""
    _ = wording.gettext
    return {
        "table": _("Which table the number stands in"),
        "measure": _("What is counted"),
        "organisation": _("Organisation; empty where a table does not tell organisations apart"),
        "project": _("Project"),
        "module": _("Module"),
        "period": _("Half-year, or all up to its end from the start of the programme (..)"),
        "item": _("Question"),
        "answer": _("Answer, or a sum of answers"),
        "gender": _("Gender"),
        "age": _("Age bracket"),
        "value": _("Number of people; empty where it is withheld"),
        "status": _("What the number is"),
        "language": _("Language in which people read the question"),
        "mode": _("How people answered: alone, with a helper or on paper"),
    }


def label_codes(protected: ProtectedTables, wording: Wording) -> dict[Entry, str]:
    """Return the label of each code that stands in the tables, in the order in which it stands there first."""
    cells = tuple(cells_in_order(protected))
    leads = {cell.at.organisation.removesuffix("-own") for cell in cells if cell.at.organisation.endswith("-own")}
    labels: dict[Entry, str] = {}
    for cell in cells:
        for entry in _entries(cell):
            if entry not in labels:
                labels[entry] = _label(entry, cell, leads, wording)
    return labels


def _entries(cell: ProtectedCell) -> Iterator[Entry]:
    for column in (*DIMENSIONS, "status"):
        code = cell.status.value if column == "status" else getattr(cell.at, column)
        if code:
            yield Entry(column, cell.at.item if column == "answer" else "", code)


def _label(entry: Entry, cell: ProtectedCell, leads: set[str], wording: Wording) -> str:
    code = entry.code
    labels: Mapping[str, Callable[[], str]] = {
        "table": lambda: _name_table(code, wording),
        "measure": lambda: _measures(wording).get(code, code),
        "organisation": lambda: wording.place(replace(cell.at, project="total"), is_group=code in leads),
        "project": lambda: _name_project(code, wording),
        "module": lambda: wording.module(code),
        "period": lambda: wording.period(code),
        "item": lambda: wording.item(code),
        "answer": lambda: _classes(wording).get(code) or wording.answer(entry.item, code),
        "gender": lambda: wording.gender(code),
        "age": lambda: wording.age(code),
        "language": lambda: wording.language_of("" if code == "total" else code),
        "mode": lambda: wording.mode(code),
        "status": lambda: _statuses(wording).get(code, code),
    }
    return labels[entry.column]()


def _name_project(code: str, wording: Wording) -> str:
    _ = wording.gettext
    return _("All projects") if code == "total" else wording.projects.get(code, code)


def _name_table(code: str, wording: Wording) -> str:
    _ = wording.gettext
    kind, _colon, item = code.partition(":")
    names = {
        "indicator": _("R.2.9, by gender and age"),
        "indicator-gender": _("R.2.9, by gender"),
        "indicator-age": _("R.2.9, by age"),
        "item": _("By place"),
        "module": _("By module"),
        "language": _("By language"),
        "by-language": _("R.2.9, by language"),
        "by-mode": _("R.2.9, by how people answered"),
        "alike": _("Answers that are all alike, by place"),
        "alike-module": _("Answers that are all alike, by module"),
        "pace": _("How fast people answered the whole form"),
        "registered": _("Registered people"),
        "registered-gender": _("Registered people"),
        "registered-age": _("Registered people"),
        "replays": _("How often people listened"),
        "time": _("How long people needed"),
        "leaving": _("Where people left"),
    }
    name = names.get(kind, kind)
    if not item or item == "place":
        return name
    return _("%(table)s: %(question)s") % {"table": name, "question": wording.item(item)}


def _measures(wording: Wording) -> Mapping[str, str]:
    _ = wording.gettext
    return {
        "people": _("People with this answer"),
        "answered": _("People who answered"),
        "asked": _("People who were asked"),
        "registered": _("People in the organisations' registers"),
        "met": _("People who came to the question"),
        "began": _("People who began the form"),
    }


def _classes(wording: Wording) -> Mapping[str, str]:
    _ = wording.gettext
    return {
        "other-answers": _("All other answers"),
        "replayed-never": _("Did not listen again"),
        "replayed-once": _("Listened again once"),
        "replayed-more": _("Listened again more often"),
        "quick": _("Less than 3 seconds"),
        "usual": _("3 to 30 seconds"),
        "long": _("More than 30 seconds"),
        "fast": _("Every question in less than 3 seconds"),
        "unhurried": _("At least one question in 3 seconds or more"),
        "finished": _("Came to the end"),
        "left": _("Left before the end"),
    }


def _statuses(wording: Wording) -> Mapping[str, str]:
    _ = wording.gettext
    return {
        "published": _("The count"),
        "withheld": _("Withheld, so that nobody can be recognised; not a zero"),
        "held": _("The number of an earlier release, repeated until enough people joined"),
        "rounded": _("Rounded to a multiple; the certificate names it"),
    }
