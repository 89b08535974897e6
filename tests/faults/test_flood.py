"""A stranger who begins forms at full speed is stopped at the limit, and others go on meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from threading import Thread

import pytest

from screening.patient.limits import LIMITS
from tests.cli.test_serve import serving
from tests.faults.crowd import SaidFrom, posting, seconds
from tests.thorough import at_length
from tests.usual import TREATMENT, page_typed, rules_of

STRANGERS, LONG, STRANGER = 8, 60, "198.51.100.7"  # LONG: seconds
LONGEST = 2.0  # seconds that 95 % of the pages may take
FIRST = rules_of(TREATMENT).questions[0].id

pytestmark = [
    pytest.mark.slow,
    at_length("sends for a minute"),
]


def a_beginning(_who: int, _number: int) -> SaidFrom:
    """A draft each time: no cookie of one before comes along."""
    given = page_typed(rules_of(TREATMENT), FIRST, "me", {})
    return SaidFrom({name: values[0] for name, values in given.items()}, STRANGER)


def test_a_flood_at_full_speed_leaves_so_many_drafts_and_others_go_on(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with (
        serving(tmp_path, proxies="1", log_level="error") as (process, address),
        posting(address, f"/{TREATMENT}/{FIRST}", STRANGERS, a_beginning) as answered,
    ):
        assert process.stderr is not None
        Thread(target=process.stderr.read, daemon=True).start()
        until, waited = time.monotonic() + LONG, list[float]()
        while time.monotonic() < until:
            waited.append(seconds(address, f"/{TREATMENT}"))
            time.sleep(0.1)
    with sqlite3.connect(tmp_path / "instance" / "screening.sqlite3") as kept:
        (drafts,) = kept.execute("SELECT count(*) FROM drafts").fetchone()
    kept.close()
    p95 = quantiles(waited, n=20)[-1]
    record_property("reached", f"{drafts} drafts of {len(answered)} sent, pages p95 {p95:.2f} s")
    assert len(answered) > 2 * LIMITS["draft"].from_address
    assert drafts == answered.count(303) == LIMITS["draft"].from_address
    assert p95 <= LONGEST
