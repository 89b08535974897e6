"""A copy that Litestream makes all the time, set up as `deploy/` has it, while patients send."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from screening.app import open_service
from screening.operating import forgetting, retention
from screening.operating.job import JobDone, JobGround
from screening.settings.environment import load_settings
from screening.storage import tables
from screening.storage.database import reading
from tests.cli.test_serve import OURS, environment_of
from tests.faults.forks import forks
from tests.faults.test_kill import Sender, drafts_of, kept_words, write
from tests.test_imports import ROOT
from tests.thorough import at_length
from tests.waiting import PATIENCE

PROGRAM = os.environ.get("SCREENING_TEST_LITESTREAM") or shutil.which("litestream")
LEAST = 5  # requests that are acknowledged before each step

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs litestream, or SCREENING_TEST_LITESTREAM"),
    at_length("copies while patients send"),
]


@contextmanager
def litestream(folder: Path, database: Path) -> Iterator[tuple[str, ...]]:
    """It runs until the block ends, then copies what is left; what brings the copy back, but for where to."""
    shipped = (ROOT / "deploy" / "litestream.yml").read_text()
    shipped = shipped.replace("/var/lib/screening/screening.sqlite3", str(database))
    file = folder / "litestream.yml"
    file.write_text(shipped.replace("/mnt/other-disk/screening", str(folder / "replica")))
    line = (str(PROGRAM), "replicate", "-config", str(file))
    with (
        (folder / "litestream.log").open("w") as told,
        subprocess.Popen(line, stdout=told, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield (str(PROGRAM), "restore", "-config", str(file))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def eventually(true: Callable[[], bool]) -> bool:
    until = monotonic() + PATIENCE
    while not (found := true()) and monotonic() < until:
        sleep(0.1)
    return found


def test_nothing_acknowledged_is_missing_in_the_copy_and_nothing_erased_stays_in_the_log(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    instance = tmp_path / "instance"
    database, url = instance / "screening.sqlite3", f"sqlite:///{instance / 'screening.sqlite3'}"
    acknowledged, ended = dict[str, str](), Event()

    def more() -> bool:
        known = len(acknowledged)
        return eventually(lambda: len(acknowledged) >= known + LEAST)

    with forks(tmp_path, database_url=url) as service, ThreadPoolExecutor(2) as pool:
        address, filled = [service.begin()], drafts_of(url, instance)
        here = open_service(load_settings(database_url=url, instance=instance, log_level="error"))
        with litestream(tmp_path, database) as restore:
            writers = [
                pool.submit(
                    write,
                    address,
                    ended,
                    who,
                    acknowledged,
                    lambda at, words: Sender(at, words, filled(words)),
                )
                for who in range(2)
            ]
            try:
                assert more()
                gone, mine = next(iter(acknowledged)), tables.requests.c.reference
                with reading(here.engine) as connection:
                    query = select(tables.requests.c.sealed_health).where(mine == gone)
                    trace = bytes(connection.scalars(query).one())[100:140]
                retention.erase(here, [gone], "asked")
                assert more()
                service.kill()
                address[0] = service.begin()
                assert more()
            finally:
                ended.set()
            for writer in writers:
                writer.result()
            log = database.with_name("screening.sqlite3-wal")
            assert eventually(lambda: trace not in log.read_bytes() + database.read_bytes())
            forgetting.forget(JobGround(here), JobDone(0))
        here.engine.dispose()
    back = tmp_path / "back"
    shutil.copytree(instance, back, ignore=shutil.ignore_patterns("*sqlite3*"))
    subprocess.run([*restore, "-o", str(back / database.name), str(database)], check=True)
    kept = kept_words(f"sqlite:///{back / database.name}", back / "keys" / "opening.private")
    del acknowledged[gone]
    missing = acknowledged.items() - kept.items()
    record_property("reached", f"{len(missing)} of {len(acknowledged)} missing in a copy by Litestream")
    assert missing == set()
    assert gone not in kept
    for line in (("audit", "verify"), ("keys", "check")):
        told = subprocess.run(
            [*OURS, *line],
            env=environment_of(OURS, {"instance": str(back), "database_url": ""}),
            text=True,
            capture_output=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
