"""Connections are heard when they have something to say, and nobody is woken for nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask, Response

from screening.cli import server
from screening.cli.watching import Share, Watched
from screening.settings.environment import load_settings
from tests.waiting import PATIENCE, eventually

LARGE = 30_000_000  # bytes: more than the system takes at once, and more than is kept in memory
KEPT = 15_000_000  # more than the system takes at once, and kept in memory until it is fetched
ASKED = "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = ASKED.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
PIECE = 5_000


class Counting(Watched):
    """Counts the turns of the loop."""

    turns = 0

    def turn(self, timeout: float) -> None:
        self.turns += 1
        super().turn(timeout)


@pytest.fixture
def go_on() -> Event:
    return Event()


@pytest.fixture
def serves(monkeypatch: pytest.MonkeyPatch, go_on: Event) -> Iterator[Any]:
    """Pages of so many bytes, in pieces; and one that takes until somebody says so."""
    app = Flask("bare")

    @app.get("/<int:many>")
    def page(many: int) -> Response:
        pieces = (b"x" * min(PIECE, many - at) for at in range(0, many, PIECE))
        return Response(pieces, headers={"Content-Length": str(many)})

    @app.get("/slow")
    def slow() -> str:
        go_on.wait(PATIENCE)
        return "slow"

    @app.get("/broken")
    def broken() -> Response:
        return Response(str(1 // (1 - number)) for number in range(2))

    monkeypatch.setattr(server, "Watched", Counting)
    found = server.listening(app, load_settings(host="127.0.0.1", port=0))
    runs = Thread(target=found.run, daemon=True)
    runs.start()
    yield found
    found.trigger.pull_trigger(found.close)
    runs.join(PATIENCE)
    found.task_dispatcher.shutdown()


def connected(serves: Any) -> closing[socket.socket]:
    return closing(socket.create_connection(("127.0.0.1", int(serves.effective_port)), timeout=PATIENCE))


def read(client: socket.socket) -> bytes:
    """Until it is closed."""
    return b"".join(iter(lambda: client.recv(1 << 20), b""))


def alone(serves: Any) -> bytes:
    """What somebody is answered who asks for one page and goes."""
    with connected(serves) as client:
        client.sendall(LAST.format(10).encode())
        return read(client)


def test_an_answer_that_its_thread_could_send_wakes_nobody(serves: Any) -> None:
    with connected(serves) as client:
        before = serves._map.turns
        for _ in range(40):
            client.sendall(ASKED.format(10).encode())
            assert client.recv(4096).endswith(b"\r\n\r\n" + b"x" * 10)  # the head came with it
    assert serves._map.turns - before < 60  # one to be let in, one for each that was asked


def test_a_large_answer_comes_whole_to_whoever_reads_late(serves: Any) -> None:
    with connected(serves) as client:
        client.sendall(LAST.format(LARGE).encode())
        assert alone(serves).endswith(b"x" * 10)
        assert len(read(client).partition(b"\r\n\r\n")[2]) == LARGE


def test_what_is_asked_while_an_answer_is_made_is_answered_after_it(serves: Any, go_on: Event) -> None:
    with connected(serves) as client:
        client.sendall(ASKED.format("slow").encode())
        assert alone(serves)
        client.sendall(LAST.format(10).encode())
        before = serves._map.turns
        assert alone(serves)
        assert serves._map.turns - before < 20  # and the loop does not go round and round for it meanwhile
        go_on.set()
        slow, _, then = read(client).partition(b"\r\n\r\nslow")
    assert slow.startswith(b"HTTP/1.1 200 ")
    assert then.endswith(b"x" * 10)


def test_who_says_no_more_gets_the_answer_all_the_same(serves: Any, go_on: Event) -> None:
    with connected(serves) as client:
        client.sendall(ASKED.format("slow").encode())
        assert alone(serves)
        client.shutdown(socket.SHUT_WR)
        assert alone(serves)
        go_on.set()
        assert read(client).endswith(b"slow")


def test_an_answer_that_breaks_off_does_not_pass_for_whole(serves: Any) -> None:
    with connected(serves) as client:
        client.sendall(ASKED.format("broken").encode())
        assert not read(client).endswith(b"0\r\n\r\n")  # as what comes in chunks would end


def test_those_who_go_while_they_are_answered_leave_nothing_open(serves: Any) -> None:
    def ask(_number: int) -> bytes:
        with connected(serves) as client:
            client.sendall(ASKED.format(LARGE).encode())
            return client.recv(15)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(8))) == {b"HTTP/1.1 200 OK"}
    assert alone(serves)
    eventually(lambda: not serves.active_channels)


def test_who_fetches_nothing_is_not_waited_for(serves: Any) -> None:
    with connected(serves) as client:
        client.sendall(ASKED.format(KEPT).encode())
        eventually(lambda: any(channel.total_outbufs_len for channel in serves.active_channels.values()))
        (channel,) = serves.active_channels.values()
        eventually(lambda: not channel.requests)
        channel.last_activity = serves.next_channel_cleanup = 0
        eventually(lambda: not serves.active_channels)
        assert len(read(client)) < KEPT


def test_who_come_to_several_on_one_address_are_shared_out_evenly() -> None:
    first, second = Share.among(2)
    app, settings = Flask("bare"), load_settings(host="127.0.0.1", port=0)
    one = server.listening(app, settings, share=first)
    two = server.listening(app, settings, taken=one.socket.dup(), share=second)
    running = [Thread(target=each.run, daemon=True) for each in (one, two)]
    for thread in running:
        thread.start()
    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(connected(one))
        eventually(lambda: len(one.active_channels) + len(two.active_channels) == 16)
        assert abs(len(one.active_channels) - len(two.active_channels)) <= 4
    for each, thread in zip((one, two), running, strict=True):
        each.trigger.pull_trigger(each.close)
        thread.join(PATIENCE)
        each.task_dispatcher.shutdown()
