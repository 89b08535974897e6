"""`screening keys`: what belongs to the keys."""

from __future__ import annotations

import click

from screening.cli.lazily import CommandPlace, LazyGroup

PLACES = {
    "init": CommandPlace(
        "screening.cli.keys.making:init_command",
        "Make the keys of a new instance, or with --backup the pair for backups.",
    ),
    "list": CommandPlace(
        "screening.cli.keys.looking:list_command", "Print which keys there are, and what needs them."
    ),
    "check": CommandPlace(
        "screening.cli.keys.looking:check_command",
        "Find out whether the keys here are the database's, and open all that is sealed: exit 1 if not.",
    ),
    "rotate": CommandPlace(
        "screening.cli.keys.making:rotate_command",
        "Make a new pair that seals requests from now on, or another key; the old one still opens.",
    ),
    "export": CommandPlace(
        "screening.cli.keys.taking:export_command",
        "Write all keys into FILE, under a password or under shares to be printed.",
    ),
    "import": CommandPlace(
        "screening.cli.keys.taking:import_command", "Put the keys of FILE where there are none."
    ),
}


@click.group(cls=LazyGroup, places=PLACES)
def keys() -> None:
    """Make, list, change, keep and check the keys."""
