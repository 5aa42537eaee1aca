"""Mutation of rules 1, 6, 7 and 8, of the ledger and of the audit, as ``test_rules_are_not_weakened`` does it for the others."""

import inspect
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import attack_many
import builders
import pytest
import test_arrival_order as arriving
import test_exact_totals as totals
import test_keeping_comments as commenting
import test_people_not_names as people
import test_protection_differencing as differences
from mutants import Mutant

from survey_app import comments, ledger
from survey_app.collection import response
from survey_app.exchange import audit
from survey_app.exchange.audit import Audited
from survey_app.protection import cohorts, differencing, exact_totals
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import Rounded, Status
from survey_app.storage import arrival_order, indicator_returns, sessions
from survey_app.storage import comments as kept_comments
from survey_app.storage import ledger as rows
from survey_app.storage.comments import Group
from survey_app.storage.database import Database
from survey_app.storage.indicator_returns import IndicatorReturn

pytestmark = pytest.mark.usefixtures("without_tau_argus")
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url)
    made.upgrade()
    builders.write_structure(made)
    yield made
    made.close()


# -- rule 1 ----------------------------------------------------------------------------------------------------------


def check_the_same_answers_are_the_same_text() -> None:
    first, second = (replace(builders.build_response(), id=UUID(int=number)) for number in (1, 2))
    assert response.document(first) == response.document(second)


def check_a_running_session_is_in_no_result(db: Database) -> None:
    commenting.hold_session(db, 12, is_closed=False)
    assert sessions.list_closed(db, date(2026, 1, 1), date(2026, 12, 31)) == ()


