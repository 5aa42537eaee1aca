"""The tables. Constraints carry names: they do the guarding, code explains the refusal.

A response has three columns: the random id that the device drew, its session, one JSON document. There is no clock
time, no device, no order: on SQLite the rows lie sorted by their random id (``WITHOUT ROWID``); on PostgreSQL those of
a session are rewritten in that order when it closes. What the files tell beyond the rows: see ``arrival_order``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite forgets the zone, this gives it back."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OrganisationRow(SQLModel, table=True):
    """``aside_since``, here and of projects and modules: made by mistake, and put aside since."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)
    lead: str | None = Field(default=None, foreign_key="organisation.code", max_length=40)
    aside_since: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class ProjectRow(SQLModel, table=True):
    __tablename__ = "project"
    __table_args__ = (CheckConstraint("keep_months >= 1", name="keep_months_counted"),)

    code: str = Field(primary_key=True, max_length=40)
    organisation: str = Field(foreign_key="organisation.code", max_length=40, index=True)
    name: str = Field(max_length=200)
    questionnaire: str = Field(max_length=40)
    version: int
    activities: list[str] = Field(sa_column=Column(JSON, nullable=False))
    languages: list[str] = Field(sa_column=Column(JSON, nullable=False))
    synthetic: bool
    voices: dict[str, str] | None = Field(default=None, sa_column=Column(JSON))
    first_day: date | None = Field(default=None)
    last_day: date | None = Field(default=None)
    keep_months: int | None = Field(default=None)
    keep_set_on: date | None = Field(default=None)
    aside_since: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class ModuleRow(SQLModel, table=True):
    __tablename__ = "module"

    project: str = Field(primary_key=True, foreign_key="project.code", max_length=40)
    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)
    aside_since: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class RegisterCountRow(SQLModel, table=True):
    __tablename__ = "register_count"
    __table_args__ = (CheckConstraint("people >= 0", name="people_not_negative"),)

    project: str = Field(primary_key=True, foreign_key="project.code", max_length=40)
    gender: str = Field(primary_key=True, max_length=40)
    age: str = Field(primary_key=True, max_length=40)
    people: int


class RegisterBeforeRow(SQLModel, table=True):
    """What the register of a project counted until somebody wrote over it: gender, age and people of each count."""

    __tablename__ = "register_before"

    project: str = Field(primary_key=True, foreign_key="project.code", max_length=40)
    counts: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SessionRow(SQLModel, table=True):
    """``conflicts``: how often a device handed in other answers under an id that was already kept.

    ``practised``: how many went through a practice session, of which no answer is stored; ``NULL`` for every other one.
    """

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(["project", "module"], ["module.project", "module.code"], name="fk_session_module"),
        CheckConstraint("people >= 1", name="people_expected"),
        CheckConstraint("conflicts >= 0", name="conflicts_not_negative"),
        CheckConstraint("length(code) = 6", name="code_has_six_digits"),
        CheckConstraint("practised >= 0", name="practised_not_negative"),
    )

    code: str = Field(primary_key=True, max_length=6)
    project: str = Field(max_length=40, index=True)
    module: str = Field(max_length=40)
    people: int
    opened_on: date = Field(index=True)
    closed_at: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))
    conflicts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    answers_deleted_on: date | None = Field(default=None)
    practised: int | None = Field(default=None)


class RoomRow(SQLModel, table=True):
    """What staff say of the room in which a session is held. It stands beside no response and names nobody.

    ``languages``: tags, the most used first; none where the project's hold. ``helped``: people who had help with the
    tablet, as the facilitator saw it. ``own_phones``: whether people may answer on their own; nothing said: see ``Room``.
    ``begins_with_news``: whether its tablets first tell what became of earlier answers.
    """

    __tablename__ = "room"
    __table_args__ = (CheckConstraint("helped >= 0", name="helped_not_negative"),)

    session: str = Field(primary_key=True, foreign_key="session.code", max_length=6)
    languages: list[str] = Field(sa_column=Column(JSON, nullable=False))
    helped: int | None = None
    cancelled: bool
    own_phones: bool | None = None
    begins_with_news: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ResponseRow(SQLModel, table=True):
    __tablename__ = "response"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    session: str = Field(foreign_key="session.code", max_length=6, index=True)
    document: str = Field(sa_column=Column(Text, nullable=False))


