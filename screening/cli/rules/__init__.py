"""`screening rules`: what authors of rule sets run. One module for each group of commands."""

from __future__ import annotations

import click

from screening.cli.lazily import InOrder, Lazily

MODULES = {  # in the order an author meets the commands
    "evaluate": "evaluating",
    "check": "checking",
    "schema": "checking",
    "prove": "proving",
    "mutate": "proving",
    "cases": "testing",
    "trace": "tracing",
    "draft": "tracing",
    "diff": "comparing",
    "show": "showing",
    "preview": "previewing",
    "sign": "publishing",
    "publish": "publishing",
    "retire": "publishing",
    "list": "publishing",
    "history": "publishing",
    "replay": "replaying",
    "states": "states",
}
COMMANDS = Lazily({name: f"{__name__}.{module}:{name}_command" for name, module in MODULES.items()})


@click.group(cls=InOrder, commands=COMMANDS)
def rules() -> None:
    """Work on rule sets.

    PATH is a rule set or a folder of them; without one, the configured rules folder. Exit 0: clean;
    1: problems found; 2: something cannot be read. Every code is explained in docs/codes.md.
    """
