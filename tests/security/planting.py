"""`make mutants`: plants each defect in a copy of the program, and tells which of them no test notices."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.security.defects import DEFECTS, Defect
from tests.thorough import GUARANTEES

ROOT = Path(__file__).parents[2]
COPIED = (
    "screening",
    "tests",
    "rules",
    "templates",
    "docs",
    "deploy",
    "pyproject.toml",
    "wsgi.py",
    "README.md",
)
AT_ONCE = int(os.environ.get("SCREENING_TEST_MUTANTS_AT_ONCE", "2"))
PASSED, FAILED = 0, 1  # exit codes of pytest


def copy_to(folder: Path) -> Path:
    """The program and its tests."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.tar.xz")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "tests/stored/21d2bbc.tar.xz", folder / "tests/stored")
    return folder


def tried(copy: Path, tests: Iterable[str]) -> int:
    """How pytest ends there."""
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", GUARANTEES: "1"}
    environment.pop("SCREENING_TEST_POSTGRESQL", None)  # what each test shows, it shows on SQLite
    line = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    tests = [f"tests/{test}" for test in tests]
    return subprocess.run(
        [*line, *tests], cwd=copy, env=environment, capture_output=True, check=False
    ).returncode


def is_noticed(copy: Path, defect: Defect) -> bool:
    """Whether its test fails with it."""
    file = copy / "screening" / defect.file
    whole = file.read_text()
    file.write_text(whole.replace(defect.old, defect.new, 1))
    try:
        return tried(copy, [defect.test]) == FAILED
    finally:
        file.write_text(whole)


def main(wanted: Iterable[str]) -> int:
    """Prints a line for each; 1 where one was not noticed, 2 where the tests fail without any."""
    names = set(wanted)
    defects = [defect for defect in DEFECTS if not names or defect.name in names]
    with tempfile.TemporaryDirectory(prefix="screening-mutants-") as folder:
        copies: Queue[Path] = Queue()
        for number in range(AT_ONCE):
            (Path(folder) / str(number)).mkdir()
            copies.put(copy_to(Path(folder) / str(number)))
        if tried(Path(folder) / "0", sorted({defect.test for defect in defects})) != PASSED:
            print("The tests fail without any defect.")  # noqa: T201  # that is what it is for
            return 2

        def noticed(defect: Defect) -> bool:
            copy = copies.get()
            try:
                found = is_noticed(copy, defect)
            finally:
                copies.put(copy)
            print("noticed    " if found else "NOT NOTICED", defect.name, flush=True)  # noqa: T201  # as above
            return found

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(noticed, defects))
    print(f"{sum(found)} of {len(found)} planted defects are noticed.")  # noqa: T201  # as above
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
