"""`make bench`: every figure, ours beside what it is compared with; exit 1 where a measured one is missed.

`python -m tests.bench [NAME ...]` measures the modules of these names alone; SIZE is how many requests the
largest database holds, 100000 unless it is set.
"""

from __future__ import annotations

import argparse
import pkgutil
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import tests.bench
from tests.bench import report
from tests.bench.measuring import CannotMeasure, Figure

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "speed.md"


def measuring_modules() -> list[str]:
    """Names of the modules here that have figures."""
    found = (module.name for module in pkgutil.iter_modules(tests.bench.__path__))
    return [name for name in found if not name.startswith(("_", "test_")) and _measures(name)]


def _measures(name: str) -> bool:
    return hasattr(import_module(f"tests.bench.{name}"), "figures")


def measure(name: str) -> Iterator[Figure | report.Unmeasured]:
    """The figures of one module, and what could not be measured: the others are measured all the same."""
    try:
        yield from import_module(f"tests.bench.{name}").figures()
    except CannotMeasure as missing:
        yield report.Unmeasured(name, str(missing))
    except Exception as error:
        yield report.Unmeasured(name, f"went wrong: {type(error).__name__}: {error}"[:500], went_wrong=True)


def main() -> int:
    """The table on standard output and in docs/speed.md; progress on standard error."""
    names = measuring_modules()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}, too")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"no module {', '.join(sorted(unknown))}: choose from {', '.join(names)}")
    found: list[report.Measured] = []
    for name in given.names or names:
        sys.stderr.write(f"{name} ...\n")
        begun = time.monotonic()
        for each in measure(name):
            sys.stderr.write(f"  {report.line(each)}\n")
            found.append(each)
        sys.stderr.write(f"  took {time.monotonic() - begun:.0f} s\n")
    sys.stdout.write(report.as_json(found) if given.json else report.as_text(found))
    if given.write:
        PAGE.write_text(report.as_page(found, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return int(any(each.missed if isinstance(each, Figure) else each.went_wrong for each in found))


if __name__ == "__main__":
    raise SystemExit(main())
