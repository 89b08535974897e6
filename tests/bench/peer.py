"""A page of another form's program beside ours: eq-questionnaire-runner of the ONS, or whichever is told of.

That one is on no package registry and needs a store of its own, so whoever wants the comparison starts it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests.bench.busy import Asked, keep_busy
from tests.bench.measuring import CannotMeasure, Figure, figure
from tests.bench.serving import RULES, Browser, cpu_of, family, serving
from tests.usual import TREATMENT

SAID = "SCREENING_TEST_PEER"
HOW = (
    "no other program to compare with. Start one, ONSdigital/eq-questionnaire-runner as its README says for "
    f"instance, open a question of it in a browser, then set {SAID} to its address, the number of its process"
    f' and its cookies: {SAID}="http://127.0.0.1:5000/questionnaire/... 4711 session=..."'
)
ROUNDS, REQUESTS, CONNECTIONS = 5, 100, 8
REACH = 30.0  # times as many of our pages for the same time of a core


@dataclass(frozen=True)
class Peer:
    """One page of a program that runs already."""

    asked: Asked
    pid: int

    @classmethod
    def told_of(cls, text: str) -> Peer:
        """Raises CannotMeasure."""
        address, pid, *cookies = text.split() + [""] * (2 - len(text.split()))
        page = urlsplit(address)
        if page.scheme != "http" or not pid.isdecimal() or not Path(f"/proc/{pid}").exists():
            raise CannotMeasure(HOW)
        path = page._replace(scheme="", netloc="").geturl() or "/"
        lines = [f"GET {path} HTTP/1.1", f"Host: {page.netloc}", "Accept-Encoding: gzip"]
        lines += [f"Cookie: {' '.join(cookies)}"] if cookies else []
        where = f"{page.hostname}:{page.port or 80}"
        return cls(Asked(where, "\r\n".join([*lines, "", ""]).encode()), int(pid))


def figures() -> list[Figure]:
    """What a question page takes of a core, theirs and ours in turn."""
    peer = Peer.told_of(os.environ.get(SAID, ""))
    theirs, ours = list[float](), list[float]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        served = stack.enter_context(serving(folder))
        browser = Browser(served.where)
        browser.ask(f"/{TREATMENT}")
        page = browser.in_bytes(f"/{TREATMENT}/{RULES.questions[0].id}")
        for _ in range(ROUNDS):
            theirs.append(_cpu([peer.asked] * CONNECTIONS, family(peer.pid)))
            ours.append(_cpu([page] * CONNECTIONS, served.everybody()))
    times = [other / mine for other, mine in zip(theirs, ours, strict=True)]
    return [
        figure("a page of another program", theirs, "ms CPU", scale=1),
        figure("our question pages beside it, per core", times, "× as many", REACH, scale=1),
    ]


def _cpu(asked: Sequence[Asked], pids: Sequence[int]) -> float:
    """Milliseconds a page."""
    keep_busy(asked, CONNECTIONS)
    before = cpu_of(pids)
    keep_busy(asked, REQUESTS)
    return (cpu_of(pids) - before) / REQUESTS * 1000
