"""The `screening` command. Exit 0: done; 1: problems found; 2: could not be read or started."""

from __future__ import annotations

import click

from screening import __version__
from screening.cli import preview, publishing, replaying
from screening.cli.rules import rules
from screening.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="screening")
def main() -> None:
    """Patient screening questionnaires from a clinic's treatment pages."""


for _command in (*publishing.COMMANDS, replaying.replay_command, preview.preview_command):
    rules.add_command(_command)
main.add_command(rules)
main.add_command(serve)
