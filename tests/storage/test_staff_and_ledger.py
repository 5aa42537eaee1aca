"""Members of staff, their sign-ins, one-time links, and the ledger of releases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app.fieldwork.rights import Post
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import ledger, staff
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database

LINK = staff.Link(Post("administrator"))
MADE = Deed("", "invited", "administrator")
NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=9)
MEMBER = staff.Staff("lead@example.org", "$argon2id$hash", frozenset({Post("administrator")}))


def build_release(number: int, previous: str) -> ledger.Release:
    return ledger.Release(
        id=f"2026-H1-inside-{number}",
        created=NOW,
        tier="inside",
        period="2026-H1",
        scope="all",
        hash=f"{number:064x}",
        previous=previous,
        sessions=frozenset({"482913", "555555"}),
        cells=({"table": "item:helpful", "value": 12}, {"table": "item:helpful", "value": None}),
        responses={"482913": 12, "555555": 9},
        folder=f"release-{number}",
        places={"482913": ["charleroi", "", "ensemble", "language"]},
    )


def test_staff_are_found_by_name_and_a_name_is_taken_once(db: Database) -> None:
    assert staff.count_staff(db) == 0
    staff.add_staff(db, MEMBER)
    assert staff.find_staff(db, MEMBER.name) == MEMBER
    assert staff.find_staff(db, "nobody") is None
    assert staff.list_staff(db) == (MEMBER,)
    with pytest.raises(RequestMistakenError, match="exists already"):
        staff.add_staff(db, MEMBER)


def test_a_sign_in_ends_by_itself_or_by_hand(db: Database) -> None:
    staff.add_staff(db, MEMBER)
    staff.start_staff_session(db, "a" * 64, MEMBER.name, LATER, NOW)
    assert staff.find_signed_in(db, "a" * 64, NOW) == MEMBER
    assert staff.find_signed_in(db, "b" * 64, NOW) is None
    assert staff.find_signed_in(db, "a" * 64, LATER) is None
    staff.end_staff_session(db, "a" * 64)
    assert staff.find_signed_in(db, "a" * 64, NOW) is None


def test_a_new_password_signs_out_everywhere(db: Database) -> None:
    staff.add_staff(db, MEMBER)
    staff.start_staff_session(db, "a" * 64, MEMBER.name, LATER, NOW)
    staff.change_password(db, MEMBER.name, "$argon2id$other")
    assert staff.find_signed_in(db, "a" * 64, NOW) is None
    assert staff.find_staff(db, MEMBER.name) == replace(MEMBER, password="$argon2id$other")


def test_a_one_time_link_lets_one_person_in(db: Database) -> None:
    staff.add_one_time_link(db, "c" * 64, LINK, LATER, MADE, NOW)
    assert staff.peek_one_time_link(db, "c" * 64, NOW) == LINK
    assert staff.peek_one_time_link(db, "d" * 64, NOW) is None
    assert staff.use_one_time_link(db, "c" * 64, MEMBER, NOW)
    assert not staff.use_one_time_link(db, "c" * 64, replace(MEMBER, name="other"), NOW)
    assert staff.peek_one_time_link(db, "c" * 64, NOW) is None
    assert staff.list_staff(db) == (MEMBER,)


def test_an_expired_link_or_one_for_another_role_lets_nobody_in(db: Database) -> None:
    staff.add_one_time_link(db, "c" * 64, LINK, LATER, MADE, NOW)
    assert not staff.use_one_time_link(db, "c" * 64, MEMBER, LATER)
    assert not staff.use_one_time_link(db, "c" * 64, replace(MEMBER, posts=frozenset({Post("reviewer")})), NOW)
    assert staff.count_staff(db) == 0


def test_a_taken_name_leaves_the_link_good(db: Database) -> None:
    staff.add_staff(db, MEMBER)
    staff.add_one_time_link(db, "c" * 64, LINK, LATER, MADE, NOW)
    with pytest.raises(RequestMistakenError):
        staff.use_one_time_link(db, "c" * 64, MEMBER, NOW)
    assert staff.peek_one_time_link(db, "c" * 64, NOW) == LINK


def test_releases_are_chained_in_their_order(db: Database) -> None:
    assert ledger.last_hash(db) == ledger.NO_RELEASE_BEFORE
    first = build_release(1, ledger.NO_RELEASE_BEFORE)
    second = build_release(2, first.hash)
    ledger.append(db, first)
    ledger.append(db, second)
    assert [release.id for release in ledger.list_releases(db)] == [first.id, second.id]
    assert ledger.list_without_figures(db) == tuple(replace(one, cells=()) for one in ledger.list_releases(db))
    found = ledger.find_release(db, first.id)
    assert found is not None
    assert replace(found, cells=tuple(found.cells), number=0, entry="") == first
    assert ledger.find_release(db, "other") is None
    assert ledger.last_hash(db) == second.hash
    assert ledger.first_broken(ledger.list_releases(db)) is None
    assert ledger.first_broken(ledger.list_releases(db)[1:]).id == second.id


@pytest.mark.parametrize("statement", ["UPDATE release SET tier = 'public'", "DELETE FROM release"])
def test_the_database_itself_refuses_to_change_or_remove_a_release(db: Database, statement: str) -> None:
    ledger.append(db, build_release(1, ledger.NO_RELEASE_BEFORE))
    with pytest.raises(DBAPIError, match="only added to"), db.writing() as connection:
        connection.execute(text(statement))
    assert len(ledger.list_releases(db)) == 1


CHANGES = {
    "tier": "public",
    "cells": [],
    "responses": {"482913": 11},
    "places": {},
    "folder": "elsewhere",
    "entry": "0",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_release_that_was_changed_behind_the_database_is_found(db: Database, name: str) -> None:
    first = ledger.append(db, build_release(1, ledger.NO_RELEASE_BEFORE))
    second = ledger.append(db, build_release(2, first.hash))
    changed = replace(first, **{name: CHANGES[name]})
    assert ledger.first_broken([first, second]) is None
    assert ledger.first_broken([changed, second]) is changed


def test_a_release_that_did_not_see_the_last_one_is_refused(db: Database) -> None:
    first = build_release(1, ledger.NO_RELEASE_BEFORE)
    ledger.append(db, first)
    for late in (build_release(2, ledger.NO_RELEASE_BEFORE), replace(build_release(2, first.hash), id=first.id)):
        with pytest.raises(ledger.LedgerMovedError):
            ledger.append(db, late)
    assert len(ledger.list_releases(db)) == 1


def _take_triggers_away(db: Database) -> None:
    with db.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE release DISABLE TRIGGER USER"))
            return
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def _change(db: Database, column: str, value: str) -> None:
    with db.writing() as connection:
        connection.execute(text(f"UPDATE release SET {column} = '{value}' WHERE number = 1"))


def test_a_ledger_that_was_found_sound_is_read_again_and_a_change_since_then_is_found(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ledger.append(db, build_release(1, ledger.NO_RELEASE_BEFORE))
    ledger.append(db, build_release(2, first.hash))
    assert ledger.find_broken(db) is None
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "entry_of", None)
        assert ledger.find_broken(db) is None, "what has not changed is not taken apart again"
    _take_triggers_away(db)
    changes = {name: value if isinstance(value, str) else json.dumps(value) for name, value in CHANGES.items()}
    for name, value in (changes | {"hash": "0", "previous": "0", "scope": "x", "period": "x"}).items():
        was = getattr(first, name)
        _change(db, name, value)
        assert (broken := ledger.find_broken(db)) is not None, name
        assert broken.number == 1 or name == "hash", name
        _change(db, name, was if isinstance(was, str) else json.dumps(was))
        assert ledger.find_broken(db) is None, name
