"""`screening keys`: what belongs to the keys."""

from __future__ import annotations

import click

from screening.cli.lazily import CommandPlace, LazyGroup

PLACES = {
    "init": CommandPlace(
        "screening.cli.keys.making:init_command",
        "Make the keys of a new instance, or with --backup the pair for backups.",
    ),
}


@click.group(cls=LazyGroup, places=PLACES)
def keys() -> None:
    """Make, list, change, keep and check the keys."""
