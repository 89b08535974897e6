"""Drafts, requests, the archive of rule sets, and the heartbeat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing to carry over: this is the beginning."""
    _create_drafts()
    _create_requests()
    _create_rule_sets()
    heartbeat = op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("beats", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )
    op.bulk_insert(heartbeat, [{"id": 1, "beats": 0}])


def downgrade() -> None:
    """Everything goes, answers and requests included."""
    for table in ("heartbeat", "rule_sets", "requests", "drafts"):
        op.drop_table(table)


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("rule_set_digest", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("reference", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_expires_at", "drafts", ["expires_at"])


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("rule_set_id", sa.Text, nullable=False),
        sa.Column("rule_set_version", sa.Text, nullable=False),
        sa.Column("rule_set_digest", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="new"),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("flags_to_review", sa.Integer, nullable=False),
        sa.Column("flags_to_discuss", sa.Integer, nullable=False),
        sa.Column("flags_to_arrange", sa.Integer, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False, server_default="patient"),
        sa.Column("sealed_contact", sa.LargeBinary, nullable=False),
        sa.Column("sealed_health", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_requests"),
        sa.UniqueConstraint("draft_id", name="uq_requests_draft_id"),
    )
    columns = ["status", "received_at", "reference"]
    op.create_index("ix_requests_status_received_at_reference", "requests", columns)


def _create_rule_sets() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("rule_set_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_rule_sets"),
    )
