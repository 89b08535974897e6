"""`screening keys`: what belongs to the keys."""

from __future__ import annotations

import click

from screening.cli.lazily import LazyGroup, places_in

COMMANDS = {
    "init": ("making", "Make the keys of a new instance, or with --backup the pair for backups."),
    "list": ("looking", "Print which keys there are, and what needs them."),
    "check": (
        "looking",
        "Find out whether the keys here are the database's, and open all that is sealed: exit 1 if not.",
    ),
    "rotate": (
        "making",
        "Make a new pair that seals requests from now on, or another key; the old one still opens.",
    ),
    "export": ("taking", "Write all keys into FILE, under a password or under shares to be printed."),
    "import": ("taking", "Put the keys of FILE where there are none."),
}


@click.group(cls=LazyGroup, places=places_in(__name__, COMMANDS))
def keys() -> None:
    """Make, list, change, keep and check the keys."""
