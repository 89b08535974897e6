"""Every code is documented, every documented code exists, and no other is ever used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from screening.core.findings import CODES

ROOT = Path(__file__).parents[2]


def test_the_list_of_codes_is_complete_both_ways() -> None:
    sections = re.findall(r"^### `([a-z-]+)`$", (ROOT / "docs" / "codes.md").read_text(), re.MULTILINE)
    assert sorted(sections) == sorted(CODES)


def test_each_section_says_more_than_its_name() -> None:
    parts = re.split(r"^### .*$", (ROOT / "docs" / "codes.md").read_text(), flags=re.MULTILINE)[1:]
    assert all(len(part.split()) > 6 for part in parts)


def test_only_listed_codes_are_used() -> None:
    used = {code for file in (ROOT / "screening").rglob("*.py") for code in _used(file)}
    assert used <= set(CODES)


def _used(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = node.args[1:2] if node.func.id == "Problem" else []
            yield from (
                one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
