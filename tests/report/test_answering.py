"""How people answered, in words: shares, comparisons that the numbers carry, and a reason where nothing can be told."""

from __future__ import annotations

from survey_app.protection.protected import Axis, Coordinates, ProtectedCell, ProtectedTable, Status
from survey_app.report.answering import tell_how_people_answered
from survey_app.report.blocks import Paragraph, Table
from survey_app.report.circumstances import read_groups
from survey_app.report.reading import Reading
from survey_app.report.release import ReleaseFacts
from survey_app.report.told import Told
from survey_app.report.wording import Wording

TOTAL = "total"
SUMS = ("total", "positive")
BASE = 10


def shown(value: int | None) -> ProtectedCell:
    status = Status.WITHHELD if value is None else Status.PUBLISHED
    return ProtectedCell(Coordinates("t", "people", period="2026-H1", item="helpful"), value, status)


def by_mode(**counts: tuple[int | None, int | None]) -> ProtectedTable:
    """Answered and positive, of everybody (``total``) and of each mode."""
    modes = Axis("mode", {code.replace("_", "-"): TOTAL for code in counts if code != TOTAL})
    cells = {
        (answer, code.replace("_", "-")): shown(value)
        for code, values in counts.items()
        for answer, value in zip(SUMS, values, strict=True)
    }
    return ProtectedTable("by-mode:helpful", (Axis("answer", {"positive": TOTAL}), modes), cells)


def pace(fast: int | None, counted: int | None) -> ProtectedTable:
    axis = Axis("tally", {"fast": TOTAL, "unhurried": TOTAL})
    return ProtectedTable("pace", (axis,), {("fast",): shown(fast), (TOTAL,): shown(counted)})


def told(facts: ReleaseFacts, *tables: ProtectedTable) -> list[str | Table]:
    section = tell_how_people_answered(Reading(Told(facts, Wording("en")), tables, BASE))
    return [block.text if isinstance(block, Paragraph) else block for block in section.blocks]  # type: ignore[union-attr]


def test_where_nothing_can_be_told_each_part_says_why(facts: ReleaseFacts) -> None:
    few, fast, modes = told(facts)
    assert str(few).startswith("How many people gave the same answer to every question is not told here")
    assert str(fast).startswith("How many people answered very fast is not known")
    assert "is compared over all organisations only" in str(modes)


def test_who_could_not_have_heard_the_questions_is_told_as_a_share(facts: ReleaseFacts) -> None:
    assert "Of 40 people of whom tablets counted it, 30%" in str(told(facts, pace(12, 40))[1])
    for hidden in (pace(None, 40), pace(12, None), pace(2, 9)):
        assert str(told(facts, hidden)[1]).startswith("How many people answered very fast is not known")


def test_a_group_is_compared_with_all_others_and_only_where_the_numbers_carry_it() -> None:
    def verdicts(**counts: tuple[int | None, int | None]) -> list[str]:
        return [group.verdict for group in read_groups([by_mode(**counts)], "mode", BASE)]

    clear = {"total": (200, 140), "alone": (100, 50), "with_helper": (100, 90)}
    assert verdicts(**clear) == ["fewer", "more"]
    assert verdicts(total=(200, 140), alone=(100, 69), with_helper=(100, 71)) == ["cannot-tell"] * 2
    assert verdicts(total=(200, 140), alone=(193, 134), paper=(7, 6)) == ["cannot-tell"] * 2
    assert verdicts(total=(200, None), alone=(100, 50), with_helper=(100, 90)) == ["cannot-tell"] * 2
    assert verdicts(total=(200, 140), alone=(100, None), with_helper=(100, None)) == ["cannot-tell"] * 2


def test_modes_in_which_nobody_is_shown_have_no_row_and_are_counted(facts: ReleaseFacts) -> None:
    table, silent = told(facts, by_mode(total=(40, 30), alone=(40, 30), with_helper=(0, 0), paper=(None, None)))[2:]
    assert isinstance(table, Table)
    assert [row.head for row in table.rows] == ["Alone, on a tablet"]
    assert silent == "Groups in which nobody was asked, or whose numbers are not shown: 2."
