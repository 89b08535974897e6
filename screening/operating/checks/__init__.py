"""What must hold where the service runs: one entry for each thing; docs/operating.md lists them."""

from __future__ import annotations

from screening.operating.checks.check import Check, Weight
from screening.operating.checks.files import FILES
from screening.operating.checks.reached import REACHED
from screening.operating.checks.recorded import RECORDED
from screening.operating.checks.running import RUNNING
from screening.operating.checks.told import TOLD

CHECKS: tuple[Check, ...] = (*FILES, *REACHED, *RUNNING, *TOLD, *RECORDED)

__all__ = ["CHECKS", "Check", "Weight"]
