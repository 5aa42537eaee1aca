"""The numbers of the protection, one reviewable file per tier; read once when the server starts, and fail closed.

A tier is the circle of readers a release is made for: ``inside`` one organisation, the ``network`` of organisations with
POD MI, the ``public``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

Tier = Literal["inside", "network", "public"]
TIERS: Final[tuple[Tier, ...]] = ("inside", "network", "public")
POLICIES: Final = Path(__file__).parent / "policies"
BEFORE_THEY_COUNTED: Final[Mapping[str, tuple[int, int]]] = {
    "smallest_comment_group": (3, 10),
    "demographics_by_place": (3, 1),
    "coalition": (5, 1),
}
"""Numbers that came with a version, and what held before it: releases made then can still be audited."""
NOT_ALONE: Final = 2  # others who are left beside people who put together what they know: one would be seen
COMMENTS_FROM: Final = 10
FEWEST: Final = 3  # below three, one person of a cell learns the other's answer by subtracting the own one


class PolicyError(ValueError):
    """A policy that can not be trusted. ``faults``: one sentence each, with file, line and the mend."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Number(_Frozen):
    """One number of a policy, with the sentence that explains it and the place it comes from."""

    value: int
    reason: str
    source: str

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if not self.reason.strip() or not self.source.strip():
            message = "say the reason and the source of the number"
            raise ValueError(message)
        return self


class Numbers(_Frozen):
    """The numbers of a policy file, as written."""

    smallest_count: Number
    smallest_percentage_base: Number
    dissenters: Number
    group_at_risk: Number
    interval_width: Number
    coalition: Number
    engine_seconds: Number
    smallest_comment_group: Number
    demographics_by_place: Number
    rounding_base: Number | None = None


class _File(Numbers):
    name: Tier
    version: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A tier's policy (disclosure rules 2, 3 and 9). All numbers are persons, ``engine_seconds`` is seconds for a table.

    ``smallest_count`` (k): a published count is 0 or at least k. ``smallest_percentage_base``: percentages of fewer answers
    are not shown. ``dissenters`` (d) and ``group_at_risk`` (n_h): a group smaller than n_h of which all, or all but fewer
    than d, gave one answer is shown by its size only. ``interval_width``: the range in which a withheld count can lie.
    ``coalition``: respondents who put together what they know, each the own answers.
    ``smallest_comment_group``: people who must have answered before anybody reads a comment of theirs.
    ``demographics_by_place``: 1 where gender and age may be shown of one organisation, 0 where of all together only.
    ``rounding_base``: what figures are rounded to where that is asked for; ``None`` for a tier that is never rounded.
    """

    name: Tier
    version: int
    numbers: Numbers

    @property
    def smallest_count(self) -> int:
        return self.numbers.smallest_count.value

    @property
    def smallest_percentage_base(self) -> int:
        return self.numbers.smallest_percentage_base.value

    @property
    def dissenters(self) -> int:
        return self.numbers.dissenters.value

    @property
    def group_at_risk(self) -> int:
        return self.numbers.group_at_risk.value

    @property
    def interval_width(self) -> int:
        return self.numbers.interval_width.value

    @property
    def coalition(self) -> int:
        return self.numbers.coalition.value

    @property
    def engine_seconds(self) -> int:
        return self.numbers.engine_seconds.value

    @property
    def smallest_comment_group(self) -> int:
        return self.numbers.smallest_comment_group.value

    @property
    def shows_demographics_by_place(self) -> bool:
        return bool(self.numbers.demographics_by_place.value)

    @property
    def rounding_base(self) -> int | None:
        return None if self.numbers.rounding_base is None else self.numbers.rounding_base.value

    def as_applied(self) -> dict[str, Any]:
        """The whole policy as plain values, for ``release.json``."""
        return {"name": self.name, "version": self.version, **self.numbers.model_dump(exclude_none=True)}


def load_policy(tier: str) -> Policy:
    """Read the policy of a tier.

    Raises:
        PolicyError: for an unknown tier, or a file with any missing, unknown or senseless number.
    """
    for known in TIERS:
        if tier == known:
            return read_policy(POLICIES / f"{tier}.yaml", known)
    fault = f'There is no policy "{tier}". Ask for one of: {", ".join(TIERS)}.'
    raise PolicyError((fault,))


def load_all_policies() -> dict[Tier, Policy]:
    """Read the policy of every tier; called when the server starts, so that it does not start with a faulty one.

    Raises:
        PolicyError: with the faults of every file together.
    """
    policies: dict[Tier, Policy] = {}
    faults: list[str] = []
    for tier in TIERS:
        try:
            policies[tier] = load_policy(tier)
        except PolicyError as error:
            faults.extend(error.faults)
    if faults:
        raise PolicyError(tuple(faults))
    return policies


def read_policy(path: Path, tier: Tier) -> Policy:
    """Read one policy file that is meant for ``tier``.

    Raises:
        PolicyError: naming file, line and the mend of every fault.
    """
    text = _read_text(path)
    lines = _line_of_each_key(path, text)
    try:
        written = _File.model_validate(yaml.safe_load(text), strict=True)
    except ValidationError as error:
        raise PolicyError(tuple(_sentence(path, lines, fault) for fault in error.errors())) from None
    faults = [f"{path.name} line {lines.get((field,), 1)}: {mend}" for field, mend in _nonsense(written, tier)]
    if faults:
        raise PolicyError(tuple(faults))
    numbers = Numbers(**{field: getattr(written, field) for field in Numbers.model_fields})
    return Policy(name=written.name, version=written.version, numbers=numbers)


def policy_as_applied(written: Mapping[str, Any]) -> Policy:
    """Read a policy back from ``release.json``, with the same demands as on a file.

    Raises:
        PolicyError: with every fault.
    """
    name = written.get("name")
    tier = next((known for known in TIERS if known == name), None)
    try:
        read = _File.model_validate(_with_later_numbers(written), strict=True)
    except ValidationError as error:
        raise PolicyError(
            tuple(f"policy: {'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        ) from None
    faults = [f"policy: {field}: {mend}" for field, mend in _nonsense(read, tier or read.name)]
    if faults:
        raise PolicyError(tuple(faults))
    return Policy(read.name, read.version, Numbers(**{field: getattr(read, field) for field in Numbers.model_fields}))


def _with_later_numbers(written: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the numbers that the version of a policy did not have; a newer one must have them all."""
    version = written.get("version")
    if not isinstance(version, int):
        return dict(written)
    words = {"reason": "Not yet a number of this version.", "source": "Filled in when it is read."}
    filled = {
        name: {"value": value, **words} for name, (since, value) in BEFORE_THEY_COUNTED.items() if version < since
    }
    return {**filled, **written}


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fault = f"{path.name} line 1: the policy can not be read. Restore the file from the installation."
        raise PolicyError((fault,)) from None


