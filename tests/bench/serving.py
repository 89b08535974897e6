"""A service that is served for real, in processes of its own; and patients' browsers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from screening.core.rules import RuleSet
from tests.bench.busy import Asked
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said

TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[2]
RULES = rules_of(TREATMENT)
BARE = """
from flask import Flask
from screening.cli.server import run
from screening.settings.environment import load_settings
app = Flask("bare")
app.add_url_rule("/<path:path>", view_func=lambda path: "as little as there is")
run(app, load_settings())
"""


@dataclass(frozen=True)
class Served:
    """A server that runs, with its workers where it has some."""

    process: subprocess.Popen[str]
    where: str

    def everybody(self) -> list[int]:
        """Its processes."""
        return family(self.process.pid)

    def cpu(self) -> float:
        """Seconds of processor time that they took so far."""
        return cpu_of(self.everybody())


def family(pid: int) -> list[int]:
    """A process and those that it began."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of processor time that these processes took so far."""
    return sum(map(_on_a_core, pids))


def _on_a_core(pid: int) -> float:
    """Seconds, of all its threads: to the nanosecond where the system counts so, else in hundredths."""
    exactly = [each / "schedstat" for each in Path(f"/proc/{pid}/task").iterdir()]
    if all(each.is_file() for each in exactly):
        return sum(int(each.read_text().split()[0]) for each in exactly) / 1e9
    found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(found[11]) + int(found[12])) / TICK


@cache
def _compile(checkout: Path) -> None:
    """As it is once it is installed, also where Python keeps nothing of what it compiles."""
    compile_dir(checkout / "screening", quiet=1)


@contextmanager
def serving(
    folder: Path, *options: str, program: str = "", checkout: Path = ROOT, **settings: str
) -> Iterator[Served]:
    """Our service in an empty folder, or another program that says where it listens.

    `checkout`: of the service; another than this one brings its own interpreter, in `.venv`.
    """
    given = {f"SCREENING_{name.upper()}": value for name, value in settings.items()}
    _compile(checkout)
    environment = os.environ | {"PYTHONPATH": str(checkout), "SCREENING_PORT": "0"} | given
    python = sys.executable if checkout == ROOT else str(checkout / ".venv/bin/python")
    line = [python, *(["-c", program] if program else ["-m", "screening", "serve", *options])]
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
    rules: RuleSet = RULES
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

    def in_bytes(
        self, path: str, form: Mapping[str, Sequence[str]] | None = None, status: int = 200
    ) -> Asked:
        """How it asks for a page, or sends a form, which leads on; each time with the cookies of now."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"Host: {self.where}", "Accept-Encoding: gzip", f"Cookie: {cookies}"]
        if form is None:
            return Asked(self.where, "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode(), status)
        body = urlencode(form, doseq=True)
        of_form = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        head = [f"POST {path} HTTP/1.1", *lines, *of_form, "", body]
        return Asked(self.where, "\r\n".join(head).encode(), 303)

    def fill_in(self, until: int | None = None) -> tuple[str, dict[str, list[str]]]:
        """Answer so many pages, or all; the last page, and what was sent from it."""
        self.ask(f"/{TREATMENT}")
        name, sent, pages = self.rules.questions[0].id, dict[str, list[str]](), 0
        while name != "check-your-answers" and pages != until:
            page = self.ask(f"/{TREATMENT}/{name}", small=False).decode()
            answer = said(self.rules.by_id[name], self.said)
            sent = fields_in(page) | page_typed(self.rules, name, answer, self.said)
            last, pages = name, pages + 1
            name = self.ask(f"/{TREATMENT}/{name}", sent).decode().partition("?")[0].rpartition("/")[2]
        page = self.ask(f"/{TREATMENT}/{last}", small=False).decode()
        return last, sent | fields_in(page)


def fields_in(page: str) -> dict[str, list[str]]:
    """The hidden ones of a page's form, as a browser would send them."""
    names = ("csrf_token", "draft", "under", "opened", "shown")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: [value[1]] for name, value in found.items() if value is not None}
