"""The practice sheet of a project: what it does and what its people say, on a page, for others in the network.

Staff type what they do; figures come from a release that left already, with the words of its report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from survey_app.report.blocks import Block, Paragraph, Points, Section
from survey_app.report.document import Document, say_in_short
from survey_app.report.reading import Reading
from survey_app.report.told import synthetic_warning
from survey_app.report.wording import Wording

TYPED: Final = ("does", "works", "otherwise", "advice")
"""What staff type, in the order in which it stands on the sheet."""


def name_typed(wording: Wording) -> Mapping[str, str]:
    """Return the title of each part that staff type."""
    _ = wording.gettext
    return {
        "does": _("What we do"),
        "works": _("What works well"),
        "otherwise": _("What we would do otherwise"),
        "advice": _("Our advice to others"),
    }


def write_practice(reading: Reading, typed: Mapping[str, str]) -> Document:
    """Return the sheet. ``typed``: by the names of ``TYPED``; a part that is empty is left out."""
    told, _ = reading.told, reading.told.wording.gettext
    titles = name_typed(told.wording)
    parts = [Section(name, titles[name], _paragraphs(typed[name])) for name in TYPED if typed.get(name, "").strip()]
    said: tuple[Block, ...] = (Points(tuple(say_in_short(reading))), *reading.distributions(reading.scales()))
    return Document(
        language=told.wording.language,
        title=_("Inspiring practice: %(project)s") % {"project": told.scope()},
        line=told.release_line(),
        warning=synthetic_warning(told.wording) if told.facts.synthetic else "",
        sections=(*parts[:1], Section("said", _("What people say"), said), *parts[1:]),
    )


def _paragraphs(text: str) -> tuple[Block, ...]:
    return tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip())
