"""JSON to another server over HTTP: one try, and whether to try again, for all that this service sends so."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from screening.service.rounds import ForGood, NotNow

_LATER = (408, 409, 425, 429)  # of the refusals, those that say: not now
_MOST = 64 * 1024  # bytes of an answer that are read


class Answered(NamedTuple):
    """What the other side said."""

    status: int
    body: bytes


def post(
    address: str, content: bytes, headers: Mapping[str, str], token_file: Path | None, timeout: float
) -> Answered:
    """What it said where it took it. Raises ForGood, NotNow.

    The token is read each time: it may be renewed while the service runs.
    """
    try:
        found = _answer(address, content, {**headers, **_bearer(token_file)}, timeout)
    except (OSError, HTTPException) as error:
        raise NotNow(type(error).__name__) from None
    if found.status >= 500 or found.status in _LATER:
        raise NotNow(f"status {found.status}")
    if not 200 <= found.status < 300:
        raise ForGood(f"status {found.status}")
    return found


def _answer(address: str, content: bytes, headers: Mapping[str, str], timeout: float) -> Answered:
    where = urlsplit(address)
    connection = _connection(where.scheme, where.hostname or "", where.port, timeout)
    try:
        connection.connect()
        with _in_all(connection, timeout):
            connection.request("POST", where.path or "/", content, dict(headers))
            answer = connection.getresponse()
            return Answered(answer.status, answer.read(_MOST))
    finally:
        connection.close()


@contextmanager
def _in_all(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Hang up then: a socket's own timeout begins anew with each byte. Raises TimeoutError."""
    line, late = connection.sock, Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):  # the other side was first
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    end = Timer(seconds, hang_up)
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()
    if late.is_set():  # what was read may pass for whole
        raise TimeoutError


def _bearer(file: Path | None) -> dict[str, str]:
    return {} if file is None else {"Authorization": f"Bearer {file.read_text().strip()}"}


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=timeout)  # on this machine only: settings see to it
