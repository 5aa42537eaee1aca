"""The words for what the protection says in codes: why a release was refused, what was tried on it, who chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from babel.lists import format_list

from survey_app.protection.protected import Coordinates, Quality, Rounded
from survey_app.protection.reasons import Attack, EngineCode, EngineUsed, Reason, ReasonCode, Step
from survey_app.report.wording import Wording

_TOTALS = {"", "total"}


def say_reason(reason: Reason, wording: Wording) -> str:
    """Say why a release may not leave: the cell in the reader's names, and how it was lost."""
    slots = {"cell": name_cell(reason.at, wording), **reason.slots}
    return sentences_of_reasons(wording.gettext)[reason.code] % slots


def name_attacks(attacks: Iterable[Attack], wording: Wording) -> str:
    """Name the attacks that were tried, as a list in a sentence."""
    names = names_of_attacks(wording.gettext)
    return format_list([names[attack] for attack in attacks], locale=wording.language)


def name_engines(engines: Iterable[EngineUsed], wording: Wording) -> str:
    """Name the engines that chose what to withhold, as a list in a sentence."""
    names = names_of_engines(wording.gettext)
    said = [names[used.code] % {"name": used.name, "done": used.done, "tables": used.tables} for used in engines]
    return format_list(said, locale=wording.language)


def name_cell(at: Coordinates | None, wording: Wording) -> str:
    """Name the place of a number: question, answer, place, module, gender, age; totals are left out."""
    if at is None or not at.table:
        return wording.gettext("The whole release")
    parts = [wording.item(at.item)] if at.item else [wording.gettext("n registered")]
    parts += [wording.answer(at.item, at.answer)] if at.answer else []
    parts += [] if at.organisation in _TOTALS else [wording.place(at, is_group=False)]
    parts += [] if at.module in _TOTALS else [wording.module(at.module)]
    parts += [] if at.gender in _TOTALS else [wording.gender(at.gender)]
    parts += [] if at.age in _TOTALS else [wording.age(at.age)]
    return " · ".join(parts)


def sentences_of_reasons(gettext: Callable[[str], str]) -> Mapping[ReasonCode, str]:
    """Give the sentence of each reason, with its slots open."""
    _ = gettext
    return {
        "low-count": _("%(cell)s: this number is too small to be shown."),
        "one-answer": _("%(cell)s: nearly everybody in a small group answered the same."),
        "narrowed": _("%(cell)s: this number could be computed, or nearly, from the others."),
        "not-possible": _("%(cell)s: the numbers that are shown contradict each other."),
        "does-not-add-up": _('The numbers of the table "%(table)s" do not add up, so nothing can be protected.'),
        "tier-without-policy": _(
            'An earlier release was made for "%(tier)s", and the policy for it is missing or faulty. '
            "Restore the files of the installation."
        ),
        "ledger-changed": _(
            'The ledger was changed: release "%(release)s" is not what was written then. Nothing can be compared with it. '
            "Restore a backup of the database."
        ),
        "ledger-shortened": _(
            'The ledger ends before release "%(release)s", which has left: the database is older than that. Restore the '
            "newest backup. Where there is none, what left can not be compared with any more; only then remove %(path)s."
        ),
        "ledger-head": _(
            "%(path)s can not be read, so nobody knows whether the ledger is whole. Restore it from a backup."
        ),
        "folder-changed": _(
            'The folder of release "%(release)s" was changed: %(files)s. Put the files back as they were, or move '
            "%(path)s away."
        ),
        "clock-back": _(
            'The clock stands before the last release, "%(release)s" of %(moment)s. Set the clock of this computer.'
        ),
        "more-cells": _("Other numbers that could not be protected: %(cells)d."),
        "attack-unfinished": _("The attack on the numbers did not finish, so nothing is known to be safe."),
        "not-rounded": _("The numbers could not be rounded so that they still add up."),
        "no-rounding": _('Releases for "%(tier)s" are not rounded. Only public ones can be.'),
        "nothing-to-show": _(
            "No number could be shown without pointing at someone. Wait until more people have answered."
        ),
        "answers-deleted": _(
            "Answers of this period were deleted because the time to keep them is over (sessions: %(sessions)d, the last on "
            "%(day)s). Nothing can be counted anew; the releases that counted them are kept."
        ),
    }


def say_step(step: Step, wording: Wording) -> str:
    """Say how much coarser a release had to be made than was asked for."""
    return sentences_of_steps(wording.gettext)[step]


def sentences_of_steps(gettext: Callable[[str], str]) -> Mapping[Step, str]:
    """Give the sentence of each step of the ladder."""
    _ = gettext
    return {
        "full": _("The tables are as fine as they were asked for."),
        "no-circumstances": _(
            "No numbers by language or by how people answered are shown: they could not be protected."
        ),
        "as-before": _("Only numbers that earlier releases told are shown: others could not be protected."),
        "no-modules": _("No numbers by module are shown: they could not be protected."),
        "no-projects": _("No numbers by module or by project are shown: they could not be protected."),
        "no-crossings": _(
            "No numbers by module, by project, or by gender and age together are shown: they could not be protected."
        ),
        "totals-only": _("Only the numbers of all people together are shown: finer ones could not be protected."),
        "nothing-new": _("Only numbers that the same readers had already are shown: others could not be protected."),
    }


def say_rounded(rounded: Rounded, wording: Wording) -> str:
    """Say how the numbers of a release were rounded."""
    said = wording.gettext(
        "Every number is rounded to a multiple of %(base)d: at most %(reach)d people more or less. Sums still add up."
    )
    return said % {"base": rounded.base, "reach": rounded.reach}


def say_quality(quality: Quality, wording: Wording) -> list[str]:
    """Say what a release still tells, in a few sentences."""
    _ = wording.gettext
    words = {"withheld": quality.withheld, "figures": quality.figures, "kept": quality.information_kept}
    lines = [
        _("Different numbers withheld: %(withheld)d of %(figures)d.") % words,
        _("Totals count more for a reader than details. So weighed, %(kept)d%% of the information is shown.") % words,
    ]
    if quality.people_shown is not None:
        people = {"share": quality.people_shown}
        lines.append(_("Of 100 people, %(share)d can be seen in the finest numbers.") % people)
    if quality.withheld_for_others is not None:
        others = {"share": quality.withheld_for_others}
        lines.append(_("Of 100 withheld numbers, about %(share)d only protect another one.") % others)
    return lines


def names_of_attacks(gettext: Callable[[str], str]) -> Mapping[Attack, str]:
    """Give the name of each attack, as it stands in a list."""
    _ = gettext
    return {
        "low-count": _("numbers too small to be shown"),
        "one-answer": _("small groups that answer as one"),
        "additivity": _("sums over all tables at once"),
        "whole-persons": _("only whole people count"),
        "registers": _("the organisations' registers"),
        "earlier-releases": _("numbers of earlier releases"),
        "facilitators": _("facilitators who know how many came"),
    }


def names_of_engines(gettext: Callable[[str], str]) -> Mapping[EngineCode, str]:
    """Give the name of each engine, as it stands in a list, with its slots open."""
    _ = gettext
    return {
        "own-optimiser": _("this program's own optimiser (%(name)s)"),
        "tau-argus": _("tau-ARGUS (%(name)s, %(done)d of %(tables)d tables)"),
        "tau-argus-silent": _("tau-ARGUS, which did not answer in time"),
    }
