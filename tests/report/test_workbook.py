from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook

from survey_app.protection.protected import Coordinates, ProtectedCell, ProtectedTables, Status
from survey_app.report.release import ReleaseFacts
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.tables_csv import cells_in_order
from survey_app.report.wording import Wording
from survey_app.report.workbook import workbook

Protect = Callable[..., ProtectedTables]
HEAD = HEADER_ROW + 1  # openpyxl counts rows from 1

COMMISSION_COLUMNS = [
    "Specific objective",
    "ID",
    "Indicator name",
    "Indicator breakdown (of which)",
    "Measurement unit (for indicators and baseline)",
    "Baseline",
    "Target 2029",
    "Measurement unit (for target)",
    "Planned values in selected operations [21/07/26]",
    "Values achieved [21/07/26]",
    "Comments",
]


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def rows_of(sheet: Any, first: int = HEAD + 1) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(min_row=first, values_only=True)]


def withhold_men(at: Coordinates) -> bool:
    return at.gender == "male" and at.answer in {"not-at-all", "negative", "not-understood", "off-scale"}


def withhold_ghent(at: Coordinates) -> bool:
    return at.organisation == "ghent" and at.answer not in {"total", "not-much"}


def test_the_first_sheet_has_exactly_the_commissions_columns(protect: Protect, facts: ReleaseFacts) -> None:
    book = opened(workbook(protect(), facts, Wording("en")))
    assert book.sheetnames[0] == "Table 11"
    heads = [cell.value for cell in book.worksheets[0][HEAD]]
    assert heads[:11] == COMMISSION_COLUMNS
    assert heads[11:] == [
        "n registered",
        "n asked",
        "n answered",
        "n helpful, strict (top answer)",
        "n helpful, lenient (positive answers)",
        "n did not understand",
        "n refused",
    ]


def test_the_indicator_is_broken_down_by_gender_age_and_both(protect: Protect, facts: ReleaseFacts) -> None:
    rows = rows_of(opened(workbook(protect(), facts, Wording("en"))).worksheets[0])
    assert [row[3] for row in rows[:9]] == [
        "Total",
        "Female",
        "Male",
        "Non-binary",
        "Gender undisclosed",
        "< 18",
        "18-60",
        "> 60",
        "Age undisclosed",
    ]
    assert len(rows) == 1 + 4 + 4 + 16
    assert all(row[1] == "R.2.9" for row in rows)
    by_name = {row[3]: row for row in rows}
    assert by_name["Total"][9] == 25
    assert by_name["Total"][11:] == [53, 37, 36, 18, 25, 1, 0]
    assert by_name["Female"][11:] == [43, 27, 27, 18, 18, 0, 0]
    assert by_name["Male"][11:] == [10, 10, 9, 0, 7, 1, 0]
    assert by_name["Male, 18-60"][11:] == [10, 9, 9, 0, 7, 0, 0]
    assert by_name["Female, > 60"][9] == 0


