"""That somebody did or read something: chained, and appended to alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from screening.storage.tables.base import metadata

events = Table(  # append-only, each row holding the hash of the one before in its lane
    "events",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),  # text, because it is hashed as it stands
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("request", Text),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bound", Text),  # JSON: what it touched -> digest of how that stands since; see `binding`
    Column("lane", Integer, nullable=False, server_default="1"),
    Index(None, "request", "number"),
)

event_requests = Table(  # which requests an event of several is about: those that its details name
    "event_requests",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", Text, primary_key=True),  # or the id of a draft, which its request names
    Index(None, "reference", "number"),
)

event_head = Table(  # one row for each lane; whoever appends holds it until the commit
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bound", Integer, nullable=False, server_default="0"),  # in the first: an age of `binding`
)

# Append-only, each row holding the hash of the one before: the lanes' heads at one moment.
event_joins = Table(
    "event_joins",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("settled", BigInteger, nullable=False),  # no event of this number, or a lower one, was to come
    Column("heads", Text, nullable=False),  # JSON: lane -> number and hash
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
