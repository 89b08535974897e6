"""Several processes of one start: a post that is left is taken up again, and nobody outlives the first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_serve import fetch, refused, serving
from tests.usual import TREATMENT
from tests.waiting import PATIENCE, eventually, next_line

pytestmark = pytest.mark.slow

POSTS = """
import os, signal, sys, time
from screening.cli.crew import Crew
from screening.logs import configure_logs
configure_logs("error")
def end(*_): raise SystemExit(0)
def stay(): os.write(1, b"%%d\\n" %% os.getpid()); time.sleep(600)  # one write: two processes share the line
def refuse(): raise SystemExit(2)
signal.signal(signal.SIGTERM, end)
sys.exit(Crew({"first": stay, "second": %s}).work())
"""


@contextmanager
def crew(second: str = "stay") -> Iterator[subprocess.Popen[str]]:
    """Two posts whose processes say their number."""
    line = [sys.executable, "-c", POSTS % second]
    with subprocess.Popen(line, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        try:
            yield first
        finally:
            first.kill()


def said_by(first: subprocess.Popen[str]) -> int:
    return int(next_line(first.stdout))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_post_that_is_left_is_taken_up_again() -> None:
    with crew() as first:
        pids = {said_by(first), said_by(first)}
        left = pids.pop()
        os.kill(left, signal.SIGKILL)
        assert said_by(first) not in {left, *pids}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_outlives_the_first(number: signal.Signals) -> None:
    with crew() as first:
        pids = [said_by(first), said_by(first)]
        first.send_signal(number)
        assert first.wait(PATIENCE) == (0 if number == signal.SIGTERM else -number)
        eventually(lambda: not any(map(is_there, pids)))


def test_a_post_that_can_never_be_taken_up_ends_all() -> None:
    with crew("refuse") as first:
        assert first.wait(PATIENCE) == 2


def test_workers_share_an_address_and_stop_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (process, address):
        assert TREATMENT in fetch(address)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 3  # two workers, and one that does what runs beside the pages
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert not any(map(is_there, map(int, children)))


def test_rules_are_watched_by_one_process_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--watch" in refused(tmp_path, monkeypatch, "--watch", workers="2")


TOLD_AMID_A_FORK = """
import os, signal, sys, time
from screening.cli.crew import Crew
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
sys.exit(Crew({"waits": lambda: time.sleep(600)}).work())
"""


def test_told_to_end_while_it_makes_a_process_it_ends() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    line = [sys.executable, "-c", TOLD_AMID_A_FORK]
    assert subprocess.run(line, env=environment, timeout=PATIENCE, check=False).returncode == 0
