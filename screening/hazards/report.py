"""What became of each test in a run, from the report that `pytest --junitxml` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from lxml import etree

from screening.core.errors import RuleSetError, unreadable

TestOutcome = Literal["passed", "skipped", "failed"]
_BAD: Mapping[str, TestOutcome] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


class Report:
    """Outcomes by `module.name`, with and without what a test was parametrised with."""

    def __init__(self, outcomes: Mapping[str, Sequence[TestOutcome]], began: str = "") -> None:
        self._outcomes = outcomes
        self.began = began  # as pytest wrote it; "" where it did not

    def of(self, test: str) -> Sequence[TestOutcome]:
        """Every outcome of `tests/path.py::name`, or of `::name[one]`; none where it did not run."""
        file, _, name = test.partition("::")
        module = file.removesuffix(".py").replace("/", ".")
        return self._outcomes.get(f"{module}.{name.replace('::', '.')}", ())


def read_report(path: Path) -> Report:
    """The report in `path`. Raises RuleSetError where there is none, or no test in it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except OSError:
        raise _unreadable(path, "The report of the tests cannot be read.") from None
    except etree.XMLSyntaxError as error:
        raise _unreadable(path, f"This is not a report of tests: {error.msg}.") from None
    outcomes: dict[str, list[TestOutcome]] = {}
    for name, outcome in _cases(root):
        outcomes.setdefault(name, []).append(outcome)
        whole, bracket, _ = name.partition("[")
        if bracket:
            outcomes.setdefault(whole, []).append(outcome)
    if not outcomes:
        raise _unreadable(path, "No test ran in this report.")
    return Report(outcomes, next((suite.get("timestamp", "") for suite in root.iter("testsuite")), ""))


def _cases(root: etree._Element) -> Iterator[tuple[str, TestOutcome]]:
    for case in root.iter("testcase"):
        found = [_BAD[child.tag] for child in case if child.tag in _BAD]
        worst: TestOutcome = "failed" if "failed" in found else "skipped" if found else "passed"
        yield f"{case.get('classname', '')}.{case.get('name', '')}", worst


def _unreadable(path: Path, what: str) -> RuleSetError:
    remedy = "Write one: python -m pytest --junitxml build/tests.xml (make test does)."
    return unreadable(path, what, remedy)
