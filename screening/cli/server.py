"""An app on waitress, a production-grade server in pure Python."""

from __future__ import annotations

import gc
import resource
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from socket import AI_PASSIVE, SOCK_STREAM, create_server, getaddrinfo, socket
from types import FrameType
from typing import Any, NoReturn

import click
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest, RequestEntityTooLarge, ServerNotImplemented

from screening.cli.crew import Crew, Post
from screening.cli.pages_first import PagesFirst
from screening.cli.refusing import stop
from screening.cli.watching import Server, Share, Watched
from screening.logs import log_failure
from screening.operating import metrics
from screening.settings import Settings
from screening.storage import erasing
from screening.web import headers
from screening.web.door import service_of

CONNECTIONS = 1000  # a slow client holds a connection, never a thread
ROOM = 20  # one in so many is kept free: the longest silent goes for whoever comes
FILES = 8192  # that may be open: a connection, and the file that it is sent
IDLE = 60  # seconds after which a silent connection is closed
IN_MEMORY = 16 * 1024 * 1024  # of an answer that is made faster than it is fetched; then making it waits
MUCH = 256 * 1024  # of an answer waits to be fetched: then it is sent while more of it is made
TOGETHER = 32 * 1024  # of an answer, its head among them, are sent as one
TAKEN = 16 * 1024 * 1024  # of one request is taken off the line, so that a page of ours can refuse it
AT_THE_END = 3.0  # seconds until the log of the database stays as it is
NEVER = sys.maxsize  # nothing goes to a temporary file: what patients said would lie there in the clear


def run(app: Flask, settings: Settings, then: Callable[[], None] | None = None) -> None:
    """Listen, say where, do what is begun `then`, and end cleanly."""
    try:
        server = listening(app, settings)
    except OSError as error:
        _cannot_listen(settings, error)
    _begin(settings, server.effective_port)
    if then is not None:
        then()
    server.run()
    click.echo("Stopped.")


def run_crew(app: Flask, settings: Settings, beside: Post) -> None:
    """The same with several processes on one address, and one more that does what runs beside the pages."""
    _allow_files()
    try:
        taken = _taken(settings)
    except OSError as error:
        _cannot_listen(settings, error)
    posts = {
        f"worker {number}": partial(_work, app, settings, taken, share)
        for number, share in enumerate(Share.among(settings.workers), start=1)
    }
    _begin(settings, taken.getsockname()[1])
    status = Crew(posts | {"beside": beside}).work()
    if status:
        sys.exit(status)
    click.echo("Stopped.")


def leave_whole(app: Flask) -> None:
    """The file of an SQLite database holds everything then, for whoever copies it without its log."""
    until = time.monotonic() + AT_THE_END
    try:
        while not erasing.empty_the_log(service_of(app).engine) and time.monotonic() < until:
            pass  # what ran beside is still at it
    except Exception as error:  # of a full disk, say: the next start finds the log
        log_failure("the log of the database was not emptied", error)


def _work(app: Flask, settings: Settings, taken: socket, share: Share) -> None:
    if settings.metrics_port:
        metrics.listen(settings.metrics_port + 1 + share.mine)
    listening(app, settings, taken, share).run()


def _taken(settings: Settings) -> socket:
    """The address, the first of a name that has several, to take connections from. Raises OSError."""
    found = getaddrinfo(settings.host, settings.port, type=SOCK_STREAM, flags=AI_PASSIVE)
    family, _, _, _, address = found[0]
    return create_server(address, family=family, backlog=CONNECTIONS)


def _begin(settings: Settings, port: int) -> None:
    signal.signal(signal.SIGTERM, _end)
    gc.freeze()  # what was made at start stays: nobody need look through it again, and workers share it
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"Serving on http://{name}:{port} (Ctrl+C to stop)")
    sys.stdout.flush()


def _cannot_listen(settings: Settings, error: OSError) -> NoReturn:
    where = f"{settings.host}:{settings.port}"
    stop(f"Cannot listen on {where} ({error.strerror}). Choose another with --host or --port.")