class ComprehensionRow(SQLModel, table=True):
    """People of a session who did something at an item (``""``: at the whole form): a sum over all who took part.

    There is no language: where one person speaks it, a sum by language would be that person's, and the response in the
    same session and language too.
    """

    __tablename__ = "comprehension"
    __table_args__: Any = (CheckConstraint("people >= 1", name="people_counted"), {"sqlite_with_rowid": False})

    session: str = Field(primary_key=True, foreign_key="session.code", max_length=6)
    item: str = Field(primary_key=True, max_length=40)
    measure: str = Field(primary_key=True, max_length=20)
    people: int


class TallyRow(SQLModel, table=True):
    """The random id of a tally that is in the sums, so that it is added once; forgotten when its session takes no more."""

    __tablename__ = "tally"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    session: str = Field(primary_key=True, foreign_key="session.code", max_length=6)
    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))


class StoreRow(SQLModel, table=True):
    """One row: a random name of this database, the last backup that was begun, the last one that is complete, and when."""

    __tablename__ = "store"
    __table_args__ = (CheckConstraint("generation >= 0", name="generation_not_negative"),)

    id: str = Field(primary_key=True, max_length=32)
    generation: int
    backed_up: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    backed_up_at: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class SealingKeyRow(SQLModel, table=True):
    """What tablets seal to. One is not retired; those before stay, for tablets that come late."""

    __tablename__ = "sealing_key"

    id: str = Field(primary_key=True, max_length=16)
    public: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    private: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_on: date
    retired_on: date | None = None


_ROLE_KNOWN: Final = "role IN ('facilitator', 'manager', 'reviewer', 'editor', 'administrator')"
_ROLE_PLACED: Final = "(role IN ('facilitator', 'manager')) = (organisation IS NOT NULL)"


