"""Of the questions that wait, how many the patient knows of; until when somebody counts as looking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody said so before, and so all of them are still to be asked."""
    _presence("seen_at", "until")
    op.add_column("requests", sa.Column("with_patient", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """An older program asks again."""
    _presence("until", "seen_at")
    with op.batch_alter_table("requests") as batch:
        batch.drop_column("with_patient")


def _presence(was: str, now: str) -> None:
    """Whoever looks is noted again within seconds."""
    op.execute(sa.text("DELETE FROM presence"))
    op.drop_index(f"ix_presence_{was}", "presence")
    op.alter_column("presence", was, new_column_name=now)
    op.create_index(f"ix_presence_{now}", "presence", [now])
