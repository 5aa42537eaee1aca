"""The report for people: what it says, section by section, in one language. PDF and DOCX draw it; neither adds a word.

What may not be concluded is worked out from the figures, as what may be said is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from survey_app.foundation.periods import read_period
from survey_app.protection.protected import ProtectedTables
from survey_app.report import guide
from survey_app.report.alike import read_alike
from survey_app.report.answering import tell_how_people_answered
from survey_app.report.blocks import Block, Paragraph, Points, Row, Section, Table
from survey_app.report.circumstances import CIRCUMSTANCES, read_groups
from survey_app.report.reading import Reading
from survey_app.report.reasons import say_quality, say_rounded, say_step
from survey_app.report.results import ANSWERED, TOTAL, Answers, bounds, options, read_answers
from survey_app.report.table11 import TOTAL_ROW, Indicator, breakdown_name, count_heads, indicators
from survey_app.report.tables_csv import cells_in_order
from survey_app.report.told import synthetic_warning
from survey_app.report.understanding import Sentence, judge_sentences
from survey_app.report.wording import split_item

_MOST_SENTENCES: Final = 12
_MANY_OFF_SCALE: Final = 0.1
_COMPARISONS: Final = 3  # from so many on, chance alone is worth a warning


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language. ``line``: which release it is; ``warning``: that nobody gave the answers, or empty."""

    language: str
    title: str
    line: str
    warning: str
    sections: tuple[Section, ...]


def write_document(reading: Reading, protected: ProtectedTables) -> Document:
    """Return the report. ``protected``: the tables that ``reading`` reads, with their policy and certificate."""
    told = reading.told
    return Document(
        language=told.wording.language,
        title=told.wording.gettext("Survey results, %(period)s") % {"period": told.wording.period(told.facts.period)},
        line=told.release_line(),
        warning=synthetic_warning(told.wording) if told.facts.synthetic else "",
        sections=(
            _summary(reading, protected),
            _indicator(reading, protected),
            _answers(reading),
            _changes(reading),
            _coverage(reading),
            _wishes(reading),
            _sentences(reading, protected),
            tell_how_people_answered(reading),
            _quality(reading, protected),
            _not_concluded(reading),
            _method(reading, protected),
            _withheld(reading, protected),
        ),
    )


# -- the page in plain words ---------------------------------------------------------------------------------------------


