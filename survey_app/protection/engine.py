"""From counts to figures that may leave: the one function of this room, ``protect``.

The order is that of the disclosure specification: fold partners that are too small (5), find low counts (2), groups that
gave one answer (3) and differences with earlier releases (6); withhold what would let these be computed (5); let the
assurance attack the result (9), withhold what it finds, and attack again; where it still wins, go one step down the
``ladder`` to a coarser release; where it wins against the coarsest, or nothing is left to show, refuse.

What else must be withheld is chosen twice: by our own optimiser over all tables at once (``complement``), and by tau-ARGUS
table by table (``tau_argus``) with what it leaves open completed by our own optimiser. The choice that costs the reader less
is taken, tau-ARGUS's where both cost the same.

**The same counts, ledger and policy give the same figures on every machine.** Work is counted in steps of the solver
(``effort``), never in seconds; tau-ARGUS is asked about tables that it finishes, and where it is late with one it is not
heard at all, which the certificate says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from survey_app.aggregation.tables import LinkedTables, NotAsked, UnprotectedTable
from survey_app.protection.assurance import AttackResult, Violation, attack_counts
from survey_app.protection.class_disclosure import disclosing_groups
from survey_app.protection.complement import Given, complete
from survey_app.protection.demographics import leave_out_details
from survey_app.protection.differencing import Differences, NoPolicyForTierError, compare
from survey_app.protection.effort import Effort
from survey_app.protection.empty_cells import show_cell
from survey_app.protection.exact_totals import GendersByAge
from survey_app.protection.folding import FoldedTables, fold_small_partners
from survey_app.protection.knowledge import Known, from_facilitators, from_registers
from survey_app.protection.ladder import descend, leave_out_circumstances
from survey_app.protection.linkage import Linkage, link
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy
from survey_app.protection.protected import (
    Certificate,
    EarlierRelease,
    ProtectedCell,
    ProtectedTable,
    ProtectedTables,
    Refused,
    Status,
)
from survey_app.protection.quality import Withheld, measure_quality
from survey_app.protection.reasons import EngineUsed, Reason, Step
from survey_app.protection.splitting import NoDataSetError
from survey_app.protection.tau_argus import ask_engine

OWN_ENGINE: Final = EngineUsed("own-optimiser", "HiGHS")
EFFORT: Final = 3_000_000.0
"""What the full release may cost, and the one without circumstances; each further step a third of the one before."""
_ROUNDS: Final = 4
_REASONS: Final = 20
_UNFINISHED: Final = (Reason("attack-unfinished"),)
_NOTHING_TO_SHOW: Final = (Reason("nothing-to-show"),)
Where = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Case:
    """One release under protection: its tables, their figures, and what is known and demanded from outside."""

    folded: FoldedTables
    linkage: Linkage
    policy: Policy
    differences: Differences
    registers: tuple[Known, ...]
    effort: Effort = field(default_factory=lambda: Effort(EFFORT))

    @property
    def linked(self) -> LinkedTables:
        """Return the tables that readers see, and behind them the shadows of people that no table shows."""
        return self.differences.linked

    @property
    def tables(self) -> tuple[UnprotectedTable, ...]:
        """Return the tables that readers see."""
        return self.linked.tables[: self.differences.shown]

    @property
    def knowledge(self) -> tuple[tuple[Known, ...], ...]:
        """Return what the readers of this tier know; those who read what is public too; those who have read everything."""
        own = (*self.registers, *self.differences.known)
        more = dict.fromkeys((self.differences.known_publicly, self.differences.known_elsewhere))
        return (own, *((*own, *facts) for facts in more if facts))

    @property
    def attackers(self) -> tuple[tuple[Known, ...], ...]:
        """Return what each attacker knows: the readers, and beside those of everything all facilitators."""
        facilitators = self.differences.in_new_atoms(from_facilitators(self.folded.linked))
        return (*self.knowledge, (*self.knowledge[-1], *facilitators)) if facilitators else self.knowledge

    @property
    def has_earlier(self) -> bool:
        """Say whether earlier releases tell something of these people."""
        return bool(self.differences.known or self.differences.known_elsewhere)

    def is_hidden(self, where: Where) -> bool:
        """Say whether a cell belongs to a partner that is folded away, or to people that no table shows."""
        number, codes = where
        return number >= self.differences.shown or self.folded.is_hidden(self.linked.tables[number], codes)

    def figures_at(self, places: Iterable[Where]) -> set[int]:
        """Return the figures that stand in some cells."""
        return {self.linkage.shown_by[where] for where in places if where in self.linkage.shown_by}


@dataclass(frozen=True, slots=True)
class _Choice:
    withheld: frozenset[int]
    engines: tuple[EngineUsed, ...]


def protect(
    linked: LinkedTables, policy: Policy, earlier: Sequence[EarlierRelease] = (), by: GendersByAge = "crossed"
) -> ProtectedTables | Refused:
    """Protect every table of a release at once.

    Args:
        linked: every exact count of the release, tied together by atoms.
        policy: the tier's policy.
        earlier: every release of the ledger, of any tier.
        by: gender by age crossed, or each alone.

    Returns:
        Tables whose every withheld cell stood the assurance's attack, with its certificate; or why there are none.
    """
    faults = tuple(_faults(linked))
    if faults:
        return Refused(faults)
    folded = fold_small_partners(leave_out_details(linked, policy, by), policy)
    try:
        return _finest(_cases(folded, policy, earlier))
    except NoPolicyForTierError as error:
        return Refused((Reason("tier-without-policy", slots={"tier": error.tier}),))
    except NoDataSetError:
        return Refused(_UNFINISHED)


Steps = Iterable[tuple[Step, frozenset[int]]]


def _cases(folded: FoldedTables, policy: Policy, earlier: Sequence[EarlierRelease]) -> Iterable[tuple[_Case, Steps]]:
    """Yield the release with all its tables, then the one without those that can be left out, each with its steps."""
    leaner = leave_out_circumstances(folded.linked, earlier)
    whole = _open_case(folded, policy, earlier)
    if leaner is None:
        yield whole, descend(whole.linked, whole.linkage, whole.differences)
        return
    yield whole, [("full", frozenset())]
    lean = _open_case(replace(folded, linked=leaner), policy, earlier)
    yield lean, descend(lean.linked, lean.linkage, lean.differences, first="no-circumstances")


def _open_case(folded: FoldedTables, policy: Policy, earlier: Sequence[EarlierRelease]) -> _Case:
    differences = compare(folded.linked, policy, earlier)
    registers = differences.in_new_atoms(from_registers(folded.linked))
    return _Case(folded, link(differences.linked), policy, differences, registers)


def _finest(cases: Iterable[tuple[_Case, Steps]]) -> ProtectedTables | Refused:
    """Return the first release that stands the attack and tells something; each case costs as much as the full release may."""
    lost: Sequence[Violation] | None = None
    for case, steps in cases:
        primary = primary_figures(case)
        repeated = case.figures_at(case.differences.repeat)
        for number, (step, coarser) in enumerate(steps):
            case.effort.left = EFFORT / 3**number
            choice, found = _withstand(case, primary | repeated | coarser, primary, with_tau_argus=step == "full")
            if found.is_clean and _tells_something(case, choice.withheld):
                return _released(case, primary, choice, found, step)
            if not found.is_clean:
                lost = found.violations
    return Refused(_NOTHING_TO_SHOW if lost is None else _reasons(lost))


def _tells_something(case: _Case, withheld: frozenset[int]) -> bool:
    """Say whether a reader gets any figure: a folder of withheld cells only is no release."""
    shown = {figure for where, figure in case.linkage.shown_by.items() if not case.is_hidden(where)}
    return bool(shown - withheld) or bool(case.figures_at(case.differences.held))


def _faults(linked: LinkedTables) -> Iterable[Reason]:
    """Find tables that do not add up: protecting them would prove nothing."""
    for table in linked.tables:
        if any(not _adds_up(table, place) for place in range(len(table.axes))):
            yield Reason("does-not-add-up", slots={"table": table.name})


def _adds_up(table: UnprotectedTable, place: int) -> bool:
    axis = table.axes[place]
    for codes, cell in table.cells.items():
        children = axis.children(codes[place])
        below = [table.cells.get((*codes[:place], child, *codes[place + 1 :])) for child in children]
        if not below:
            continue
        parts = [part.atoms for part in below if part is not None and not isinstance(part.atoms, NotAsked)]
        whole = frozenset[int]() if isinstance(cell.atoms, NotAsked) else cell.atoms
        if None in below or sum(map(len, parts)) != len(whole) or whole != frozenset[int]().union(*parts):
            return False
    return True


# -- what must be withheld whatever else is shown --------------------------------------------------------------------


def primary_figures(case: _Case) -> frozenset[int]:
    """Return the figures that rules 2, 3, 5 (folded partners) and 6 withhold, without their complements."""
    low = {number for number, figure in enumerate(case.linkage.figures) if is_low(figure.people, case.policy)}
    return frozenset(
        low
        | case.figures_at(_disclosing_cells(case))
        | case.figures_at(_hidden_cells(case))
        | case.figures_at(case.differences.withhold)
    )


def _disclosing_cells(case: _Case) -> Iterable[Where]:
    for number, table in enumerate(case.tables):
        codes_of = {id(cell): codes for codes, cell in table.cells.items()}
        for group in disclosing_groups(case.linked, table, case.policy):
            yield from ((number, codes_of[id(cell)]) for cell in group)


def _hidden_cells(case: _Case) -> Iterable[Where]:
    for number, table in enumerate(case.linked.tables):
        yield from ((number, codes) for codes in table.cells if case.is_hidden((number, codes)))


# -- what else, and the attack ---------------------------------------------------------------------------------------


def _withstand(
    case: _Case, withheld: frozenset[int], sensitive: frozenset[int], *, with_tau_argus: bool
) -> tuple[_Choice, AttackResult]:
    """Choose what else to withhold until the assurance finds nothing, a few times at most."""
    choice = choose(case, withheld, sensitive, with_tau_argus=with_tau_argus)
    found = _attacked(case, choice.withheld, sensitive)
    for _ in range(_ROUNDS):
        if found.is_clean or case.effort.is_spent:
            break
        more = choice.withheld | _around(case, found.violations)
        if more == choice.withheld:
            break
        choice = _Choice(_complete(case, more, sensitive), choice.engines)
        found = _attacked(case, choice.withheld, sensitive)
    return choice, found


def choose(case: _Case, withheld: frozenset[int], sensitive: frozenset[int], *, with_tau_argus: bool) -> _Choice:
    """Return what to withhold with ``withheld``: the cheaper of our own choice and tau-ARGUS's, completed."""
    own = _complete(case, withheld, sensitive)
    if own == withheld or not with_tau_argus:
        return _Choice(own, (OWN_ENGINE,))
    answer = ask_engine(replace(case.linked, tables=case.tables), case.linkage, withheld, case.policy)
    asked = (answer.engine,) if answer.engine else ()
    price = _price(case.linkage, own)
    if _price(case.linkage, answer.withheld) > price or answer.withheld == withheld:
        return _Choice(own, (OWN_ENGINE, *asked))
    completed = _complete(case, answer.withheld, sensitive, worth=price)
    if _price(case.linkage, completed) > price:
        return _Choice(own, (OWN_ENGINE, *asked))
    return _Choice(completed, (*asked, OWN_ENGINE))


