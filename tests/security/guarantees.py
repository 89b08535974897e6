"""`make guarantees`: each row, the number asked, and the number that its tests reach here and now."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Guarantee(NamedTuple):
    """What must hold, to what number, and the tests that show it, below `tests/`."""

    name: str
    asked: str
    tests: tuple[str, ...]


GUARANTEES = (
    Guarantee("1 keys missing, foreign, mixed", "0 starts", ("faults/test_keys.py",)),
    Guarantee("2 a writer in the database", "every change found", ("security/test_tampering.py",)),
    Guarantee(
        "3 the kept head", "cut, reset, gone: all found", ("storage/test_events.py", "desk/test_audit.py")
    ),
    Guarantee("4 one unreadable part", "that request says so", ("faults/test_unreadable.py",)),
    Guarantee(
        "5 forged requests",
        "0 taken",
        (
            "web/test_door.py::test_no_unsafe_route_takes_a_forged_request",
            "accounts/test_forged.py",
            "security/test_odd_input.py::test_only_the_very_same_origin_may_post",
        ),
    ),
    Guarantee(
        "6 odd input, headers",
        "0 of 5xx",
        ("security/test_odd_input.py", "security/test_plain_facts.py"),
    ),
    Guarantee("7 slow readers, 1,100 silent", "95 % within 2 s", ("faults/test_slow_readers.py",)),
    Guarantee(
        "8 16 guess passwords",
        "p95 of pages 0.3 s",
        ("faults/test_guessers.py", "accounts/test_passwords.py"),
    ),
    Guarantee(
        "9 a stranger's flood", "20 an hour and address", ("faults/test_flood.py", "patient/test_limits.py")
    ),
    Guarantee("10 cells of spreadsheets", "0 formulas", ("exports/test_csv.py",)),
    Guarantee("12 exports on the disk", "0 files", ("faults/test_broken_export.py",)),
    Guarantee(
        "13 dangerous starts",
        "25 checks, each trips",
        ("operating/test_checks.py", "operating/test_doctor.py"),
    ),
    Guarantee(
        "14 what monitors are told",
        "mail, head, parts, backup",
        ("operating/test_doctor.py::test_what_needs_somebody_is_told_to_monitors_and_patients_go_on",),
    ),
    Guarantee("15 backups", "0 acknowledged missing", ("operating/test_backups.py",)),
    Guarantee("16, 17 expired drafts, clocks", "gone in an hour; 0 lost", ("operating/test_upkeep.py",)),
    Guarantee(
        "rotation of keys",
        "0 unreadable, resumable",
        (
            "operating/test_rotation.py",
            "operating/test_other_keys.py",
            "accounts/test_changing_the_secret.py",
        ),
    ),
    Guarantee("erasure", "0 bytes left", ("operating/test_retention.py",)),
    Guarantee("guessing, second factor", "5 in 15 min; once", ("accounts/test_security.py",)),
    Guarantee("roles and routes", "every cell", ("accounts/test_access.py",)),
    Guarantee("killed while patients submit", "0 lost or doubled", ("faults/test_kill.py",)),
    Guarantee("old databases", "0 rows changed", ("stored",)),
    Guarantee("11 two servers, two doors", "0 keys that open", ("security/test_doors_apart.py",)),
    Guarantee("deployment", "exposure 2.0", ("operating/test_deploy.py",)),
)
TESTS = Path(__file__).parents[1]
ENDS = ("failure", "error", "skipped")
FIGURE = "reached"  # what a test tells by `record_property`


class Reached(NamedTuple):
    """How many of its tests passed, failed or were skipped, and the figures that they told."""

    tests: Counter[str]
    figures: tuple[str, ...]


def reached(guarantee: Guarantee) -> Reached:
    """In a process of its own: what one leaves behind is in no other's way."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        tests = [str(TESTS / test) for test in guarantee.tests]
        line = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={report}",
            *tests,
        ]
        subprocess.run([*line, *tests], cwd=TESTS.parent, stdout=subprocess.DEVNULL, check=False)
        found = list(ElementTree.parse(report).iter("testcase"))
    ends = (next((child.tag for child in case if child.tag in ENDS), "passed") for case in found)
    told = (figure for case in found for figure in case.iter("property") if figure.get("name") == FIGURE)
    return Reached(Counter(ends), tuple(dict.fromkeys(str(figure.get("value")) for figure in told)))


def main(words: list[str]) -> int:
    """Those whose name holds one of the words, or all; 1 where a number is not reached."""
    os.environ["SCREENING_TEST_GUARANTEES"] = "1"  # some are shown here alone, for they take long
    short = 0
    for guarantee in GUARANTEES:
        if words and not any(word in guarantee.name for word in words):
            continue
        found = reached(guarantee)
        tests = found.tests
        missed = tests["failure"] + tests["error"] + (not tests["passed"])
        short += missed
        tried = f"{tests['passed']} of {sum(tests.values())} tests pass"
        skipped = f", {tests['skipped']} skipped" if tests["skipped"] else ""
        figures = "".join(f"; {figure}" for figure in found.figures)
        line = f"{'reached' if not missed else 'MISSED':8}{guarantee.name:32}{guarantee.asked:30}"
        print(f"{line}{tried}{skipped}{figures}", flush=True)  # noqa: T201  # that is what it is for
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
