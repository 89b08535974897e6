"""What waits to be sent, and what was sent to patients."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from screening.storage.moment import Moment
from screening.storage.tables.base import metadata, site

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),  # also the Message-ID
    Column("kind", Text, nullable=False),
    Column("once", Text, unique=True),  # no second notice with the same words here; emptied when it may recur
    Column("reference", Text),
    Column("address", Text),  # of staff; a patient's is sealed
    Column("sealed_address", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("touched_at", Moment),  # something happened that the notice, when it is sent, is also about
    Column("due_at", Moment),  # when to try next; absent: sent, or given up
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent_at", Moment),
    Column("error", Text),  # a code, never what the other side said
    site(),
    Index(None, "due_at", "id"),
)

messages = Table(  # what was sent to patients, and the links that lead to a question
    "messages",
    metadata,
    Column("id", Text, primary_key=True),  # also what a gateway knows it by
    Column("reference", Text, nullable=False, index=True),
    Column("way", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("sealed", LargeBinary),  # the words with the link; absent once it was taken or given up
    Column("state", Text, nullable=False, index=True),
    Column("why", Text),  # a code, never what the other side said
    Column("state_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_to", Integer, nullable=False, server_default="0"),  # 1: somebody did something since
    Column("question", Text),  # the entry that asks; absent where there is no link
    Column("link", Text, unique=True),  # a digest of what the address holds, never that itself
    Column("code", Text),  # a digest under what the address holds
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    site(),
)

message_templates = Table(  # append-only: the latest of an id is the clinic's
    "message_templates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
