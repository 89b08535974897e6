"""An old instance, unpacked and served by the present program."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from screening.app import create_app
from screening.desk.desk import Desk
from screening.settings.environment import load_settings
from screening.web.door import service_of
from tests.actors import Clock
from tests.desk.making import desk_of

Rows = dict[str, list[dict[str, str]]]  # table -> its rows

ARCHIVE = Path(__file__).with_name("21d2bbc.tar.xz")


@dataclass(frozen=True)
class Old:
    """The old instance, served by the present program."""

    app: Flask
    clock: Clock
    counts: dict[str, int]  # status -> requests
    requests: dict[str, Any]  # reference -> as it was then
    drafts: dict[str, Any]
    people: list[dict[str, Any]]

    @property
    def desk(self) -> Desk:
        return desk_of(self.app)

    def called(self, name: str) -> str:
        """The reference of a request by what the archive calls it."""
        return next(reference for reference, was in self.requests.items() if name in was["known_as"])


def _keep(database: Path, rows: Rows) -> None:
    """Put rows in before the present program sees the database; bytes are written in hexadecimal."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table, each in ((table, each) for table, several in rows.items() for each in several):
            values = [bytes.fromhex(value) if name == "sealed" else value for name, value in each.items()]
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({', '.join(each)}) VALUES ({marks})", values)


def unpack(folder: Path) -> None:
    """All that the archive holds; Python 3.11 knows of filters from 3.11.4 on."""
    with tarfile.open(ARCHIVE) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder)


@contextmanager
def unpacked(folder: Path, *without: str, rows: Rows | None = None, **given: Any) -> Iterator[Old]:
    """Serves it from `folder`, `without` these rule sets in its rules folder; `rows` were kept there too.

    `given`: settings.
    """
    unpack(folder)
    _keep(folder / "instance" / "screening.sqlite3", rows or {})
    for file in (file for name in without for file in (folder / "rules").glob(f"{name}.*")):
        file.unlink()
    clock, expected = Clock(), json.loads((folder / "expected.json").read_text())
    clock.now = datetime.fromisoformat(expected["now"])
    here = {"instance": folder / "instance", "rules": folder / "rules", "log_level": "error"}
    settings = load_settings(**(here | given))
    app = create_app(settings, clock)
    drafts, people = (json.loads((folder / f"{name}.json").read_text()) for name in ("drafts", "people"))
    yield Old(app, clock, expected["counts"], expected["requests"], drafts, people)
    service_of(app).engine.dispose()
