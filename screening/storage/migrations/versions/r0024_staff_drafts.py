"""Drafts that staff began: their keys sealed to the clinic, and who holds each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those begun before stay with the browser that holds their key, until it shows it."""
    with op.batch_alter_table("drafts") as batch:
        batch.add_column(sa.Column("public_id", sa.Text))
        batch.add_column(sa.Column("sealed_token", sa.LargeBinary))
        batch.add_column(sa.Column("held_by", sa.Text))
        batch.create_unique_constraint("uq_drafts_public_id", ["public_id"])
    op.create_index("ix_drafts_held_by", "drafts", ["held_by"])


def downgrade() -> None:
    """An older program opens none of them: they expire."""
    op.drop_index("ix_drafts_held_by", "drafts")
    with op.batch_alter_table("drafts") as batch:
        batch.drop_constraint("uq_drafts_public_id", type_="unique")
        for name in ("held_by", "sealed_token", "public_id"):
            batch.drop_column(name)
