"""What staff do with requests, and by what these are found."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, text

from screening.storage.moment import Moment
from screening.storage.sites import this_site
from screening.storage.tables.base import metadata, site

request_index = Table(  # keyed digests, by which sealed names, dates and numbers are found
    "request_index",
    metadata,
    Column("site", Text, primary_key=True, default=this_site, server_default=text("''")),  # as `site`
    Column("digest", Text, primary_key=True),
    Column("received_at", Moment, primary_key=True),
    Column("reference", Text, primary_key=True),
    Index(None, "reference"),
)

status_counts = Table(  # kept in step with each move, because counting a million is slow; their sum counts
    "status_counts",
    metadata,
    Column("status", Text, primary_key=True),
    Column("lane", Integer, primary_key=True, autoincrement=False, server_default="1"),  # of who counted
    Column("requests", Integer, nullable=False),
)

request_status = Table(  # append-only
    "request_status",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("move", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
    site(),
)

entries = Table(  # append-only: what staff wrote and decided; a later entry corrects an earlier one
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("part", Integer, nullable=False),  # in order, where one change writes several
    Column("kind", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    site(),
    Index(None, "reference", "version", "part", unique=True),
)

presence = Table(
    "presence",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
    site(),
)