def listening(app: Flask, settings: Settings, taken: socket | None = None, share: Share | None = None) -> Any:
    """The server on its address, which may be taken already; not running yet. Raises OSError."""
    files = _allow_files()
    taken = taken or _taken(settings)
    adjusted = Adjustments(
        sockets=[taken],
        connection_limit=min(CONNECTIONS, files // 2),  # the others are for the database, and what is sent
        channel_timeout=IDLE,
        outbuf_high_watermark=IN_MEMORY,
        outbuf_overflow=NEVER,
        max_request_body_size=TAKEN,
        inbuf_overflow=NEVER,
        max_request_header_size=32 * 1024,
        ident=None,
        clear_untrusted_proxy_headers=settings.proxies == 0,
    )
    server = Server(
        app,
        Watched(),
        _sock=taken,
        dispatcher=PagesFirst(settings.threads),
        adj=adjusted,
        sockinfo=(taken.family, taken.type, taken.proto, taken.getsockname()),
        bind_socket=False,
        share=share or Share.among(1)[0],
    )
    server.channel_class = OurChannel
    return server


class Beginning(FixedStreamReceiver):  # type: ignore[misc]  # waitress ships no types
    """Of a body that is too long, as much as the app reads: the rest comes off the line and goes nowhere."""

    def __init__(self, length: int, buffer: Any) -> None:
        super().__init__(length, buffer)
        self.wanted = headers.MAX_BODY

    def received(self, data: bytes) -> int:
        """How many bytes of it were of this body."""
        mine = data[: self.remain]
        self.buf.append(mine[: self.wanted])
        self.wanted -= min(self.wanted, len(mine))
        self.remain -= len(mine)
        self.completed = self.remain < 1
        return len(mine)


class OurRequest(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request of which no more lies in memory than the app reads, and whose end everybody sees alike."""

    body_rcv: Any
    expect_continue: bool

    def parse_header(self, header_plus: bytes) -> None:
        """As waitress does it; what it stumbles over is refused too. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError:  # of a length of thousands of digits, or an address in half a bracket
            raise ParsingError("Not understood") from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Two lengths of one body")
        if not self.chunked and self.content_length > headers.MAX_BODY:
            self.body_rcv = Beginning(self.content_length, self.body_rcv.getbuf())

    def received(self, data: bytes) -> int:
        """As waitress does it; what comes in chunks, which no browser sends, lies in memory as it comes."""
        consumed: int = super().received(data)
        if self.chunked and self.body_bytes_received > headers.MAX_BODY:
            self.error, self.completed = RequestEntityTooLarge("too long"), True
        # Whole, or refused: if it were told to go on, the next request would be read as a part of it.
        self.expect_continue = self.expect_continue and not self.completed
        return consumed


class AtOnce:
    """An answer whose head goes with what follows it."""

    channel: Any

    def finish(self) -> None:
        """As waitress does it; then all that was held back goes."""
        super().finish()  # type: ignore[misc]  # waitress' task beside it has it
        self.channel.answered = True
        self.channel.send_held()


class OurTask(AtOnce, WSGITask):  # type: ignore[misc]  # waitress ships no types
    """What the app answers."""


class OurRefusal(AtOnce, ErrorTask):  # type: ignore[misc]  # waitress ships no types
    """What waitress refuses before the app is asked (too large, no HTTP): with all our headers too."""

    def execute(self) -> None:
        """Write the answer; a way of sending that we do not know is the client's fault."""
        if isinstance(self.request.error, ServerNotImplemented):
            self.request.error = BadRequest(self.request.error.body)
        self.response_headers.extend(headers.EVERYWHERE.items())
        super().execute()


class OurChannel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """A connection whose refusals are ours, and which is given up for an honest one when it is silent."""

    parser_class = OurRequest
    task_class = OurTask
    error_task_class = OurRefusal
    answered = False  # what is asked has its answer, whose last is on its way or gone

    def __init__(self, server: Any, *given: Any, **more: Any) -> None:
        super().__init__(server, *given, **more)
        self._held = bytearray()
        most = self.adj.connection_limit
        if len(server.active_channels) > most - most // ROOM:
            silent = [channel for channel in server.active_channels.values() if not channel.requests]
            min(silent, key=lambda channel: channel.last_activity, default=self).handle_close()

    def service(self) -> None:
        """Answer one request. Those piled up behind it are dropped, and its answer says so by `close`:
        no browser does that, and who reads no answer is to cost one."""
        with self.requests_lock:
            for behind in self.requests[1:]:
                behind.close()
                self.requests[0].headers["CONNECTION"] = "close"
            del self.requests[1:]
            self.answered = False
        super().service()
        self._map.watch_soon(self)

    def readable(self) -> bool:
        """Whoever has the answer may ask on before its thread is done here; not who leaves much unfetched."""
        if self.will_close or self.close_when_flushed or self.total_outbufs_len >= TOGETHER:
            return False
        return not self.requests or (self.answered and len(self.requests) == 1)

    def writable(self) -> bool:
        """While it is answered, the thread that does so sends; the loop helps when much waits."""
        if self.requests and not self.will_close and self.total_outbufs_len < MUCH:
            return False
        return bool(super().writable())

    def write_soon(self, data: Any) -> int:
        """Small pieces, the head among them, go together: while one is sent, another thread takes over."""
        if not isinstance(data, bytes):  # a file
            self.send_held()
            self._send(data)
        else:
            self._held += data
            if len(self._held) >= TOGETHER:
                self.send_held()
        return len(data)

    def send_held(self) -> None:
        """What was held back."""
        held, self._held = bytes(self._held), bytearray()
        if held:
            self._send(held)

    def _send(self, data: Any) -> None:
        super().write_soon(data)
        if self.total_outbufs_len >= MUCH:
            self._map.watch_soon(self)


def _allow_files() -> int:
    """How many this process may open, which it raises as far as it is allowed to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)  # waitress ends its loop on this and lets its threads finish
