"""Requests are found by sound and by the end of a number too: which of them were indexed so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NAME, _CAME = "ix_requests_unindexed", ["received_at", "reference"]


def upgrade() -> None:
    """Names are sealed, so nothing can be indexed here: the next desk with the private key does it."""
    op.add_column("requests", sa.Column("indexed_as", sa.Integer, nullable=False, server_default="0"))
    _some("indexed_as = 0")


def downgrade() -> None:
    """An older program finds less, and what it does not know stays in the index without harm."""
    _some("index_key IS NULL")
    with op.batch_alter_table("requests") as batch:
        batch.drop_column("indexed_as")


def _some(condition: str) -> None:
    op.drop_index(_NAME, "requests")
    some = sa.text(condition)
    op.create_index(_NAME, "requests", _CAME, sqlite_where=some, postgresql_where=some)
