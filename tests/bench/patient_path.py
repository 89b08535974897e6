"""What the patient's pages cost: processor time and waiting of a service that is served for real.

Each figure is the median of rounds that take turns with those of what it is compared with, on the same
machine. Processor time is that of the server's processes, as the system counts it: rates hang on who else is
at work.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from compileall import compile_dir
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from tests.bench.measuring import Figure, figure, ratio
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said

ROUNDS, REQUESTS, WARM = 5, 150, 40
WRITERS, ANSWERS = 8, 60  # at once; answers of each
TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[2]
RULES = rules_of(TREATMENT)
BARE = """
from flask import Flask
from screening.cli.server import run
from screening.settings import load_settings
app = Flask("bare")
app.add_url_rule("/<path:path>", view_func=lambda path: "as little as there is")
run(app, load_settings())
"""
BARE_WORDS = "a Flask view that returns one string, on the same server"


@dataclass(frozen=True)
class Served:
    """A server that runs, with its workers where it has some."""

    process: subprocess.Popen[str]
    where: str

    def everybody(self) -> list[int]:
        """Its processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def cpu(self) -> float:
        """Seconds of processor time that they took so far."""
        return sum(_on_a_core(pid) for pid in self.everybody())


def _on_a_core(pid: int) -> float:
    """Seconds, of all its threads: to the nanosecond where the system counts so, else in hundredths."""
    exactly = [each / "schedstat" for each in Path(f"/proc/{pid}/task").iterdir()]
    if all(each.is_file() for each in exactly):
        return sum(int(each.read_text().split()[0]) for each in exactly) / 1e9
    found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(found[11]) + int(found[12])) / TICK


@cache
def _compile() -> None:
    """As it is once it is installed, also where Python keeps nothing of what it compiles."""
    compile_dir(ROOT / "screening", quiet=1)


@contextmanager
def serving(folder: Path, *options: str, program: str = "", **settings: str) -> Iterator[Served]:
    """Our service in an empty folder, or another program that says where it listens."""
    given = {f"SCREENING_{name.upper()}": value for name, value in settings.items()}
    _compile()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SCREENING_PORT": "0"} | given
    line = [sys.executable, *(["-c", program] if program else ["-m", "screening", "serve", *options])]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            line, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=log
        )
        with process:
            found = re.search(r"http://(\S+)", process.stdout.readline() if process.stdout else "")
            try:
                if found is None:
                    raise RuntimeError((folder / "log").read_text())
                yield Served(process, found[1])
            finally:
                process.terminate()


@dataclass
class Browser:
    """One patient's browser on one connection that stays open; it takes compressed pages, as they do."""

    where: str
    said: Mapping[str, object] = field(default_factory=lambda: USUAL)
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection(self.where, timeout=30)

    def ask(self, path: str, form: Mapping[str, Sequence[str]] | None = None, small: bool = True) -> bytes:
        """Its body; of a form that was taken, the address that it leads to."""
        headers = {"Accept-Encoding": "gzip"} if small else {}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            self.connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.connection.request("POST", path, urlencode(form, doseq=True), headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        body = answer.read()
        if answer.status not in (200, 303):
            raise RuntimeError(f"{path}: {answer.status}")
        return (answer.getheader("Location") or "").encode() if answer.status == 303 else body

    def in_bytes(self, path: str) -> bytes:
        """How it asks for a page."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = (f"GET {path} HTTP/1.1", f"Host: {self.where}", "Accept-Encoding: gzip", f"Cookie: {cookies}")
        return "\r\n".join([*lines, "", ""]).encode()

    def fill_in(self, until: int | None = None) -> tuple[str, dict[str, list[str]]]:
        """Answer so many pages, or all; the last page, and what was sent from it."""
        self.ask(f"/{TREATMENT}")
        name, sent, pages = RULES.questions[0].id, dict[str, list[str]](), 0
        while name != "check-your-answers" and pages != until:
            page = self.ask(f"/{TREATMENT}/{name}", small=False).decode()
            sent = fields_in(page) | page_typed(RULES, name, said(RULES.by_id[name], self.said), self.said)
            last, pages = name, pages + 1
            name = self.ask(f"/{TREATMENT}/{name}", sent).decode().partition("?")[0].rpartition("/")[2]
        page = self.ask(f"/{TREATMENT}/{last}", small=False).decode()
        return last, sent | fields_in(page)


def fields_in(page: str) -> dict[str, list[str]]:
    """The hidden ones of a page's form, as a browser would send them."""
    names = ("csrf_token", "draft", "under", "opened", "shown")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: [value[1]] for name, value in found.items() if value is not None}


Work = Callable[[], object]


def _cpu_per_request(served: Served, work: Work) -> float:
    """Milliseconds."""
    before = served.cpu()
    for _ in range(REQUESTS):
        work()
    return (served.cpu() - before) / REQUESTS * 1000


def _works(where: str) -> dict[str, Work]:
    new, begun, whole = Browser(where), Browser(where), Browser(where)
    new.ask(f"/{TREATMENT}")
    name, sent = begun.fill_in(12)
    whole.fill_in()
    first = RULES.questions[0].id
    return {
        "start page": lambda: new.ask(f"/{TREATMENT}"),
        "question page, no draft": lambda: new.ask(f"/{TREATMENT}/{first}"),
        "question page with answers": lambda: begun.ask(f"/{TREATMENT}/{name}"),
        "answer saved durably, with its redirect": lambda: begun.ask(f"/{TREATMENT}/{name}", sent),
        "check page": lambda: whole.ask(f"/{TREATMENT}/check-your-answers"),
    }