def check_the_disk_does_not_tell_who_came_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two files that begin the same, the same people in two orders, a session that closes: the same bytes."""
    folder = tmp_path_factory.mktemp("orders")
    prepare_a_file(folder / "survey.sqlite3")
    files = [read_after_a_session(folder, order) for order in (arriving.ARRIVED, arriving.ARRIVED[::-1])]
    assert files[0] == files[1]


def prepare_a_file(path: Path) -> None:
    db = Database(f"sqlite:///{path}")
    db.upgrade()
    builders.write_structure(db)
    builders.open_session(db)
    db.close()


def read_after_a_session(folder: Path, people: list[int]) -> dict[str, bytes]:
    copy = folder / str(people[0])
    copy.mkdir()
    shutil.copy(folder / "survey.sqlite3", copy)
    db = Database(f"sqlite:///{copy / 'survey.sqlite3'}")
    arriving.hand_in(db, people)
    sessions.close(db, builders.CODE, NOW)
    files = {name: arriving.without_counters(name, content) for name, content in arriving.read_files(db).items()}
    db.close()
    return files


# -- rule 6 ----------------------------------------------------------------------------------------------------------


def check_a_world_with_a_return() -> None:
    attack_many.attack_one(attack_many.SEED, 2413)


def check_what_was_withheld_stays_so_although_it_could_be_shown() -> None:
    left = differences.remembered(differences.released(differences.BEFORE), differences.BEFORE)
    hidden = {"a-lot", "a-little"}
    cells = [replace(c, value=None, status=Status.WITHHELD) if c.at.answer in hidden else c for c in left.cells]
    again = differences.released(differences.BEFORE, [replace(left, cells=tuple(cells))])
    assert {differences.cell(again, answer).status for answer in hidden} == {Status.WITHHELD}


# -- rule 8 ----------------------------------------------------------------------------------------------------------


def check_nine_people_are_too_few_and_ten_are_enough() -> None:
    standing = [comments._standing(Group("p", "2026-H1", people, is_running=False), 10) for people in (9, 10)]
    assert standing == ["too-few", "to-open"]


def check_a_telephone_number_may_not_pass() -> None:
    assert comments.find_left_over("Appelez le 0470 12 34 56") == ("phone",)


# -- the ledger ------------------------------------------------------------------------------------------------------


def released(number: int, before: rows.Release | None = None) -> rows.Release:
    previous, entry = (before.hash, before.entry) if before else (rows.NO_RELEASE_BEFORE, rows.NO_RELEASE_BEFORE)
    made = rows.Release(
        f"r{number}", NOW, "inside", "2026-H2", "all", f"hash {number}", previous, frozenset(), [], {}, "", {}, number
    )
    return replace(made, entry=rows.entry_of(rows._content_of(made), entry))


FIRST = released(1)
SECOND = released(2, FIRST)


def check_a_release_that_was_edited_is_found() -> None:
    assert rows.first_broken([FIRST, SECOND]) is None
    edited = replace(SECOND, tier="public")
    assert rows.first_broken([FIRST, edited]) == edited


def check_a_ledger_without_its_first_release_is_found() -> None:
    second = released(2, replace(FIRST, hash="", entry=""))
    assert rows.first_broken([second]) == second


def returned() -> IndicatorReturn:
    made = IndicatorReturn("i1", NOW, "an", "2026-H2", "hash 1", "", [], {}, {}, "", 1)
    row = {name: getattr(made, name) for name in indicator_returns._NAMES}
    return replace(made, entry=indicator_returns._entry_of(row, ""))


def check_a_return_that_was_edited_is_found() -> None:
    assert indicator_returns.first_broken_return([returned()]) is None
    edited = replace(returned(), made_by="max")
    assert indicator_returns.first_broken_return([edited]) == edited


def check_a_clock_that_went_back_by_a_minute_is_found() -> None:
    assert list(ledger._clock([FIRST], NOW)) == []
    assert [fault.code for fault in ledger._clock([FIRST], NOW - timedelta(minutes=1))] == ["clock-back"]


def check_a_ledger_that_was_put_back_is_found(tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    head.write_text(json.dumps({"number": 2, "entry": SECOND.entry, "release": "r2"}))
    assert list(ledger._shortened([FIRST, SECOND], [], head)) == []
    assert [fault.code for fault in ledger._shortened([FIRST, replace(SECOND, entry="other")], [], head)]


# -- the audit -------------------------------------------------------------------------------------------------------


def check_two_releases_after_the_same_one_are_a_fork() -> None:
    one, two = (Audited(Path(name), (), hash=name, previous="zero") for name in ("one", "two"))
    assert all(each.faults for each in audit._check_chain([one, two]))


def check_a_weaker_policy_under_the_same_version_is_found() -> None:
    policy = load_policy("inside")
    weaker = policy.numbers.dissenters.model_copy(update={"value": policy.dissenters - 1})
    written = replace(policy, numbers=policy.numbers.model_copy(update={"dissenters": weaker}))
    assert len(list(audit._weakened(written, None))) == 1


def check_a_finer_rounding_is_found() -> None:
    assert list(audit._weakened(load_policy("public"), Rounded(3, 2)))


MUTANTS = (
    # Rule 1
    Mutant(
        "a response is kept with its id in its text",
        response.document,
        '"mode": response.mode,',
        '"mode": response.mode, "id": str(response.id),',
        check_the_same_answers_are_the_same_text,
    ),
    Mutant(
        "running sessions are counted",
        sessions.list_closed,
        "col(SessionRow.closed_at).is_not(None), ",
        "",
        check_a_running_session_is_in_no_result,
    ),
    Mutant(
        "a session closes and its order stays on the disk",
        sessions.close,
        "    forget_arrival_order(db)",
        "    pass",
        check_the_disk_does_not_tell_who_came_first,
    ),
    Mutant(
        "the log of changes is emptied into a file that is not written anew",
        arrival_order._rewrite_sqlite,
        'cursor.execute("VACUUM")',
        "pass",
        check_the_disk_does_not_tell_who_came_first,
    ),
    Mutant(
        "the file is written anew and its log stays",
        arrival_order._rewrite_sqlite,
        "return _empty_log(cursor)",
        "return True",
        check_the_disk_does_not_tell_who_came_first,
    ),
    # Rule 6
    Mutant(
        "earlier releases are not known",
        differencing._Comparison._known,
        "for one in told",
        "for one in ()",
        differences.test_thirteen_after_twelve_is_not_published,
    ),
    Mutant(
        "nobody is looked for whom no table shows",
        differencing._sensitive,
        "if low or alike:",
        "if False:",
        differences.test_thirteen_after_twelve_is_not_published,
    ),
    Mutant(
        "a group that was added may agree",
        differencing._sensitive,
        "(*low, *alike)",
        "(*low,)",
        people.test_a_new_group_that_agrees_is_not_what_was_added,
    ),
    Mutant(
        "increments are looked at release by release only",
        differencing._Comparison._told_apart,
        "connected(sorted(each))",
        "()",
        check_a_world_with_a_return,
    ),
    Mutant(
        "what was withheld is shown the next time",
        differencing._Comparison._repeated,
        "cell.status is not Status.PUBLISHED",
        "False",
        check_what_was_withheld_stays_so_although_it_could_be_shown,
    ),
    Mutant(
        "late ones of a session are not told apart",
        cohorts.People._levels,
        "counts.add(self._counted_now(session))",
        "counts = {self._counted_now(session)}",
        people.test_the_thirteenth_of_a_group_who_hands_in_late_is_not_told,
    ),
    # Rule 7
    Mutant(
        "exact totals are given of the undisclosed",
        exact_totals.shown_rows,
        "((gender, TOTAL) for gender in SHOWN_GENDERS)",
        '((gender, TOTAL) for gender in (*SHOWN_GENDERS, "non-binary"))',
        totals.test_non_binary_and_undisclosed_are_in_the_total_and_nowhere_else,
    ),
    Mutant(
        "margins are crossed",
        exact_totals.shown_rows,
        'if by == "crossed" else []',
        "",
        totals.test_by_margins_nothing_is_crossed,
    ),
    Mutant(
        "small numbers of a return are not warned of",
        exact_totals._low,
        "if is_low(figure.people, policy)",
        "if is_low(figure.people + 7, policy)",
        totals.test_each_number_below_the_smallest_count_is_warned_of,
    ),
    Mutant(
        "rests of a return are not warned of",
        exact_totals._low_rests,
        "is_low(row.people - sum(known), policy)",
        "is_low(row.people, policy)",
        totals.test_so_is_what_is_left_of_a_total_beside_its_rows,
    ),
    Mutant(
        "a return of people who agree is not warned of",
        exact_totals._low_rests_beside,
        'people["answered"] and _fewer(people) < policy.smallest_count',
        "False",
        totals.test_a_group_that_agrees_is_warned_of,
    ),
    # Rule 8
    Mutant(
        "nine people are enough for a comment",
        kept_comments.open_comments,
        "group.grown < least_people",
        "group.grown < least_people - 1",
        commenting.test_a_group_of_nine_is_never_opened,
    ),
    Mutant(
        "comments are opened while people write them",
        kept_comments.open_comments,
        "group.is_running or ",
        "",
        commenting.test_nothing_is_opened_while_a_session_runs,
    ),
    Mutant(
        "a desk offers the comments of nine people",
        comments._standing,
        "group.grown < least_people",
        "group.grown < least_people - 1",
        check_nine_people_are_too_few_and_ten_are_enough,
    ),
    Mutant(
        "a telephone number may pass",
        comments.find_left_over,
        "if part.kind in _SURE",
        'if part.kind in _SURE - {"phone"}',
        check_a_telephone_number_may_not_pass,
    ),
    # The ledger
    Mutant(
        "what a release said is not in its entry",
        rows._follows,
        "release.entry == entry_of(_content_of(release), entry)",
        "True",
        check_a_release_that_was_edited_is_found,
    ),
    Mutant(
        "a ledger may begin with any release",
        rows._follows,
        "return is_next and ",
        "return ",
        check_a_ledger_without_its_first_release_is_found,
    ),
    Mutant(
        "what a return said is not in its entry",
        indicator_returns.first_broken_return,
        "made.entry != _entry_of(row, entry)",
        "False",
        check_a_return_that_was_edited_is_found,
    ),
    Mutant(
        "a clock may go back by an hour",
        ledger._clock,
        ".created > now",
        ".created.timestamp() > now.timestamp() + 3600",
        check_a_clock_that_went_back_by_a_minute_is_found,
    ),
    Mutant(
        "a ledger of the right length is believed",
        ledger._shortened,
        "(one.number, one.entry) == (last.number, last.entry)",
        "one.number == last.number",
        check_a_ledger_that_was_put_back_is_found,
    ),
    # The audit
    Mutant(
        "a fork of three is one",
        audit._check_chain,
        "names[one.previous] > 1",
        "names[one.previous] > 2",
        check_two_releases_after_the_same_one_are_a_fork,
    ),
    Mutant(
        "a policy is taken at its word",
        audit._weakened,
        "if policy.version == ours.version:",
        "if policy.version > ours.version:",
        check_a_weaker_policy_under_the_same_version_is_found,
    ),
    Mutant(
        "any rounding will do",
        audit._weakened,
        "rounded.base != policy.rounding_base",
        "rounded.base > policy.rounding_base",
        check_a_finer_rounding_is_found,
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_weakened_rule_is_noticed(mutant, monkeypatch, tmp_path, request) -> None:
    asked = inspect.signature(mutant.noticed_by).parameters
    given = {name: request.getfixturevalue(name) for name in asked}
    mutant.noticed_by(**given)
    monkeypatch.setattr(mutant.function, "__code__", mutant.code())
    with pytest.raises(AssertionError):
        mutant.noticed_by(**given)
