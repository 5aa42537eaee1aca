"""What was made by mistake is put aside, and deleted only where nothing names it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from survey_app import journeys
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import aside, audit, sessions, structure
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database
from survey_app.storage.staff import Link, Staff, add_one_time_link, add_staff
from survey_app.storage.structure import write_structure

DEED = Deed("an", "put-aside", "what")
IN_TIME = aside.BROUGHT_BACK_WITHIN - timedelta(minutes=1)


@pytest.fixture
def db(empty_url: str) -> Iterator[Database]:
    made = Database(empty_url)
    made.upgrade()
    write_structure(
        made,
        [Organisation("gent", "Gent"), Organisation("gnet", "Gnet", lead="gent")],
        [Project(code, "gent", code, "amif-exit", 1, frozenset(), ("nl",)) for code in ("held", "wrong")],
        [Module(code, code, project) for project in ("held", "wrong") for code in ("ict", "taal")],
        [RegisterCount("wrong", "female", "18-60", 12)],
    )
    yield made
    made.close()


def hold(db: Database, project: str, module: str) -> str:
    code = journeys.open_session(db, project, module, 9, clock.today()).code
    sessions.close(db, code, clock.now())
    return code


def modules(db: Database) -> list[tuple[str, str]]:
    return [(one.project, one.code) for one in structure.list_modules(db)]


def test_what_nothing_names_is_deleted_after_its_days_and_the_log_says_so(db: Database) -> None:
    now = clock.now()
    assert aside.put_project_aside(db, "wrong", DEED, now) is None
    assert aside.put_module_aside(db, "held", "taal", DEED, now) is None
    assert aside.put_organisation_aside(db, "gnet", DEED, now) is None
    assert aside.delete_aside(db, now + IN_TIME) == ()
    assert len(modules(db)) == 4, "until then nothing is gone"

    gone = aside.delete_aside(db, now + aside.BROUGHT_BACK_WITHIN)

    assert gone == ("module taal of held", "project wrong", "organisation gnet")
    assert modules(db) == [("held", "ict")]
    assert structure.find_project(db, "wrong") is None
    assert structure.list_register_counts(db) == ()
    assert aside.list_organisations_aside(db) == ()
    told = [entry.deed for entry in audit.list_latest(db, 3)]
    assert told == [Deed("", "aside-deleted", subject) for subject in reversed(gone)]


def test_what_a_session_names_is_never_deleted_and_comes_back_as_it_was(db: Database) -> None:
    hold(db, "held", "taal")
    before = structure.find_project(db, "held"), structure.list_modules(db, "held")
    now = clock.now()
    assert aside.put_module_aside(db, "held", "taal", DEED, now) is None
    assert aside.put_project_aside(db, "held", DEED, now) is None
    assert aside.find_named(db, "held") == aside.Named(frozenset({"taal"}), is_project=True)
    assert aside.delete_aside(db, now + timedelta(days=4000)) == ()
    aside.bring_project_back(db, "held", DEED, now)
    aside.bring_module_back(db, "held", "taal", DEED, now)
    assert (structure.find_project(db, "held"), structure.list_modules(db, "held")) == before


def test_no_session_is_started_in_what_is_put_aside(db: Database) -> None:
    aside.put_module_aside(db, "held", "taal", DEED, clock.now())
    aside.put_project_aside(db, "wrong", DEED, clock.now())
    assert [one.code for one in structure.list_groups(db, "held")] == ["ict"]
    with pytest.raises(RequestMistakenError, match='has no module "taal"'):
        hold(db, "held", "taal")
    with pytest.raises(RequestMistakenError, match='"wrong" is put aside'):
        hold(db, "wrong", "ict")


def test_what_is_in_use_is_not_put_aside(db: Database) -> None:
    now = clock.now()
    running = journeys.open_session(db, "held", "ict", 9, clock.today()).code
    assert aside.put_project_aside(db, "held", DEED, now) is aside.Kept.SESSION_RUNS
    assert aside.put_module_aside(db, "held", "ict", DEED, now) is aside.Kept.SESSION_RUNS
    assert aside.put_module_aside(db, "held", "taal", DEED, now) is None
    sessions.close(db, running, now)
    assert aside.put_module_aside(db, "held", "ict", DEED, now) is aside.Kept.LAST_MODULE
    assert aside.put_organisation_aside(db, "gent", DEED, now) is aside.Kept.IN_USE
    add_staff(db, Staff("max", "hash", frozenset({Post("manager", "gnet")})))
    assert aside.put_organisation_aside(db, "gnet", DEED, now) is aside.Kept.IN_USE


def test_a_link_that_nobody_can_use_any_more_holds_no_organisation(db: Database) -> None:
    now = clock.now()
    add_one_time_link(db, "hash", Link(Post("manager", "gnet")), now + timedelta(days=1), Deed("an", "invited"), now)
    assert aside.put_organisation_aside(db, "gnet", DEED, now) is aside.Kept.IN_USE
    later = now + timedelta(days=2)
    assert aside.put_organisation_aside(db, "gnet", DEED, later) is None
    assert aside.delete_aside(db, later + aside.BROUGHT_BACK_WITHIN) == ("organisation gnet",)
