"""What a served process takes of memory, and how long a start takes: of a program as it is once installed."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from shutil import copytree

from screening.settings import shipped
from tests.bench.measuring import Figure, figure
from tests.bench.patient_path import ask_often, folder_for, memory_of
from tests.bench.serving import Browser, serving
from tests.usual import TREATMENT

ENOUGH = 10_000  # requests after which memory is looked at again
ROUNDS = 3  # as often: what a process that is new goes on to fill is no growth


def _most(pid: int) -> float:
    """Megabytes that it ever had at once."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def memory() -> list[Figure]:
    """Of a process that served every page of patients thousands of times; and how much it grew meanwhile.

    Then the first page of staff comes, for which what they alone need is loaded.
    """
    with ExitStack() as stack:
        served = stack.enter_context(serving(folder_for(stack)))
        pid, most = served.process.pid, _most(served.process.pid)
        ask_often(served.where, 1_000)
        used = [memory_of(pid, "Rss")]
        for _ in range(ROUNDS):
            ask_often(served.where, ENOUGH)
            used.append(memory_of(pid, "Rss"))
        cpu = served.cpu()
        Browser(served.where).ask("/staff/sign-in")
        first, with_staff = served.cpu() - cpu, memory_of(pid, "Rss")
    grown = [after - before for before, after in pairwise(used)]
    return [
        figure("memory of a process", used[-1:], "MB", 100.0, scale=1),
        figure("memory of a process at its start, at most", [most], "MB", scale=1),
        figure(f"memory grown over {ENOUGH} requests", grown, "MB", 2.0, scale=1),
        figure("memory of a process once staff came too", [with_staff], "MB", scale=1),
        figure("first page of staff", [first], "s CPU", scale=1),
    ]


def ready_after_start(sets: int = 500) -> list[Figure]:
    """How long a start takes with so many rule sets, which it never saw, and then with the same."""
    with ExitStack() as stack:
        folder = folder_for(stack)
        _write_rules(folder / "rules", sets)
        took = [_seconds_to_start(folder), _seconds_to_start(folder)]
        with serving(folder, rules=str(folder / "rules")) as served:
            used = memory_of(served.process.pid, "Rss")
    named = f"ready after start with {sets} rule sets"
    return [
        figure(f"{named}, never seen", took[:1], "s", 10.0, scale=1),
        figure(f"{named}, seen before", took[1:], "s", 2.0, scale=1),
        figure(f"memory of a process with {sets} rule sets", [used], "MB", scale=1),
    ]


def _write_rules(folder: Path, sets: int) -> None:
    copytree(shipped("rules") / "common", folder / "common")
    text = (shipped("rules") / f"{TREATMENT}.yaml").read_text(encoding="utf-8")
    for number in range(sets):
        other = text.replace(f"id: {TREATMENT}", f"id: treatment-{number}", 1)
        (folder / f"treatment-{number}.yaml").write_text(other, encoding="utf-8")


def _seconds_to_start(folder: Path) -> float:
    begun = time.perf_counter()
    with serving(folder, rules=str(folder / "rules")):
        return time.perf_counter() - begun


def figures() -> list[Figure]:
    """All of them."""
    return [*memory(), *ready_after_start()]
