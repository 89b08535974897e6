"""What crosses between modules says its fields, and a type name means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.test_imports import ROOT, modules

UNTYPED = re.compile(r"(Mapping|dict)\[str, Any\]")
FEWER_THAN = 40  # lines of the whole program
# JSON at a boundary, JSON Schema, and counted answers, which each question type makes its own kind of.
UNTYPED_ALIASES = {"Plain", "Schema", "Answers"}


def untyped_lines(root: Path) -> list[str]:
    """Where a mapping of anything is passed on."""
    return [
        f"{file.relative_to(root)}:{number}: {line.strip()}"
        for file in sorted((root / "screening").rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if UNTYPED.search(line)
    ]


def aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The type aliases of a module with what they stand for; a TypeVar is none, and means nothing alone."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        made = isinstance(value, ast.Call) and ast.unparse(value.func) in ("TypeVar", "ParamSpec")
        if isinstance(target, ast.Name) and re.fullmatch("[A-Z][a-z]\\w*", target.id) and value and not made:
            yield target.id, ast.unparse(value)


def defined_twice(root: Path) -> dict[str, list[str]]:
    """Public type names that more than one module defines."""
    places: dict[str, list[str]] = defaultdict(list)
    for module, _, tree in modules(root):
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        for name in [*classes, *(alias for alias, _ in aliases(tree))]:
            if not name.startswith("_"):
                places[name].append(module)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_few_lines_pass_on_a_mapping_of_anything() -> None:
    found = untyped_lines(ROOT)
    assert len(found) < FEWER_THAN, "\n".join(found)


def test_no_further_alias_hides_a_mapping_of_anything() -> None:
    found = {
        name for _, _, tree in modules(ROOT) for name, meaning in aliases(tree) if UNTYPED.match(meaning)
    }
    assert found == UNTYPED_ALIASES


def test_a_type_name_is_defined_once() -> None:
    assert defined_twice(ROOT) == {}


def test_a_planted_second_meaning_is_found(tmp_path: Path) -> None:
    (tmp_path / "screening").mkdir()
    (tmp_path / "wsgi.py").write_text("class Line:\n    pass\n")
    (tmp_path / "screening" / "a.py").write_text("from typing import Any\nLine = dict[str, Any]\n")
    assert defined_twice(tmp_path) == {"Line": ["wsgi", "screening.a"]}
    assert untyped_lines(tmp_path) == ["screening/a.py:2: Line = dict[str, Any]"]
