"""What lies at the top of the repository."""

from __future__ import annotations

import subprocess

import pytest

from tests.test_imports import ROOT

FOLDERS = {"screening", "rules", "templates", "tests", "docs", "deploy", ".ci"}
FILES = {
    "pyproject.toml", "wsgi.py", "Makefile", ".gitignore",
    "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
}  # fmt: skip


def test_nothing_lies_at_the_top_but_what_belongs_there() -> None:
    """What was built into the wrong folder is not kept, say."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout: nothing says which files are kept")
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.partition("/")[0] for line in kept.splitlines()} == FOLDERS | FILES
