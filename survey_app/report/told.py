"""What is said of a release in a line, in one language: its scope, its readers, its day, the word for what is withheld."""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.protection.protected import ProtectedCell, Status
from survey_app.report.release import ReleaseFacts
from survey_app.report.wording import Wording

_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass
class Told:
    """A release and the words of its reader."""

    facts: ReleaseFacts
    wording: Wording

    def release_line(self) -> str:
        """Say in a line which release this is."""
        _ = self.wording.gettext
        return _("Period %(period)s. Scope: %(scope)s. For readers: %(tier)s. Release %(id)s of %(date)s.") % {
            "period": self.wording.period(self.facts.period),
            "scope": self.scope(),
            "tier": self.tier(),
            "id": self.facts.id,
            "date": self.date(),
        }

    def title(self) -> str:
        """Return the title of a file, which says too where nobody gave the answers."""
        _ = self.wording.gettext
        title = _("Survey results, %(period)s") % {"period": self.wording.period(self.facts.period)}
        return f"{title} - {synthetic_warning(self.wording)}" if self.facts.synthetic else title

    def scope(self) -> str:
        """Name the scope."""
        _ = self.wording.gettext
        if not self.facts.project:
            return _("All organisations")
        return self.wording.projects.get(self.facts.project, self.facts.project)

    def tier(self) -> str:
        """Name the circle of readers that the release is made for."""
        _ = self.wording.gettext
        tiers = {
            "inside": _("inside the organisation"),
            "network": _("network"),
            "public": _("public"),
            "indicator": _("the managing authority"),
        }
        return tiers.get(self.facts.tier, self.facts.tier)

    def date(self) -> str:
        """Return the release's day as the Regulation's templates write it: dd/mm/yy."""
        return self.facts.created.strftime("%d/%m/%y")

    def withheld(self) -> str:
        """Return the word that stands in place of a withheld count."""
        _ = self.wording.gettext
        return _("withheld")

    def say_count(self, cell: ProtectedCell | None) -> str:
        """Say a count; a word where it is withheld or nothing was counted, a sign where it is held (*) or rounded (≈)."""
        if cell is None:
            return self.wording.gettext("not counted")
        if cell.value is None:
            return self.withheld()
        signs = {Status.HELD: "{}*", Status.ROUNDED: f"≈{_NO_BREAK}{{}}"}
        return signs.get(cell.status, "{}").format(self.say_number(cell.value))

    def say_number(self, number: int) -> str:
        """Say a number of people."""
        return f"{number:,}".replace(",", _NO_BREAK)

    def say_percent(self, share: float) -> str:
        """Say a share from 0 to 1 in whole percent."""
        space = _NO_BREAK if self.wording.language == "fr" else ""
        return f"{round(100 * share)}{space}%"

    def say_percentage(self, share: float | None, part: ProtectedCell, base: ProtectedCell) -> str:
        """Say a share, or what stands in its place: a dash for too few answers, a word where a number is withheld."""
        if share is not None:
            return self.say_percent(share)
        is_small = part.status is base.status and part.status in {Status.PUBLISHED, Status.ROUNDED}
        return "-" if is_small else self.withheld()


def synthetic_warning(wording: Wording) -> str:
    """Say that nobody gave these answers."""
    _ = wording.gettext
    return _("SYNTHETIC DATA: these answers were made up for a demonstration. Nobody gave them.")
