"""``release.json``: what a release is, how it was protected, and the hash of each of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from survey_app.protection.protected import ProtectedTables
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.release import ReleaseFacts

FORMAT = 3  # 1 until tables.csv had a column for the language, 2 until it had one for the mode


def release_document(protected: ProtectedTables, facts: ReleaseFacts, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the content of ``release.json`` for a release with these files.

    How many cells exactly were withheld for their own sake is not said: it helps an attacker (see ``protection.quality``).
    """
    return {
        "format": FORMAT,
        "id": facts.id,
        "created": facts.created_utc,
        "period": facts.period,
        "tier": facts.tier,
        "scope": facts.scope,
        "synthetic": facts.synthetic,
        "policy": dict(protected.policy),
        "questionnaires": [
            {
                "id": used.id,
                "version": used.version,
                "scales": [{"id": scale, "version": version} for scale, version in used.scales],
            }
            for used in facts.questionnaires
        ],
        "certificate": asdict(protected.certificate),
        "folded": dict(protected.folded),
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()},
        "previous": facts.previous,
    }


def release_hash(document: Mapping[str, Any]) -> str:
    """Return the hash that the next release names as its ``previous``: the SHA-256 of ``release.json`` as written."""
    return sha256(canonical_json(document))
