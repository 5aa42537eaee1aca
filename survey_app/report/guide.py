"""The last sheet: how to read the others. Method, policy, certificate, what is withheld and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.protection.protected import ProtectedTables, Status
from survey_app.report.reasons import name_attacks, name_engines, say_quality, say_rounded, say_step
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.tables_csv import cells_in_order
from survey_app.report.told import Told, synthetic_warning


def number_of(policy: Mapping[str, Any], name: str) -> int:
    """Return a number of the policy, which may stand there with its reason and source.

    Raises ``KeyError`` where the policy does not have it.
    """
    found = policy[name]
    return int(found["value"] if isinstance(found, Mapping) else found)


def add_guide(book: Book, protected: ProtectedTables) -> None:
    """Add the sheet: a heading for each subject, a sentence in each row."""
    _ = book.wording.gettext
    title = _("How to read this")
    sheet = book.add_sheet(title, title, [46, 100])
    sheet.write_string(HEADER_ROW, 0, _("Subject"), book.header)
    sheet.write_string(HEADER_ROW, 1, _("What to know"), book.header)
    row = HEADER_ROW
    for subject, lines in guide(book, protected):
        for number, line in enumerate(lines):
            row += 1
            if number == 0:
                sheet.write_string(row, 0, subject, book.header)
            sheet.write_string(row, 1, line, book.wrapped)
    book.freeze(sheet, 0)


def guide(told: Told, protected: ProtectedTables) -> Iterator[tuple[str, list[str]]]:
    """Give each subject with its sentences."""
    _ = told.wording.gettext
    if told.facts.synthetic:
        yield _("Warning"), [synthetic_warning(told.wording)]
    yield _("What was counted"), method(told)
    yield _("Result indicator R.2.9"), indicator(told)
    yield _("Percentages"), percentages(told, protected)
    yield _("What is withheld, and why"), withheld(told, protected)
    if protected.folded:
        yield _("Partners shown with their lead"), list(folded(told, protected))
    yield _("Protection policy"), list(policy(told, protected))
    yield _("Certificate"), certificate(told, protected)
    yield _("Questionnaires"), list(_questionnaires(told))


def method(told: Told) -> list[str]:
    _ = told.wording.gettext
    return [
        _("Every number counts people, in the sessions of %(period)s that are closed.")
        % {"period": told.wording.period(told.facts.period)},
        _("People answered without a name. Nobody can be asked again, and an answer given twice is not seen."),
        _("Asked: people who were shown the question. Answered: people who chose an answer on it."),
        _("People without an answer are counted apart, by reason: see the columns of each sheet."),
        _("A place where the question was not asked has no row. A zero is a real zero."),
        _("Results of scales with three and with four answers are never added up."),
        _("Gender and age are never crossed with a place or a module."),
    ]


def indicator(told: Told) -> list[str]:
    _ = told.wording.gettext
    return [
        _("Helpful means one of the positive answers (lenient). The best answer alone is given beside it (strict)."),
        _("Only people who said so are counted; nothing is grossed up to those who did not answer."),
        _("Non-binary and undisclosed are rows of their own; they are part of the total."),
        _("n registered comes from the organisations' own registers and is never joined with answers."),
        _("It is shown only where every project of the scope has typed in its register."),
    ]


def percentages(told: Told, protected: ProtectedTables) -> list[str]:
    _ = told.wording.gettext
    words = {"base": number_of(protected.policy, "smallest_percentage_base")}
    lines = [
        _("A percentage is computed only from two numbers that are shown, and among those who answered."),
        _("A dash (-) stands where fewer than %(base)d people answered: no percentage is shown.") % words,
    ]
    if protected.certificate.rounded is not None:
        lines.append(_("Percentages are computed from rounded numbers: they are rough too."))
    return lines


def withheld(told: Told, protected: ProtectedTables) -> list[str]:
    _ = told.wording.gettext
    cells = tuple(cells_in_order(protected))
    withheld = sum(cell.status is Status.WITHHELD for cell in cells)
    words = {"word": told.withheld(), "withheld": withheld, "cells": len(cells)}
    lines = [
        _('"%(word)s" stands in place of a number that could point at someone. It is not a zero.') % words,
        _("It stands for a small number, or for a larger one from which a small one could be computed."),
        _("A group that answers almost as one shows only its size: whoever answered otherwise could be recognised."),
        _("Withheld: %(withheld)d of the %(cells)d numbers of this release.") % words,
    ]
    if any(cell.status is Status.HELD for cell in cells):
        lines.append(_("An asterisk (*) marks a number of an earlier release, repeated until enough people joined."))
    return lines


def folded(told: Told, protected: ProtectedTables) -> Iterator[str]:
    _ = told.wording.gettext
    names = told.wording.organisations
    for partner, lead in sorted(protected.folded.items()):
        words = {"partner": names.get(partner, partner), "lead": names.get(lead, lead)}
        yield _("%(partner)s is too small to be shown and is counted with %(lead)s.") % words


def policy(told: Told, protected: ProtectedTables) -> Iterator[str]:
    _ = told.wording.gettext
    rules = protected.policy
    words = {"name": rules.get("name", told.facts.tier), "version": rules.get("version", "")}
    yield _('Policy "%(name)s", version %(version)s.') % words
    sentences = {
        "smallest_count": _("A number that is shown is zero or at least %(n)d people."),
        "smallest_percentage_base": _("Percentages need at least %(n)d answers."),
        "dissenters": _("In a small group, at least %(n)d people must have answered otherwise than the rest."),
        "group_at_risk": _("A group is small below %(n)d people."),
        "interval_width": _("What can be worked out about a withheld number leaves open at least %(n)d people."),
    }
    for name, sentence in sentences.items():
        if name in rules:
            yield sentence % {"n": number_of(rules, name)}


def certificate(told: Told, protected: ProtectedTables) -> list[str]:
    _ = told.wording.gettext
    tried = protected.certificate
    words = {
        "cells": tried.cells_attacked,
        "attacks": name_attacks(tried.attacks, told.wording),
        "engines": name_engines(tried.engines, told.wording),
    }
    lines = [
        _("Before it was written, this release was attacked as by someone who knows all of its numbers."),
        _("Withheld numbers attacked: %(cells)d. Known to the attacker, or looked for: %(attacks)s.") % words,
        _("Chose what to withhold, the one that was followed first: %(engines)s.") % words,
    ]
    if tried.narrowest_interval is not None:
        narrowest = {"width": tried.narrowest_interval}
        lines.append(_("The narrowest range that an attacker could find is %(width)d people wide.") % narrowest)
    lines.append(say_step(tried.step, told.wording))
    if tried.rounded is not None:
        lines.append(say_rounded(tried.rounded, told.wording))
    if tried.quality is not None:
        lines += say_quality(tried.quality, told.wording)
    return lines


def _questionnaires(told: Told) -> Iterator[str]:
    _ = told.wording.gettext
    for used in told.facts.questionnaires:
        scales = ", ".join(f"{scale} {version}" for scale, version in used.scales)
        words = {"id": used.id, "version": used.version, "scales": scales}
        yield _("%(id)s, version %(version)s; scales: %(scales)s") % words
