"""How people answered, in words: whose answers are all alike, and R.2.9 by mode and by language."""

from __future__ import annotations

from collections.abc import Iterator

from survey_app.protection.percentages import percentage_of
from survey_app.report.alike import Alike, read_alike, read_pace
from survey_app.report.blocks import Block, Paragraph, Row, Section, Table
from survey_app.report.circumstances import CIRCUMSTANCES, Circumstance, Group, read_groups
from survey_app.report.reading import Reading
from survey_app.report.told import Told


def tell_how_people_answered(reading: Reading) -> Section:
    """Return the section; where something can not be told it says why."""
    _ = reading.told.wording.gettext
    blocks = (*_about_alike(reading), _about_pace(reading), *_about_circumstances(reading))
    return Section("answering", _("How people answered"), blocks)


def _about_alike(reading: Reading) -> Iterator[Block]:
    _ = reading.told.wording.gettext
    found = read_alike(reading.tables, reading.smallest_base)
    if not found:
        yield Paragraph(
            _(
                "How many people gave the same answer to every question is not told here: fewer than three questions on one "
                "scale were asked, or this is about too many groups. A release about one project tells it."
            )
        )
        return
    yield Paragraph(
        _(
            "Whoever gives the best answer to everything may mean it, or may not dare to say anything else. Nobody's answers "
            "were left out for it."
        )
    )
    yield Table(
        _("Answers that are all alike"), alike_heads(reading.told), tuple(_alike_row(reading, each) for each in found)
    )


def _about_pace(reading: Reading) -> Paragraph:
    _ = reading.told.wording.gettext
    pace = read_pace(reading.tables)
    share = None if pace is None else percentage_of(*pace, reading.smallest_base)
    if pace is None or share is None:
        return Paragraph(
            _("How many people answered very fast is not known: tablets did not count it, or it cannot be shown.")
        )
    words = {"share": reading.told.say_percent(share / 100), "people": reading.told.say_count(pace[1])}
    return Paragraph(
        _(
            "Of %(people)s people of whom tablets counted it, %(share)s answered every question in less than three seconds: "
            "before it could be heard."
        )
        % words
    )


def alike_heads(told: Told) -> tuple[str, ...]:
    """Return the heads of the table of answers that are all alike."""
    _ = told.wording.gettext
    return (
        _("Group"),
        _("Asked at least three questions"),
        _("The best answer to every question"),
        _("The same answer to every question"),
    )


def _alike_row(reading: Reading, each: Alike) -> Row:
    shares = ((each.share_top, each.all_top), (each.share_same, each.all_same))
    told = (reading.told.say_percentage(share, part, each.asked) for share, part in shares)
    return Row(name_group(reading.told, each), (reading.told.say_count(each.asked), *told), depth=each.depth)


def name_group(told: Told, each: Alike) -> str:
    """Name the place or module whose answers are told; with its scale where two scales would have met."""
    if each.at.module:
        name = told.wording.module(each.at.module)
    else:
        name = told.scope() if each.depth == 0 else told.wording.place(each.at, is_group=each.is_group)
    return told.wording.with_scale(name, each.at.item.partition("@")[2])


def _about_circumstances(reading: Reading) -> Iterator[Block]:
    _ = reading.told.wording.gettext
    if not any(read_groups(reading.tables, each, reading.smallest_base) for each in CIRCUMSTANCES):
        yield Paragraph(
            _(
                "Who answered alone, with a helper or on paper, and in which language, is compared over all organisations "
                "only: in one of them it would point at a few people."
            )
        )
        return
    for circumstance in CIRCUMSTANCES:
        yield from _about(reading, circumstance)


def _about(reading: Reading, circumstance: Circumstance) -> Iterator[Block]:
    _ = reading.told.wording.gettext
    groups = read_groups(reading.tables, circumstance, reading.smallest_base)
    told = [group for group in groups if group.is_told]
    if told:
        title = (
            _("“%(question)s”, by language")
            if circumstance == "language"
            else _("“%(question)s”, by how people answered")
        )
        words = {"question": reading.told.wording.item(told[0].item)}
        rows = tuple(_group_row(reading, group) for group in told)
        yield Table(title % words, circumstance_heads(reading.told, circumstance), rows)
    if silent := len(groups) - len(told):
        yield Paragraph(_("Groups in which nobody was asked, or whose numbers are not shown: %(n)d.") % {"n": silent})


def circumstance_heads(told: Told, circumstance: Circumstance) -> tuple[str, ...]:
    """Return the heads of the table of a circumstance."""
    _ = told.wording.gettext
    return (
        *((_("Language"), _("Asked")) if circumstance == "language" else (_("How people answered"),)),
        _("Answered"),
        _("Positive answers"),
        _("Share of positive answers"),
        _("Range of chance"),
        _("Compared with all others"),
    )


def _group_row(reading: Reading, group: Group) -> Row:
    told = reading.told
    counts = tuple(told.say_count(cell) for cell in group.cells.values())
    share = told.say_percentage(
        group.estimate.share if group.estimate else None, group.cells["positive"], group.cells["answered"]
    )
    interval = group.estimate.interval if group.estimate else None
    around = share if group.estimate is None else reading.say_interval(interval) if interval else "-"
    return Row(name_circumstance(reading, group), (*counts, share, around, reading.say_verdict(group.verdict)))


def name_circumstance(reading: Reading, group: Group) -> str:
    """Name a mode, or a language in that of the reader."""
    if group.circumstance == "language":
        return reading.name_language(group.code)
    return reading.told.wording.mode(group.code)
