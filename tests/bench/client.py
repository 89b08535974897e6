"""Keeps connections busy and takes little itself: prepared bytes go out, answers are counted and thrown away.

A program of its own, of the standard library alone: its plan comes on standard input, what it found goes to
standard output, both as JSON. `busy.py` starts it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from selectors import EVENT_READ, DefaultSelector
from socket import create_connection
from typing import Any

PIECE = 1 << 18
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection:
    """One that asks the same again and again, as soon as it was answered."""

    def __init__(self, where: str, asked: str, status: int) -> None:
        host, _, port = where.rpartition(":")
        self.socket = create_connection((host, int(port)), timeout=60)
        self.asked = asked.encode("latin-1")
        self.begins = re.compile(rb"HTTP/1\.1 %d " % status)
        self.begun, self.left = 0.0, 0
        self.head = b""

    def ask(self) -> None:
        """Send; nothing of the answer is there yet."""
        self.head, self.left, self.begun = b"", -1, time.perf_counter()
        self.socket.sendall(self.asked)

    def hear(self) -> bool:
        """Take what came; whether the answer is whole. Raises RuntimeError for another than was wanted."""
        came = self.socket.recv(PIECE)
        if not came:
            raise RuntimeError(f"closed after {self.head[:200]!r}")
        if self.left < 0:
            self.head += came
            head, ended, body = self.head.partition(b"\r\n\r\n")
            if not ended:
                return False
            length = _LENGTH.search(head)
            if length is None or not self.begins.match(head):
                raise RuntimeError(head.decode("latin-1"))
            self.left, came = int(length[1]), body
        self.left -= len(came)
        return self.left == 0


def keep_busy(connections: Sequence[Connection], times: int) -> Mapping[str, Any]:
    """So many answers: milliseconds that each took; seconds of all, and of the core that this took."""
    waited, asked = list[float](), 0
    with DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, EVENT_READ, connection)
        began, cpu = time.perf_counter(), time.process_time()
        for connection in connections[:times]:
            connection.ask()
            asked += 1
        while len(waited) < times:
            for key, _ in selector.select():
                if key.data.hear():
                    waited.append((time.perf_counter() - key.data.begun) * 1000)
                    if asked < times:
                        key.data.ask()
                        asked += 1
        return {
            "waited": waited,
            "took": time.perf_counter() - began,
            "cpu": time.process_time() - cpu,
        }


def main() -> None:
    """As the plan says."""
    plan = json.load(sys.stdin)
    connections = [Connection(**each) for each in plan["connections"]]
    json.dump(keep_busy(connections, plan["times"]), sys.stdout)


if __name__ == "__main__":
    main()
