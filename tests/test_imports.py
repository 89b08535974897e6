"""Which part may import which: the map of the design page, held against every import there is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

# Every part may import those that stand before it, and no others: a total order, so no ring is possible.
ORDER = (
    "core", "apart", "days_off", "settings", "logs", "storage", "proving", "exports", "tracing",
    "authoring", "publishing", "service", "desk", "hazards", "operating", "web", "accounts", "patient",
    "staff", "app", "preview", "cli",
)  # fmt: skip
NOTHING: frozenset[str] = frozenset()
ALLOWED: dict[str, frozenset[str]] = {part: frozenset(ORDER[:at]) for at, part in enumerate(ORDER)}
ALLOWED["staff"] -= {"patient", "storage"}  # the doors never meet; pages ask the desk, never the database
ALLOWED["exports"] = frozenset({"core"})  # they are given what they write
ALLOWED["proving"] = frozenset({"core"})
ALLOWED["storage"] = frozenset({"core", "apart"})
ALLOWED |= {"wsgi": frozenset({"app"}), "__main__": frozenset({"cli"})}
ALLOWED |= dict.fromkeys(("assets", "screening"), NOTHING)

IMPURE = {
    "flask",
    "flask_babel",
    "flask_wtf",
    "wtforms",
    "werkzeug",
    "jinja2",
    "sqlalchemy",
    "alembic",
    "psycopg",
}
IMPURE |= {"logging", "time", "random", "secrets", "socket", "subprocess", "requests", "urllib"}
CLOCKS = {"now", "utcnow", "today"}
READS_FILES = {"loading"}
FILE_CALLS = {"open", "read_bytes", "read_text", "write_bytes", "write_text"}


class Arrow(NamedTuple):
    """One import: who, whom, and where it is written."""

    source: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} → {self.target}"


def part_of(module: str) -> str:
    """`screening.core.rules` is of the part `core`; `screening` itself and `wsgi` are parts too."""
    names = module.split(".")
    return names[1] if names[0] == "screening" and len(names) > 1 else names[0]


def imports(tree: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    """Every module that is imported, at whatever depth; `from a import b` may mean the module a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            yield from ((str(one.value), node.lineno) for one in node.args if isinstance(one, ast.Constant))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def modules(root: Path) -> Iterator[tuple[str, str, ast.Module]]:
    """Every module of ours: its name, its package, and its tree."""
    for file in [root / "wsgi.py", *sorted((root / "screening").rglob("*.py"))]:
        names = list(file.relative_to(root).with_suffix("").parts)
        package = ".".join(names[:-1])
        module = package if names[-1] == "__init__" else ".".join(names)
        yield module, package, ast.parse(file.read_text(encoding="utf-8"), file.name)


def broken_arrows(root: Path) -> list[Arrow]:
    """The imports that the map does not allow."""
    broken = []
    for module, package, tree in modules(root):
        source = part_of(module)
        for target, line in imports(tree, package):
            ours = target.split(".")[0] in ("screening", "wsgi")
            to = _part_of_target(target, root)
            if ours and to not in (source, "screening") and to not in ALLOWED.get(source, NOTHING):
                broken.append(Arrow(module, target, line))
            if source == "core" and target.split(".")[0] in IMPURE:
                broken.append(Arrow(module, target, line))
    return broken


def _part_of_target(target: str, root: Path) -> str:
    """`screening.__version__` is a name in the package, not a part of it."""
    part = part_of(target)
    is_module = (root / "screening" / part).is_dir() or (root / "screening" / f"{part}.py").is_file()
    return part if is_module or not target.startswith("screening") else "screening"


def looks_at_the_clock_or_at_files(module: str, tree: ast.Module) -> list[str]:
    """Calls in the core that would make its answers depend on more than its arguments."""
    wrong = []
    for node in ast.walk(tree):
        called = _name(node.func) if isinstance(node, ast.Call) else ""
        if called in CLOCKS or (called in FILE_CALLS and module.split(".")[-1] not in READS_FILES):
            wrong.append(f"{module}:{getattr(node, 'lineno', 0)} calls {called}()")
    return wrong


def test_imports_point_one_way() -> None:
    broken = broken_arrows(ROOT)
    assert not broken, "these imports break the map of the design:\n" + "\n".join(map(str, broken))


def drawing(root: Path) -> str:
    """The rooms in their order, each with those that it does import."""
    uses: dict[str, set[str]] = {part: set() for part in ORDER}
    for module, package, tree in modules(root):
        source = part_of(module)
        for target, _line in imports(tree, package):
            to = _part_of_target(target, root)
            if source in uses and to in uses and to != source:
                uses[source].add(to)
    rows = [f"{part:11}{' '.join(to for to in ORDER if to in uses[part])}".rstrip() for part in ORDER]
    return "\n".join(rows)


def test_the_drawing_in_the_docs_is_the_house() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert page.split("```")[1].strip("\n") == drawing(ROOT), drawing(ROOT)


def test_every_part_is_on_the_map() -> None:
    assert {part_of(module) for module, _, _ in modules(ROOT)} <= set(ALLOWED)


def test_the_two_doors_never_import_each_other() -> None:
    assert "staff" not in ALLOWED["patient"]
    assert "patient" not in ALLOWED["staff"]


def test_the_core_looks_at_no_clock_and_at_files_only_in_loading() -> None:
    core = [(name, tree) for name, _, tree in modules(ROOT) if part_of(name) == "core"]
    assert len(core) > 5
    assert [one for name, tree in core for one in looks_at_the_clock_or_at_files(name, tree)] == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    for part in ("core", "storage", "patient", "staff"):
        (tmp_path / "screening" / part).mkdir(parents=True)
        (tmp_path / "screening" / part / "__init__.py").write_text("")
    (tmp_path / "screening" / "__init__.py").write_text("")
    (tmp_path / "wsgi.py").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("core/a.py", "import screening.storage"),
        ("core/a.py", "from screening import storage"),
        ("core/a.py", "from .. import storage"),
        ("core/a.py", "from ..storage import tables"),
        ("core/a.py", "def f():\n    from screening.storage import tables"),
        ("core/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import screening.storage"),
        ("core/a.py", "import importlib\nimportlib.import_module('screening.storage')"),
        ("core/a.py", "from flask import g"),
        ("core/a.py", "import sqlalchemy.orm"),
        ("storage/a.py", "from screening.patient import views"),
        ("patient/a.py", "import screening.staff.inbox as inbox"),
        ("staff/__init__.py", "from ..patient import views"),
        ("patient/a.py", "from wsgi import app"),
    ],
)
def test_a_planted_broken_arrow_is_found(planted: Path, file: str, code: str) -> None:
    assert broken_arrows(planted) == []
    (planted / "screening" / file).write_text(code)
    (arrow,) = broken_arrows(planted)
    assert arrow.line == len(code.splitlines())


@pytest.mark.parametrize(
    "code", ["from datetime import date\ndate.today()", "x.datetime.now(tz)", "open('f')", "path.read_text()"]
)
def test_a_planted_clock_or_file_is_found(code: str) -> None:
    assert len(looks_at_the_clock_or_at_files("screening.core.a", ast.parse(code))) == 1
