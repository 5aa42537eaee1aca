"""What anybody can check on release folders, with nothing but their files (rule 9: the certificate can be recomputed)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path
from typing import Any, Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import read_period
from survey_app.protection.assurance import attack_together
from survey_app.protection.assurance.reader import Readable
from survey_app.protection.differencing import EVERYBODY
from survey_app.protection.policy import Policy, PolicyError, load_policy, policy_as_applied
from survey_app.protection.protected import ProtectedTable, Rounded
from survey_app.protection.reasons import Reason
from survey_app.report.folder import JSON, DamagedRelease, read_release, verify_files
from survey_app.report.reasons import say_reason
from survey_app.report.tables_json import read_tables_json
from survey_app.report.wording import Wording

_ENGLISH: Final = Wording("en")


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found in one folder. ``faults``: one sentence each; none for a sound release.

    ``cells_attacked``: withheld cells whose range was computed again; ``narrowest``: the narrowest of these ranges, in
    persons.
    """

    folder: Path
    faults: tuple[str, ...]
    cells_attacked: int = 0
    narrowest: int | None = None
    hash: str = ""
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class _Sound:
    """A release whose files are as they left: what it says, by which policy, and what readers have of it."""

    document: Mapping[str, Any]
    policy: Policy
    release: Readable
    rounded: Rounded | None
    hash: str

    @property
    def created(self) -> str:
        return str(self.document.get("created", ""))


def audit(
    folders: Sequence[Path],
    start: Callable[[Path], None] = lambda _folder: None,
    *,
    known: Collection[Path] = (),
) -> tuple[Audited, ...]:
    """Verify each folder's files, attack its tables with those of all the earlier ones, and compare the chain they name.

    Whom a release counts is taken from its period and scope: the files name no session. ``start`` hears of each folder
    before it is attacked, which can take half a minute. ``known``: folders that are only read beside the others, not attacked.
    """
    read = [_read(folder) for folder in folders]
    sound = _oldest_first({one.hash: one for one in read if isinstance(one, _Sound)})
    audited = []
    for folder, one in zip(folders, read, strict=True):
        if isinstance(one, Audited):
            audited.append(one)
        elif folder in known:
            audited.append(Audited(folder, (), hash=one.hash, previous=one.document.get("previous")))
        else:
            start(folder)
            audited.append(_audit_one(folder, one, sound))
    return _check_chain(audited)


def _read(folder: Path) -> _Sound | Audited:
    try:
        release = read_release(folder)
        faults = tuple(f"{fault.name} is {fault.problem}" for fault in verify_files(folder))
    except DamagedRelease as error:
        return Audited(folder, (str(error),))
    previous = release.document.get("previous")
    if faults:
        return Audited(folder, faults, hash=release.hash, previous=previous)
    try:
        policy = policy_as_applied(release.document["policy"])
        tables = read_tables_json((folder / JSON).read_bytes())
        rounded = _rounded(release.document)
        readable = _readable(release.document, tables, rounded)
    except (PolicyError, ValueError, KeyError, TypeError) as error:
        return Audited(folder, (f"cannot be attacked: {error}",), hash=release.hash, previous=previous)
    return _Sound(release.document, policy, readable, rounded, release.hash)


def _readable(document: Mapping[str, Any], tables: Sequence[ProtectedTable], rounded: Rounded | None) -> Readable:
    try:
        period = read_period(str(document.get("period")))
    except RequestMistakenError as error:
        raise ValueError(str(error)) from error
    last = _half(period.last)
    return Readable(
        tables,
        leads=frozenset(document.get("folded", {}).values()),
        reach=rounded.reach if rounded else 0,
        first=-inf if period.is_cumulative else last,
        last=last,
        project=str(document.get("scope", {}).get("project", "")),
    )


def _half(day: date) -> float:
    return 2 * day.year + (day.month > 6)  # noqa: PLR2004 - June is the 6th month


