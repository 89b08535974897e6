"""The `screening` command. Exit 0: done; 1: problems found; 2: could not be read or started."""

from __future__ import annotations

import click

from screening import __version__
from screening.cli.audit import audit
from screening.cli.deliver import deliver
from screening.cli.rules import rules
from screening.cli.serve import serve
from screening.cli.staff import staff


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="screening")
def main() -> None:
    """Patient screening questionnaires from a clinic's treatment pages."""


main.add_command(audit)
main.add_command(deliver)
main.add_command(rules)
main.add_command(serve)
main.add_command(staff)
