"""A FHIR server of a hospital over real HTTP, which takes transactions whole and says what a test wants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.ports import Answers, answering


@dataclass
class Hospital:
    """A FHIR server over real HTTP that takes transactions whole; `says` overrides what it answers."""

    held: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    says: list[int] = field(default_factory=list)
    address: str = ""
    took: Event = field(default_factory=Event)

    def take(self, body: bytes) -> int:
        status = self.says.pop(0) if self.says else 200
        if status in (200, 0):  # 0: taken, and the line breaks before it is said
            for entry in json.loads(body)["entry"]:
                assert entry["request"]["method"] == "PUT"
                self.held[entry["request"]["url"]] = entry["resource"]
            self.took.set()
        return status

    def kinds(self, kind: str) -> list[str]:
        return [where for where in self.held if where.startswith(f"{kind}/")]


@contextmanager
def open_hospital() -> Iterator[Hospital]:
    """Open until the block ends."""
    found = Hospital()

    class Taking(Answers):
        def answer(self) -> None:
            found.asked.append(dict(self.headers))
            status = found.take(self.rfile.read(int(self.headers["Content-Length"])))
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True

    with answering(Taking) as server:
        found.address = f"{server}/fhir"
        yield found
