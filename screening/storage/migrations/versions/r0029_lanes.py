"""The audit in lanes: the one chain goes on as the first of them, and more are opened at a start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from screening.core.errors import NotReady

revision = "0029"
down_revision = "0025"
branch_labels = None
depends_on = None

_NUMBERS = """SELECT setval('event_numbers', greatest(number, 1), number > 0) FROM event_head"""
_TOGETHER = "SELECT status, sum(requests) AS requests FROM status_counts GROUP BY status"


def upgrade() -> None:
    """Events keep their numbers and hashes; so does the head."""
    op.add_column("events", sa.Column("lane", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "event_joins",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("settled", sa.BigInteger, nullable=False),
        sa.Column("heads", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_event_joins"),
    )
    with op.batch_alter_table("status_counts") as batch:
        batch.add_column(sa.Column("lane", sa.Integer, nullable=False, server_default="1"))
        batch.drop_constraint("pk_status_counts", type_="primary")
        batch.create_primary_key("pk_status_counts", ["status", "lane"])
    if _draws_numbers():
        op.execute("CREATE SEQUENCE event_numbers")
        op.execute(_NUMBERS)


def downgrade() -> None:
    """One chain again, as long as the other lanes are empty. Raises NotReady."""
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT count(*) FROM event_head WHERE id > 1 AND number > 0")):
        raise NotReady(
            "The audit of this database has several lanes, which the program of before cannot read. Restore "
            "the backup that was made before the upgrade, with --as-made."
        )
    op.execute("DELETE FROM event_head WHERE id > 1")
    if _draws_numbers():
        op.execute("DROP SEQUENCE event_numbers")
    counts = bind.execute(sa.text(_TOGETHER)).mappings().all()
    op.execute("DELETE FROM status_counts")
    with op.batch_alter_table("status_counts") as batch:
        batch.drop_constraint("pk_status_counts", type_="primary")
        batch.drop_column("lane")
        batch.create_primary_key("pk_status_counts", ["status"])
    for row in counts:
        bind.execute(sa.text("INSERT INTO status_counts VALUES (:status, :requests)"), dict(row))
    op.drop_table("event_joins")
    with op.batch_alter_table("events") as batch:
        batch.drop_column("lane")


def _draws_numbers() -> bool:
    """Only where several append at once; else they are counted."""
    return op.get_bind().dialect.name == "postgresql"
