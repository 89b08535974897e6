"""Which requests an event of several is about, so that it is found for each of them; older exports too."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Exports that were made before named their requests in the details of their events."""
    named = op.create_table(
        "event_requests",
        sa.Column("number", sa.BigInteger, autoincrement=False),
        sa.Column("reference", sa.Text),
        sa.PrimaryKeyConstraint("number", "reference", name="pk_event_requests"),
    )
    op.create_index("ix_event_requests_reference_number", "event_requests", ["reference", "number"])
    events = sa.table("events", sa.column("number"), sa.column("action"), sa.column("details"))
    exported = sa.select(events.c.number, events.c.details).where(events.c.action == "exported")
    for number, details in op.get_bind().execute(exported).all():
        found = sorted(set(json.loads(details).get("requests", ())))
        op.bulk_insert(named, [{"number": number, "reference": reference} for reference in found])


def downgrade() -> None:
    """The events keep what they name."""
    op.drop_table("event_requests")
