"""How a command ends that cannot use the rules it is given; a server too, so nothing large comes with it."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from screening.core.errors import RuleSetError


def refuse(error: RuleSetError) -> NoReturn:
    """Every problem on a line of its own, then exit 2."""
    for problem in error.problems:
        click.echo(str(problem).encode("utf-8", "replace"), err=True)
    sys.exit(2)
