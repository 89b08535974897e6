"""`screening rules`: what authors of rule sets run. One module for each group of commands."""

from __future__ import annotations

import click

from screening.cli.rules import (
    checking,
    comparing,
    evaluating,
    previewing,
    proving,
    publishing,
    replaying,
    showing,
    states,
    testing,
    tracing,
)
from screening.cli.rules.reporting import print_json, refuse

__all__ = ["print_json", "refuse", "rules"]

GROUPS = (  # the order in --help
    *(evaluating, checking, proving, testing, tracing, comparing, showing),
    *(previewing, publishing, replaying, states),
)


class _InOrder(click.Group):
    """Lists the commands in the order an author meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


@click.group(cls=_InOrder)
def rules() -> None:
    """Work on rule sets.

    PATH is a rule set or a folder of them; without one, the configured rules folder. Exit 0: clean;
    1: problems found; 2: something cannot be read. Every code is explained in docs/codes.md.
    """


for _group in GROUPS:
    for _command in _group.COMMANDS:
        rules.add_command(_command)
