from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from survey_app.protection.protected import Coordinates, ProtectedTables, Status
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import UnfitTables, read_tables_csv, tables_csv
from survey_app.report.tables_json import tables_json

Protect = Callable[..., ProtectedTables]


def lines_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def small_partner(at: Coordinates) -> bool:
    return at.organisation == "binche"


def test_the_file_has_exactly_the_promised_columns_and_line_ends(protect: Protect) -> None:
    content = tables_csv(protect())
    head, *_lines = content.decode().split("\n")
    assert head == "table,measure,organisation,project,module,period,item,answer,gender,age,value,status,language,mode"
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.startswith(b"\xef\xbb\xbf")


def test_every_cell_of_every_grid_has_a_line_and_no_line_comes_twice(protect: Protect) -> None:
    lines = lines_of(tables_csv(protect()))
    answers, place, module = 13, 1 + 7, 3
    change = 9
    by_mode = 3 * 4
    expected = answers * (5 * 5 + 2 * (place + module)) + 2 * change * (place + module) + 5 * 5 + place + by_mode
    assert len(lines) == expected
    dimensions = {tuple(value for name, value in line.items() if name not in {"value", "status"}) for line in lines}
    assert len(dimensions) == expected


def test_numbers_are_those_counted_by_hand(protect: Protect) -> None:
    lines = lines_of(tables_csv(protect()))

    def value(**where: str) -> str:
        found = [line["value"] for line in lines if all(line[name] == code for name, code in where.items())]
        assert len(found) == 1
        return found[0]

    assert value(table="indicator", answer="positive", gender="total", age="total") == "25"
    assert value(table="indicator", answer="a-lot", gender="female", age="18-60") == "18"
    assert value(table="indicator", measure="asked", gender="total", age="total") == "37"
    assert value(table="item:helpful", answer="positive", organisation="charleroi", project="total") == "25"
    assert value(table="item:helpful", answer="positive", organisation="charleroi-own", project="total") == "19"
    assert value(table="item:helpful", measure="answered", organisation="ghent", project="sewing") == "11"
    assert value(table="registered:place", organisation="ghent", project="total") == "15"
    assert value(table="module:doctor", answer="not-for-me", module="advanced") == "1"


def test_a_value_is_empty_exactly_where_it_is_withheld(protect: Protect) -> None:
    lines = lines_of(tables_csv(protect(small_partner)))
    assert {line["organisation"] for line in lines if line["value"] == ""} == {"binche"}
    assert all((line["value"] == "") == (line["status"] == "withheld") for line in lines)
    assert any(line["value"] == "0" for line in lines)


def test_the_same_tables_give_the_same_bytes_and_read_back_as_the_same_cells(protect: Protect) -> None:
    protected = protect(small_partner)
    content = tables_csv(protected)
    assert content == tables_csv(protect(small_partner))
    cells = [cell for table in protected.tables for cell in table.cells.values()]
    assert sorted(read_tables_csv(content), key=lambda c: c.at) == sorted(cells, key=lambda c: c.at)


def test_json_has_the_same_cells_in_the_same_order(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect(small_partner)
    document = json.loads(tables_json(protected, facts))
    lines = lines_of(tables_csv(protected))
    assert document["synthetic"] is False
    texts = [{name: "" if v is None else str(v) for name, v in cell.items()} for cell in document["cells"]]
    assert texts == lines


@pytest.mark.parametrize("fault", ["missing cell", "strange cell", "value that is withheld", "no value"])
def test_tables_that_break_their_promise_are_not_written(protect: Protect, fault: str) -> None:
    protected = protect()
    table = protected.tables[0]
    cells = dict(table.cells)
    first = next(iter(cells))
    if fault == "missing cell":
        del cells[first]
    elif fault == "strange cell":
        cells["somewhere", "total", "total"] = cells.pop(first)
    elif fault == "value that is withheld":
        cells[first] = replace(cells[first], status=Status.WITHHELD)
    else:
        cells[first] = replace(cells[first], value=None)
    broken = replace(protected, tables=(replace(table, cells=cells),))
    with pytest.raises(UnfitTables, match="indicator"):
        tables_csv(broken)


@pytest.mark.parametrize(
    "line", ["a,b", "t,people,,,,,,,,,5,withheld", "t,people,,,,,,,,,,published", "t,,,,,,,,,,x,held"]
)
def test_a_table_that_cannot_be_read_says_on_which_line(protect: Protect, line: str) -> None:
    head = tables_csv(protect()).split(b"\n", 1)[0]
    with pytest.raises(ValueError, match="line 2"):
        read_tables_csv(head + b"\n" + line.encode() + b"\n")
    with pytest.raises(ValueError, match="line 1"):
        read_tables_csv(line.encode())


def test_releases_from_before_a_column_came_are_still_read(protect: Protect) -> None:
    """First without the mode, then without the language too; what such a release had no table for is left out."""
    lines = [line for line in tables_csv(protect()).decode().splitlines() if not line.startswith("by-mode")]
    for last in ("language", "status"):
        lines = [line.rpartition(",")[0] for line in lines]
        assert lines[0].endswith(f",{last}")
        cells = read_tables_csv(("\n".join(lines) + "\n").encode())
        assert len(cells) == len(lines) - 1
        assert cells == tuple(cell for cell in read_tables_csv(tables_csv(protect())) if not cell.at.mode)
