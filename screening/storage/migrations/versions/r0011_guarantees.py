"""What a database knows of itself: its keys, and what its events vouch for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_VOUCHED_FOR = ("requests", "people", "publications")  # where there is nothing, nothing is to be done
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Keys are registered, and rows kept before are bound, at the next start."""
    op.create_table(
        "registered_keys",
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("purpose", "key_id", name="pk_registered_keys"),
    )
    op.add_column("events", sa.Column("bound", sa.Text))
    op.add_column("event_head", sa.Column("bound", sa.Integer, nullable=False, server_default="0"))
    nothing = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {table})" for table in _VOUCHED_FOR)  # noqa: S608  # ours
    op.execute(f"UPDATE event_head SET bound = 1 WHERE number = 0 AND {nothing}")  # noqa: S608  # as above


def downgrade() -> None:
    """An older program does not look at what events vouch for."""
    for table, column in (("event_head", "bound"), ("events", "bound")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
    op.drop_table("registered_keys")
