"""A PostgreSQL of a test's own, that may be killed and stopped: any other stays as it is."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

_DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PROGRAMS = next(iter(_DEBIANS[-1:]), None) or Path(shutil.which("initdb") or "/nowhere/initdb").parent
PATIENCE = 60  # seconds
OWNER = "postgres"  # who runs it, where the tests are run by root
needs_a_cluster = pytest.mark.skipif(
    not (PROGRAMS / "initdb").exists(), reason="the programs of a PostgreSQL server are not installed"
)


@dataclass(frozen=True)
class Cluster:
    """Its folder and port."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/postgres"

    @property
    def process(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def program(self, name: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the owner."""
        line = [*_as_owner(), str(PROGRAMS / name), *options]
        return subprocess.run(
            line, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )

    def start(self, data: str = "data") -> None:
        """Until it answers; tried again while what was killed is still going."""
        given = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        log, until = str(self.folder / "log"), time.monotonic() + PATIENCE
        line = ("-D", str(self.folder / data), "-l", log, "-w", "-o", given, "start")
        while (ended := self.program("pg_ctl", *line)).returncode:
            assert time.monotonic() < until, ended.stdout
            time.sleep(0.2)

    def kill(self) -> None:
        """All of it at once."""
        for process in self._all():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Its connections stay open and nothing answers."""
        stopped = self._all()
        for process in stopped:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def _all(self) -> list[int]:
        server = self.process
        return [server, *(child for child, parent in _processes() if parent == server)]


def _as_owner() -> list[str]:
    return ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []


def _processes() -> Iterator[tuple[int, int]]:
    """Each with its parent."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                told = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
                yield int(folder.name), int(told.split()[1])


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """One that is begun now, durable as PostgreSQL is by itself, and gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir="/tmp"))  # its owner must get there
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam(OWNER).pw_uid, -1)
    cluster = Cluster(folder, free_port())
    line = ("-D", str(folder / "data"), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale")
    made = cluster.program("initdb", *line)
    assert made.returncode == 0, made.stdout
    cluster.start()
    try:
        yield cluster
    finally:
        with suppress(OSError):
            cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)
