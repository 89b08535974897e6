"""`screening keys init` and `rotate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from screening.cli.ground import CommandLineGround
from screening.cli.keys.opened import opened
from screening.cli.refusing import told
from screening.core.errors import CannotOpen, NotReady
from screening.operating import other_keys, rotation
from screening.operating.backups.files import backup_key_file
from screening.operating.job import JobGround
from screening.service.audit_head import audit_key_file
from screening.service.held_keys import (
    SECRET_FILE,
    hold,
    index_file,
    private_file,
    secret_before,
    secret_of,
)
from screening.service.premises import utc_now
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage.sealing.keys import create_pair, load_opening_keys


@click.command("init")
@click.option(
    "--backup",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Make the pair for backups, its private half in FILE: to be kept elsewhere.",
)
def init_command(backup: Path | None) -> None:
    """Make the keys of a new instance, or with --backup the pair for backups."""
    if backup is not None:
        with told(CannotOpen):
            click.echo(_for_backups(load_settings(), backup))
        return
    with opened(begins=True) as (settings, engine):
        key = hold(settings, engine, utc_now()).sealing.key_id
        click.echo(f"{settings.keys}: the keys are there, and the database knows them. Key {key} seals.")


def _for_backups(settings: Settings, private: Path) -> str:
    public = backup_key_file(settings)
    if public.exists() or private.exists():
        there = public if public.exists() else private
        raise NotReady(f"{there}: is there already. Move it away first: older backups need its private half.")
    create_pair(public, private)
    return f"{private}: keep it elsewhere, in two places. With it every backup opens; without it none does."


@click.command("rotate")
@click.option(
    "--of",
    "purpose",
    type=click.Choice(["sealing", "index", "audit", "secret"]),
    default="sealing",
    help="The pair that seals requests (left out), the key that finds names, the one that signs the head, "
    "or the secret that signs cookies.",
)
@click.option("--finish", is_flag=True, help="Make none: do again all the rest, and put old keys aside.")
def rotate_command(purpose: str, finish: bool) -> None:
    """Make a new pair that seals requests from now on, or another key; the old one still opens.

    The service goes on, and needs no restart. `screening serve` seals, or indexes, earlier requests again,
    some at a time. When this was cut off, call it again.
    """
    with opened() as (settings, engine):
        ground = CommandLineGround(engine, settings)
        click.echo(_finished(ground, purpose) if finish else _rotated(ground, purpose))


def _rotated(ground: CommandLineGround, purpose: str) -> str:
    if purpose == "index":
        return f"Key {other_keys.rotate_index(ground)} indexes now. Copy blind-index to every server."
    if purpose == "audit":
        return f"Key {other_keys.rotate_audit(ground)} signs now. Copy audit-key to every server."
    if purpose == "secret":
        lost = not FILES[purpose](ground.settings).exists()
        before = "What the lost one signed counts no more." if lost else "The old one still counts."
        return f"Secret {other_keys.rotate_secret(ground)}: start the service again. {before}"
    return f"Key {rotation.rotate(ground)} seals now. Copy sealing.public to servers without private keys."


def _finished(ground: CommandLineGround, purpose: str) -> str:
    if purpose == "secret":
        _take_second_factors_along(ground)
    if purpose in ("audit", "secret"):
        gone = (other_keys.finish_audit if purpose == "audit" else other_keys.finish_secret)(ground)
    else:
        on = JobGround(ground, load_opening_keys(private_file(ground.settings)))
        gone = rotation.finish(on) if purpose == "sealing" else other_keys.finish_index(on)
    return f"Put aside into {FILES[purpose](ground.settings)}.old: {', '.join(gone) or 'none'}."


def _take_second_factors_along(ground: CommandLineGround) -> None:
    """A start does it too, but nobody need have started the service since the secret was changed."""
    from screening.accounts.second_factors import encrypt_again  # slow to load

    settings = ground.settings
    if settings.opens and (before := secret_before(settings)):
        encrypt_again(ground, secret_of(settings), before)


FILES: dict[str, Callable[[Settings], Path]] = {
    "sealing": private_file,
    "index": index_file,
    "audit": audit_key_file,
    "secret": lambda settings: settings.instance / SECRET_FILE,
}
