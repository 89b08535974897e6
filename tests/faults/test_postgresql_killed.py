"""PostgreSQL is killed, and stopped, while patients send: nothing is lost, and nobody waits long."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import BaseHandler, Request

import pytest

from tests.faults.cluster import needs_a_cluster, own_cluster
from tests.faults.forks import forks
from tests.faults.test_kill import TOLD, Sender, drafts_of, kept_words, notices, write
from tests.thorough import at_length

KILLS, WRITERS = 15, 4
STALLED = 13  # seconds
LONGEST = 5.0  # seconds that any answer may take, and until patients can go on
Asked = tuple[float, int, bool]  # how long it took, the status, and whether it says when to come again

pytestmark = [pytest.mark.slow, needs_a_cluster, at_length("kills a PostgreSQL of its own 15 times")]


class Watch(BaseHandler):
    """Looks at each answer by itself, also where one leads to the next."""

    def __init__(self, took: list[Asked]) -> None:
        self.took = took

    def http_request(self, asked: Request) -> Request:
        asked.begun = time.monotonic()  # type: ignore[attr-defined]  # carried to the answer
        return asked

    def http_response(self, asked: Request, answer: Any) -> Any:
        seconds = time.monotonic() - asked.begun  # type: ignore[attr-defined]
        self.took.append((seconds, answer.code, "Retry-After" in answer.headers))
        return answer


@dataclass
class Timed(Sender):
    """A patient with a watch."""

    took: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.opener.add_handler(Watch(self.took))


def until_served(address: list[str]) -> float:
    """How long it takes until a patient can begin."""
    begun = time.monotonic()
    while time.monotonic() - begun < LONGEST * 4:
        patient = Timed(address, "words")
        try:
            patient.begin()
        except OSError:
            time.sleep(0.05)
        else:
            break
    return time.monotonic() - begun


def test_nothing_is_lost_and_every_answer_comes_soon(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    acknowledged, took, back, ended = dict[str, str](), list[Asked](), list[float](), Event()
    with (
        own_cluster() as cluster,
        forks(tmp_path, **TOLD, database_url=cluster.url) as service,
    ):
        address = [service.begin()]

        filled = drafts_of(cluster.url, tmp_path / "instance")

        def patient(where: list[str], words: str) -> Sender:
            return Timed(where, words, filled(words), took=took)

        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [
                pool.submit(write, address, ended, number, acknowledged, patient) for number in range(WRITERS)
            ]
            try:
                for _ in range(KILLS):
                    time.sleep(1)
                    cluster.kill()
                    time.sleep(1)
                    cluster.start()
                    back.append(until_served(address))
                with cluster.stalled():
                    time.sleep(STALLED)
                back.append(until_served(address))
            finally:
                ended.set()
            for writer in writers:
                writer.result()
        kept = kept_words(cluster.url, tmp_path / "instance" / "keys" / "opening.private")
        told = notices(cluster.url)
    (longest, when, _), statuses = max(took), {status for _, status, _ in took}
    record_property(
        "reached",
        f"{KILLS} kills and {STALLED} s stalled: {len(acknowledged)} acknowledged, longest answer "
        f"{longest:.1f} s ({when}), back in {max(back):.1f} s",
    )
    assert {reference: kept.get(reference) for reference in acknowledged} == acknowledged
    assert told == dict.fromkeys(kept, 1)
    assert statuses <= {200, 302, 303, 503}
    assert all(says for _, status, says in took if status == 503)
    assert longest <= LONGEST
    assert max(back) <= LONGEST
