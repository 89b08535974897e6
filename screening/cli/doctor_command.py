"""`screening doctor`: what is wrong with where the service runs."""

from __future__ import annotations

import sys

import click

from screening.cli.refusing import told
from screening.core.wording import so_many
from screening.operating.checks import CHECKS
from screening.operating.doctor import ASKED, BEFORE_PATIENTS, ask_record, examine
from screening.operating.surroundings import look
from screening.service.premises import utc_now
from screening.settings.environment import load_settings


@click.command()
@click.option("--deploy", is_flag=True, help="Also what must hold before patients come.")
def doctor(deploy: bool) -> None:
    """Find out what is wrong with where the service runs, and what to do; changes nothing: exit 1 if so."""
    weights = BEFORE_PATIENTS if deploy else ASKED
    now = utc_now()
    with told():
        settings = load_settings()
        found = examine(look(settings, now, ask_record(settings, now)), weights)
    for finding in found:
        click.echo(str(finding).encode(), err=True)
    asked = sum(check.weight in weights for check in CHECKS)
    click.echo(f"{so_many(asked, 'check')}, {so_many(len(found), 'problem')}.")
    sys.exit(1 if found else 0)
