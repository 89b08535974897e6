"""What runs by itself, how much arrives, and which keys the database belongs to."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, text

from screening.storage.moment import Moment
from screening.storage.tables.base import metadata

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", Integer, nullable=False),  # it wraps at a million: only that it can be written counts
)

upkeep = Table(  # what runs by itself, for all servers
    "upkeep",
    metadata,
    Column("name", Text, primary_key=True),
    Column("begun_at", Moment),
    Column("done_at", Moment),
    Column("figure", Integer, nullable=False, server_default="0"),
    Column("detail", Text, nullable=False, server_default=text("''")),  # for the next time
)

arrivals = Table(  # how many forms came within the last hour
    "arrivals",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # ten minutes
    Column("address", Text, primary_key=True),  # a keyed digest; empty: from anywhere
    Column("number", Integer, nullable=False),
)

registered_keys = Table(  # which keys this database belongs to; the latest of a purpose is current
    "registered_keys",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("key_id", Text, primary_key=True),  # it tells nothing about the key
    Column("since", Moment, nullable=False),
)
