"""Whose rows they are: what is kept so far is of the site that needs no name; lists begin with their site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ADDED = ("drafts", "requests", "entries", "request_status", "outbox", "messages", "presence", "lent")
_FOUND_BY = ["digest", "received_at", "reference"]
_WAITING = ["rank", "received_at", "reference"]
_CAME = ["received_at", "reference"]
_CLOCKS = ["due_at", "review_due_at", "ask_again_at"]
_NAMED = {  # the others are called by their columns, where the name is not too long
    "open": ["finished", *_WAITING, "work_list", *_CLOCKS],
    "listed": ["work_list", "rank", "due_at", *_CAME, "review_due_at", "ask_again_at"],
}
_LISTS = (
    ["status", *_CAME],
    ["status", *_WAITING],
    ["owner", "finished", *_WAITING],
    ["treatment", "finished", *_WAITING],
    ["person", "reference"],
    ["finished", *_CAME],
    [*_CAME],
    ["owner", "finished", *_CAME],
    ["treatment", "finished", *_CAME],
)
_LOOKED_AT = ["work_list", "rank", "review_due_at", *_CAME]
_APPOINTMENT = ["appointment_on", "reference"]


def upgrade() -> None:
    """Each index of a list is made anew; SQLite makes the one table anew whose key begins with its site."""
    for table in _ADDED:
        op.add_column(table, _site())
    with op.batch_alter_table("request_index") as batch:
        batch.add_column(_site())
        batch.drop_constraint("pk_request_index", type_="primary")
        batch.create_primary_key("pk_request_index", ["site", *_FOUND_BY])
    _indexes([], ["site"])
    op.drop_index("_".join(["ix_requests", *_LOOKED_AT]), "requests")
    op.create_index("ix_requests_looked_at", "requests", ["site", *_LOOKED_AT])


def downgrade() -> None:
    """Whose they were is lost; they are all of one site again."""
    op.drop_index("ix_requests_looked_at", "requests")
    op.create_index("_".join(["ix_requests", *_LOOKED_AT]), "requests", _LOOKED_AT)
    _indexes(["site"], [])
    with op.batch_alter_table("request_index") as batch:
        batch.drop_constraint("pk_request_index", type_="primary")
        batch.create_primary_key("pk_request_index", _FOUND_BY)
        batch.drop_column("site")
    for table in _ADDED:
        op.drop_column(table, "site")


def _site() -> sa.Column[str]:
    return sa.Column("site", sa.Text, nullable=False, server_default=sa.text("''"))


def _indexes(was: list[str], now: list[str]) -> None:
    for columns in _LISTS:
        op.drop_index("_".join(["ix_requests", *was, *columns]), "requests")
        op.create_index("_".join(["ix_requests", *now, *columns]), "requests", [*now, *columns])
    for name, columns in _NAMED.items():
        op.drop_index(f"ix_requests_{name}", "requests")
        op.create_index(f"ix_requests_{name}", "requests", [*now, *columns])
    some = sa.text("appointment_on IS NOT NULL")
    columns = [*now, *_APPOINTMENT]
    op.drop_index("ix_requests_appointment", "requests")
    op.create_index("ix_requests_appointment", "requests", columns, sqlite_where=some, postgresql_where=some)
