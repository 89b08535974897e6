"""A gateway of text messages over real HTTP: it keeps to the contract, or does what a test wants."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.ports import Answers, answering

MOBILE = "+447911123456"


@dataclass
class Phones:
    """What arrived at whose telephone, each key once; `says` holds answers that are not by the contract."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)  # by key, as a gateway knows them
    asked: list[dict[str, str]] = field(default_factory=list)  # headers
    says: list[tuple[int, Any]] = field(default_factory=list)
    dawdles: float = 0.0
    drips: float = 0.0  # seconds before each byte of an answer
    breaks: int = 0  # how many answers get lost after a text was taken
    address: str = ""
    took: Event = field(default_factory=Event)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, Any] | None:
        """Status and answer; None where the line breaks."""
        self.asked.append(headers)
        time.sleep(self.dawdles)
        text = json.loads(body)
        if self.says:
            return self.says.pop(0)
        self.texts[headers["Idempotency-Key"]] = text
        self.took.set()
        if self.breaks:
            self.breaks -= 1
            return None
        return 202, {"id": text["id"], "status": "accepted"}

    def to(self, number: str) -> list[str]:
        return [text["text"] for text in self.texts.values() if text["to"] == number]


@contextmanager
def open_phones(phones: Phones) -> Iterator[Phones]:
    """Open until the block ends."""

    class Taking(Answers):
        def answer(self) -> None:
            said = phones.take(dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
            if said is not None:
                content = said[1] if isinstance(said[1], bytes) else json.dumps(said[1]).encode()
                self.send_response(said[0])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(OSError):  # whoever asked has gone
                    for byte in content if phones.drips else ():
                        time.sleep(phones.drips)
                        self.wfile.write(bytes([byte]))
                    self.wfile.write(content if not phones.drips else b"")
            self.close_connection = True

    with answering(Taking) as server:
        phones.address = f"{server}/texts"
        yield phones
