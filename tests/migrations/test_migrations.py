"""The tables of a running installation change without losing a row."""

from __future__ import annotations

import re

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app.fieldwork.rights import Post
from survey_app.foundation.places import shipped
from survey_app.storage import ledger, sessions, staff, structure
from survey_app.storage.database import Database

# Rows as the first tables knew them.
ROWS = (
    (
        "INSERT INTO organisation (code, name, lead)"
        " VALUES ('charleroi', 'Charleroi', NULL), ('binche', 'Binche', 'charleroi')"
    ),
    (
        "INSERT INTO project (code, organisation, name, questionnaire, version, activities, languages, synthetic)"
        " VALUES ('ensemble', 'charleroi', 'Ensemble', 'amif-exit', 1, '[]', '[]', false)"
    ),
    "INSERT INTO module (project, code, name) VALUES ('ensemble', 'language', 'Français')",
    "INSERT INTO register_count VALUES ('ensemble', 'female', '18-60', 14)",
    (
        "INSERT INTO session (code, project, module, people, opened_on, closed_at)"
        " VALUES ('482913', 'ensemble', 'language', 12, '2026-05-12', '2026-05-12 16:00:00')"
    ),
    "INSERT INTO response VALUES ('0b6a1f0e8f0c4c539a415f2b8b3c9d10', '482913', '{}')",
    "INSERT INTO staff VALUES ('lead', 'hash', 'administrator')",
    "INSERT INTO staff_session (token, staff, expires) VALUES ('token', 'lead', '2026-05-12 16:00:00')",
    "INSERT INTO one_time_link (token, role, expires, used) VALUES ('token', 'manager', '2026-05-12 16:00:00', false)",
    (
        "INSERT INTO release (number, id, created, tier, period, scope, hash, previous, sessions, cells, responses, folder)"
        " VALUES"
        " (1, 'r1', '2026-07-01 10:00:00', 'inside', '2026-H1', 'all', 'hash', '', '[\"482913\"]', '[]', '{}', 'folder')"
    ),
)
# Rows that a later revision writes otherwise, from then on.
CHANGED_SINCE = {
    "0008": {
        "INSERT INTO staff VALUES ('lead', 'hash', 'administrator')": (
            "INSERT INTO staff (name, password) VALUES ('lead', 'hash')"
        ),
        "INSERT INTO one_time_link (token, role, expires, used) VALUES ('token', 'manager', '2026-05-12 16:00:00', false)": (
            "INSERT INTO one_time_link (token, role, organisation, expires, used)"
            " VALUES ('token', 'manager', 'charleroi', '2026-05-12 16:00:00', false)"
        ),
    },
    "0019": {
        "INSERT INTO room VALUES ('482913', '[]', 3, false)": "INSERT INTO room VALUES ('482913', '[]', 3, false, true)"
    },
    "0022": {
        "INSERT INTO room VALUES ('482913', '[]', 3, false)": (
            "INSERT INTO room VALUES ('482913', '[]', 3, false, true, true)"
        )
    },
}
# Rows of tables that a later revision added.
ROWS_SINCE = {
    "0006": ("INSERT INTO sealing_key VALUES ('00112233445566aa', 'p', 'q', '2026-11-27', NULL)",),
    "0004": (
        "INSERT INTO comprehension VALUES ('482913', 'helpful', 'met', 7), ('482913', 'helpful', 'long', 2)",
        "INSERT INTO tally VALUES ('482913', '5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5c')",
    ),
    "0008": (
        "INSERT INTO post (staff, role) VALUES ('lead', 'administrator')",
        "INSERT INTO audit VALUES (1, '2026-05-12 16:00:00', 'lead', 'session-started', 'session 482913', '', 'hash')",
    ),
    "0014": (
        "INSERT INTO session_identity VALUES ('5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5d', '482913')",
        "INSERT INTO instance_key VALUES (1, 's', 'r')",
        "INSERT INTO trusted_instance VALUES ('laptop', 's', 'r')",
        "INSERT INTO carried_batch VALUES ('5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5e')",
    ),
    "0018": (
        (
            "INSERT INTO received_parcel VALUES ('5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5f', 's', 'laptop', '2026-05-12 16:00:00',"
            " '2026-05-12 16:00:00', 'lead')"
        ),
        (
            "INSERT INTO received_release VALUES ('hash', 's', '5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5f', 'release', 'r1',"
            " '2026-05-12 16:00:00', 'network', '2026-H1', 'all', '', 's/r1')"
        ),
        "INSERT INTO received_session VALUES ('5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b60', 's')",
        "INSERT INTO sign_off VALUES ('hash', 1, '2026-05-12 16:00:00', 'lead', 'good')",
    ),
    "0020": (
        (
            "INSERT INTO signal VALUES ('0b6a1f0e8f0c4c539a415f2b8b3c9d11', 'ensemble', '2026-H1', 'hours', 'Le soir',"
            " 'lead', 'not-possible', 'Pas de salle', NULL)"
        ),
        "INSERT INTO signal_note VALUES ('0b6a1f0e8f0c4c539a415f2b8b3c9d12', 'ensemble', '2026-H1', 'work', 'Un stage')",
    ),
    "0025": ("INSERT INTO received_audit VALUES ('hash', '2026-05-12 16:00:00', 3, '[]')",),
    "0029": (
        "INSERT INTO signal_answer VALUES ('0b6a1f0e8f0c4c539a415f2b8b3c9d11', 'pod-mi', 'not-possible', 'Pas de salle')",
        (
            "INSERT INTO received_signal VALUES ('0b6a1f0e8f0c4c539a415f2b8b3c9d13', 's', '5c9e2b1a7d3f4e8a9b6c0d1e2f3a4b5f',"
            " 'CPAS', 'ensemble', 'Ensemble', '2026-H1', 'hours', 'Le soir', '[]', 10, NULL, 'heard', '', 'changed', 'Oui', NULL)"
        ),
    ),
    "0022": ("INSERT INTO news VALUES ('r1', 'ensemble', '[]', '2026-07-02 10:00:00')",),
    "0016": ("INSERT INTO room VALUES ('482913', '[]', 3, false)",),
    "0012": (
        "INSERT INTO device VALUES ('id', 'Blue', 'charleroi', NULL)",
        "INSERT INTO device_key VALUES ('hash', 'id', 'https://survey.local:8443', NULL, NULL)",
        "INSERT INTO device_link VALUES ('token', 'id', '2026-05-12 16:00:00')",
    ),
}


