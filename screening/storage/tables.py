"""The tables, as SQLAlchemy knows them; `migrations` builds the same ones, and a test compares."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime that comes back in UTC on both engines; raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone, so all that is kept is in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """PostgreSQL answers in the zone of the session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),  # a digest of what the cookie holds, never the cookie itself
    Column("treatment", Text, nullable=False),
    Column("rule_set_digest", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("reference", Text),  # absent until sent
)

requests = Table(
    "requests",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("draft_id", Text, nullable=False, unique=True),  # what makes sending twice one request
    Column("treatment", Text, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    Column("rule_set_digest", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="new"),
    Column("received_at", Moment, nullable=False),
    Column("flags_to_review", Integer, nullable=False),
    Column("flags_to_discuss", Integer, nullable=False),
    Column("flags_to_arrange", Integer, nullable=False),
    Column("entered_by", Text, nullable=False, server_default="patient"),
    Column("sealed_contact", LargeBinary, nullable=False),
    Column("sealed_health", LargeBinary, nullable=False),
    Index(None, "status", "received_at", "reference"),  # pages of a queue, however long it grows
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("rule_set_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
)

publications = Table(  # append-only, but for the two columns that say it was retired
    "publications",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("rule_set_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("signed_name", Text, nullable=False),
    Column("signed_role", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON: flag id -> why it may be quieter than before
    Column("traced", Boolean, nullable=False),  # whether the treatment page was given, and agreed
    Column("retired_at", Moment),
    Column("retired_because", Text),
    UniqueConstraint("rule_set_id", "version"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", Integer, nullable=False),  # it wraps at a million: only that it can be written counts
)