class StaffRow(SQLModel, table=True):
    """``totp``: the secret of the second step, where there is one; ``totp_used``: the last time step that let in.

    ``removed_at``: nobody signs in with it since; it can still be given back.
    """

    __tablename__ = "staff"

    name: str = Field(primary_key=True, max_length=200)
    password: str = Field(max_length=255)
    totp: str | None = Field(default=None, max_length=64)
    totp_used: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    removed_at: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class PostRow(SQLModel, table=True):
    """A role that a member of staff has at an organisation, or for all of them where none is named."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint(_ROLE_KNOWN, name="role_known"),
        CheckConstraint(_ROLE_PLACED, name="role_placed"),
        UniqueConstraint("staff", "role", "organisation"),
    )

    id: int | None = Field(default=None, primary_key=True)
    staff: str = Field(foreign_key="staff.name", ondelete="CASCADE", max_length=200, index=True)
    role: str = Field(max_length=20)
    organisation: str | None = Field(default=None, foreign_key="organisation.code", max_length=40)


class IdentityRow(SQLModel, table=True):
    """Who a member of staff is at an identity provider: ``subject`` as it names them, and nothing else of its claims."""

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    staff: str = Field(primary_key=True, foreign_key="staff.name", ondelete="CASCADE", max_length=200)
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=255)


class StaffSessionRow(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is kept.

    ``waits``: the second step is still to come. ``by_provider``: an identity provider vouched for its owner.
    """

    __tablename__ = "staff_session"

    token: str = Field(primary_key=True, max_length=64)
    staff: str = Field(foreign_key="staff.name", ondelete="CASCADE", max_length=200, index=True)
    expires: datetime = Field(sa_column=Column(Moment, nullable=False))
    waits: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    by_provider: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class OneTimeLinkRow(SQLModel, table=True):
    """A link that opens one door once; only the hash of its token is kept.

    It makes an account with a post, or gives an account that is there (``staff``) a new password. ``made_by``: empty for
    one that was made on the machine.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint(_ROLE_KNOWN, name="role_known"),
        CheckConstraint(_ROLE_PLACED, name="role_placed"),
        CheckConstraint("(role IS NULL) = (staff IS NOT NULL)", name="one_purpose"),
    )

    token: str = Field(primary_key=True, max_length=64)
    role: str | None = Field(default=None, max_length=20)
    organisation: str | None = Field(default=None, foreign_key="organisation.code", max_length=40)
    staff: str | None = Field(default=None, foreign_key="staff.name", ondelete="CASCADE", max_length=200)
    expires: datetime = Field(sa_column=Column(Moment, nullable=False))
    used: bool = Field(default=False)
    made_by: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": sql("''")})


class AuditRow(SQLModel, table=True):
    """Who did what, without content: one row per deed, each naming the hash of the one before. Triggers forbid changes."""

    __tablename__ = "audit"
    __table_args__ = (CheckConstraint("number >= 1", name="number_counts"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    who: str = Field(max_length=200)
    action: str = Field(max_length=40)
    subject: str = Field(max_length=200)
    previous: str = Field(max_length=64, unique=True)
    hash: str = Field(max_length=64, unique=True)


class DeviceRow(SQLModel, table=True):
    """A tablet. Nothing of it is ever stored with a response."""

    __tablename__ = "device"

    id: str = Field(primary_key=True, max_length=16)
    name: str = Field(max_length=40)
    organisation: str = Field(foreign_key="organisation.code", max_length=40, index=True)
    revoked_on: date | None = Field(default=None)


class DeviceKeyRow(SQLModel, table=True):
    """A tablet at one address: the hash of its key, and what it last said of itself."""

    __tablename__ = "device_key"

    key: str = Field(primary_key=True, max_length=64)
    device: str = Field(foreign_key="device.id", max_length=16, index=True)
    origin: str = Field(max_length=200)
    seen: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))
    state: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class DeviceLinkRow(SQLModel, table=True):
    """A link that enrols one tablet once; only the hash of its token is kept."""

    __tablename__ = "device_link"

    token: str = Field(primary_key=True, max_length=64)
    device: str = Field(foreign_key="device.id", max_length=16, index=True)
    expires: datetime = Field(sa_column=Column(Moment, nullable=False))


class ReleaseRow(SQLModel, table=True):
    """The ledger: one row per release, each naming the hash of the one before; ``number`` counts from 1.

    Triggers of the database refuse every change and removal. ``entry`` is the hash of the row and of the entry before it.
    """

    __tablename__ = "release"
    __table_args__ = (CheckConstraint("number >= 1", name="number_counts"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(max_length=80, unique=True)
    created: datetime = Field(sa_column=Column(Moment, nullable=False))
    tier: str = Field(max_length=20)
    period: str = Field(max_length=9)
    scope: str = Field(max_length=40)
    hash: str = Field(max_length=64, unique=True)
    previous: str = Field(max_length=64, unique=True)
    sessions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    cells: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    responses: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    folder: str = Field(max_length=200)
    places: dict[str, list[str]] | None = Field(default=None, sa_column=Column(JSON))
    entry: str = Field(max_length=64, sa_column_kwargs={"server_default": sql("''")})


class IndicatorReturnRow(SQLModel, table=True):
    """The log of indicator returns; triggers refuse every change and removal. ``made_by``: empty for a command."""

    __tablename__ = "indicator_return"
    __table_args__ = (CheckConstraint("number >= 1", name="number_counts"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(max_length=80, unique=True)
    created: datetime = Field(sa_column=Column(Moment, nullable=False))
    made_by: str = Field(max_length=200)
    period: str = Field(max_length=9)
    hash: str = Field(max_length=64, unique=True)
    previous: str = Field(max_length=64, unique=True)
    cells: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    responses: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    places: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    folder: str = Field(max_length=200)
    entry: str = Field(max_length=64)


class CommentRow(SQLModel, table=True):
    """What somebody said or wrote beside the answers, and what a reviewer lets pass on of it.

    There is no session, language or clock time of the person: a comment belongs to a project and a half-year, whose
    group is large, never to a room. ``decided_at`` is the reviewer's moment, kept while the decision can be taken back.
    """

    __tablename__ = "comment"
    __table_args__: Any = (
        CheckConstraint("stage IN ('waiting', 'open', 'passed', 'rejected')", name="stage_known"),
        CheckConstraint("written IS NULL OR spoken IS NULL", name="written_or_spoken"),
        Index("ix_comment_group", "project", "period"),
        {"sqlite_with_rowid": False},
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    project: str = Field(foreign_key="project.code", max_length=40)
    period: str = Field(max_length=7)
    stage: str = Field(max_length=10)
    written: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    spoken: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    passed: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    decided_at: datetime | None = Field(default=None, sa_column=Column(Moment, nullable=True))


class CommentGroupRow(SQLModel, table=True):
    """``people``: responses of the group when its comments were opened last."""

    __tablename__ = "comment_group"
    __table_args__: Any = (CheckConstraint("people >= 0", name="people_not_negative"), {"sqlite_with_rowid": False})

    project: str = Field(primary_key=True, foreign_key="project.code", max_length=40)
    period: str = Field(primary_key=True, max_length=7)
    people: int


class SignalRow(SQLModel, table=True):
    """What a group asks for, reviewed and masked, and what became of it. ``under``: the signal it was merged into."""

    __tablename__ = "signal"
    __table_args__: Any = (
        CheckConstraint("level IN ('organisation', 'lead', 'network')", name="level_known"),
        CheckConstraint("became IN ('heard', 'in-discussion', 'changed', 'not-possible')", name="became_known"),
        CheckConstraint("became <> 'not-possible' OR why <> ''", name="reason_given"),
        CheckConstraint("under IS NULL OR under <> id", name="not_under_itself"),
        ForeignKeyConstraint(["under"], ["signal.id"], ondelete="SET NULL"),
        Index("ix_signal_group", "project", "period"),
        {"sqlite_with_rowid": False},
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    project: str = Field(foreign_key="project.code", max_length=40)
    period: str = Field(max_length=7)
    theme: str = Field(max_length=20)
    text: str = Field(sa_column=Column(Text, nullable=False))
    level: str = Field(max_length=20)
    became: str = Field(max_length=20)
    why: str = Field(sa_column=Column(Text, nullable=False))
    under: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))


class SignalNoteRow(SQLModel, table=True):
    """What a facilitator wrote down about a group, until a reviewer has decided. There is no author, session or day."""

    __tablename__ = "signal_note"
    __table_args__: Any = (Index("ix_signal_note_group", "project", "period"), {"sqlite_with_rowid": False})

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    project: str = Field(foreign_key="project.code", max_length=40)
    period: str = Field(max_length=7)
    theme: str = Field(max_length=20)
    text: str = Field(sa_column=Column(Text, nullable=False))


class SignalAnswerRow(SQLModel, table=True):
    """What another instance said last of a signal that was passed up to it; ``sender_name``: who that is to us."""

    __tablename__ = "signal_answer"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    signal: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("signal.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    sender_name: str = Field(max_length=80)
    became: str = Field(max_length=20)
    why: str = Field(sa_column=Column(Text, nullable=False))


class NewsRow(SQLModel, table=True):
    """What staff say became of the wishes that a release tells: item, wish, what became of it. ``chosen_at``: by staff."""

    __tablename__ = "news"

    release: str = Field(primary_key=True, foreign_key="release.id", max_length=80)
    project: str | None = Field(default=None, foreign_key="project.code", max_length=40, index=True)
    wishes: list[list[str]] = Field(sa_column=Column(JSON, nullable=False))
    chosen_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class SessionIdentityRow(SQLModel, table=True):
    """What a session is known by on every instance; codes are drawn on each, and may be the same by chance."""

    __tablename__ = "session_identity"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    identity: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    code: str = Field(foreign_key="session.code", max_length=6, unique=True)


class InstanceKeyRow(SQLModel, table=True):
    """One row: the private keys of this instance, Ed25519 to sign and X25519 to receive."""

    __tablename__ = "instance_key"
    __table_args__ = (CheckConstraint("number = 1", name="only_one"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    signing: bytes
    receiving: bytes


class TrustedInstanceRow(SQLModel, table=True):
    """The public keys of an instance whose batches are taken, and to which batches are packed."""

    __tablename__ = "trusted_instance"

    name: str = Field(primary_key=True, max_length=80)
    signing: bytes
    receiving: bytes


class CarriedBatchRow(SQLModel, table=True):
    """The random id of a batch that was taken: not when, from whom, nor what was in it."""

    __tablename__ = "carried_batch"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))


class ReceivedParcelRow(SQLModel, table=True):
    """A parcel of another instance that was taken: from whom, under which name we trust them, when, by whom.

    ``taken_by``: empty for a command on the machine.
    """

    __tablename__ = "received_parcel"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    sender: str = Field(max_length=32)
    sender_name: str = Field(max_length=80)
    packed_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    taken_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    taken_by: str = Field(max_length=200)


class ReceivedReleaseRow(SQLModel, table=True):
    """A release or an indicator return that another instance made. Each ledger is one chain."""

    __tablename__ = "received_release"
    __table_args__ = (
        CheckConstraint("kind IN ('release', 'return')", name="kind_known"),
        UniqueConstraint("sender", "kind", "previous"),
    )

    hash: str = Field(primary_key=True, max_length=64)
    sender: str = Field(max_length=32)
    parcel: UUID = Field(foreign_key="received_parcel.id")
    kind: str = Field(max_length=10)
    id: str = Field(max_length=80)
    created: datetime = Field(sa_column=Column(Moment, nullable=False))
    tier: str = Field(max_length=20)
    period: str = Field(max_length=9)
    scope: str = Field(max_length=40)
    previous: str = Field(max_length=64)
    folder: str = Field(max_length=200)


class ReceivedAuditRow(SQLModel, table=True):
    """What the attack on a release of another instance found here. ``faults``: sentences, a list in JSON; none if sound."""

    __tablename__ = "received_audit"

    release: str = Field(primary_key=True, max_length=64, foreign_key="received_release.hash")
    audited_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    attacked: int
    faults: str = Field(sa_column=Column(Text, nullable=False))


class ReceivedSessionRow(SQLModel, table=True):
    """A session that releases of another instance count: its answers are not here, and are not taken any more."""

    __tablename__ = "received_session"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    identity: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    sender: str = Field(max_length=32)


class ReceivedSignalRow(SQLModel, table=True):
    """A signal that was passed up on another instance, as its last parcel told, and what is said of it here.

    ``told``, ``told_why``: how it stands there; ``became``, ``why``: the answer of here, empty where there is none yet.
    ``merged``: texts that were merged into it there; ``under``: the signal into which it was merged here, one of here or
    one that came. ``from_people``: at least so many of its group answered; ``until``: the day on which it is deleted.
    """

    __tablename__ = "received_signal"
    __table_args__: Any = (
        CheckConstraint("told IN ('heard', 'in-discussion', 'changed', 'not-possible')", name="told_known"),
        CheckConstraint("became IN ('', 'heard', 'in-discussion', 'changed', 'not-possible')", name="became_known"),
        CheckConstraint("became <> 'not-possible' OR why <> ''", name="reason_given"),
        CheckConstraint("under IS NULL OR under <> id", name="not_under_itself"),
        {"sqlite_with_rowid": False},
    )

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    sender: str = Field(max_length=32, index=True)
    parcel: UUID = Field(foreign_key="received_parcel.id")
    organisation: str = Field(max_length=200)
    project: str = Field(max_length=40)
    project_name: str = Field(max_length=200)
    period: str = Field(max_length=7)
    theme: str = Field(max_length=20)
    text: str = Field(sa_column=Column(Text, nullable=False))
    merged: list[str] = Field(sa_column=Column(JSON, nullable=False))
    from_people: int
    until: date | None = None
    told: str = Field(max_length=20)
    told_why: str = Field(sa_column=Column(Text, nullable=False))
    became: str = Field(max_length=20)
    why: str = Field(sa_column=Column(Text, nullable=False))
    under: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))


class SignOffRow(SQLModel, table=True):
    """What a reviewer says of a release (its hash) after reading it; the last one counts, those before stay."""

    __tablename__ = "sign_off"

    release: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    signed_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    signed_by: str = Field(max_length=200)
    remark: str = Field(sa_column=Column(Text, nullable=False))