def test_every_number_equals_tables_csv_and_every_withheld_cell_is_a_word(
    protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    def withhold(at: Coordinates) -> bool:
        return withhold_men(at) or withhold_ghent(at)

    protected = protect(withhold)
    book = opened(workbook(protected, facts, french))
    shown = sum(isinstance(value, int) for sheet in _questions(book) for row in rows_of(sheet) for value in row[1:])
    words = sum(value == "masqué" for sheet in _questions(book) for row in rows_of(sheet) for value in row)
    cells = [cell for cell in cells_in_order(protected) if cell.at.table.startswith(("item:", "module:"))]
    assert shown == sum(cell.value is not None for cell in cells) + _whole_shares(protected)
    assert words > sum(cell.value is None for cell in cells) > 0
    for table in protected.tables:
        if table.name.startswith(("item:", "module:")):
            _compare_block(book, table)
    totals = {row[3]: row for row in rows_of(book.worksheets[0])}
    assert totals["Male"][16] == "masqué"
    assert totals["Female"][16] == 0


def _questions(book: Any) -> list[Any]:
    """The sheets between the Regulation's tables and what is told about all questions together."""
    return book.worksheets[2:-2]


def _whole_shares(protected: ProtectedTables) -> int:
    """Shares of 0 % and 100 % are read back as whole numbers too."""
    whole = 0
    for table in protected.tables:
        for codes, part in table.cells.items():
            if not table.name.startswith(("item:", "module:")) or not _is_below_answered(table, codes[0]):
                continue
            base = table.cells[("answered", *codes[1:])].value
            whole += part.value is not None and base is not None and base >= 10 and part.value in {0, base}
    return whole


def _is_below_answered(table: Any, code: str) -> bool:
    above = table.axes[0].parents.get(code)
    return bool(above and (above == "answered" or _is_below_answered(table, above)))


def _compare_block(book: Any, table: Any) -> None:
    """Find the table's block by its header, and compare each cell."""
    codes = table.axes[0].codes
    rows_expected = [
        ["masqué" if (v := table.cells[answer, code].value) is None else v for answer in codes]
        for code in table.axes[1].codes
    ]
    found = [[list(row)[1 : 1 + len(codes)] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
    assert any(
        rows[start : start + len(rows_expected)] == rows_expected for rows in found for start in range(len(rows))
    ), table.name


def test_a_percentage_needs_a_large_enough_base_and_two_shown_numbers(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect(lambda at: at.organisation == "ghent" and at.answer == "not-at-all")
    sheet = opened(workbook(protected, facts, Wording("en")))["helpful"]
    heads = [cell.value for cell in sheet[HEAD]]
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in rows_of(sheet)[:8]}
    share = "Positive answers, share of those who answered"
    assert rows["All organisations"][share] == pytest.approx(25 / 36)
    assert rows["charleroi and its partners"][share] == 1
    assert rows["garden"][share] == "-"  # six answered
    assert rows["ghent"][share] == 0
    assert rows["ghent"]["not-at-all, share of those who answered"] == "withheld"
    assert sheet.cell(HEAD + 1, 1 + heads.index(share)).number_format == "0%"


def test_a_release_about_one_project_has_one_row_for_it(
    about_one_project: ProtectedTables, facts: ReleaseFacts, french: Wording
) -> None:
    own = replace(facts, organisation="ghent", project="sewing")
    sheet = opened(workbook(about_one_project, own, french)).worksheets[2]
    rows = rows_of(sheet)
    assert rows[0][0] == "sewing"
    assert rows[0][1:3] == [12, 11]


def test_words_of_the_questionnaire_stay_text_and_sheet_names_are_legal_and_unique(
    protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    long = "Une très longue question qui ne tient pas / sur un onglet ?"
    content = workbook(protect(), facts, replace(french, items={**french.items, "helpful": long, "change": long}))
    book = opened(content)
    assert book.sheetnames == [
        "Tableau 11",
        "Table 7",
        "Une très longue question qui ne",
        "=HYPERLINK(1)",
        "Une très longue question qu (2)",
        "How people answered",
        "Comment lire",
    ]
    assert book.worksheets[2]["A1"].value == long
    assert book.worksheets[3]["A1"].data_type == "s"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


@pytest.mark.parametrize(
    ("wanted", "named"),
    [("", "-"), ("'a'", "a"), ("History", "History (2)"), ("a:b\\c*", "a b c"), ("x" * 40, "x" * 31)],
)
def test_any_question_gives_a_name_that_excel_takes(wanted: str, named: str, facts: ReleaseFacts) -> None:
    assert Book(facts, Wording("en")).legal_name(wanted) == named


def test_the_last_sheet_tells_method_policy_certificate_and_folded_partners(
    protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    sheet = opened(workbook(protect(withhold_ghent), facts, french)).worksheets[-1]
    said = " ".join(str(value) for row in rows_of(sheet, 1) for value in row if value)
    for words in (
        '"masqué" stands in place of a number',
        "at least 5 people",
        "fewer than 10 people answered",
        "small below 20 people",
        'Policy "network", version 1',
        "Withheld numbers attacked: 3.",
        "sums over all tables at once et only whole people count",
        "tau-ARGUS (pytauargus 0.6.0, 3 of 4 tables)",
        "is 6 people wide",
        "No numbers by module are shown",
        "Different numbers withheld: 120 of 210.",
        "71% of the information is shown",
        "Of 100 people, 64 can be seen",
        "Of 100 withheld numbers, about 40 only protect another one.",
        "OCMW Ninove is too small",
        "exit, version 1; scales: much-4 1",
    ):
        assert words in said


def test_synthetic_data_is_called_so_on_every_sheet_on_paper_and_in_the_properties(
    protect: Protect, facts: ReleaseFacts
) -> None:
    book = opened(workbook(protect(), replace(facts, synthetic=True), Wording("en")))
    assert len(book.worksheets) == 7
    for sheet in book.worksheets:
        assert sheet["A3"].value.startswith("SYNTHETIC DATA")
        assert "SYNTHETIC DATA" in sheet.oddHeader.right.text
    assert "SYNTHETIC DATA" in book.properties.title
    real = opened(workbook(protect(), facts, Wording("en")))
    assert all(sheet["A3"].value is None for sheet in real.worksheets)


def test_sheets_print_well_and_name_no_person_and_no_hour(protect: Protect, facts: ReleaseFacts) -> None:
    content = workbook(protect(), facts, Wording("en"))
    book = opened(content)
    for sheet in book.worksheets:
        assert sheet.freeze_panes is not None
        assert sheet.print_title_rows == f"${HEAD}:${HEAD}"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.column_dimensions["A"].width > 15
    assert book.properties.creator in {None, ""}
    assert book.properties.lastModifiedBy in {None, ""}
    assert book.properties.created.isoformat() == "2026-07-21T00:00:00"
    assert content == workbook(protect(), facts, Wording("en"))


def test_a_value_of_an_earlier_release_is_marked(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect()
    tables = tuple(
        replace(table, cells={codes: _held(cell) for codes, cell in table.cells.items()}) for table in protected.tables
    )
    book = opened(workbook(replace(protected, tables=tables), facts, Wording("en")))
    achieved = book.worksheets[0].cell(HEAD + 1, 10)
    assert achieved.value == 25
    assert achieved.number_format == '#,##0"*"'
    assert "earlier release" in book.worksheets[0].cell(HEAD + 1, 11).value
    assert any("asterisk" in str(row[1]) for row in rows_of(book.worksheets[-1]))


def _held(cell: ProtectedCell) -> ProtectedCell:
    return replace(cell, status=Status.HELD)


def test_without_a_register_the_number_registered_is_a_word_and_never_a_zero(
    protect: Protect, facts: ReleaseFacts
) -> None:
    rows = rows_of(opened(workbook(protect(registers=()), facts, Wording("en"))).worksheets[0])
    assert {row[11] for row in rows} == {"not counted"}


OUTPUT_COLUMNS = [
    "Specific objective",
    "ID",
    "Indicator name",
    "Indicator breakdown (of which)",
    "Measurement unit",
    "Milestone (2024)",
    "Target (2029)",
    "Planned values in selected operations [21/07/26]",
    "Values achieved [21/07/26]",
    "Comments",
]


def test_the_second_sheet_has_the_commissions_columns_of_outputs_and_what_registers_know(
    protect: Protect, facts: ReleaseFacts
) -> None:
    protected = protect(lambda at: at.measure == "registered" and at.gender == "male" and at.age == "18-60")
    book = opened(workbook(protected, facts, Wording("en")))
    assert book.sheetnames[:2] == ["Table 11", "Table 7"]
    assert [cell.value for cell in book.worksheets[1][HEAD]] == OUTPUT_COLUMNS
    rows = rows_of(book.worksheets[1])
    registered = {(c.at.gender, c.at.age): c.value for c in cells_in_order(protected) if c.at.table == "registered"}
    supported = {row[3]: row[8] for row in rows if row[1] == "O.2.3"}
    assert len(supported) == len(registered) == 25
    assert supported["Total"] == registered["total", "total"] == 53
    assert supported["Female, 18-60"] == registered["female", "18-60"]
    assert supported["Male, 18-60"] == "withheld"
    assert "never joined with answers" in rows[0][9]
    parts = [(row[1], row[8]) for row in rows[25:]]
    assert parts == [(f"O.2.3.{number}", "not counted") for number in (1, 2, 3)]


def test_without_a_register_no_output_is_told_and_the_sheet_says_why(protect: Protect, facts: ReleaseFacts) -> None:
    rows = rows_of(opened(workbook(protect(registers=()), facts, Wording("en"))).worksheets[1])
    assert [row[8] for row in rows] == ["not counted"] * 4
    assert rows[0][9] == "Not every project of the scope has typed in its register."


def test_two_scales_are_two_sets_of_rows_each_with_its_scale(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect()
    first = protected.tables[0]
    relabelled = {
        codes: replace(cell, at=replace(cell.at, item="helpful@much-3-1")) for codes, cell in first.cells.items()
    }
    other = replace(first, name="indicator:helpful@much-3-1", cells=relabelled)
    rows = rows_of(
        opened(workbook(replace(protected, tables=(*protected.tables, other)), facts, Wording("en"))).worksheets[0]
    )
    assert len(rows) == 50
    assert "much-3-1" in rows[25][10]


def test_a_policy_that_does_not_say_when_percentages_are_safe_stops_the_workbook(
    protect: Protect, facts: ReleaseFacts
) -> None:
    with pytest.raises(KeyError, match="smallest_percentage_base"):
        workbook(replace(protect(), policy={"name": "network"}), facts, Wording("en"))


def test_a_period_without_the_indicator_says_so(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect()
    others = tuple(table for table in protected.tables if not table.name.startswith("indicator"))
    sheet = opened(workbook(replace(protected, tables=others), facts, Wording("en"))).worksheets[0]
    assert rows_of(sheet)[0][0] == "R.2.9 was not asked in this period."
