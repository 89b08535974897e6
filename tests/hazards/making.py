"""The shipped log, changed; and reports of runs that never were."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from screening.core import documents, nodes
from screening.hazards.checkout import Checkout
from screening.hazards.log import HazardLog, load_log
from screening.hazards.report import Report, TestOutcome

ROOT = Path(__file__).parents[2]
LOG = ROOT / "docs" / "safety" / "hazards.yaml"
DAY = date(2026, 12, 1)
VERSION = "0.1.0"
Data = dict[str, Any]
Change = Callable[[list[Data]], None]
NO_OTHERS: Mapping[str, tuple[TestOutcome, ...]] = {}


@cache
def tree() -> Checkout:
    """This checkout; what it reads is read once."""
    return Checkout(ROOT, ROOT / "rules", DAY)


def plain() -> Data:
    """The shipped log as data, which may be changed."""
    data: Data = _shipped().plain()
    return data


@cache
def _shipped() -> nodes.Node:
    return documents.parse(LOG.read_bytes(), LOG.as_posix())


def changed(folder: Path, change: Change) -> HazardLog:
    """The shipped log after `change` of its hazards, written and read again."""
    data = plain()
    change(data["hazards"])
    return written(folder, data)


def unchanged(folder: Path) -> HazardLog:
    """The shipped log, written in another layout."""
    return written(folder, plain())


def written(folder: Path, data: Data) -> HazardLog:
    """Any log, written and read again."""
    file = folder / "hazards.yaml"
    file.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return load_log(file)


def shown_by(log: HazardLog) -> set[str]:
    """Every test that shows a control."""
    return {name for hazard in log.hazards for control in hazard.controls for name in control.test}


def run_of(log: HazardLog, others: Mapping[str, tuple[TestOutcome, ...]] = NO_OTHERS) -> Report:
    """A run in which every test of the log passed, but for `others`, named by the test's own name."""
    outcomes: dict[str, tuple[TestOutcome, ...]] = {}
    for test in shown_by(log):
        module, _, name = test.replace(".py", "").replace("/", ".").partition("::")
        outcomes[f"{module}.{name}"] = others.get(name, ("passed",))
    return Report(outcomes)


def named_lines() -> list[str]:
    """The lines of the shipped log."""
    return LOG.read_text(encoding="utf-8").splitlines()