BARE_THEN = 0.21  # ms of the bare view, where the aims below were set: a slower machine is slower at both
REACH = {
    "start page": 0.8,
    "question page, no draft": 1.0,
    "question page with answers": 1.3,
    "answer saved durably, with its redirect": 1.6,
    "check page": 0.8,
}


def processor_time() -> list[Figure]:
    """Of each kind of page, and of as little as there is."""
    with ExitStack() as stack:
        ours = stack.enter_context(serving(folder_for(stack)))
        bare = stack.enter_context(serving(folder_for(stack), program=BARE))
        browser, works = Browser(bare.where), _works(ours.where)
        for work in [*works.values()] * WARM:
            work()
        found: dict[str, list[float]] = {name: [] for name in works}
        beside: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                beside[name].append(_cpu_per_request(bare, lambda: browser.ask("/a/b")))
                found[name].append(_cpu_per_request(ours, work))
    return [
        made
        for name, took in found.items()
        for made in (
            figure(name, took, "ms CPU", REACH[name], f"{median(beside[name]):.2f} ms bare", scale=1),
            ratio(f"{name}, over bare", took, beside[name], round(REACH[name] / BARE_THEN, 1), BARE_WORDS),
        )
    ]


def folder_for(stack: ExitStack) -> Path:
    """An empty one, which goes with the stack."""
    return Path(stack.enter_context(TemporaryDirectory()))


def _waited(where: Sequence[str]) -> list[float]:
    """Milliseconds that each answer took of as many writers, each with a draft of their own."""

    def write(number: int) -> list[float]:
        browser, waited = Browser(where[number % len(where)]), []
        name, sent = browser.fill_in(4)
        for _ in range(ANSWERS):
            begun = time.perf_counter()
            browser.ask(f"/{TREATMENT}/{name}", sent)
            waited.append((time.perf_counter() - begun) * 1000)
        return waited

    with ThreadPoolExecutor(WRITERS) as pool:
        return [took for each in pool.map(write, range(WRITERS)) for took in each]


def saving_under_writers(servers: int) -> list[Figure]:
    """How long an answer takes beside others', and how much longer the slowest take."""
    p50s, shares = [], []
    with ExitStack() as stack:
        folder = folder_for(stack)
        first = stack.enter_context(serving(folder))
        others = [stack.enter_context(serving(folder)) for _ in range(servers - 1)]
        for _ in range(ROUNDS):
            cut = quantiles(_waited([served.where for served in [first, *others]]), n=100)
            p50s.append(cut[49])
            shares.append(cut[98] / cut[49])
    many = f"{WRITERS} writers, {servers} {'process' if servers == 1 else 'processes'}"
    return [
        figure(f"answer saved beside {many}, p50", p50s, "ms", scale=1),
        figure(f"answer saved beside {many}, p99", shares, "× p50", 5.0, scale=1),
    ]


def memory_of(pid: int, kind: str) -> float:
    """Megabytes, as the system counts them."""
    found = re.search(rf"{kind}:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found[1]) / 1024 if found else 0.0


def ask_often(where: str, times: int) -> None:
    """Every page of patients in turn."""
    for work in [*_works(where).values()] * (times // len(REACH)):
        work()


def workers() -> list[Figure]:
    """What a further worker takes, and how many pages two give beside what one does."""
    took: dict[str, list[float]] = {"1": [], "2": []}
    with ExitStack() as stack:
        servers = {
            number: stack.enter_context(serving(folder_for(stack), "--workers", number)) for number in took
        }
        for _ in range(ROUNDS):
            for number, served in servers.items():
                took[number].append(_seconds_for_pages(served.where))
        private = [memory_of(pid, "Private_Dirty") for pid in servers["2"].everybody()[1:3]]
    shares = [one / two for one, two in zip(took["1"], took["2"], strict=True)]
    return [
        figure("private memory of a worker among several", private, "MB", 40.0, scale=1),
        figure("question pages by two workers, beside one", shares, "× as many", 1.8, scale=1),
    ]


def _seconds_for_pages(where: str) -> float:
    """Asked by as little as there is, for whoever asks takes from the cores that are to answer."""

    def ask(_number: int) -> None:
        browser = Browser(where)
        browser.ask(f"/{TREATMENT}")
        _pages_by_hand(where, browser.in_bytes(f"/{TREATMENT}/{RULES.questions[0].id}"))

    begun = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(ask, range(WRITERS)))
    return time.perf_counter() - begun


def _pages_by_hand(where: str, asked: bytes) -> None:
    host, _, port = where.partition(":")
    with create_connection((host, int(port)), timeout=30) as connection:
        for _ in range(REQUESTS):
            connection.sendall(asked)
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            if length is None or not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(head.decode(errors="replace"))
            left = int(length[1]) - len(body)
            while left > 0:
                left -= len(connection.recv(left))


def figures() -> list[Figure]:
    """All of them."""
    return [
        *processor_time(),
        *saving_under_writers(1),
        *saving_under_writers(2),
        *workers(),
    ]