def _line_of_each_key(path: Path, text: str) -> dict[tuple[str, ...], int]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 1
        fault = f"{path.name} line {line}: this is not YAML. Compare the line with the other policies."
        raise PolicyError((fault,)) from None
    lines: dict[tuple[str, ...], int] = {}
    repeated = _collect_lines(root, (), lines)
    if repeated:
        raise PolicyError(
            tuple(f'{path.name} line {line}: "{key}" stands here twice. Keep one of them.' for key, line in repeated)
        )
    return lines


def _collect_lines(
    node: yaml.Node | None, under: tuple[str, ...], lines: dict[tuple[str, ...], int]
) -> list[tuple[str, int]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    repeated: list[tuple[str, int]] = []
    for key, value in node.value:
        where = (*under, str(key.value))
        if where in lines:
            repeated.append((where[-1], key.start_mark.line + 1))
        lines[where] = key.start_mark.line + 1
        repeated.extend(_collect_lines(value, where, lines))
    return repeated


def _sentence(path: Path, lines: dict[tuple[str, ...], int], fault: Any) -> str:  # noqa: ANN401 - pydantic's own dict
    where = tuple(str(part) for part in fault["loc"])
    line = next((lines[where[:length]] for length in range(len(where), 0, -1) if where[:length] in lines), 1)
    name = ".".join(where) or "the file"
    mend = {
        "missing": f'"{name}" is missing. Add it with its value, reason and source.',
        "extra_forbidden": f'"{name}" is unknown. Remove it or correct its spelling.',
    }.get(fault["type"], f'"{name}": {fault["msg"]}. Correct it.')
    return f"{path.name} line {line}: {mend}"


def _nonsense(written: _File, tier: Tier) -> list[tuple[str, str]]:
    k = written.smallest_count.value
    width = written.interval_width.value
    base = written.smallest_percentage_base.value
    d, group = written.dissenters.value, written.group_at_risk.value
    together = written.coalition.value
    rounding = written.rounding_base.value if written.rounding_base else k
    claims = (
        (written.name == tier, "name", f'this is the policy of "{written.name}". Call it "{tier}".'),
        (written.version >= 1, "version", "a version is 1 or more. Count up with each change."),
        (k >= FEWEST, "smallest_count", f"{k} protects nobody. Take {FEWEST} or more."),
        (width >= k, "interval_width", f"{width} is less than the smallest count. Take {k} or more."),
        (base >= k, "smallest_percentage_base", f"{base} is less than the smallest count. Take {k} or more."),
        (1 <= d <= k, "dissenters", f"{d} makes no sense. Take a number from 1 to the smallest count, {k}."),
        (
            1 <= together <= min(k, d) - NOT_ALONE and together < width,
            "coalition",
            f"{together} makes no sense. Take 1 to {min(k, d) - NOT_ALONE}, so that {NOT_ALONE} people are left beside them.",
        ),
        (group >= k, "group_at_risk", f"{group} is less than the smallest count. Take {k} or more."),
        (
            written.smallest_comment_group.value >= max(k, COMMENTS_FROM),
            "smallest_comment_group",
            f"take {max(k, COMMENTS_FROM)} or more: words point at people sooner than numbers.",
        ),
        (written.demographics_by_place.value in {0, 1}, "demographics_by_place", "write 1 for yes or 0 for no."),
        (rounding > 1 and k % rounding == 0, "rounding_base", f"{rounding} does not divide the smallest count, {k}."),
        (1 <= written.engine_seconds.value <= 600, "engine_seconds", "take 1 to 600 seconds."),  # noqa: PLR2004
    )
    return [(field, mend) for holds, field, mend in claims if not holds]
