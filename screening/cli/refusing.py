"""How a command ends that cannot use what it is given; a server too, so nothing large comes with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from screening.core.errors import NotReady, ScreeningError, Unavailable


@contextmanager
def told(*more: type[ScreeningError]) -> Iterator[None]:
    """Whatever does not work, or is one of these, is told with what to do, and ends the command."""
    kinds: tuple[type[ScreeningError], ...] = (NotReady, Unavailable, *more)
    try:
        yield
    except kinds as error:
        stop(error)


def stop(why: str | ScreeningError) -> NoReturn:
    """Tell the operator what to do, or an author every problem on a line of its own, then exit 2."""
    click.echo((why if isinstance(why, str) else as_sentence(why)).encode("utf-8", "replace"), err=True)
    sys.exit(2)


def as_sentence(error: ScreeningError) -> str:
    """What it says, standing alone: Unavailable is told within sentences, too."""
    said = str(error)
    return f"{said[:1].upper()}{said[1:]}." if isinstance(error, Unavailable) else said