def _complete(case: _Case, withheld: frozenset[int], sensitive: frozenset[int], worth: float = inf) -> frozenset[int]:
    """Complete against what each attacker knows, one after the other: what withholds more stays safe."""
    for known in case.attackers:
        given = Given(
            case.linked, case.linkage, case.policy, known, sensitive, case.effort, has_earlier=case.has_earlier
        )
        withheld = complete(given, withheld, worth).withheld
    return withheld


def _price(linkage: Linkage, figures: Iterable[int]) -> float:
    return round(sum(linkage.figures[figure].weight for figure in figures), 6)


def statuses_of(case: _Case, withheld: frozenset[int]) -> dict[Where, Status]:
    """Return the status of every cell that was asked, the hidden ones included."""
    held = case.differences.held
    return {
        where: Status.PUBLISHED if figure not in withheld else Status.HELD if where in held else Status.WITHHELD
        for where, figure in case.linkage.shown_by.items()
    }


def _attacked(case: _Case, withheld: frozenset[int], sensitive: frozenset[int]) -> AttackResult:
    """Attack with what the readers of this tier know, then with what is public, then with everything, then as facilitators."""
    statuses = statuses_of(case, withheld)
    own = {where for figure in sensitive for where in case.linkage.figures[figure].places}
    results = []
    for known in case.attackers:
        results.append(attack_counts(case.linked, statuses, case.policy, known, own, case.effort))
        if not results[-1].is_clean:
            return results[-1]
    return replace(results[0], attacks=(*results[0].attacks, "facilitators"))


