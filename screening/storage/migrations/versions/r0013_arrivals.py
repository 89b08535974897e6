"""How many forms come from where, for an hour: a stranger's flood is bounded, and told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was counted yet."""
    op.create_table(
        "arrivals",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", "slot", "address", name="pk_arrivals"),
    )


def downgrade() -> None:
    """An older program does not count."""
    op.drop_table("arrivals")
