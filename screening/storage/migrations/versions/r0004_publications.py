"""What was published: which version of a rule set, signed off by whom, and when it was retired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing counts as published that went live before: nobody signed it off here."""
    op.create_table(
        "publications",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("rule_set_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("signed_name", sa.Text, nullable=False),
        sa.Column("signed_role", sa.Text, nullable=False),
        sa.Column("signed_on", sa.Date, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("traced", sa.Boolean, nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.Column("retired_because", sa.Text),
        sa.PrimaryKeyConstraint("digest", name="pk_publications"),
        sa.UniqueConstraint("rule_set_id", "version", name="uq_publications_rule_set_id_version"),
    )


def downgrade() -> None:
    """The sign-offs go; the rule sets themselves stay in their archive."""
    op.drop_table("publications")
