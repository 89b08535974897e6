"""When somebody signed in last, who deals with which treatment, who is away; the appointments of a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

_INDEX = "ix_requests_appointment"


def upgrade() -> None:
    """Nobody is away, and of the sign-ins before this nothing is shown."""
    op.create_table(
        "sign_ins",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_sign_ins"),
    )
    op.create_table(
        "teams",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "treatment", name="pk_teams"),
    )
    op.create_table(
        "away",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("stand_in", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_away"),
    )
    op.create_table(
        "lent",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("stand_in", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_lent"),
    )
    op.create_index("ix_lent_person_id", "lent", ["person_id"])
    some = sa.text("appointment_on IS NOT NULL")
    op.create_index(
        _INDEX, "requests", ["appointment_on", "reference"], sqlite_where=some, postgresql_where=some
    )


def downgrade() -> None:
    """Requests stay with whoever has them."""
    op.drop_index(_INDEX, "requests")
    for name in ("lent", "away", "teams", "sign_ins"):
        op.drop_table(name)
