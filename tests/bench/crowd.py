"""Sixty-four patients at once, the whole journey, on two processes: each goes on as soon as answered."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from screening.core.references import recognise
from tests.bench.measuring import Figure, figure
from tests.bench.serving import Browser, fields_in, serving
from tests.usual import TREATMENT, USUAL

PATIENTS, PROCESSES, JOURNEYS = 64, 2, 3
P95 = 250.0  # milliseconds
_REFERENCE = re.compile(r'class="clinic-reference">([^<]+)<')


@dataclass
class Timed(Browser):
    """A browser that notes how long it waited for each answer, in milliseconds."""

    waited: list[float] = field(default_factory=list)

    def ask(self, path: str, form: Mapping[str, Sequence[str]] | None = None, small: bool = True) -> bytes:
        """As any browser; raises for an answer that is neither a page nor a way on."""
        begun = time.perf_counter()
        answer = super().ask(path, form, small)
        self.waited.append((time.perf_counter() - begun) * 1000)
        return answer


@dataclass(frozen=True)
class Journey:
    """What one patient waited, and the reference at the end; None where it went wrong."""

    waited: Sequence[float]
    reference: str | None


def _somebody(number: int) -> Mapping[str, object]:
    """Everybody is another person: what one sends is looked at beside what they sent before."""
    family = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    return {**USUAL, "name": f"Robin {family.title()}", "phone": f"+44 1632 96{number:04}"}


def _whole_journey(where: str, number: int) -> Journey:
    browser = Timed(where, _somebody(number))
    try:
        browser.fill_in()
        check = f"/{TREATMENT}/check-your-answers"
        page = browser.ask(check, small=False).decode()
        onward = browser.ask(check, fields_in(page)).decode()
        found = _REFERENCE.search(browser.ask(onward, small=False).decode())
    except (OSError, RuntimeError):
        return Journey(browser.waited, None)
    return Journey(browser.waited, recognise(found[1]) if found is not None else None)


def _kept(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "instance" / "screening.sqlite3")) as connection:
        return {reference for (reference,) in connection.execute("SELECT reference FROM requests")}


def figures() -> Iterator[Figure]:
    """Rounds of patients who all begin at once."""
    p95s, wrong, told = [], 0, set[str]()
    with TemporaryDirectory() as folder, serving(Path(folder), "--workers", str(PROCESSES)) as served:
        for begun in range(0, PATIENTS * JOURNEYS, PATIENTS):
            with ThreadPoolExecutor(PATIENTS) as pool:
                everybody = range(begun, begun + PATIENTS)
                journeys = list(pool.map(_whole_journey, [served.where] * PATIENTS, everybody))
            p95s.append(quantiles([took for each in journeys for took in each.waited], n=100)[94])
            wrong += sum(each.reference is None for each in journeys)
            told |= {each.reference for each in journeys if each.reference is not None}
        lost = len(told - _kept(Path(folder)))
    named = f"{PATIENTS} patients at once, whole journey, {PROCESSES} processes"
    yield figure(f"{named}: p95", p95s, "ms", P95, scale=1)
    yield figure(f"{named}: gone wrong", [wrong], "journeys", 0, scale=1)
    yield figure(f"{named}: acknowledged and lost", [lost], "requests", 0, scale=1)
