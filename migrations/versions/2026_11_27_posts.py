"""Staff hold posts: a role at an organisation or for all of them; a log says who did what.

Existing accounts keep what they could do: a manager is manager of every lead organisation that there is; an
administrator also reviewer, and manager as well. Where no lead organisation was set up yet, a manager's account waits
for an administrator to give it a post.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROLE_KNOWN = "role IN ('facilitator', 'manager', 'reviewer', 'editor', 'administrator')"
ROLE_PLACED = "(role IN ('facilitator', 'manager')) = (organisation IS NOT NULL)"


def upgrade() -> None:
    create_posts()
    fill_posts()
    with op.batch_alter_table("staff") as table:
        table.drop_constraint(op.f("ck_staff_role_known"), type_="check")
        table.drop_column("role")
    change_links()
    create_audit()


def create_posts() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=True),
        sa.CheckConstraint(ROLE_KNOWN, name=op.f("ck_post_role_known")),
        sa.CheckConstraint(ROLE_PLACED, name=op.f("ck_post_role_placed")),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], name=op.f("fk_post_organisation")),
        sa.ForeignKeyConstraint(["staff"], ["staff.name"], name=op.f("fk_post_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("staff", "role", "organisation", name=op.f("uq_post_staff")),
    )
    op.create_index(op.f("ix_post_staff"), "post", ["staff"])


def fill_posts() -> None:
    op.execute("INSERT INTO post (staff, role) SELECT name, 'administrator' FROM staff WHERE role = 'administrator'")
    op.execute("INSERT INTO post (staff, role) SELECT name, 'reviewer' FROM staff WHERE role = 'administrator'")
    op.execute(
        "INSERT INTO post (staff, role, organisation)"
        " SELECT staff.name, 'manager', organisation.code FROM staff CROSS JOIN organisation"
        " WHERE organisation.lead IS NULL"
    )


def change_links() -> None:
    """A link for a manager named no organisation: it leads to the first one; where there is none it is not good any more."""
    with op.batch_alter_table("one_time_link") as table:
        table.add_column(sa.Column("organisation", sa.String(40), nullable=True))
    op.execute(
        "UPDATE one_time_link SET organisation = (SELECT min(code) FROM organisation WHERE lead IS NULL)"
        " WHERE role = 'manager'"
    )
    op.execute("DELETE FROM one_time_link WHERE role = 'manager' AND organisation IS NULL")
    with op.batch_alter_table("one_time_link") as table:
        table.create_foreign_key(op.f("fk_one_time_link_organisation"), "organisation", ["organisation"], ["code"])
        table.drop_constraint(op.f("ck_one_time_link_role_known"), type_="check")
        table.create_check_constraint(op.f("ck_one_time_link_role_known"), ROLE_KNOWN)
        table.create_check_constraint(op.f("ck_one_time_link_role_placed"), ROLE_PLACED)


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_number_counts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_previous")),
    )
    forbid_changes = forbid_on_postgresql if op.get_bind().dialect.name == "postgresql" else forbid_on_sqlite
    forbid_changes()


def forbid_on_sqlite() -> None:
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{deed.lower()} BEFORE {deed} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END"
        )


def forbid_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the log is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    )
