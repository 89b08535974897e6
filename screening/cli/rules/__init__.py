"""`screening rules`: what authors of rule sets run. One module for each group of commands."""

from __future__ import annotations

import click

from screening.cli.lazily import InOrder, Lazily

MODULES = {  # in the order an author meets the commands
    "evaluate": "evaluate_command",
    "check": "check_command",
    "schema": "check_command",
    "prove": "prove_commands",
    "mutate": "prove_commands",
    "cases": "cases_command",
    "trace": "trace_commands",
    "draft": "trace_commands",
    "diff": "diff_command",
    "show": "show_command",
    "preview": "preview_command",
    "sign": "publish_commands",
    "publish": "publish_commands",
    "retire": "publish_commands",
    "list": "publish_commands",
    "history": "publish_commands",
    "replay": "replay_command",
    "states": "states_command",
}
COMMANDS = Lazily({name: f"{__name__}.{module}:{name}_command" for name, module in MODULES.items()})


@click.group(cls=InOrder, commands=COMMANDS)
def rules() -> None:
    """Work on rule sets.

    PATH is a rule set or a folder of them; without one, the configured rules folder. Exit 0: clean;
    1: problems found; 2: something cannot be read. Every code is explained in docs/codes.md.
    """
