"""What goes wrong while somebody fills in a form."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import text

from screening.storage.database import writing
from screening.web.door import service_of


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Another program holds the lock to write in the app's SQLite database."""
    path = service_of(app).settings.instance / "screening.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def missing_table(app: Flask, name: str) -> Iterator[None]:
    """A failure nobody thought of."""
    engine = service_of(app).engine
    with writing(engine) as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO lies_elsewhere"))
    try:
        yield
    finally:
        with writing(engine) as connection:
            connection.execute(text(f"ALTER TABLE lies_elsewhere RENAME TO {name}"))
