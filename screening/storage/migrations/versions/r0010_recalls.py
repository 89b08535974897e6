"""Versions that were found unsafe; and of requests owed on the same day, the one that came first is first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CLOCKS = ("due_at", "review_due_at")


def upgrade() -> None:
    """None was recalled before, and what was promised was not kept apart from the clock."""
    op.add_column("requests", sa.Column("promised_at", sa.DateTime(timezone=True)))
    for clock in _CLOCKS:
        _ordered([clock, "reference"], [clock, "received_at", "reference"])
    op.create_table(
        "recalls",
        sa.Column("rule_set_id", sa.Text),
        sa.Column("version", sa.Text),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalled_by", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rule_set_id", "version", name="pk_recalls"),
    )


def downgrade() -> None:
    """What was raised at requests stays there."""
    op.drop_column("requests", "promised_at")
    op.drop_table("recalls")
    for clock in _CLOCKS:
        _ordered([clock, "received_at", "reference"], [clock, "reference"])


def _ordered(before: list[str], now: list[str]) -> None:
    was, columns = (["work_list", "rank", *order] for order in (before, now))
    op.drop_index("ix_" + "_".join(["requests", *was]), "requests")
    op.create_index("ix_" + "_".join(["requests", *columns]), "requests", columns)