def revisions() -> list[str]:
    scripts = ScriptDirectory(str(shipped("migrations")))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def rows_at(revision: str) -> tuple[str, ...]:
    """Rows in every table that there was at a revision."""
    known = revisions()[: revisions().index(revision) + 1]
    changed = {before: after for each in known for before, after in CHANGED_SINCE.get(each, {}).items()}
    first = (changed.get(row, row) for row in ROWS)
    return (*first, *(changed.get(row, row) for each in known for row in ROWS_SINCE.get(each, ())))


def count_rows(db: Database, rows: tuple[str, ...]) -> dict[str, int]:
    tables = dict.fromkeys(re.findall(r"INSERT INTO (\w+)", " ".join(rows)))
    with db.reading() as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


def test_there_is_an_earlier_state_to_come_from() -> None:
    assert len(revisions()) >= 2


def test_an_empty_database_becomes_what_the_code_expects(empty_url: str) -> None:
    db = Database(empty_url)
    db.upgrade()
    assert db.is_up_to_date()
    config = db.migrations()
    with db.writing() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    db.close()


@pytest.mark.parametrize("revision", revisions())
def test_every_earlier_state_keeps_its_rows(empty_url: str, revision: str) -> None:
    db = Database(empty_url)
    db.upgrade(revision)
    with db.writing() as connection:
        for row in rows_at(revision):
            connection.execute(text(row.replace(":00", r"\:00")))
    before = count_rows(db, rows_at(revision))
    assert all(before.values())

    db.upgrade()

    assert db.is_up_to_date()
    assert count_rows(db, rows_at(revision)) == before
    assert sessions.counter(db, "482913") == sessions.Counter(received=1, people=12, conflicts=0)
    assert list(sessions.documents(db, ["482913"])) == [("482913", "{}")]
    assert [project.code for project in structure.list_projects(db)] == ["ensemble"]
    (released,) = ledger.list_releases(db)
    assert released.responses == {}
    if revision < "0007":  # a row that this program did not add is not believed
        assert ledger.first_broken([released]) is None
        assert released.places == {"482913": ["charleroi", "", "ensemble", "language"]}
    with pytest.raises(DBAPIError, match="only added to"), db.writing() as connection:
        connection.execute(text("DELETE FROM release"))
    db.close()


def test_accounts_keep_what_they_could_do_when_posts_come(empty_url: str) -> None:
    db = Database(empty_url)
    db.upgrade("0007")
    with db.writing() as connection:
        for row in (*ROWS, "INSERT INTO organisation VALUES ('gent', 'Gent', NULL)"):
            connection.execute(text(row.replace(":00", r"\:00")))
        connection.execute(text("INSERT INTO staff VALUES ('max', 'hash', 'manager')"))

    db.upgrade()

    everywhere = {Post("manager", "charleroi"), Post("manager", "gent")}
    assert {member.name: member.posts for member in staff.list_staff(db)} == {
        "lead": {Post("administrator"), Post("reviewer"), *everywhere},
        "max": everywhere,
    }
    with db.reading() as connection:
        assert connection.execute(text("SELECT organisation FROM one_time_link")).scalar_one() == "charleroi"
    db.close()


def test_upgrading_again_changes_nothing(empty_url: str) -> None:
    db = Database(empty_url)
    db.upgrade()
    db.upgrade()
    assert db.is_up_to_date()
    db.close()


def test_a_database_that_was_never_upgraded_is_not_up_to_date(empty_url: str) -> None:
    db = Database(empty_url)
    assert not db.is_up_to_date()
    db.close()


def test_an_upgrade_that_fails_changes_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database(empty_url)
    db.upgrade(revisions()[0])
    broken = command.upgrade

    def fail_at_the_end(*arguments: object) -> None:
        broken(*arguments)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", fail_at_the_end)
    with pytest.raises(RuntimeError):
        db.upgrade()
    monkeypatch.undo()
    assert not db.is_up_to_date()
    db.upgrade()
    assert db.is_up_to_date()
    db.close()


def test_a_database_of_a_newer_program_is_left_alone(empty_url: str) -> None:
    db = Database(empty_url)
    db.upgrade()
    with db.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError):
        db.upgrade()
    db.close()


def test_migrations_are_named_by_their_day() -> None:
    names = [path.name for path in (shipped("migrations") / "versions").glob("*.py")]
    assert names
    assert all(re.match(r"20\d\d_\d\d_\d\d_[a-z_]+\.py$", name) for name in names)
