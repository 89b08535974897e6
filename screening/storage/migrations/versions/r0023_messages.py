"""Messages to patients with their links, and the clinic's templates of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("state_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_to", sa.Integer, nullable=False, server_default="0"),
        sa.Column("question", sa.Text),
        sa.Column("link", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("expires_at", _MOMENT),
        sa.Column("used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("link", name="uq_messages_link"),
    )
    op.create_index("ix_messages_reference", "messages", ["reference"])
    op.create_index("ix_messages_state", "messages", ["state"])
    op.create_table(
        "message_templates",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("label", "subject", "words", "text")),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_message_templates"),
    )


def downgrade() -> None:
    """What was sent stays in the entries of the requests; links end."""
    op.drop_table("message_templates")
    op.drop_index("ix_messages_state", "messages")
    op.drop_index("ix_messages_reference", "messages")
    op.drop_table("messages")
