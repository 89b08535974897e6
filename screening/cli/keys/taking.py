"""`screening keys export` and `import`: the keys in one file, under a password or under shares on paper."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import click

from screening.cli.keys.opened import end_with
from screening.cli.refusing import told
from screening.core.errors import CannotOpen, NotReady
from screening.operating.key_room import SHORTEST_PASSWORD, put_back, rehearse, to_take_along
from screening.settings.environment import load_settings
from screening.storage.files import PRIVATE, write_whole
from screening.storage.sealing.escrow import lock, unlock
from screening.storage.sealing.shares import FEWEST, MOST, join, needed_with, split

_FILE = click.Path(path_type=Path, dir_okay=False)
_WIDE = 72  # columns of a sheet of paper


@click.command("export")
@click.argument("file", type=_FILE)
@click.option("--password", help="Left out: it is asked for.")
@click.option(
    "--shares", type=click.IntRange(FEWEST, MOST), help="Instead: so many shares on paper open FILE."
)
@click.option("--of", "made", type=click.IntRange(FEWEST, MOST), help="How many shares are printed.")
def export_command(file: Path, password: str | None, shares: int | None, made: int | None) -> None:
    """Write all keys into FILE, under a password or under shares to be printed.

    Whoever has both reads every request: keep FILE in one place and the password in another. Of shares, give
    each to another person: so many of them open FILE, and fewer tell nothing.
    """
    if (shares is None) != (made is None) or (shares or 0) > (made or 0):
        raise click.BadParameter("say how many it takes, and of how many: --shares 3 --of 5")
    with told(CannotOpen):
        if file.exists():
            raise NotReady(f"{file}: is there already. Name another file: these keys may be the only ones.")
    printed: list[str] = []
    if shares and made:
        password, printed = split(shares, made)
    else:
        password = password or _password(confirmed=True)
    if len(password) < SHORTEST_PASSWORD:
        raise click.BadParameter(f"use {SHORTEST_PASSWORD} characters or more", param_hint="--password")
    with told(CannotOpen):
        files = to_take_along(load_settings())
        write_whole(file, lock(files, password), PRIVATE)
    for number, share in enumerate(printed, 1):
        click.echo(f"Share {number} of {made}. Any {shares} of them open {file.name}.\n")
        click.echo(textwrap.fill(share, _WIDE) + "\n\n")
    click.echo(f"{file}: {', '.join(files)}.", err=bool(printed))


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--password", help="Left out: it is asked for.")
@click.option("--shares", is_flag=True, help="Instead: the shares are asked for, one after the other.")
@click.option(
    "--drill", is_flag=True, help="Puts nothing there: finds out whether the keys are the database's."
)
def import_command(file: Path, password: str | None, shares: bool, drill: bool) -> None:
    """Put the keys of FILE where there are none."""
    with told(CannotOpen):
        locked = file.read_bytes()
    if shares:
        password = _asked_for()
    elif password is None:
        password = _password()
    with told(CannotOpen):
        files = unlock(locked, password)
        if drill:
            end_with(rehearse(load_settings(), files))
        for path in put_back(load_settings(), files):
            click.echo(path)


def _password(*, confirmed: bool = False) -> str:
    """Hidden while somebody types it; one that comes through a pipe is read as it is."""
    hidden = sys.stdin.isatty()
    asked: str = click.prompt("Password", hide_input=hidden, confirmation_prompt=confirmed, err=True)
    return asked


def _asked_for() -> str:
    """What the shares give; one that is mistyped is asked for again."""
    given: list[str] = []
    wanted = FEWEST
    while len(given) < wanted:
        share = " ".join(click.prompt(f"Share {len(given) + 1}", err=True).lower().split())
        try:
            wanted = needed_with(share)
        except CannotOpen as error:
            click.echo(str(error).encode(), err=True)
            continue
        given += [share] if share not in given else []
    with told(CannotOpen):
        return join(given)