def _summary(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    lines = [*say_in_short(reading), *_plain_sentences(reading, protected)]
    lines.append(
        _("Small numbers are not shown, so that nobody can be recognised. A number that is not shown is not a zero.")
    )
    return Section("summary", _("In short"), (Points(tuple(lines)),))


def say_in_short(reading: Reading) -> Iterator[str]:
    """Say in whole sentences what a release tells first: who took part, whether it helps, what changed, what to change."""
    yield from _plain_coverage(reading)
    yield from _plain_indicator(reading)
    yield from _plain_changes(reading)
    yield from _plain_ranks(reading)
    yield from _plain_wishes(reading)


def _plain_coverage(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    covered = reading.coverage()
    if covered and covered[0].share is not None:
        words = {
            "answered": reading.told.say_count(covered[0].answered),
            "registered": reading.told.say_count(covered[0].registered),
            "share": reading.told.say_percent(covered[0].share),
        }
        yield _("Of %(registered)s people who are registered, %(answered)s took part (%(share)s).") % words
        return
    for answers in _of_indicator(reading)[:1]:
        if answers.cells[TOTAL].value is not None:
            yield _("%(asked)s people took part.") % {"asked": reading.told.say_count(answers.cells[TOTAL])}


def _of_indicator(reading: Reading) -> list[Answers]:
    ids = reading.indicator_items()
    return [answers for answers in reading.scales() if split_item(answers.item)[0] in ids]


def _plain_indicator(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    found = _of_indicator(reading)
    if not found:
        yield _("R.2.9 was not asked in this period.")
    for answers in found:
        share, chance = reading.say_estimate(answers)
        words = {
            "question": reading.name(answers),
            "positive": reading.told.say_count(answers.cells[answers.said]),
            "answered": reading.told.say_count(answers.cells[ANSWERED]),
            "share": share,
            "range": chance,
        }
        if answers.estimate(answers.said, reading.smallest_base) is None:
            yield _("“%(question)s”: how many say yes can not be shown.") % words
        elif chance == "-":
            yield _("“%(question)s”: %(positive)s of %(answered)s people who answered say yes (%(share)s).") % words
        else:
            yield (
                _(
                    "“%(question)s”: %(positive)s of %(answered)s people who answered say yes (%(share)s, range of chance "
                    "%(range)s)."
                )
                % words
            )


def _plain_changes(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    if reading.earlier is None:
        return
    words = {"period": reading.told.wording.period(reading.earlier.period)}
    sentences = {
        "more": _("“%(question)s”: more positive answers than in %(period)s."),
        "fewer": _("“%(question)s”: fewer positive answers than in %(period)s."),
    }
    sure = [(answers, change) for answers, change in reading.changes() if change.verdict in sentences]
    for answers, change in sure:
        yield sentences[change.verdict] % {**words, "question": reading.name(answers)}
    if reading.changes() and not sure:
        yield _("Nothing changed since %(period)s so much that chance can be ruled out.") % words


def _plain_ranks(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    ranks = reading.ranks()
    if len({rank for rank, _name in ranks}) > 1:
        yield _("Most positive answers: “%(best)s”. Fewest: “%(last)s”.") % {"best": ranks[0][1], "last": ranks[-1][1]}


def _plain_wishes(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    known = [(wish.share(wish.said, reading.smallest_base), wish) for wish in reading.wishes()]
    told = sorted(((share, wish) for share, wish in known if share), key=lambda one: -one[0])
    if told:
        share, wish = told[0]
        words = {"wish": _option(reading, wish), "share": reading.told.say_percent(share)}
        yield _("Asked most often to change: “%(wish)s” (%(share)s of those who answered).") % words


def _option(reading: Reading, answers: Answers) -> str:
    wording = reading.told.wording
    base, _colon, option = answers.item.partition(":")
    return wording.answer(base.partition("@")[0], option)


def _plain_sentences(reading: Reading, protected: ProtectedTables) -> Iterator[str]:
    _ = reading.told.wording.gettext
    bad = sum(sentence.needs_work for sentence in _judged(reading, protected))
    if bad:
        yield _("Questions that too many people did not understand, in one language or in all: %(n)d.") % {"n": bad}


# -- the indicator -------------------------------------------------------------------------------------------------------


def _indicator(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    tables = [_indicator_table(reading, indicator) for indicator in indicators(protected)]
    blocks: tuple[Block, ...] = (Paragraph(" ".join(guide.indicator(reading.told)[:2])), *tables, *_by_place(reading))
    if not tables:
        blocks = (Paragraph(_("R.2.9 was not asked in this period.")),)
    return Section("indicator", _("Result indicator R.2.9"), blocks)


def _by_place(reading: Reading) -> Iterator[Block]:
    """Give the indicator's answers place by place, where there is more than one."""
    _ = reading.told.wording.gettext
    ids = reading.indicator_items()
    answers = [each for each in read_answers(reading.tables) if split_item(each.item)[0] in ids and each.scale]
    if any(each.depth for each in answers):
        yield Paragraph(_("By place. Groups differ, and so do their people: a difference is no ranking."))
        yield from reading.distributions(answers, reading.place, _("Place"))


def _indicator_table(reading: Reading, indicator: Indicator) -> Table:
    _ = reading.told.wording.gettext
    answers = (TOTAL, ANSWERED, indicator.top, "positive", "not-understood", "no-answer")
    rows = tuple(
        Row(
            breakdown_name(reading.told, *breakdown),
            tuple(reading.told.say_count(indicator.cells[(answer, *breakdown)]) for answer in answers),
        )
        for breakdown in indicator.breakdowns()
        if breakdown == TOTAL_ROW or indicator.cells[(TOTAL, *breakdown)].value != 0
    )
    heads = (_("Indicator breakdown (of which)"), *count_heads(reading.told))
    return Table(reading.told.wording.item(indicator.cells[TOTAL, TOTAL, TOTAL].at.item), heads, rows)


# -- the questions -------------------------------------------------------------------------------------------------------


def _answers(reading: Reading) -> Section:
    _ = reading.told.wording.gettext
    blocks: list[Block] = list(reading.distributions(reading.scales()))
    if len(ranks := reading.ranks()) > 1:
        lines = tuple(_("%(rank)d. %(question)s") % {"rank": rank, "question": name} for rank, name in ranks)
        said = _("From the most positive answers to the fewest; questions that share a place can not be told apart:")
        blocks += [Paragraph(said), Points(lines)]
    return Section("answers", _("Answers to each question"), tuple(blocks) or (_nothing(reading),))


def _nothing(reading: Reading) -> Paragraph:
    return Paragraph(reading.told.wording.gettext("Nothing can be said here: it was not asked, or can not be shown."))


def _changes(reading: Reading) -> Section:
    _ = reading.told.wording.gettext
    table = reading.change_table()
    return Section(
        "changes",
        _("Change since the half-year before"),
        (Paragraph(_why_no_change(reading)),) if table is None else (table, Paragraph(_how_compared(reading))),
    )


def _why_no_change(reading: Reading) -> str:
    _ = reading.told.wording.gettext
    if read_period(reading.told.facts.period).is_cumulative:
        return _(
            "This period begins with the programme and holds every earlier one, so that there is nothing to compare it with."
        )
    if reading.is_rounded:
        return _("Rounded numbers are not compared.")
    if reading.earlier is None:
        return _(
            "No release of the half-year before, for the same readers and about the same projects, can be compared with."
        )
    return _(
        "No question of the half-year before can be compared: its numbers are not shown, or it was asked otherwise."
    )


def _how_compared(reading: Reading) -> str:
    _ = reading.told.wording.gettext
    return _(
        "“More” and “fewer” stand only where chance can be ruled out (95 of 100 times). Other people answered in each period."
    )


def _coverage(reading: Reading) -> Section:
    _ = reading.told.wording.gettext
    table = reading.coverage_table()
    if table is None:
        said = _("Nobody knows how many could have answered: not every project has typed in its register.")
        return Section("coverage", _("Who answered, and who did not"), (Paragraph(said),))
    blocks: list[Block] = [table]
    lines = [line for answers in reading.scales() for line in _silence(reading, answers)]
    if lines:
        said = _(
            "If those who did not answer had all said no, or all yes, the share of all registered people would be:"
        )
        blocks += [Paragraph(said), Points(tuple(lines))]
    return Section("coverage", _("Who answered, and who did not"), tuple(blocks))


def _silence(reading: Reading, answers: Answers) -> Iterator[str]:
    _ = reading.told.wording.gettext
    found = bounds(answers, reading.smallest_base)
    if found is not None:
        yield _("“%(question)s”: %(range)s.") % {
            "question": reading.name(answers),
            "range": reading.say_interval(found),
        }


def _wishes(reading: Reading) -> Section:
    _ = reading.told.wording.gettext
    tables = reading.distributions(options(reading.everybody()), lambda answers: _option(reading, answers))
    return Section("wishes", _("What people want to change"), tuple(tables) or (_nothing(reading),))


# -- how good it is ------------------------------------------------------------------------------------------------------


def _judged(reading: Reading, protected: ProtectedTables) -> tuple[Sentence, ...]:
    return judge_sentences(cells_in_order(protected), reading.smallest_base)


def _sentences(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    told = reading.told
    known = [sentence for sentence in _judged(reading, protected) if sentence.share is not None]
    worst = [sentence for sentence in known if sentence.share][:_MOST_SENTENCES]
    title = _("These sentences need work")
    if not known:
        said = Paragraph(_("Too few people answered to say how a sentence was understood."))
        return Section("sentences", title, (said,))
    nothing = Paragraph(
        _(
            "No sentence stands out: of the figures that can be shown, none says that more than one person in ten did not "
            "understand."
        )
    )
    if not worst:
        return Section("sentences", title, (nothing,))
    rows = tuple(
        Row(
            told.wording.item(sentence.item),
            (
                reading.name_language(sentence.language),
                told.say_count(sentence.not_understood),
                told.say_count(sentence.asked),
                told.say_percent((sentence.share or 0.0) / 100),
                _("Write it anew") if sentence.needs_work else "",
            ),
        )
        for sentence in worst
    )
    heads = (
        _("Question"),
        _("Language"),
        _("Did not understand"),
        _("Asked"),
        _("Share who did not understand"),
        _("Verdict"),
    )
    table = Table(_("The worst first"), heads, rows)
    return Section("sentences", title, (table,) if worst[0].needs_work else (nothing, table))


def _quality(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    wording, certificate = reading.told.wording, protected.certificate
    lines = [say_step(certificate.step, wording)]
    if certificate.rounded is not None:
        lines.append(say_rounded(certificate.rounded, wording))
    if certificate.quality is not None:
        lines += say_quality(certificate.quality, wording)
    lines += guide.folded(reading.told, protected)
    lines += _off_scale(reading)
    lines += _all_top(reading)
    return Section("quality", _("How good these figures are"), (Points(tuple(lines)),))


def _all_top(reading: Reading) -> Iterator[str]:
    """Say of all people together how many gave the best answer to every question."""
    _ = reading.told.wording.gettext
    for alike in read_alike(reading.tables, reading.smallest_base):
        if alike.depth == 0 and not alike.at.module and alike.share_top is not None:
            yield _("Gave the best answer to every question: %(share)s.") % {
                "share": reading.told.say_percent(alike.share_top)
            }


def _off_scale(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    for answers in reading.scales():
        part, asked = answers.cells["off-scale"], answers.cells[TOTAL]
        if part.status is not asked.status or part.value is None or not asked.value:
            continue
        share = part.value / asked.value
        if asked.value >= reading.smallest_base and share > _MANY_OFF_SCALE:
            words = {"question": reading.name(answers), "share": reading.told.say_percent(share)}
            yield _("“%(question)s”: %(share)s of those asked gave no answer on the scale.") % words


def _not_concluded(reading: Reading) -> Section:
    _ = reading.told.wording.gettext
    return Section("not-concluded", _("What may not be concluded"), (Points(tuple(_limits(reading))),))


def _limits(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    yield _(
        "That the group is the cause: people were asked once, at the end, and nobody was asked who was not in a group."
    )
    yield _("That people hide nothing: who depends on a service says more often that it helps.")
    yield from _limits_of_time(reading)
    yield from _limits_of_silence(reading)
    yield from _limits_of_changes(reading)
    yield from _limits_of_ranks(reading)
    if any(read_groups(reading.tables, each, reading.smallest_base) for each in CIRCUMSTANCES):
        yield _(
            "That help or a language is the cause of a difference: whoever has a helper or reads another language differs in "
            "other ways too."
        )
    silent = [a for a in reading.scales() if a.estimate(a.said, reading.smallest_base) is None]
    for answers in silent:
        yield _("Anything about “%(question)s”: its numbers are not shown.") % {"question": reading.name(answers)}
    if reading.is_rounded:
        yield _("Small differences: these numbers are rounded, and no range of chance is told of them.")
    yield _("That one organisation works better than another: the groups differ, and so do the people in them.")


def _limits_of_time(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    facts = reading.told.facts
    if facts.created.date() <= read_period(facts.period).last:
        yield _("What the whole period says: it had not ended on the day of this report.")


def _limits_of_silence(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    covered = reading.coverage()
    if not covered:
        yield _("What those think who did not answer: nobody knows how many they are.")
    elif covered[0].is_exceeded:
        yield _("How many did not answer: more people answered than are registered, so that the register is not whole.")
    elif covered[0].share is not None and covered[0].share < 1:
        yield _("What those think who are registered and did not answer. They were not drawn by lot.")


def _limits_of_changes(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    changes = reading.changes()
    if reading.earlier is None or not changes:
        return
    words = {"period": reading.told.wording.period(reading.earlier.period)}
    for answers, change in changes:
        if change.verdict == "cannot-tell":
            said = {**words, "question": reading.name(answers)}
            yield _("That “%(question)s” changed since %(period)s, or that it did not: nobody can tell.") % said
    if len(changes) >= _COMPARISONS:
        yield _("That every change is real: of %(n)d comparisons, about one in twenty shows one by chance.") % {
            "n": len(changes)
        }


def _limits_of_ranks(reading: Reading) -> Iterator[str]:
    _ = reading.told.wording.gettext
    first = [name for rank, name in reading.ranks() if rank == 1]
    if len(first) > 1:
        yield _("Which of these has the most positive answers: %(questions)s.") % {"questions": " / ".join(first)}


# -- how it was made -----------------------------------------------------------------------------------------------------


def _method(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    lines = [
        *guide.method(reading.told),
        *guide.percentages(reading.told, protected),
        _(
            "Range of chance: Wilson's interval (95 in 100), narrower the more of the registered people answered; changes by "
            "Newcombe's method. They are computed from the numbers shown here and from nothing else."
        ),
    ]
    return Section("method", _("What was counted"), (Points(tuple(lines)),))


def _withheld(reading: Reading, protected: ProtectedTables) -> Section:
    _ = reading.told.wording.gettext
    lines = [
        *guide.withheld(reading.told, protected),
        *guide.policy(reading.told, protected),
        *guide.certificate(reading.told, protected)[:3],
    ]
    return Section("withheld", _("What is withheld, and why"), (Points(tuple(lines)),))
