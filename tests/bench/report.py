"""The figures as a table for people, a page of the documentation, and JSON."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from screening import __version__
from tests.bench.measuring import Figure

BEGINS, ENDS = "<!-- table: make bench -->", "<!-- end of table -->"


@dataclass(frozen=True)
class Unmeasured:
    """What could not be measured, what is missing for it, and how to have it."""

    name: str
    why: str
    went_wrong: bool = False


Measured = Figure | Unmeasured


def line(each: Measured) -> str:
    """One figure in words."""
    return " | ".join(filter(None, _cells(each)))


def _cells(each: Measured) -> tuple[str, str, str, str, str]:
    if isinstance(each, Unmeasured):
        return each.name, "not measured", "", "", each.why
    bound = "≥" if each.floor else "≤"
    aim = f"{bound} {_number(each.reach)} {each.unit}" if each.reach is not None else ""
    missed = " **missed**" if each.missed else ""
    value = f"{_number(each.value)} {each.unit}{missed}"
    return each.name, value, aim, f"{_number(each.least)}–{_number(each.most)}", each.compared


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def surroundings() -> dict[str, str]:
    """What the figures depend on."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "version": f"{__version__} ({_commit()})",
        "machine": f"{os.cpu_count()} cores, load {load}, {platform.machine()}, Linux {platform.release()}",
        "python": f"{platform.python_version()} ({_whose()})",
        "sqlite": sqlite3.sqlite_version,
    }


def _whose() -> str:
    """A distribution's own is compiled for what it does most (PGO): a page takes a fifth less with it."""
    return "the distribution's" if Path(sys.base_prefix) == Path("/usr") else "another build"


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "no checkout"


def as_json(found: Sequence[Measured]) -> str:
    """For programs."""
    figures = [asdict(each) | {"missed": each.missed} for each in found if isinstance(each, Figure)]
    unmeasured = [asdict(each) for each in found if isinstance(each, Unmeasured)]
    return json.dumps({**surroundings(), "figures": figures, "unmeasured": unmeasured}, indent=2) + "\n"


def as_text(found: Sequence[Measured]) -> str:
    """For a terminal."""
    rows = [("figure", "median", "reach", "least–most", "beside"), *map(_cells, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    padded = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    )
    return "\n".join([*_said(), "", *padded, ""])


def as_page(found: Sequence[Measured], page: str) -> str:
    """The page of the documentation with another table in it."""
    before, rest = page.split(BEGINS)
    after = rest.split(ENDS)[1]
    return before + "\n".join([BEGINS, "", *_said(), "", *_table(found), "", ENDS]) + after


def _said() -> list[str]:
    return [", ".join(f"{name}: {value}" for name, value in surroundings().items())]


def _table(found: Iterable[Measured]) -> list[str]:
    head = ["| Figure | Median | Reach | Least–most | Beside |", "|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_cells(each))} |" for each in found]
