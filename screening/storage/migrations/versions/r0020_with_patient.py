"""Of the questions that wait for an answer, how many the patient knows of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody said so before, and so all of them are still to be asked."""
    op.add_column("requests", sa.Column("with_patient", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """An older program asks again."""
    with op.batch_alter_table("requests") as batch:
        batch.drop_column("with_patient")
