"""`screening bounces`: mails to patients that came back go on the desk's list of what was not delivered."""

from __future__ import annotations

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import opened_service
from screening.cli.refusing import as_sentence, stop
from screening.core.errors import NotReady, RuleSetError, Unavailable
from screening.logs import configure_logs
from screening.service import returned_mail

ENOUGH = returned_mail.LARGEST + 1  # bytes to see that a mail is too long
LARGEST_BOX = 200_000_000  # bytes of a file of mails
TRY_AGAIN = 75  # EX_TEMPFAIL: a mail server that pipes a mail here keeps it, and comes again
_ENVELOPE = b"From "  # begins each mail of an mbox, and the one mail that some servers pipe
TOLD = {
    "failed": "failed",
    "delayed": "late and still tried",
    "known": "known already",
    "clinics": "to the clinic itself",
    "not_ours": "of no mail of ours",
    "no_report": "no reports",
    "too_long": "too long to be read",
}


@click.command()
@click.argument("mails", metavar="FILE")
def bounces(mails: str) -> None:
    """Put mails to patients that came back on the desk's list; FILE is a mail, an mbox, or - for a pipe.

    For the pipe of a mail server, see docs/messages.md. Exit 0: it was read, whatever it was; 2: it could not
    be; 75: the database did not answer, try again.
    """
    try:
        settings = settings_of_place()
        configure_logs(settings.log_level, settings.log_file)
        _check(mails)
        with opened_service(settings) as service:
            counted = Counter(
                returned_mail.take(service, content) if content is not None else "too_long"
                for content in mails_in(mails)
            )
    except (RuleSetError, NotReady) as error:
        stop(error)
    except OSError as error:
        stop(f"{error.filename or mails}: cannot be read: {error.strerror or type(error).__name__}.")
    except Unavailable as error:
        click.echo(as_sentence(error), err=True)
        sys.exit(TRY_AGAIN)
    click.echo(", ".join(f"{words} {counted[name]}" for name, words in TOLD.items()).capitalize() + ".")


def _check(name: str) -> None:
    if name != "-" and Path(name).stat().st_size > LARGEST_BOX:
        raise NotReady(f"{name}: is longer than {LARGEST_BOX:,} bytes. Split it.")


def mails_in(name: str) -> Iterator[bytes | None]:
    """Each mail; None for one that is too long. Raises OSError."""
    if name == "-":
        yield _one(sys.stdin.buffer.read(ENOUGH))
        return
    file = Path(name)
    with file.open("rb") as opened:
        begins = opened.read(len(_ENVELOPE))
        opened.seek(0)
        if begins != _ENVELOPE:
            yield _one(opened.read(ENOUGH))
            return
    box = mailbox.mbox(file, create=False)
    try:
        for key in box.iterkeys():
            yield _one(box.get_file(key).read(ENOUGH))
    finally:
        box.close()


def _one(content: bytes) -> bytes | None:
    if len(content) >= ENOUGH:
        return None
    return content.partition(b"\n")[2] if content.startswith(_ENVELOPE) else content
