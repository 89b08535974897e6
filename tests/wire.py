"""A wire to a server that counts what goes over it, and can be stopped."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from sqlalchemy import make_url

_READS, _END, _FLUSH = b"READ ONLY", b"Q\0\0\0\x0bCOMMIT\0", b"H\0\0\0\x04"


class Wire:
    """A proxy in front of the server that can stop forwarding while its connections stay open."""

    def __init__(self, url: str) -> None:
        far = make_url(url)
        self._target = (far.host or "127.0.0.1", far.port or 5432)
        self._flowing = Event()
        self._flowing.set()
        self.came = 0  # connections
        self._forgotten = 0  # so many of the first
        self.trips = 0  # to the server: whatever is sent before it has answered goes with it
        self._listener = socket.create_server(("127.0.0.1", 0))
        near = far.set(host="127.0.0.1", port=self._listener.getsockname()[1])
        self.url = near.render_as_string(hide_password=False)
        self._start(self._accept)

    def stop(self) -> None:
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def forget(self) -> None:
        """What is on its connections now gets an answer no more than a refusal; others are made as before."""
        self._forgotten = self.came

    def close(self) -> None:
        self._flowing.set()
        self._listener.close()

    def _start(self, run: object, *arguments: object) -> None:
        Thread(target=run, args=arguments, daemon=True).start()  # type: ignore[arg-type] # our own methods

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.came += 1
                far = socket.create_connection(self._target)
                asked = Event()  # and not answered yet
                self._start(self._pump, near, far, asked, self.came)
                self._start(self._pump, far, near, asked, 0)

    def _pump(self, source: socket.socket, sink: socket.socket, asked: Event, asks: int) -> None:
        reads = False
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                self._flowing.wait()
                if 0 < asks <= self._forgotten:
                    break
                if not asks:
                    asked.clear()
                elif not asked.is_set() and is_waited_for(data, reads):
                    asked.set()
                    self.trips += 1
                reads = _READS in data or (reads and _END not in data)
                sink.sendall(data)


def is_waited_for(sent: bytes, reads: bool) -> bool:
    """Whether the service waits for an answer: not to the end of what only reads, nor to a mere `Flush`."""
    left = sent.removeprefix(_FLUSH)
    return bool(left) and not (reads and left == _END)


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    """A wire to the server of a database."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()
