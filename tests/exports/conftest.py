"""The figures that `make fhir` prints: what was wanted beside what was reached."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

THOROUGH = int(os.environ.get("SCREENING_TEST_FHIR", "0"))  # how many of each random thing; 0: the short form
FIGURES = pytest.StashKey[list[str]]()
Reached = Callable[[str, str, str], None]


@pytest.fixture(scope="session")
def reached(request: pytest.FixtureRequest) -> Reached:
    """Notes a figure: what it is of, what was wanted, what was reached."""
    figures = request.config.stash.setdefault(FIGURES, [])
    return lambda what, wanted, got: figures.append(f"{what:62} {wanted:>24} {got:>24}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints them, when they were asked for."""
    figures = terminalreporter.config.stash.get(FIGURES, [])
    if THOROUGH and figures:
        terminalreporter.section("FHIR")
        terminalreporter.line(f"{'':62} {'wanted':>24} {'reached':>24}")
        for figure in figures:
            terminalreporter.line(figure)
