"""`screening keys export` and `import`: the keys in one file, under a password."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli.keys.opened import told
from screening.operating.key_room import SHORTEST_PASSWORD, put_back, to_take_along
from screening.settings import load_settings
from screening.storage.files import PRIVATE, write_whole
from screening.storage.sealing.escrow import lock, unlock

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("export")
@click.argument("file", type=_FILE)
@click.password_option("--password", help="Left out: it is asked for.")
def export_command(file: Path, password: str) -> None:
    """Write all keys into FILE, under a password.

    Whoever has both reads every request: keep FILE in one place and the password in another.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise click.BadParameter(f"use {SHORTEST_PASSWORD} characters or more", param_hint="--password")
    with told():
        files = to_take_along(load_settings())
        write_whole(file, lock(files, password), PRIVATE)
    click.echo(f"{file}: {', '.join(files)}.")


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--password", prompt=True, hide_input=True, help="Left out: it is asked for.")
def import_command(file: Path, password: str) -> None:
    """Put the keys of FILE where there are none."""
    with told():
        made = put_back(load_settings(), unlock(file.read_bytes(), password))
    for path in made:
        click.echo(path)
