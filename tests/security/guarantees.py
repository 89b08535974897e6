"""`make guarantees`: each row, the number asked, and the number that its tests reach here and now.

Run whole, it writes what it printed into SECURITY.md, with the commit that it was printed of.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.security.promised import GUARANTEES, Guarantee

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "SECURITY.md"
ENDS = ("failure", "error", "skipped")
FIGURE = "reached"  # what a test tells by `record_property`
_BLOCK = re.compile(r"(?<=<!-- last run -->\n).*(?=<!-- end of it -->)", re.DOTALL)


class Reached(NamedTuple):
    """How many of its tests passed, failed or were skipped, and the figures that they told."""

    tests: Counter[str]
    figures: tuple[str, ...]
    missed: tuple[str, ...]


def reached(guarantee: Guarantee) -> Reached:
    """In a process of its own: what one leaves behind is in no other's way."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        line = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}"]
        tests = [str(TESTS / test) for test in guarantee.tests]
        subprocess.run([*line, *tests], cwd=TESTS.parent, stdout=subprocess.DEVNULL, check=False)
        found = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    ends = [(next((child.tag for child in case if child.tag in ENDS), "passed"), case) for case in found]
    told = (figure for case in found for figure in case.iter("property") if figure.get("name") == FIGURE)
    missed = (case.get("name", "") for end, case in ends if end in ("failure", "error"))
    figures = (str(figure.get("value")) for figure in told)
    return Reached(Counter(end for end, _ in ends), tuple(dict.fromkeys(figures)), tuple(missed))


def told(guarantee: Guarantee, found: Reached) -> str:
    """The row, with what was missed and each figure below it."""
    tests = found.tests
    tried = f"{tests['passed']} of {sum(tests.values())} tests pass"
    skipped = f", {tests['skipped']} skipped" if tests["skipped"] else ""
    line = f"{word(found):8}{guarantee.name:31}{guarantee.asked:35}{tried}{skipped}"
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


def main(words: list[str]) -> int:
    """Those whose name holds one of the words, or all; 1 where a number is not reached."""
    os.environ["SCREENING_TEST_GUARANTEES"] = "1"  # some are shown here alone, for they take long
    begun, rows, short = datetime.now(UTC), [], 0
    for guarantee in GUARANTEES:
        if words and not any(word in guarantee.name for word in words):
            continue
        found = reached(guarantee)
        short += word(found) == "MISSED"
        rows.append(told(guarantee, found))
        print(rows[-1], flush=True)  # noqa: T201  # that is what it is for
    if not words:
        block = "\n".join([_where(begun), "", "```text", *rows, "```", ""])
        PAGE.write_text(_BLOCK.sub(lambda _: block, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
