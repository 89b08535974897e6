"""Until when a password that was printed once lets somebody in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Passwords that were printed before get their three days from now."""
    op.add_column("people", sa.Column("password_until", sa.DateTime(timezone=True)))
    people = sa.table(
        "people",
        sa.column("password_once", sa.Boolean),
        sa.column("password_until", sa.DateTime(timezone=True)),
    )
    until = datetime.now(UTC) + timedelta(hours=72)
    op.execute(people.update().where(people.c.password_once).values(password_until=until))


def downgrade() -> None:
    """They work for ever again."""
    op.drop_column("people", "password_until")
