"""What the desk works from: unread words, what stands in a person's way, appointments, a clock for review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_FIGURES = ("unread", "unsettled", "others_open")
_WORDS = ("work_list", "appointment")
_MOMENTS = ("review_due_at", "ask_again_at")
_COLUMNS = (*_FIGURES, *_WORDS, *_MOMENTS, "appointment_on", "person", "counted")
_LISTS = (["work_list", "rank", "due_at", "reference"], ["work_list", "rank", "review_due_at", "reference"])
_CAME = ["received_at", "reference"]


def upgrade() -> None:
    """Requests kept before are counted at the next start, by a process that holds the keys."""
    for name in _FIGURES:
        op.add_column("requests", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    for name in _WORDS:
        op.add_column("requests", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
    for name in _MOMENTS:
        op.add_column("requests", sa.Column(name, _MOMENT))
    op.add_column("requests", sa.Column("appointment_on", sa.Date))
    op.add_column("requests", sa.Column("person", sa.Text))
    op.add_column("requests", sa.Column("counted", sa.Integer, nullable=False, server_default="0"))
    for columns in _LISTS:
        op.create_index("ix_" + "_".join(["requests", *columns]), "requests", columns)
    op.create_index("ix_requests_person_reference", "requests", ["person", "reference"])
    _some("uncounted", "counted = 0", _CAME)
    _some("review_due", "review_due_at IS NOT NULL", ["review_due_at", "reference"])
    _some("ask_again", "ask_again_at IS NOT NULL", ["ask_again_at", "reference"])
    for name in ("to_review", "questions"):  # both are work lists now
        op.drop_index(f"ix_requests_{name}", "requests")


def downgrade() -> None:
    """What was counted can be counted again; what was sent and written stays."""
    for name in ("uncounted", "review_due", "ask_again", "person_reference"):
        op.drop_index(f"ix_requests_{name}", "requests")
    for columns in _LISTS:
        op.drop_index("ix_" + "_".join(["requests", *columns]), "requests")
    for name in ("to_review", "questions"):
        _some(name, f"{name} > 0", _CAME)
    for name in _COLUMNS:
        op.drop_column("requests", name)


def _some(name: str, condition: str, columns: list[str]) -> None:
    some = sa.text(condition)
    op.create_index(f"ix_requests_{name}", "requests", columns, sqlite_where=some, postgresql_where=some)
