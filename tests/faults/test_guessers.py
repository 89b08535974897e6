"""People who guess passwords, as many and as fast as they like, keep no patient's page waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from threading import Thread

import pytest

from tests.cli.test_serve import serving
from tests.faults.crowd import SaidFrom, posting, seconds
from tests.thorough import at_length
from tests.usual import TREATMENT

GUESSERS, PAGES = 16, 100
LONGEST = 0.3  # seconds that 95 % of the pages may take

pytestmark = [
    pytest.mark.slow,
    at_length("measures while 16 guess"),
]


def a_guess(who: int, number: int) -> SaidFrom:
    """Each time for another account, from another address, so that all are looked at that can be."""
    said = {"email": f"{who}-{number}@clinic.example", "password": "a guess"}
    return SaidFrom(said, f"198.18.{who}.{number % 250}")


def test_pages_come_at_once_while_sixteen_guess(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with (
        serving(tmp_path, proxies="1", log_level="error") as (process, address),
        posting(address, "/staff/sign-in", GUESSERS, a_guess) as answered,
    ):
        assert process.stderr is not None
        Thread(target=process.stderr.read, daemon=True).start()  # a log that nobody reads would stop it
        while len(answered) < GUESSERS:
            time.sleep(0.05)
        p95 = quantiles([seconds(address, f"/{TREATMENT}") for _ in range(PAGES)], n=20)[-1]
    record_property("reached", f"p95 {p95:.2f} s while {len(answered)} were guessed")
    assert 422 in answered  # some were looked at
    assert p95 <= LONGEST
