"""The first tables: structure, sessions, responses, staff, ledger.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_structure()
    create_sessions()
    create_staff()
    create_ledger()


def create_structure() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("lead", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(["lead"], ["organisation.code"], name=op.f("fk_organisation_lead")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organisation")),
    )
    op.create_table(
        "project",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("questionnaire", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], name=op.f("fk_project_organisation")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_organisation"), "project", ["organisation"])
    op.create_table(
        "module",
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_module_project")),
        sa.PrimaryKeyConstraint("project", "code", name=op.f("pk_module")),
    )
    op.create_table(
        "register_count",
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("gender", sa.String(40), nullable=False),
        sa.Column("age", sa.String(40), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_register_count_people_not_negative")),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_register_count_project")),
        sa.PrimaryKeyConstraint("project", "gender", "age", name=op.f("pk_register_count")),
    )


def create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("module", sa.String(40), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code) = 6", name=op.f("ck_session_code_has_six_digits")),
        sa.CheckConstraint("people >= 1", name=op.f("ck_session_people_expected")),
        sa.ForeignKeyConstraint(["project", "module"], ["module.project", "module.code"], name="fk_session_module"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_opened_on"), "session", ["opened_on"])
    op.create_index(op.f("ix_session_project"), "session", ["project"])
    op.create_table(
        "response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session", sa.String(6), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["session.code"], name=op.f("fk_response_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_response_session"), "response", ["session"])


def create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.CheckConstraint("role IN ('administrator', 'manager')", name=op.f("ck_staff_role_known")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_staff")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("staff", sa.String(200), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.name"], name=op.f("fk_staff_session_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_staff"), "staff_session", ["staff"])
    op.create_table(
        "one_time_link",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('administrator', 'manager')", name=op.f("ck_one_time_link_role_known")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_one_time_link")),
    )


def create_ledger() -> None:
    op.create_table(
        "release",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sessions", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_release_number_counts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_release")),
        sa.UniqueConstraint("hash", name=op.f("uq_release_hash")),
        sa.UniqueConstraint("id", name=op.f("uq_release_id")),
        sa.UniqueConstraint("previous", name=op.f("uq_release_previous")),
    )
