"""The client that keeps servers busy counts whole answers of the wanted status, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.bench.busy import Asked, keep_busy

BODY = b"x" * 400_000  # comes in pieces


class Page(BaseHTTPRequestHandler):
    """The same for everybody."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Head and body apart."""
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_said: object) -> None:
        """Nothing."""


@pytest.fixture
def where() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_so_many_answers_are_counted_over_all_connections(where: str) -> None:
    found = keep_busy([Asked(where, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")] * 3, 20)
    assert len(found.waited) == 20
    assert found.percentile(50) <= found.percentile(99)


def test_another_status_than_was_wanted_is_no_answer(where: str) -> None:
    with pytest.raises(RuntimeError):
        keep_busy([Asked(where, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 303)], 5)
