"""What the ledger remembers of a release, as protection compares it, and whether it can still be trusted.

In: ProtectedTables and rows of storage. Out: EarlierRelease, and why no release may be made. Knows nothing of: web, exact
counts.

A ledger that lost its end looks sound. So a file beside the data, the *head*, names the last release and the last indicator
return that it held: a database that was put back to an earlier state does not reach it, and is not believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from survey_app.aggregation.tables import Coordinates, SessionPlace
from survey_app.foundation.periods import read_period
from survey_app.protection.exact_totals import Exact
from survey_app.protection.protected import EarlierRelease, ProtectedCell, ProtectedTables, Status
from survey_app.protection.reasons import Reason
from survey_app.report.folder import DamagedRelease, WrittenRelease, changed_files, read_release, read_tables
from survey_app.report.reading import Earlier
from survey_app.report.release import ReleaseFacts
from survey_app.storage import indicator_returns, ledger
from survey_app.storage.database import Database
from survey_app.storage.indicator_returns import IndicatorReturn

HEAD: Final = "ledger-head.json"
"""The name of the head, in the folder of the data."""


def find_faults(db: Database, head: Path | None, now: datetime) -> tuple[Reason, ...]:
    """Return why the ledger can not be trusted now, nothing where it can.

    A row that was changed, taken out or put in; releases or returns missing at the end; a release folder that was edited (one
    that is not there any more is no fault: it may have been moved); a clock that went back behind what left last.
    """
    releases, returns = ledger.list_without_figures(db), indicator_returns.list_returns(db)
    return (
        *_broken(db),
        *_broken_returns(returns),
        *_shortened(releases, returns, head),
        *_edited(releases),
        *_clock((*releases, *returns), now),
    )


def _broken(db: Database) -> Iterable[Reason]:
    if (broken := ledger.find_broken(db)) is not None:
        yield Reason("ledger-changed", slots={"release": broken.id})


def _broken_returns(returns: Sequence[IndicatorReturn]) -> Iterable[Reason]:
    if (broken := indicator_returns.first_broken_return(returns)) is not None:
        yield Reason("ledger-changed", slots={"release": broken.id})


def _shortened(
    releases: Sequence[ledger.Release], returns: Sequence[IndicatorReturn], head: Path | None
) -> Iterable[Reason]:
    if head is None or not head.exists():
        return
    try:
        last_release, last_return = _read_head(head)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        yield Reason("ledger-head", slots={"path": str(head)})
        return
    for last, left in ((last_release, releases), (last_return, returns)):
        if last is not None and not any((one.number, one.entry) == (last.number, last.entry) for one in left):
            yield Reason("ledger-shortened", slots={"release": last.id, "path": str(head)})


class _Last(NamedTuple):
    """What a head says of the last release, or of the last return."""

    number: int
    entry: str
    id: str


def _read_head(head: Path) -> tuple[_Last | None, _Last | None]:
    """Read which release and which return were the last; a head of an earlier version names no return."""
    said = json.loads(head.read_bytes())
    release = _Last(int(said["number"]), str(said["entry"]), str(said["release"])) if "release" in said else None
    made = said.get("return")
    if release is None and made is None:
        raise KeyError(head)
    return release, None if made is None else _Last(int(made["number"]), str(made["entry"]), str(made["id"]))


def _edited(releases: Iterable[ledger.Release]) -> Iterable[Reason]:
    for release in releases:
        folder = Path(release.folder)
        if folder.is_absolute() and folder.is_dir() and (files := changed_files(folder, release.hash)):
            yield Reason(
                "folder-changed", slots={"release": release.id, "files": ", ".join(files), "path": str(folder)}
            )


def _clock(left: Sequence[ledger.Release | IndicatorReturn], now: datetime) -> Iterable[Reason]:
    if left and (last := max(left, key=lambda one: one.created)).created > now:
        yield Reason("clock-back", slots={"release": last.id, "moment": f"{last.created:%Y-%m-%d %H:%M} UTC"})


def keep_head(db: Database, head: Path) -> None:
    """Write down the last release and the last return of a ledger that was found sound."""
    releases, returns = ledger.list_without_figures(db), indicator_returns.list_returns(db)
    said: dict[str, Any] = {}
    if releases:
        said |= {"number": releases[-1].number, "entry": releases[-1].entry, "release": releases[-1].id}
    if returns:
        said["return"] = {"number": returns[-1].number, "entry": returns[-1].entry, "id": returns[-1].id}
    if not said:
        return
    content = json.dumps(said)
    if head.exists() and head.read_text("utf-8") == content:
        return
    head.parent.mkdir(parents=True, exist_ok=True)
    unfinished = head.with_suffix(".unfinished")
    unfinished.write_text(content, "utf-8")
    unfinished.replace(head)


def recall(db: Database) -> tuple[EarlierRelease, ...]:
    """Return everything that ever left, the first one first: releases, and the exact totals of indicator returns."""
    left = [*_recall_releases(db), *_recall_returns(db)]
    return tuple(sorted(left, key=lambda release: release.created))


def _recall_releases(db: Database) -> Iterable[EarlierRelease]:
    return (
        EarlierRelease(
            id=release.id,
            created=release.created,
            tier=release.tier,
            sessions=release.sessions,
            cells=tuple(_read_cell(cell) for cell in release.cells),
            responses=release.responses,
            places={session: SessionPlace(*place) for session, place in release.places.items()},
        )
        for release in ledger.list_releases(db)
    )


def _recall_returns(db: Database) -> Iterable[EarlierRelease]:
    """Give each return as what it is to its readers: figures that were made public, exact, however small."""
    return (
        EarlierRelease(
            id=made.id,
            created=made.created,
            tier="public",
            sessions=frozenset(made.responses),
            cells=tuple(_read_cell(cell) for cell in made.cells),
            responses=made.responses,
            places={session: SessionPlace(*place) for session, place in made.places.items()},
        )
        for made in indicator_returns.list_returns(db)
    )


def half_before(releases: Iterable[ledger.Release], facts: ReleaseFacts) -> ledger.Release | None:
    """Return the last of some releases that tells the half-year before, to the same readers and about the same scope."""
    before = read_period(facts.period).before
    wanted = (before.code if before else "", facts.tier, facts.project or "all")
    same = [release for release in releases if (release.period, release.tier, release.scope) == wanted]
    return same[-1] if same else None


def read_half_before(db: Database, facts: ReleaseFacts, beside: Path) -> Earlier | None:
    """Return what a new release is compared with, as its folder has it; ``None`` where it is not here or is not as it left.

    ``beside``: where a release lies whose folder is known by its name alone. Rounded figures are compared with nothing.
    """
    release = half_before(ledger.list_without_figures(db), facts)
    if release is None:
        return None
    folder = beside / release.folder
    try:
        read = read_release(folder)
    except DamagedRelease:
        return None
    tables = read_tables(folder, read.document) if read.hash == release.hash else None
    if tables is None or any(cell.status is Status.ROUNDED for table in tables for cell in table.cells.values()):
        return None
    return Earlier(release.period, tables)


def remember(  # noqa: PLR0913, PLR0917 - a release, whom it counts, and where it stands
    db: Database,
    facts: ReleaseFacts,
    protected: ProtectedTables,
    responses: Mapping[str, int],
    places: Mapping[str, SessionPlace],
    written: WrittenRelease,
) -> None:
    """Add a release at the end of the chain. ``responses``: session code -> responses counted; ``places``: where it was.

    Raises:
        LedgerMovedError: another release was added since ``facts.previous`` was read.
    """
    row = ledger.Release(
        id=facts.id,
        created=facts.created,
        tier=facts.tier,
        period=facts.period,
        scope=facts.project or "all",
        hash=written.hash,
        previous=facts.previous or ledger.NO_RELEASE_BEFORE,
        sessions=frozenset(responses),
        cells=[_write_cell(cell) for table in protected.tables for cell in table.cells.values()],
        responses=responses,
        folder=str(written.folder.resolve()),
        places={session: list(astuple(place)) for session, place in places.items()},
    )
    ledger.append(db, row)


def remember_return(  # noqa: PLR0913 - a return, whom it counts, and where it stands
    db: Database,
    facts: ReleaseFacts,
    figures: Iterable[Exact],
    *,
    made_by: str,
    responses: Mapping[str, int],
    places: Mapping[str, SessionPlace],
    folder: Path,
    own_hash: str,
) -> None:
    """Add an indicator return at the end of its log. ``own_hash``: of its ``indicator.json``.

    Raises:
        LedgerMovedError: another return was added since ``facts.previous`` was read.
    """
    row = indicator_returns.IndicatorReturn(
        id=facts.id,
        created=facts.created,
        made_by=made_by,
        period=facts.period,
        hash=own_hash,
        previous=facts.previous or "",
        cells=[_write_cell(ProtectedCell(figure.at, figure.people, Status.PUBLISHED)) for figure in figures],
        responses=dict(sorted(responses.items())),
        places={session: list(astuple(place)) for session, place in sorted(places.items())},
        folder=str(folder.resolve()),
    )
    indicator_returns.append_return(db, row)


def _write_cell(cell: ProtectedCell) -> dict[str, Any]:
    used = {name: code for name, code in asdict(cell.at).items() if code}
    return {"at": used, "value": cell.value, "status": cell.status.value}


def _read_cell(cell: Mapping[str, Any]) -> ProtectedCell:
    return ProtectedCell(Coordinates(**cell["at"]), cell["value"], Status(cell["status"]))
