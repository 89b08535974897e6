"""What staff do with requests, the audit, and notices to send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WAITING = ["rank", "received_at", "reference"]
_NEWEST = ["received_at", "reference"]
_INDEXES = (
    ["finished", *_WAITING],
    ["status", *_WAITING],
    ["owner", "finished", *_WAITING],
    ["treatment", "finished", *_WAITING],
    ["finished", *_NEWEST],
    _NEWEST,
    ["owner", "finished", *_NEWEST],
    ["treatment", "finished", *_NEWEST],
)
_PARTIAL = (
    ("ix_requests_to_review", _NEWEST, "to_review > 0"),
    ("ix_requests_questions", _NEWEST, "questions > 0"),
    ("ix_requests_unindexed", _NEWEST, "index_key IS NULL"),
    ("ix_requests_due", ["due_at", "reference"], "due_at IS NOT NULL"),
)
_COUNTS = (
    "version", "finished", "rank", "open_flags", "stopped_flags", "to_review", "questions", "identity_checked"
)  # fmt: skip
_ONE_FROM_THE_START = ("version", "rank")
_WORDS = ("owner", "owner_name", "duplicate_of", "index_key")


def upgrade() -> None:
    """Requests kept before keep their flags open; the first desk that starts indexes them."""
    for name in _COUNTS:
        default = "1" if name in _ONE_FROM_THE_START else "0"
        op.add_column("requests", sa.Column(name, sa.Integer, nullable=False, server_default=default))
    for name in _WORDS:
        op.add_column("requests", sa.Column(name, sa.Text))
    op.add_column("requests", sa.Column("due_at", _MOMENT))
    for columns in _INDEXES:
        op.create_index(_named(columns), "requests", columns)
    for index, columns, some in _PARTIAL:
        which = sa.text(some)
        op.create_index(index, "requests", columns, sqlite_where=which, postgresql_where=which)
    _create_index_and_status()
    _create_entries_and_presence()
    _create_events()
    _create_outbox()
    _carry_over()


def downgrade() -> None:
    """The audit goes, and all that staff wrote and decided; what patients sent stays."""
    for table in (
        "outbox", "event_head", "events", "presence", "entries",
        "request_status", "status_counts", "request_index",
    ):  # fmt: skip
        op.drop_table(table)
    for index in [*map(_named, _INDEXES), *(index for index, _, _ in _PARTIAL)]:
        op.drop_index(index, "requests")
    for name in (*_COUNTS, *_WORDS, "due_at"):
        op.drop_column("requests", name)


def _named(columns: list[str]) -> str:
    return "_".join(["ix_requests", *columns])


def _carry_over() -> None:
    op.execute("UPDATE requests SET open_flags = flags_to_review, to_review = flags_to_review")
    op.execute(
        "INSERT INTO request_status (reference, version, status, move, by_id, by_name, at) "
        "SELECT reference, 1, status, 'receive', entered_by, entered_by, received_at FROM requests"
    )
    op.execute(
        "INSERT INTO status_counts (status, requests) SELECT status, count(*) FROM requests GROUP BY status"
    )


def _create_index_and_status() -> None:
    op.create_table(
        "request_index",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", "received_at", "reference", name="pk_request_index"),
    )
    op.create_index("ix_request_index_reference", "request_index", ["reference"])
    op.create_table(
        "status_counts",
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("status", name="pk_status_counts"),
    )
    op.create_table(
        "request_status",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("reference", "version", name="pk_request_status"),
    )


def _create_entries_and_presence() -> None:
    op.create_table(
        "entries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    columns = ["reference", "version", "part"]
    op.create_index("ix_entries_reference_version_part", "entries", columns, unique=True)
    op.create_table(
        "presence",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("reference", "person", name="pk_presence"),
    )
    op.create_index("ix_presence_seen_at", "presence", ["seen_at"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("request", sa.Text),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
    )
    op.create_index("ix_events_request_number", "events", ["request", "number"])
    head = op.create_table(
        "event_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_head"),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": "0" * 64}])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("once", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("sealed_address", sa.LargeBinary),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("touched_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent_at", _MOMENT),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("once", name="uq_outbox_once"),
    )
    op.create_index("ix_outbox_due_at_id", "outbox", ["due_at", "id"])
