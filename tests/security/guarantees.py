"""`make guarantees`: each row, the number asked, and the number that its tests reach here and now.

Rows that hold a time to a number run alone, after the others, of which some run at once. Run whole, it
writes what it printed into SECURITY.md, with the commit that it was printed of.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.security.promised import GUARANTEES, Guarantee

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "SECURITY.md"
ENDS = ("failure", "error", "skipped")
FIGURE = "reached"  # what a test tells by `record_property`
AT_ONCE = 3  # on two cores: those that kill and start again wait for most of their time
LONGEST = 900  # seconds of one row: what hangs is missed, and the others are tried
_BLOCK = re.compile(r"(?<=<!-- last run -->\n).*(?=<!-- end of it -->)", re.DOTALL)


class Reached(NamedTuple):
    """How many of its tests passed, failed or were skipped, and the figures that they told."""

    tests: Counter[str]
    figures: tuple[str, ...]
    missed: tuple[str, ...]
    seconds: float


def reached(guarantee: Guarantee) -> Reached:
    """In a process of its own: what one leaves behind is in no other's way."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        line = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}"]
        ended = _ends([*line, *(str(TESTS / test) for test in guarantee.tests)])
        found = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    ends = [(next((child.tag for child in case if child.tag in ENDS), "passed"), case) for case in found]
    told = (figure for case in found for figure in case.iter("property") if figure.get("name") == FIGURE)
    missed = (case.get("name", "") for end, case in ends if end in ("failure", "error"))
    figures = (str(figure.get("value")) for figure in told)
    late = () if ended else (f"the time: no end within {LONGEST} seconds",)
    seconds = time.monotonic() - begun
    return Reached(Counter(end for end, _ in ends), tuple(dict.fromkeys(figures)), (*missed, *late), seconds)


def _ends(line: Sequence[str]) -> bool:
    """Whether it came to an end; with what hangs ends all that it has begun."""
    with subprocess.Popen(
        line, cwd=TESTS.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False
    return True


def told(guarantee: Guarantee, found: Reached) -> str:
    """The row, with what was missed and each figure below it."""
    tests = found.tests
    tried = f"{tests['passed']} of {sum(tests.values())} tests pass"
    skipped = f", {tests['skipped']} skipped" if tests["skipped"] else ""
    line = f"{word(found):8}{guarantee.name:31}{guarantee.asked:35}{tried}{skipped}, {found.seconds:.0f} s"
    below = [*(f"missed by {name}" for name in found.missed), *found.figures]
    return "\n".join([line, *(f"{'':8}  {figure}" for figure in below)])


def word(found: Reached) -> str:
    """Whether the number is reached: what runs no test shows nothing."""
    return "MISSED" if found.missed or not found.tests["passed"] else "reached"


def _git(*asked: str) -> str:
    line = ["git", *asked]
    return subprocess.run(line, cwd=PAGE.parent, capture_output=True, text=True, check=False).stdout.strip()


def _where(begun: datetime) -> str:
    """What it was run on: the commit, the machine, and how busy that was."""
    commit, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--", "screening")
    beside = ", with changes that are not in it" if changed else ""
    both = "SQLite and PostgreSQL" if os.environ.get("SCREENING_TEST_POSTGRESQL") else "SQLite alone"
    minutes = round((datetime.now(UTC) - begun).total_seconds() / 60)
    load = ", ".join(f"{figure:.0f}" for figure in os.getloadavg())
    return (
        f"Last run: {begun:%d %B %Y}, commit {commit}{beside}, {minutes} minutes on {os.cpu_count()} cores, "
        f"{both}; load at the end {load}."
    )


def each(guarantees: Sequence[Guarantee]) -> Iterator[tuple[Guarantee, Reached]]:
    """Those that measure no time first, some at once, faults first, which take longest; then the others."""
    together = [guarantee for guarantee in reversed(guarantees) if not guarantee.alone]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(together, pool.map(reached, together), strict=True)
    for guarantee in guarantees:
        if guarantee.alone:
            yield guarantee, reached(guarantee)


def main(words: list[str]) -> int:
    """Those whose name holds one of the words, or all; 1 where a number is not reached."""
    os.environ["SCREENING_TEST_GUARANTEES"] = "1"  # some are shown here alone, for they take long
    begun, rows = datetime.now(UTC), dict[Guarantee, str]()
    wanted = [row for row in GUARANTEES if not words or any(word in row.name for word in words)]
    short = 0
    for guarantee, found in each(wanted):
        short += word(found) == "MISSED"
        rows[guarantee] = told(guarantee, found)
        print(rows[guarantee], flush=True)  # noqa: T201  # that is what it is for
    if not words:
        table = [rows[guarantee] for guarantee in GUARANTEES]
        block = "\n".join([_where(begun), "", "```text", *table, "```", ""])
        PAGE.write_text(_BLOCK.sub(lambda _: block, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