def _oldest_first(sound: Mapping[str, _Sound]) -> list[_Sound]:
    """Order by the stated second, and within it by the chain: one release may name the other as the one before it."""

    def links(one: _Sound) -> int:
        before, seen = one, set[str]()
        while before.hash not in seen and (named := sound.get(before.document.get("previous") or "")):
            seen.add(before.hash)
            before = named
        return len(seen)

    return sorted(sound.values(), key=lambda one: (one.created, links(one), str(one.document.get("id", ""))))


def _audit_one(folder: Path, one: _Sound, all_sound: Sequence[_Sound]) -> Audited:
    earlier = all_sound[: next(place for place, other in enumerate(all_sound) if other.hash == one.hash)]
    near = [each for each in earlier if each.release.contains(one.release) or one.release.contains(each.release)]
    results = [
        attack_together([*(each.release for each in read), one.release], policy) for read, policy in _readers(one, near)
    ]
    lost = dict.fromkeys(lost for found in results for lost in found.violations)
    violations = tuple(say_reason(Reason(lost.attack, lost.at), _ENGLISH) for lost in lost)
    other = (*_differs(one.document, one.policy, results[0].cells_attacked), *_weakened(one.policy, one.rounded))
    previous = one.document.get("previous")
    narrowest = min((found.narrowest for found in results if found.narrowest is not None), default=None)
    return Audited(folder, violations + other, results[0].cells_attacked, narrowest, one.hash, previous)


def _readers(one: _Sound, near: Sequence[_Sound]) -> Iterator[tuple[Sequence[_Sound], Policy]]:
    """Yield what each attacker has read before a release, and the policy that protects people from this attacker.

    Who reads releases of a tier that shows more may know what that tier shows, and is measured by its numbers.
    """
    own = [each for each in near if each.policy.name in {one.policy.name, EVERYBODY}]
    yield own, one.policy
    if len(own) < len(near):
        policies = [one.policy, *(each.policy for each in near)]
        yield near, min(policies, key=lambda policy: (policy.smallest_count, policy.interval_width))


def _rounded(document: Mapping[str, Any]) -> Rounded | None:
    """Return how a release says that it was rounded. Whoever rounds less than that says too much: the audit finds it."""
    said = document.get("certificate", {}).get("rounded")
    return Rounded(int(said["base"]), int(said["reach"])) if said else None


def _differs(document: Mapping[str, Any], policy: Policy, attacked: int) -> tuple[str, ...]:
    """Say where the release claims what its files do not show."""
    if document.get("tier") != policy.name:
        return ("its policy is that of another tier",)
    if attacked and not document.get("certificate", {}).get("cells_attacked"):
        return ("figures are withheld that its certificate does not speak of",)
    return ()


def _weakened(policy: Policy, rounded: Rounded | None) -> Iterator[str]:
    """Find a policy that says other numbers than this version of it has, and a rounding that is not the policy's.

    Numbers of another version than this program's are attacked as they stand: whoever audits reads them in ``release.json``.
    """
    ours = load_policy(policy.name)
    if policy.version == ours.version:
        written, known = policy.numbers.model_dump(), ours.numbers.model_dump()
        for name in known:
            if _value_of(written[name]) != _value_of(known[name]):
                yield f'its policy says another "{name}" than version {ours.version} has'
    if rounded is not None and rounded.base != policy.rounding_base:
        yield "it was rounded otherwise than its policy says"


def _value_of(number: Mapping[str, Any] | None) -> int | None:
    return None if number is None else number["value"]


def _check_chain(audited: Sequence[Audited]) -> tuple[Audited, ...]:
    """Add a fault where two different releases name the same one before them: the ledger was rewound."""
    names = Counter(one.previous for one in {(one.hash): one for one in audited if one.hash}.values())
    return tuple(
        Audited(
            one.folder,
            (*one.faults, "another of these releases names the same one before it: the chain is forked"),
            one.cells_attacked,
            one.narrowest,
            one.hash,
            one.previous,
        )
        if one.hash and names[one.previous] > 1
        else one
        for one in audited
    )
