"""Help is quick because it imports nothing, and true because each line is the command's own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from screening.cli import LAZY
from screening.cli.lazily import Lazy
from screening.cli.rules import LAZY as FOR_AUTHORS

HEAVY = {"sqlalchemy", "flask", "flask_security", "pydantic", "alembic", "holidays", "phonenumbers", "pysat"}
HEAVY |= {"typst", "zxcvbn", "yaml", "rich", "cryptography"}


@pytest.mark.parametrize("arguments", [["--help"], ["rules", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    look = "import sys\nfrom screening.cli import main\nmain(standalone_mode=False)\nprint('*', *sys.modules)"
    held = subprocess.run(
        [sys.executable, "-c", look, *arguments], check=True, capture_output=True, text=True
    )
    assert HEAVY & set(held.stdout.rpartition("*")[2].split()) == set()


@pytest.mark.parametrize("lazy", [*LAZY.values(), *FOR_AUTHORS.values()], ids=lambda lazy: lazy.where)
def test_each_line_of_help_begins_the_commands_own(lazy: Lazy) -> None:
    whole = " ".join((lazy.load().help or "").split())
    assert whole.startswith(lazy.line.rstrip("."))
