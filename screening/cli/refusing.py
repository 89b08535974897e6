"""How a command ends that cannot use what it is given; a server too, so nothing large comes with it."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from screening.core.errors import RuleSetError, ScreeningError, Unavailable


def refuse(error: RuleSetError) -> NoReturn:
    """Every problem on a line of its own, then exit 2."""
    for problem in error.problems:
        click.echo(str(problem).encode("utf-8", "replace"), err=True)
    sys.exit(2)


def stop(why: str | ScreeningError) -> NoReturn:
    """Tell the operator what to do, then exit 2."""
    click.echo((why if isinstance(why, str) else as_sentence(why)).encode(), err=True)
    sys.exit(2)


def as_sentence(error: ScreeningError) -> str:
    """What it says, standing alone: Unavailable is told within sentences, too."""
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}." if isinstance(error, Unavailable) else said
