"""What the database holds, whatever it means."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from screening.storage.database import reading
from screening.storage.tables import drafts, metadata
from screening.web.door import service_of


def everything_kept(app: Flask) -> list[object]:
    """All rows of all tables."""
    with reading(service_of(app).engine) as connection:
        return [tuple(connection.execute(table.select()).all()) for table in metadata.sorted_tables]


def drafts_kept(app: Flask) -> int:
    """How many."""
    with reading(service_of(app).engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(drafts)) or 0)
