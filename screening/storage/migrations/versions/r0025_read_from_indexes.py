"""What time makes of a request is read from two indexes: its row has long sealed parts."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_INDEXES = {  # by name: the columns of before, and those that are new
    "open": (["finished", "rank", "received_at", "reference"], ["work_list", "due_at", "review_due_at"]),
    "listed": (["work_list", "rank", "due_at", "received_at", "reference"], ["review_due_at"]),
}


def upgrade() -> None:
    """Each takes the place of a shorter one."""
    for name, (columns, more) in _INDEXES.items():
        op.create_index(f"ix_requests_{name}", "requests", [*columns, *more, "ask_again_at"])
        op.drop_index(f"ix_requests_{'_'.join(columns)}", "requests")


def downgrade() -> None:
    """The shorter ones again."""
    for name, (columns, _more) in _INDEXES.items():
        op.create_index(f"ix_requests_{'_'.join(columns)}", "requests", columns)
        op.drop_index(f"ix_requests_{name}", "requests")
