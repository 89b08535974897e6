"""An old instance, unpacked and served by the present program."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from screening.app import create_app
from screening.desk.desk import Desk
from screening.settings import load_settings
from screening.web.door import service_of
from tests.actors import Clock

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
        found: Desk = self.app.extensions["desk"]
        return found

    def called(self, name: str) -> str:
        """The reference of a request by what the archive calls it."""
        return next(reference for reference, was in self.requests.items() if name in was["known_as"])


@contextmanager
def unpacked(folder: Path, *without: str) -> Iterator[Old]:
    """Serves it from `folder`, `without` these rule sets in its rules folder."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    for file in (file for name in without for file in (folder / "rules").glob(f"{name}.*")):
        file.unlink()
    clock, expected = Clock(), json.loads((folder / "expected.json").read_text())
    clock.now = datetime.fromisoformat(expected["now"])
    settings = load_settings(instance=folder / "instance", rules=folder / "rules", log_level="error")
    app = create_app(settings, clock)
    drafts, people = (json.loads((folder / f"{name}.json").read_text()) for name in ("drafts", "people"))
    yield Old(app, clock, expected["counts"], expected["requests"], drafts, people)
    service_of(app).engine.dispose()
