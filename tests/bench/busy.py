"""A server kept busy by a client in a process of its own, which takes little of the cores it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

CLIENT = Path(__file__).parent / "client.py"


@dataclass(frozen=True)
class Asked:
    """What one connection asks, again and again, and the status of what it wants to hear."""

    where: str
    sent: bytes
    status: int = 200


@dataclass(frozen=True)
class Answered:
    """Milliseconds that each answer took; seconds of all together, and of a core that the client took."""

    waited: Sequence[float]
    took: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waited) / self.took

    @property
    def share(self) -> float:
        """Of a core, that the client took."""
        return self.cpu / self.took

    def and_then(self, other: Answered) -> Answered:
        """Both, one after the other."""
        return Answered([*self.waited, *other.waited], self.took + other.took, self.cpu + other.cpu)

    def percentile(self, which: int) -> float:
        """Milliseconds in which so many of a hundred were answered."""
        return quantiles(self.waited, n=100)[which - 1]


def keep_busy(asked: Sequence[Asked], times: int) -> Answered:
    """So many answers, over a connection for each; each asks as soon as it was answered."""
    connections = [
        {"where": each.where, "asked": each.sent.decode("latin-1"), "status": each.status} for each in asked
    ]
    plan = json.dumps({"connections": connections, "times": times})
    line = [sys.executable, "-I", "-S", str(CLIENT)]
    ran = subprocess.run(line, input=plan, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-300:])
    return Answered(**json.loads(ran.stdout))
