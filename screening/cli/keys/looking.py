"""`screening keys list` and `check`."""

from __future__ import annotations

import click

from screening.cli.keys.opened import end_with, opened
from screening.core.wording import so_many
from screening.operating.key_room import KnownKey, amiss, listed
from screening.service.premises import utc_now


@click.command("list")
def list_command() -> None:
    """Print which keys there are, and what needs them."""
    with opened() as (settings, engine):
        for key in listed(settings, engine):
            click.echo("\t".join(_told(key)))


def _told(key: KnownKey) -> list[str]:
    since = f"{key.since:%Y-%m-%d %H:%M}" if key.since is not None else "unregistered"
    here = {True: "opens here", False: "not here", None: ""}[key.here]
    parts = so_many(key.parts, "part") if key.here is not None or key.parts else ""
    return [key.purpose, key.key_id, since, "current" if key.current else "earlier", here, parts]


@click.command("check")
def check_command() -> None:
    """Find out whether the keys here are the database's, and open all that is sealed: exit 1 if not."""
    with opened() as (settings, engine):
        problems = amiss(settings, engine, utc_now())
    end_with(problems)
