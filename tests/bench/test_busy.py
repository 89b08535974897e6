"""The client that keeps servers busy counts whole answers of the wanted status, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.busy import Asked, keep_busy
from tests.ports import Answers, answering

BODY = b"x" * 400_000  # comes in pieces


class Page(Answers):
    """The same for everybody."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Head and body apart."""
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)


@pytest.fixture
def where() -> Iterator[str]:
    with answering(Page) as address:
        yield address.removeprefix("http://")


def test_so_many_answers_are_counted_over_all_connections(where: str) -> None:
    found = keep_busy([Asked(where, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")] * 3, 20)
    assert len(found.waited) == 20
    assert found.percentile(50) <= found.percentile(99)


def test_another_status_than_was_wanted_is_no_answer(where: str) -> None:
    with pytest.raises(RuntimeError):
        keep_busy([Asked(where, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 303)], 5)
