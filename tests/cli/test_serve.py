"""`screening serve`, as a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from flask import Flask

from screening.cli import main, server
from screening.settings import shipped
from screening.settings.environment import load_settings
from tests.usual import TREATMENT
from tests.waiting import PATIENCE, next_line

pytestmark = pytest.mark.slow

OURS = (sys.executable, "-m", "screening")
FEW = 128  # files that may be open


def environment_of(command: tuple[str, ...], settings: dict[str, str]) -> dict[str, str]:
    """This checkout's code for our own command; nothing of it for an installed one."""
    environment = os.environ | {f"SCREENING_{name.upper()}": value for name, value in settings.items()}
    environment.pop("PYTHONPATH", None)
    return environment | (
        {"PYTHONPATH": str(Path(__file__).parents[2])} if command[-len(OURS) :] == OURS else {}
    )


@contextmanager
def serving(
    folder: Path, *options: str, command: tuple[str, ...] = OURS, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service started in an empty folder, and its address."""
    environment = environment_of(command, settings)
    line = [*command, "serve", "--port", "0", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=folder, env=environment, text=True, stdout=pipe, stderr=pipe) as process:
        try:
            said = next_line(process.stdout)
            found = re.search(r"http://\S+", said)
            assert found is not None, f"it does not say where it listens: {said!r}{_last_words(process)}"
            yield process, found[0]
        finally:
            process.kill()


def _last_words(process: subprocess.Popen[str]) -> str:
    process.kill()
    return process.communicate(timeout=PATIENCE)[1]


def fetch(address: str) -> str:
    with urlopen(address, timeout=PATIENCE) as response:
        return str(response.read().decode())


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str, **settings: str) -> str:
    """What is said of settings with which nothing starts; in this process, which is quicker."""
    monkeypatch.chdir(folder)
    for name, value in settings.items():
        monkeypatch.setenv(f"SCREENING_{name.upper()}", value)
    ended = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert ended.exit_code == 2
    assert isinstance(ended.exception, SystemExit)  # and no other, which would be a traceback
    return ended.stderr


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = environment_of(OURS, settings)
    line = [*OURS, "serve", "--port", "0"]
    return subprocess.run(
        line, cwd=folder, env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_in_an_empty_folder_prints_its_address_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    with serving(tmp_path) as (process, address):
        assert TREATMENT in fetch(address)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert (tmp_path / "instance" / "keys" / "opening.private").stat().st_mode & 0o077 == 0


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_stopped_it_leaves_a_database_whose_file_is_whole_without_its_log(
    tmp_path: Path, workers: str
) -> None:
    file, log = (tmp_path / "instance" / f"screening.sqlite3{end}" for end in ("", "-wal"))
    with serving(tmp_path, "--workers", workers) as (process, address):
        until = time.monotonic() + PATIENCE
        while size(log) == 0 and time.monotonic() < until:  # what runs beside empties it at the start
            fetch(f"{address}/ready")  # which writes
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert size(log) == 0
    with closing(sqlite3.connect(shutil.copy(file, tmp_path / "alone.sqlite3"))) as alone:
        assert alone.execute("SELECT count(*) FROM rule_sets").fetchone()[0] > 0


def test_broken_rules_are_refused_with_every_problem_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(shipped("rules"), rules)
    file = rules / f"{TREATMENT}.yaml"
    file.write_text(
        file.read_text().replace("burning: yes", "burning: yess").replace("type: scale", "type: scales")
    )
    said = refused(tmp_path, monkeypatch, rules=str(rules))
    assert len(re.findall(rf"(?m)^\S*{TREATMENT}\.yaml:\d+:\d+: ", said)) >= 3


@pytest.mark.parametrize(
    "settings",
    [
        {"database_url": "mysql://nobody@localhost/x"},
        {"database_url": "postgresql://nobody:secret-word@127.0.0.1:1/none"},
        {"database_url": "sqlite:////proc/nothing/here.db"},
        {"instance": "/proc/nothing"},
        {"rules": "/nowhere"},
        {"sealing_key": "/nowhere/key"},
    ],
)
def test_what_cannot_work_is_told_to_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    said = refused(tmp_path, monkeypatch, **settings)
    assert said.strip()
    assert "secret-word" not in said


def test_an_address_that_is_not_ours_is_told_to_the_operator(tmp_path: Path) -> None:
    ended = run(tmp_path, host="203.0.113.1")
    assert ended.returncode == 2
    assert ended.stderr.strip()
    assert "Traceback" not in ended.stderr


def test_of_a_name_with_two_addresses_the_first_is_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As localhost has on many machines."""
    asked = socket.getaddrinfo

    def both(_host: str, *given: int, **more: int) -> list[object]:
        return [*asked("127.0.0.1", *given, **more), *asked("127.0.0.2", *given, **more)]

    monkeypatch.setattr(server, "getaddrinfo", both)
    found = server.listening(Flask(__name__), load_settings(host="localhost", port=0))
    assert found.socket.getsockname() == ("127.0.0.1", int(found.effective_port))
    found.close()


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="needs prlimit")
def test_connections_leave_files_for_the_rest_where_few_may_be_open(tmp_path: Path) -> None:
    few, log = ("prlimit", f"--nofile={FEW}:{FEW}", *OURS), tmp_path / "log"
    with (
        serving(tmp_path, command=few, log_file=str(log), log_level="warning") as (_, address),
        ExitStack() as open_,
    ):
        where = urlsplit(address)
        for _ in range(2 * FEW):
            open_.enter_context(socket.create_connection((where.hostname or "", where.port or 0), PATIENCE))
        for _ in range(3):
            with urlopen(f"{address}/{TREATMENT}", timeout=PATIENCE) as answer:
                assert answer.status == 200
    assert log.read_text() == ""


def test_watching_shows_an_edit_and_keeps_the_last_good_version_of_a_broken_one(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(shipped("rules"), rules)
    file = rules / f"{TREATMENT}.yaml"
    good = file.read_text()
    with serving(tmp_path, "--watch", rules=str(rules)) as (process, address):
        until = time.monotonic() + PATIENCE
        while "Edited lumbar" not in fetch(address):  # the watcher has no sign of being ready
            assert time.monotonic() < until
            file.write_text(good.replace("title: Lumbar", "title: Edited lumbar", 1))
            time.sleep(1)
        assert next_line(process.stdout)
        file.write_text("schema: [")
        while f"{TREATMENT}.yaml:" not in (said := next_line(process.stderr)):
            assert said, "it ended without naming the broken file"
        assert "Edited lumbar" in fetch(address)
