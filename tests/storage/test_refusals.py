"""A PostgreSQL that lets nobody in: the operator is told which one, why, and no password."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.engine import URL

from screening.core.errors import NotReady, Unavailable
from screening.storage.database import check_writable, open_database, upgrade
from tests.ports import free_port

PASSWORD = "hunter2"
SERVER = os.environ.get("SCREENING_TEST_POSTGRESQL", "")
ENCRYPTED = {80877103, 80877104}  # what a client asks for first: TLS, GSSAPI


@pytest.fixture
def server() -> URL:
    """A real one."""
    if not SERVER:
        pytest.skip("set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres")
    return make_url(SERVER).set(password=PASSWORD)


@contextmanager
def refusing(code: str, words: str) -> Iterator[int]:
    """The port of a server that says so to whoever comes."""
    told = b"SFATAL\0C%b\0M%b\0\0" % (code.encode(), words.encode())

    def answer(near: socket.socket) -> None:
        with near:
            while int.from_bytes(near.recv(4096)[4:8], "big") in ENCRYPTED:
                near.sendall(b"N")
            near.sendall(b"E" + (len(told) + 4).to_bytes(4, "big") + told)

    def serve() -> None:
        with suppress(OSError):
            while True:
                answer(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])


@contextmanager
def role(server: URL, how: str) -> Iterator[str]:
    """A user on it who cannot do all."""
    engine = create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    name = f"screening_test_{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} {how}"))
    try:
        yield name
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP ROLE {name}"))


def refusal(url: str | URL) -> str:
    """What the operator is told."""
    address = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    engine = open_database(address)
    try:
        with pytest.raises(Unavailable) as refused:
            check_writable(engine)
    finally:
        engine.dispose()
    return str(refused.value)


def local(port: int) -> str:
    return f"postgresql://user:{PASSWORD}@127.0.0.1:{port}/none"


def test_each_way_of_not_being_let_in_is_told_apart_with_host_and_port_and_without_the_password() -> None:
    port = free_port()
    told = {refusal(local(port)).replace(str(port), "PORT")}
    ways = {
        "28P01": 'password authentication failed for user "user"',
        "3D000": 'database "none" does not exist',
        "53300": "sorry, too many clients already",
        "57P03": "the database system is starting up",
        "28000": 'no pg_hba.conf entry for host "127.0.0.1", user "user", database "none", no encryption',
        "XX000": "etwas ganz anderes",
    }
    for code, words in ways.items():
        with refusing(code, words) as far:
            told.add(refusal(local(far)).replace(str(far), "PORT"))
    assert len(told) == len(ways) + 1
    assert [said for said in told if "127.0.0.1" not in said or "PORT" not in said or PASSWORD in said] == []


@pytest.mark.postgresql
def test_what_a_real_server_says_is_told(server: URL) -> None:
    with role(server, "LOGIN CONNECTION LIMIT 0") as crowded, role(server, "NOLOGIN") as outside:
        told = [
            refusal(server.set(database="screening_nowhere")),
            refusal(server.set(username="screening_nobody")),
            refusal(server.set(username=crowded)),
            refusal(server.set(username=outside)),
        ]
    names = ["screening_nowhere", "screening_nobody", crowded, outside]
    assert [name in said for name, said in zip(names, told, strict=True)] == [True] * 4
    assert [said for said in told if str(server.host) not in said or PASSWORD in said] == []


@pytest.mark.postgresql
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_user_who_may_make_no_tables_is_the_operators_to_mend(server: URL, empty_url: str) -> None:
    with role(server, "LOGIN") as plain:
        engine = open_database(make_url(empty_url).set(username=plain).render_as_string())
        with pytest.raises(Unavailable):
            upgrade(engine)
        engine.dispose()


@pytest.mark.parametrize("address", ["u:hunter2@h:hunter2/d", "u:hun@ter2@h/d", "u:hun@te/r2@h/d"])
def test_an_address_that_no_host_can_be_read_from_is_not_repeated(address: str) -> None:
    with pytest.raises(NotReady) as refused:
        open_database(f"postgresql://{address}")
    assert [part for part in ("hun", "r2") if part in str(refused.value)] == []


def test_an_option_that_the_driver_does_not_know_is_the_operators_to_mend() -> None:
    engine = open_database(f"{local(free_port())}?foo=bar")
    with pytest.raises(NotReady) as refused:
        check_writable(engine)
    assert "foo" in str(refused.value)
    assert PASSWORD not in str(refused.value)
