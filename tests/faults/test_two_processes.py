"""Each door as a process of its own, for real, and one of them away."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import copy
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import func, select

from screening.storage import tables
from screening.storage.database import open_database, reading
from screening.storage.sealing.keys import PUBLIC
from tests.cli.test_serve import OURS, environment_of, serving
from tests.faults.test_kill import Sender, drafts_of
from tests.thorough import at_length
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.slow, at_length("starts four processes")]


@pytest.fixture
def verify(tmp_path: Path, database_url: str) -> Callable[[], subprocess.CompletedProcess[str]]:
    """`screening audit verify` as whoever runs the staff's process types it."""
    settings = {"doors": "staff", "database_url": database_url, "instance": str(tmp_path / "staff")}

    def run() -> subprocess.CompletedProcess[str]:
        line = [*OURS, "audit", "verify"]
        return subprocess.run(
            line, env=environment_of(OURS, settings), text=True, capture_output=True, check=False
        )

    return run


def not_found(database_url: str) -> int:
    """How many requests are not found by name yet."""
    engine = open_database(database_url)
    with reading(engine) as connection:
        waiting = connection.scalar(select(func.count()).where(tables.requests.c.indexed_as == 0))
    engine.dispose()
    return waiting or 0


def seconds_until(database_url: str, waiting: int) -> float:
    begun = monotonic()
    while not_found(database_url) != waiting:
        assert monotonic() - begun < PATIENCE
        sleep(0.2)
    return monotonic() - begun


def test_what_came_while_one_was_away_is_kept_and_caught_up_with(
    tmp_path: Path,
    database_url: str,
    verify: Callable[[], subprocess.CompletedProcess[str]],
    record_property: Callable[[str, object], None],
) -> None:
    staff: dict[str, Any] = {
        "doors": "staff",
        "database_url": database_url,
        "instance": str(tmp_path / "staff"),
    }
    patients: dict[str, Any] = {
        "doors": "patient",
        "database_url": database_url,
        "instance": str(tmp_path / "patients"),
    }
    with serving(tmp_path, **staff):
        (tmp_path / "patients" / "keys").mkdir(mode=0o700, parents=True)
        copy(tmp_path / "staff" / "keys" / PUBLIC, tmp_path / "patients" / "keys")
        with serving(tmp_path, **patients) as (_door, address):
            filled = drafts_of(database_url, tmp_path / "staff")
            Sender([address], "both are there", filled("both are there")).send()
            lag = seconds_until(database_url, 0)
    with serving(tmp_path, **patients) as (_door, address):
        Sender([address], "staff are away", filled("staff are away")).send()
        assert not_found(database_url) == 1
        told = verify()
        alone = database_url.startswith("sqlite")  # with lanes it joins them, and writes their heads
        assert (told.returncode, "to reach the kept head" in told.stdout) == (0, alone), told
    with serving(tmp_path, **staff):  # and the patients' is away
        again = seconds_until(database_url, 0)
    told = verify()
    assert (told.returncode, "to reach the kept head" in told.stdout) == (0, False), told
    record_property("reached", f"found after {lag:.1f} s, and {again:.1f} s after the staff's came back")
