"""How a command ends that was broken off: by Ctrl+C, by a file, for want of an answer, as nobody reads on."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT, SIGPIPE

import click

STOPPED, UNREAD = 128 + SIGINT, 128 + SIGPIPE  # as shells count: never 1, which says that problems were found
REFUSED = 2
WHAT_TO_DO = {
    errno.EACCES: "Run it as the user whose file it is, or change its rights.",
    errno.EPERM: "Run it as the user whose file it is, or change its rights.",
    errno.EISDIR: "Name a file.",
    errno.ENOENT: "Check the name and the folder.",
    errno.ENOSPC: "Make room on the disk.",
    errno.ENOTDIR: "Check the name and the folder.",
}


@contextmanager
def broken_off() -> Iterator[None]:
    """Tells it in a sentence, with a code of its own."""
    try:
        yield
    except BrokenPipeError:
        _leave_unwritten()
        sys.exit(UNREAD)
    except OSError as error:
        if error.filename is None:
            if error.errno != errno.ENOSPC:
                raise
            _leave_unwritten()  # files have a name, so it was where standard output goes
        which, remedy = error.filename or "Standard output", WHAT_TO_DO.get(error.errno or 0, "")
        what = f"{which}: cannot be used ({error.strerror}). {remedy}"
        click.echo(what.rstrip().encode(errors="replace"), err=True)
        sys.exit(REFUSED)
    except (KeyboardInterrupt, click.Abort) as error:
        if isinstance(error.__context__, EOFError):
            click.echo(
                "\nThere is nobody to answer this. Run it in a terminal; --help tells options.", err=True
            )
            sys.exit(REFUSED)
        click.echo("\nStopped before its end. What it had done by then stands.", err=True)
        sys.exit(STOPPED)


def _leave_unwritten() -> None:
    """What is still to be flushed; or it would fail again at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
