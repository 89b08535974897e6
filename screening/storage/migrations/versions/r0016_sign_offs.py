"""Who agreed to a rule set, signed in and with their second factor; from which day a version holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = ("content", "signed_by", "seconded_name")


def upgrade() -> None:
    """What was published before holds since then, and names the person of its file."""
    op.create_table(
        "sign_offs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("rule_set_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("by_role", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_offs"),
    )
    op.create_index("ix_sign_offs_rule_set_id", "sign_offs", ["rule_set_id"])
    op.add_column("publications", sa.Column("begins_on", sa.Date))
    for name in _TEXTS:
        op.add_column("publications", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Publications stay; who agreed in the database does not."""
    with op.batch_alter_table("publications") as batch:
        for name in (*_TEXTS, "begins_on"):
            batch.drop_column(name)
    op.drop_table("sign_offs")
