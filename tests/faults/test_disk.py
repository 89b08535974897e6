"""The disk is full, or somebody holds SQLite's lock: patients are told so at once, and nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.faults.forks import Forks, forks
from tests.faults.test_kill import Sender, kept_words
from tests.thorough import at_length

HELD, LONGEST = 8.0, 2.5  # seconds that the lock is held, and that an answer may take
SIZE = "2m"  # of the full disk
WORDS = "It began after a fall from a ladder"
Tells = Callable[[str, object], None]

pytestmark = [pytest.mark.slow, at_length("waits for locks and fills a disk")]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """An instance folder on a file system of its own, two megabytes in all."""
    folder = tmp_path / "small"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(line, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Forks]:
    with forks(tmp_path) as found:
        yield found


def ready(address: str) -> tuple[int, str]:
    try:
        with urlopen(f"{address}/ready", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_full_disk_loses_nothing_that_was_acknowledged_and_is_told(
    small: Path, tmp_path: Path, record_property: Tells
) -> None:
    acknowledged, refused = dict[str, str](), set[int]()
    with forks(tmp_path, instance=str(small)) as service:
        address = [service.begin()]
        assert ready(address[0])[0] == 200
        for number in range(1_000):
            patient = Sender(address, f"request {number}")
            try:
                acknowledged[patient.send()] = patient.words
            except HTTPError as error:
                refused.add(error.code)
                break
        filled, told = ready(address[0])
        service.kill()
        moved = tmp_path / "moved"
        shutil.copytree(small, moved)
    kept = kept_words(f"sqlite:///{moved / 'screening.sqlite3'}", moved / "keys" / "opening.private")
    record_property(
        "reached", f"{len(acknowledged)} acknowledged on {SIZE}, then {refused}; red: {filled == 503}"
    )
    assert acknowledged
    assert refused == {503}
    assert filled == 503
    assert "disk_full" in told  # when it is needed most
    assert {reference: kept.get(reference) for reference in acknowledged} == acknowledged


def test_a_lock_that_is_held_is_told_at_once_with_what_was_typed(
    service: Forks, tmp_path: Path, record_property: Tells
) -> None:
    address = [service.begin()]
    patient = Sender(address, WORDS)
    name, page = patient.page("for_whom")
    while not re.search('<textarea[^>]* name="[^"]*what_happened', page):
        name, page = patient.goes_on(name, page)
    took = list[float]()
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        until = time.monotonic() + HELD
        while time.monotonic() < until:
            begun = time.monotonic()
            with pytest.raises(HTTPError) as refused:
                patient.goes_on(name, page)
            took.append(time.monotonic() - begun)
            assert refused.value.code == 503
            assert "Retry-After" in refused.value.headers
            assert WORDS in refused.value.read().decode()
        other.execute("ROLLBACK")
    record_property("reached", f"{len(took)} answers of 503, the longest {max(took):.1f} s")
    assert max(took) <= LONGEST
    assert patient.goes_on(name, page)[0] != name
