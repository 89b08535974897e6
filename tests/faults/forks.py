"""Our service in processes that are begun in a moment, each a fork of one that has read and proved the rules.

Run as a module it is that one: each line that it is given begins a process, whose id and address it tells.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from screening.app import create_app, open_service
from screening.cli.server import listening
from screening.service.premises import utc_now
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.web.door import origin, service_of
from tests.cli.test_serve import OURS, environment_of
from tests.starting import ReadOnce
from tests.waiting import next_line


@dataclass
class Forks:
    """The one that forks, and the process that serves now."""

    process: subprocess.Popen[str]
    serving: int = 0

    def begin(self) -> str:
        """Serve; the address."""
        assert self.process.stdin is not None
        self.process.stdin.write("begin\n")
        self.process.stdin.flush()
        told = next_line(self.process.stdout).split()
        assert told, "the service did not start"
        self.serving = int(told[0])
        return told[1]

    def kill(self) -> None:
        """At once, with nothing put away."""
        with suppress(ProcessLookupError):
            os.kill(self.serving, signal.SIGKILL)


@contextmanager
def forks(folder: Path, **settings: str) -> Iterator[Forks]:
    """The service in a folder, none serving yet; when it ends, all are killed."""
    environment = environment_of(OURS, {"log_level": "error"} | settings)
    line, pipe = [sys.executable, "-m", __spec__.name], subprocess.PIPE
    with (
        (folder / "forks.log").open("a", encoding="utf-8") as told,
        subprocess.Popen(
            line, cwd=folder, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=told
        ) as process,
    ):
        found = Forks(process)
        try:
            yield found
        finally:
            process.kill()
            found.kill()


def _proved() -> None:
    """Read and prove the rules once, on a database that is thrown away."""
    with TemporaryDirectory() as folder:
        given = {"instance": Path(folder) / "instance", "database_url": ""}
        service_of(_app(load_settings().model_copy(update=given))).engine.dispose()


def _app(settings: Settings) -> Flask:
    return create_app(settings, utc_now, open_service(settings, utc_now, ReadOnce, origin))


def _serve() -> None:
    settings = load_settings()
    server = listening(_app(settings), settings.model_copy(update={"port": 0}))
    print(os.getpid(), f"http://127.0.0.1:{server.effective_port}", flush=True)  # noqa: T201
    server.run()


def _main() -> None:
    _proved()
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            _serve()
        os.waitpid(child, 0)


if __name__ == "__main__":
    _main()
