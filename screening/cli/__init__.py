"""The `screening` command. Exit 0: done; 1: problems found; 2: could not be read or started."""

from __future__ import annotations

import click

from screening import __version__
from screening.cli.lazily import Lazily

MODULES = {
    "audit": "audit_commands",
    "deliver": "deliver_command",
    "rules": "rules",
    "serve": "serve_command",
    "staff": "staff_commands",
}
COMMANDS = Lazily({name: f"{__name__}.{module}:{name}" for name, module in MODULES.items()})


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, commands=COMMANDS)
@click.version_option(__version__, prog_name="screening")
def main() -> None:
    """Patient screening questionnaires from a clinic's treatment pages."""
