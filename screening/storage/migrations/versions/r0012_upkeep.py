"""What runs by itself: when it was begun and done last, for all servers of a database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing ran yet."""
    op.create_table(
        "upkeep",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("begun_at", _MOMENT),
        sa.Column("done_at", _MOMENT),
        sa.Column("figure", sa.Integer, nullable=False, server_default="0"),
        sa.Column("detail", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("name", name="pk_upkeep"),
    )


def downgrade() -> None:
    """An older program does no such thing."""
    op.drop_table("upkeep")
