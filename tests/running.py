"""Commands as people run them; an error that one did not mean to raise comes through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from screening.cli import main


def run(*line: str | Path) -> Result:
    """What a command gives."""
    return CliRunner(catch_exceptions=False).invoke(main, [*map(str, line)])


def told(*line: str | Path) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a command."""
    result = run(*line, "--json")
    return result.exit_code, json.loads(result.stdout_bytes)
