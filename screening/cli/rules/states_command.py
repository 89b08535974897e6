"""`screening rules states`: what may become of a request."""

from __future__ import annotations

import click

from screening.cli.rules.reporting import AS_JSON, print_json
from screening.core import workflow


@click.command("states")
@click.option("--mermaid", is_flag=True, help="As a Mermaid diagram, which docs/states.mmd holds.")
@AS_JSON
def states_command(mermaid: bool, as_json: bool) -> None:
    """Print what may become of a request: each move, from where to where, who may, and what must hold."""
    if mermaid:
        click.echo(workflow.as_mermaid(), nl=False)
        return
    heading = ("move", "from", "to", "who", "needs")
    if as_json:
        print_json([dict(zip(heading, row, strict=True)) for row in workflow.as_table()])
        return
    rows = [heading, *workflow.as_table()]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