def _around(case: _Case, violations: Iterable[Violation]) -> frozenset[int]:
    """Return the figures in the lines through the cells that were lost, these included; of a shadow in its table too."""
    places = {
        (number, (*lost[:place], code, *lost[place + 1 :]))
        for shadow, lost in (violation.where for violation in violations)
        for number in {shadow, case.differences.origin(shadow)}
        for place, axis in enumerate(case.linked.tables[number].axes)
        for code in axis.codes
    }
    return frozenset(case.figures_at(places))


def _reasons(violations: Sequence[Violation]) -> tuple[Reason, ...]:
    lost = tuple(dict.fromkeys((violation.attack, violation.at) for violation in violations))
    reasons = tuple(Reason(attack, at) for attack, at in lost[:_REASONS])
    more = len(lost) - _REASONS
    return (*reasons, Reason("more-cells", slots={"cells": more})) if more > 0 else reasons or _UNFINISHED


# -- what leaves -----------------------------------------------------------------------------------------------------


def _released(
    case: _Case, primary: frozenset[int], choice: _Choice, found: AttackResult, step: Step
) -> ProtectedTables:
    statuses = statuses_of(case, choice.withheld)
    tables = tuple(_shown(case, number, table, statuses) for number, table in enumerate(case.tables))
    shown = case.figures_at((number, codes) for number, table in enumerate(tables) for codes in table.cells)
    quality = measure_quality(case.linkage, Withheld(shown, choice.withheld, primary), tables)
    return ProtectedTables(
        tables=tables,
        policy=case.policy.as_applied(),
        certificate=Certificate(found.cells_attacked, found.narrowest, found.attacks, choice.engines, step, quality),
        folded=dict(case.folded.partners),
        withheld_primary=len(primary & choice.withheld & shown),
        withheld_complementary=len((choice.withheld - primary) & shown),
    )


def _shown(case: _Case, number: int, table: UnprotectedTable, statuses: Mapping[Where, Status]) -> ProtectedTable:
    cells: dict[tuple[str, ...], ProtectedCell] = {}
    for codes, cell in table.cells.items():
        if case.folded.is_hidden(table, codes):
            continue
        where = (number, codes)
        status = statuses.get(where, Status.WITHHELD)
        cells[codes] = show_cell(cell.at, case.linked.count(cell), status, case.differences.held.get(where))
    return ProtectedTable(table.name, case.folded.shown_axes(table), cells, table.answer_axis)
