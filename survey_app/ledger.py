"""What the ledger remembers of a release, as protection compares it: protected cells in, protected cells out.

In: ProtectedTables and rows of storage. Out: EarlierRelease. Knows nothing of: web, exact counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from survey_app.aggregation.tables import Coordinates
from survey_app.protection.protected import EarlierRelease, ProtectedCell, ProtectedTables, Status
from survey_app.report.folder import WrittenRelease
from survey_app.report.release import ReleaseFacts
from survey_app.storage import ledger
from survey_app.storage.database import Database


def recall(db: Database) -> tuple[EarlierRelease, ...]:
    """Return every release that ever left, the first one first."""
    return tuple(
        EarlierRelease(
            id=release.id,
            created=release.created,
            tier=release.tier,
            sessions=release.sessions,
            cells=tuple(_read_cell(cell) for cell in release.cells),
            responses=release.responses,
        )
        for release in ledger.list_releases(db)
    )


def remember(
    db: Database,
    facts: ReleaseFacts,
    protected: ProtectedTables,
    responses: Mapping[str, int],
    written: WrittenRelease,
) -> None:
    """Add a release at the end of the chain. ``responses``: session code -> responses counted.

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
    )
    ledger.append(db, row)


def _write_cell(cell: ProtectedCell) -> dict[str, Any]:
    used = {name: code for name, code in asdict(cell.at).items() if code}
    return {"at": used, "value": cell.value, "status": cell.status.value}


def _read_cell(cell: Mapping[str, Any]) -> ProtectedCell:
    return ProtectedCell(Coordinates(**cell["at"]), cell["value"], Status(cell["status"]))
