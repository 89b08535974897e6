"""How a command ends that was broken off: by Ctrl+C, for want of an answer, or because nobody reads on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT, SIGPIPE

import click

STOPPED, UNREAD = 128 + SIGINT, 128 + SIGPIPE  # as shells count: never 1, which says that problems were found
UNANSWERED = 2


@contextmanager
def broken_off() -> Iterator[None]:
    """Tells it in a sentence, with a code of its own."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be flushed
        sys.exit(UNREAD)
    except (KeyboardInterrupt, click.Abort) as error:
        if isinstance(error.__context__, EOFError):
            click.echo("\nThere is nobody to answer this. Say it by an option; see --help.", err=True)
            sys.exit(UNANSWERED)
        click.echo("\nStopped before its end. What it had done by then stands.", err=True)
        sys.exit(STOPPED)
