"""The tests are in rooms as the package is."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "screening"
BESIDE = {"bench", "browser", "faults", "security", "stored"}  # what concerns several rooms at once


def folders(above: Path, holding: str) -> set[str]:
    """The folders that hold such files, a level deep."""
    return {file.relative_to(above).parts[0] for file in above.glob(f"*/{holding}")}


def test_every_room_has_its_folder_of_tests() -> None:
    assert folders(PACKAGE, "*.py") - folders(TESTS, "test_*.py") == set()


def test_every_folder_of_tests_is_a_room_or_concerns_several() -> None:
    assert folders(TESTS, "*.py") - folders(PACKAGE, "*.py") == BESIDE


def test_every_folder_of_tests_says_what_it_holds() -> None:
    files = [folder / "__init__.py" for folder in (TESTS, *(TESTS / name for name in folders(TESTS, "*.py")))]
    assert [file for file in files if not ast.get_docstring(ast.parse(file.read_text()))] == []
