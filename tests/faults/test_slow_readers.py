"""Clients that read or say nothing, or a byte a second, keep no honest patient waiting."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.cli.test_serve import serving
from tests.thorough import at_length
from tests.usual import TREATMENT

READERS, SILENT, DRIPPING = 400, 1_100, 400
DRIPS = 20  # seconds, and bytes of each
HONEST, SERVED = 40, 0.95
PATIENCE = 2.0  # seconds
Tells = Callable[[str, object], None]
PIPELINED = 40  # requests of each reader for the largest file, all at once
ASKED = b"GET /static/built/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
BEGUN = b"POST /delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"

pytestmark = [
    pytest.mark.slow,
    at_length("opens 1,500 connections"),
]


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """So that this process may open as many connections as it needs."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def opened(address: str, number: int, says: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections, which say this and read nothing."""
    where, opened = urlsplit(address), list[socket.socket]()
    with ExitStack() as connections:
        for _ in range(number):
            connection = connections.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.settimeout(PATIENCE)
            connection.connect((where.hostname, where.port))
            connection.sendall(says)
            opened.append(connection)
        yield opened


def is_served(address: str) -> bool:
    """Whether somebody who comes now gets the page within their patience."""
    try:
        with urlopen(f"{address}/{TREATMENT}", timeout=PATIENCE) as answer:
            return bool(answer.read())
    except (OSError, HTTPException):
        return False


def share_served(address: str) -> float:
    return sum(is_served(address) for _ in range(HONEST)) / HONEST


@pytest.mark.parametrize("workers", ["1", "2"])
def test_readers_that_read_nothing_hold_no_thread(
    tmp_path: Path, record_property: Tells, workers: str
) -> None:
    with (
        serving(tmp_path, log_level="warning", workers=workers) as (_process, address),
        opened(address, READERS, ASKED * PIPELINED),
    ):
        served = share_served(address)
    record_property("reached", f"{served:.0%} beside {READERS} readers")
    assert served >= SERVED


def drip(connections: list[socket.socket]) -> None:
    """A byte a second from each."""
    for _ in range(DRIPS):
        begun = monotonic()
        for connection in connections:
            with suppress(OSError):
                connection.send(b"x")
        sleep(max(0.0, begun + 1 - monotonic()))


def test_forms_that_come_a_byte_a_second_hold_no_thread(tmp_path: Path, record_property: Tells) -> None:
    with (
        serving(tmp_path, log_level="warning") as (_process, address),
        opened(address, DRIPPING, BEGUN) as connections,
        ThreadPoolExecutor(1) as pool,
    ):
        dripping, served = pool.submit(drip, connections), list[bool]()
        while not dripping.done():
            served.append(is_served(address))
            sleep(0.2)
    share = sum(served) / len(served)
    record_property("reached", f"{share:.0%} of {len(served)} beside {DRIPPING} dripping for {DRIPS} s")
    assert share >= SERVED


@pytest.mark.parametrize("workers", ["1", "2"])
def test_open_connections_shut_nobody_out(tmp_path: Path, record_property: Tells, workers: str) -> None:
    with (
        serving(tmp_path, log_level="warning", workers=workers) as (_process, address),
        opened(address, SILENT),
    ):
        served = share_served(address)
    record_property("reached", f"{served:.0%} beside {SILENT} silent")
    assert served >= SERVED
