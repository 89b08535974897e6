"""JSON to another server over HTTP: one try, and whether to try again, for all that this service sends so."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

_LATER = (408, 409, 425, 429)  # of the refusals, those that say: not now
_MOST = 64 * 1024  # bytes of an answer that are read

UNREACHED = (OSError, HTTPException)  # what `post` raises where no answer came


class ServerRefused(Exception):
    """The server will never take this one; a code says why."""


class ServerBusy(Exception):
    """The server does not take it now; a code says why."""


class Answered(NamedTuple):
    """What the other side said."""

    status: int
    body: bytes


def post(address: str, content: bytes, headers: Mapping[str, str], timeout: float) -> Answered:
    """What it said where it took it. Raises ServerRefused, ServerBusy, OSError, HTTPException."""
    where = urlsplit(address)
    connection = _connection(where.scheme, where.hostname or "", where.port, timeout)
    try:
        connection.request("POST", where.path or "/", content, dict(headers))
        answer = connection.getresponse()
        found = Answered(answer.status, answer.read(_MOST))
    finally:
        connection.close()
    if found.status >= 500 or found.status in _LATER:
        raise ServerBusy(f"status {found.status}")
    if not 200 <= found.status < 300:
        raise ServerRefused(f"status {found.status}")
    return found


def bearer(file: Path | None) -> dict[str, str]:
    """The token is read each time: it may be renewed while the service runs. Raises OSError."""
    return {} if file is None else {"Authorization": f"Bearer {file.read_text().strip()}"}


def _connection(scheme: str, host: str, port: int | None, timeout: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=timeout)  # on this machine only: settings see to it
