"""Our server beside others on one application: what a page costs, and who is served beside those who hinder.

gunicorn and granian run `wsgi:app`, one process and eight threads each, as ours does.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from tests.bench.busy import Asked
from tests.bench.measuring import CannotMeasure, Figure, figure
from tests.bench.patient_path import CONNECTIONS, ROUNDS, Rounds, in_turn
from tests.bench.serving import ROOT, RULES, Browser, Served, serving
from tests.faults.test_slow_readers import ASKED, BEGUN, SERVED, is_served, opened
from tests.ports import free_port
from tests.usual import TREATMENT

OURS, THREADS, HINDERING, HONEST = "ours", "8", 400, 20
ASKING, ASKS, PAUSE = (
    16,
    80,
    0.03,
)  # of those who read nothing: so many ask on, so often, every so many seconds
PATIENCE = 60  # seconds until a server must listen
COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "gunicorn": lambda port: ["-b", f"127.0.0.1:{port}", "-k", "gthread", "--threads", THREADS, "wsgi:app"],
    "granian": lambda port: [
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", port),
        *("--blocking-threads", THREADS, "wsgi:app"),
    ],
}


@contextmanager
def _running(name: str, folder: Path) -> Iterator[Served]:
    """Another server on our application, in an empty folder."""
    port, environment = str(free_port()), os.environ | {"PYTHONPATH": _path()}
    line = [sys.executable, "-m", name, *COMMANDS[name](port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(line, cwd=folder, env=environment, text=True, stdout=log, stderr=log)
        with process:
            try:
                _wait_for(process, port, folder)
                yield Served(process, f"127.0.0.1:{port}")
            finally:
                process.terminate()


def _path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def _wait_for(process: subprocess.Popen[str], port: str, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not is_served(f"http://127.0.0.1:{port}"):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "log").read_text()[-300:])
        time.sleep(0.1)


def _question(served: Served) -> list[Asked]:
    browser = Browser(served.where)
    browser.ask(f"/{TREATMENT}")
    return [browser.in_bytes(f"/{TREATMENT}/{RULES.questions[0].id}")] * CONNECTIONS


def _read_nothing(connections: Sequence[socket.socket], over: Event) -> None:
    """Some ask on and on, one page after the other, until nobody holds more for them."""
    for _ in range(ASKS):
        for connection in connections[:ASKING]:
            with suppress(OSError):
                connection.send(ASKED)
        over.wait(PAUSE)


def _drip(connections: Sequence[socket.socket], over: Event) -> None:
    while not over.wait(1):
        for connection in connections:
            with suppress(OSError):
                connection.send(b"x")


HINDERED = {
    "that read nothing": (ASKED, _read_nothing),
    "that say a byte a second": (BEGUN, _drip),
}


def _served_beside(served: Served, says: bytes, hinder: Callable[..., None]) -> float:
    """Percent of honest requests that are answered in time beside connections that hinder."""
    address, over = f"http://{served.where}", Event()
    with opened(address, HINDERING, says) as connections:
        thread = Thread(target=hinder, args=(connections, over))
        thread.start()
        if hinder is _read_nothing:
            thread.join()
        answered = sum(is_served(address) for _ in range(HONEST))
        over.set()
        thread.join()
    return answered / HONEST * 100


def _here(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def figures() -> Iterator[Figure]:
    """Ours, and those of others that are installed."""
    versions = {name: here for name in COMMANDS if (here := _here(name)) is not None}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(_started(name, Path(stack.enter_context(TemporaryDirectory()))))
            for name in (OURS, *versions)
        }
        asked = {name: _question(served) for name, served in servers.items()}
        found = {name: Rounds() for name in servers}
        for _ in range(ROUNDS):
            in_turn(*((found[name], served, asked[name]) for name, served in servers.items()))
        for name, of in found.items():
            by = f"by {name}" if name == OURS else f"by {name} {versions[name]}"
            yield figure(f"question page, {by}", of.cpu, "ms CPU", scale=1)
            yield figure(f"question page, {by}, answered", of.rates, "/s", scale=1)
            aim = SERVED * 100 if name == OURS else None
            for who, (says, hinder) in HINDERED.items():
                share = _served_beside(servers[name], says, hinder)
                words = f"honest requests beside {HINDERING} {who}, {by}"
                yield figure(words, [share], "% answered", aim, scale=1)
    if missing := sorted(COMMANDS.keys() - versions.keys()):
        raise CannotMeasure(f"{', '.join(missing)}: not installed: pip install -e '.[bench]'")


def _started(name: str, folder: Path) -> AbstractContextManager[Served]:
    return serving(folder) if name == OURS else _running(name, folder)
