"""The power is cut: what the disk was not told to keep is gone, and no acknowledged request is.

What a service writes, and what it tells the disk to keep, is recorded by `strace`, and replayed.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from screening.app import open_service
from screening.settings.environment import load_settings
from tests.cli.test_serve import OURS, environment_of
from tests.sending import sends
from tests.thorough import asked

AS_IT_WAS = "as-it-was"
SENT = asked(5, 200)
_CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink"
_CALL = re.compile(r'^(\d+) +(\w+)\((?:\d+<([^>]*)>|"([^"]*)")(?:, (.*))?\) = ')
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]


@dataclass
class Disk:
    """What is on it, and what each file was given since it was last told to keep."""

    kept: dict[str, bytearray] = field(default_factory=dict)
    given: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)  # None: it is cut there

    def keep(self, file: str) -> None:
        there = self.kept.setdefault(file, bytearray())
        for change in self.given.pop(file, []):
            _change(there, *change)

    def after_the_cut(self, folder: Path, chance: Random | None) -> None:
        """The files as they are found: by chance some of what was not to be kept is there too, or none."""
        for file in {*self.kept, *self.given}:
            found = bytearray(self.kept.get(file, b""))
            for change in self.given.get(file, []):
                if chance is not None and chance.random() < 0.5:
                    _change(found, *change)
            (folder / Path(file).name).write_bytes(found)


class Forgetful(Disk):
    """Is never told to keep anything: what must lose."""

    def keep(self, file: str) -> None:
        """Not at all."""


def _change(there: bytearray, offset: int, what: bytes | None) -> None:
    if what is None:
        del there[offset:]
        return
    there.extend(bytes(max(0, offset - len(there))))
    there[offset : offset + len(what)] = what


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Each call on one line, where another thread was heard of in its midst too."""
    begun: dict[str, str] = {}
    for line in lines:
        who = line.split(" ", 1)[0]
        if line.rstrip().endswith("<unfinished ...>"):
            begun[who] = line.rstrip().removesuffix("<unfinished ...>").rstrip()
        elif " resumed>" in line:
            yield begun.pop(who) + line.split(" resumed>", 1)[1]
        else:
            yield line


def replay(trace: Path, database: str, disk: Disk) -> Iterator[str]:
    """Go through all that was done; each reference at the moment at which it was acknowledged."""
    with trace.open(encoding="ascii") as lines:
        for line in _whole(lines):
            called = _CALL.match(line)
            if called is None:
                continue
            _who, name, opened, named, rest = called.groups()
            file = _bytes(named if opened is None else opened).decode()
            if file.startswith(database):
                _do(disk, name, file, rest or "")
            elif name == "write" and (told := re.match(rb"acknowledged (\S+)", _written(rest))):
                yield told[1].decode()


def _written(rest: str) -> bytes:
    found = _TEXT.match(rest)
    return _bytes(found[1]) if found is not None else b""


def _do(disk: Disk, name: str, file: str, rest: str) -> None:
    if name == "pwrite64":
        offset = int(rest.rsplit(", ", 1)[1])
        disk.given.setdefault(file, []).append((offset, _written(rest)))
    elif name == "ftruncate":
        disk.given.setdefault(file, []).append((int(rest), None))
    elif name == "unlink":
        disk.kept.pop(file, None)
        disk.given.pop(file, None)
    elif name in ("fsync", "fdatasync"):
        disk.keep(file)


def found_after(disk: Disk, database: Path, folder: Path, chance: Random | None) -> set[str]:
    """The requests that a program finds that opens the database once the power is back."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    disk.after_the_cut(folder, chance)
    opened = sqlite3.connect(folder / database.name)
    try:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {reference for (reference,) in opened.execute("SELECT reference FROM requests")}
    finally:
        opened.close()


@pytest.fixture
def traced(tmp_path: Path, database_url: str) -> tuple[Path, Path]:
    """All that was done while requests were sent, and the database that they are in."""
    trace, database = tmp_path / "trace", Path(database_url.removeprefix("sqlite:///"))
    shutil.copy(database, tmp_path / AS_IT_WAS)
    recorder = ["strace", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-e", f"trace={_CALLS}"]
    settings = {"database_url": database_url, "instance": str(tmp_path / "instance"), "log_level": "error"}
    line = [*recorder, "-o", str(trace), sys.executable, "-m", __name__, str(SENT)]
    subprocess.run(
        line, cwd=tmp_path, env=environment_of(OURS, settings), check=True, stdout=subprocess.PIPE, text=True
    )
    return trace, database


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_no_acknowledged_request_is_gone_wherever_the_power_is_cut(
    traced: tuple[Path, Path], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    trace, database = traced
    before, chance = tmp_path / "before", Random(7)
    disk = Disk(as_it_was(tmp_path, database))
    acknowledged, lost = set[str](), set[str]()
    for reference in replay(trace, str(database), disk):
        acknowledged.add(reference)
        for luck in (None, chance):
            lost |= acknowledged - found_after(disk, database, before, luck)
    record_property("reached", f"{len(lost)} of {len(acknowledged)} lost in {2 * len(acknowledged)} cuts")
    assert len(acknowledged) == SENT
    assert lost == set()
    forgetful = Forgetful(as_it_was(tmp_path, database))
    *_, last = replay(trace, str(database), forgetful)
    assert last not in found_after(forgetful, database, before, None)


def as_it_was(tmp_path: Path, database: Path) -> dict[str, bytearray]:
    """When the service began: with the tables."""
    return {str(database): bytearray((tmp_path / AS_IT_WAS).read_bytes())}


if __name__ == "__main__":
    service = open_service(load_settings())
    for _ in range(int(sys.argv[1])):
        sys.stdout.write(f"acknowledged {sends(service)}\n")
        sys.stdout.flush()
