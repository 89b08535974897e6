"""A copy of a whole PostgreSQL, made by `pg_basebackup` while patients send, as docs/operating.md has it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from tests.faults.cluster import PATIENCE, needs_a_cluster, own_cluster
from tests.faults.forks import forks
from tests.faults.test_kill import Sender, drafts_of, kept_words, write
from tests.thorough import at_length

pytestmark = [pytest.mark.slow, needs_a_cluster, at_length("copies a PostgreSQL of its own")]
LEAST = 5  # requests that were acknowledged before the copy begins


def test_nothing_that_was_acknowledged_before_it_began_is_missing_in_the_copy(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    acknowledged, ended = dict[str, str](), Event()
    with own_cluster() as cluster, forks(tmp_path, database_url=cluster.url) as service:
        address = [service.begin()]
        filled = drafts_of(cluster.url, tmp_path / "instance")

        def patient(where: list[str], words: str) -> Sender:
            return Sender(where, words, filled(words))

        with ThreadPoolExecutor(2) as pool:
            writers = [pool.submit(write, address, ended, who, acknowledged, patient) for who in range(2)]
            try:
                until = monotonic() + PATIENCE
                while len(acknowledged) < LEAST and monotonic() < until:
                    sleep(0.05)
                before = dict(acknowledged)
                copy = cluster.folder / "copy"
                line = ("-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres", f"--pgdata={copy}")
                made = cluster.program("pg_basebackup", *line, "--wal-method=stream", "--checkpoint=fast")
            finally:
                ended.set()
            for writer in writers:
                writer.result()
        assert made.returncode == 0, made.stdout
        checked = cluster.program("pg_verifybackup", str(copy))
        assert checked.returncode == 0, checked.stdout
        cluster.kill()
        cluster.start("copy")
        kept = kept_words(cluster.url, tmp_path / "instance" / "keys" / "opening.private")
        cluster.program("pg_ctl", "-D", str(copy), "-m", "immediate", "stop")
    missing = before.items() - kept.items()
    record_property("reached", f"{len(missing)} of {len(before)} missing in a copy by pg_basebackup")
    assert len(before) >= LEAST
    assert missing == set()
