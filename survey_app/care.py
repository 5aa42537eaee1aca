"""How the installation is: what whoever looks after it should see in one look, each with what to do.

In: its folder, its database, the moment. Out: findings, in codes. Knows nothing of: pages, answers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from survey_app.foundation import clock
from survey_app.ledger import HEAD, find_faults
from survey_app.retention import last_before_silence, list_plans
from survey_app.storage import audit, deletion, devices, ledger, sealing, structure
from survey_app.storage.database import Database
from survey_app.storage.stamp import find_last_backup

Light = Literal["good", "look", "act"]
Code = Literal[
    "disk",
    "clock-good",
    "clock-behind",
    "clock-ahead",
    "certificate",
    "certificate-elsewhere",
    "tablets",
    "backup",
    "backup-never",
    "backup-elsewhere",
    "keys",
    "key-not-backed-up",
    "ledger",
    "ledger-broken",
    "log",
    "log-broken",
    "keeping",
    "keeping-undecided",
    "keeping-overdue",
]
Slot = str | int | date | datetime

REMIND_AFTER: Final = timedelta(days=7)
"""A backup that is older is one to make anew."""
TOO_OLD: Final = timedelta(days=30)
"""As long as tablets keep sealed copies: what was received after an older backup is nowhere else."""
LITTLE_ROOM: Final = 2_000
NO_ROOM: Final = 500
"""Megabytes; a backup needs room for two copies of the database beside it."""
DAYS_TO_RENEW: Final = 60
SILENT_AFTER: Final = timedelta(days=7)
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``slots``: numbers, days and names for its sentence."""

    code: Code
    light: Light
    slots: Mapping[str, Slot] = field(default_factory=dict)


def look_around(
    db: Database, data_dir: Path, now: datetime, certificate_ends: tuple[datetime, datetime] | None
) -> tuple[Finding, ...]:
    """Look at everything.

    Args:
        db: of the installation.
        data_dir: its folder.
        now: aware.
        certificate_ends: last moment of the server's certificate and of the authority's, where this computer has its own.
    """
    return (
        _look_at_backup(db, now),
        _look_at_room(data_dir),
        _look_at_clock(db, now),
        _look_at_certificate(now, certificate_ends),
        _look_at_tablets(db, now),
        _look_at_keys(db),
        _look_at_ledger(db, data_dir, now),
        _look_at_log(db),
        *_look_at_keeping(db, now),
    )


def is_backup_due(db: Database, now: datetime) -> bool:
    """Say whether somebody should make a backup: the last one is old, or there is none."""
    return _look_at_backup(db, now).light != "good"


def _look_at_backup(db: Database, now: datetime) -> Finding:
    if not db.is_sqlite:
        return Finding("backup-elsewhere", "good")
    last = find_last_backup(db)
    if last is None:
        return Finding("backup-never", "act")
    age = now - last
    light: Light = "act" if age > TOO_OLD else "look" if age > REMIND_AFTER else "good"
    return Finding("backup", light, {"at": last, "days": age.days})


def _look_at_room(data_dir: Path) -> Finding:
    room = shutil.disk_usage(data_dir).free // _MEGABYTE
    light: Light = "act" if room < NO_ROOM else "look" if room < LITTLE_ROOM else "good"
    return Finding("disk", light, {"megabytes": room})


def _look_at_clock(db: Database, now: datetime) -> Finding:
    latest = [entry.at for entry in audit.list_latest(db, 1)]
    latest += [release.created for release in ledger.list_without_figures(db)[-1:]]
    if any(moment > now for moment in latest):
        return Finding("clock-behind", "act", {"now": now, "last": max(latest)})
    last = last_before_silence(deletion.list_days(db), now.astimezone(clock.BELGIUM).date())
    if last is not None:
        return Finding("clock-ahead", "act", {"now": now, "last": last})
    return Finding("clock-good", "good", {"now": now})


def _look_at_certificate(now: datetime, ends: tuple[datetime, datetime] | None) -> Finding:
    if ends is None:
        return Finding("certificate-elsewhere", "good")
    server, authority = ((end - now).days for end in ends)
    light: Light = "act" if server < 1 else "look" if authority < DAYS_TO_RENEW else "good"
    return Finding("certificate", light, {"days": server, "authority_days": authority})


def _look_at_tablets(db: Database, now: datetime) -> Finding:
    enrolled = [one for one in devices.list_devices(db) if one.device.revoked_on is None]
    seen = [place.seen for one in enrolled for place in one.places if place.seen is not None]
    waiting = [one for one in enrolled if one.kept]
    silent = [one for one in waiting if not any(p.seen and now - p.seen < SILENT_AFTER for p in one.places)]
    slots: dict[str, Slot] = {"tablets": len(enrolled), "waiting": sum(one.kept for one in waiting)}
    unseen = [one for one in enrolled if one.is_unseen]
    slots |= {"silent": _name(silent), "unseen": _name(unseen)} | ({"seen": max(seen)} if seen else {})
    return Finding("tablets", "act" if silent or unseen else "look" if waiting else "good", slots)


def _name(tablets: Iterable[devices.Kept]) -> str:
    return ", ".join(one.device.name for one in tablets)


def _look_at_keys(db: Database) -> Finding:
    in_use = next(key for key in sealing.list_keys(db) if key.retired_on is None)
    last = find_last_backup(db)
    slots: dict[str, Slot] = {"key": in_use.id, "day": in_use.created_on}
    if last is not None and in_use.created_on > last.astimezone(clock.BELGIUM).date():
        return Finding("key-not-backed-up", "act", slots)
    return Finding("keys", "good", slots)


def _look_at_ledger(db: Database, data_dir: Path, now: datetime) -> Finding:
    faults = [fault for fault in find_faults(db, data_dir / HEAD, now) if fault.code != "clock-back"]
    if faults:
        return Finding("ledger-broken", "act", {"release": faults[0].slots.get("release", "")})
    return Finding("ledger", "good", {"releases": len(ledger.list_without_figures(db))})


def _look_at_log(db: Database) -> Finding:
    broken_at = audit.find_break(db)
    return Finding("log", "good") if broken_at is None else Finding("log-broken", "act", {"number": broken_at})


def _look_at_keeping(db: Database, now: datetime) -> Iterator[Finding]:
    today = now.astimezone(clock.BELGIUM).date()
    plans = list_plans(db)
    overdue = [plan for plan in plans if plan.is_due(today)]
    coming = min((plan.due for plan in plans if plan.held and plan.due is not None), default=None)
    undecided = sum(project.keep_months is None for project in structure.list_projects(db))
    if overdue:
        yield Finding("keeping-overdue", "act", {"answers": sum(plan.responses for plan in overdue)})
    elif coming is not None:
        yield Finding("keeping", "good", {"day": coming})
    if undecided:
        yield Finding("keeping-undecided", "look", {"projects": undecided})
