"""`screening staff`: accounts, for whoever has the server; the first manager is made here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from screening.accounts import members
from screening.accounts.members import ShownAccount
from screening.cli.ground import CommandLineGround, settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.cli.terminal import harmless
from screening.core.complaints import did_you_mean
from screening.core.errors import Refused
from screening.core.workflow import ROLES
from screening.service.site_file import load_sites
from screening.settings.environment import load_settings

EMAIL = click.argument("email")
SITES = click.option(
    "--site", "sites", multiple=True, metavar="KEY", help="Where they work, by SCREENING_SITES; the default."
)


@click.command("add")
@EMAIL
@click.option("--name", required=True, help="As it stands in the history of requests.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="One or more.")
@click.option("--reason", default="", help="Why they need to see health answers; needed for a clinician.")
@SITES
def add_command(email: str, name: str, roles: tuple[str, ...], reason: str, sites: tuple[str, ...]) -> None:
    """Make an account, and print its one-time password."""
    if not members.is_email(email) or not name.strip():
        _problem(f"{email}: use an email address like name@example.com, and a name.")
    with _ground(begins=True) as ground:
        theirs = _sites(ground, sites)
        try:
            made = members.add(ground, None, email=email, name=name, roles=roles, reason=reason, sites=theirs)
        except Refused:
            longest = members.LONGEST_REASON
            _problem(f"{email}: say why they see health answers: --reason, {longest} characters or fewer.")
    if made is None:
        _problem(f"{email}: there is an account with this address. Change it with enable, disable or reset.")
    _tell(made)


@click.command("list")
def list_command() -> None:
    """Print all accounts: address, roles, whether they may sign in, second factor, name, sites."""
    with _ground() as ground:
        there = load_sites(ground.settings)
        for member in members.everyone(ground):
            state = "active" if member.active else "disabled"
            factor = "second factor" if member.second_factor else "no second factor yet"
            theirs = [site.key for site in there.each if site.rows in member.sites and site.key]
            name = " ".join(harmless(member.name).split())  # nor does it begin another line or column
            told = [member.email, ",".join(member.roles), state, factor, name]
            _say("\t".join([*told, ",".join(theirs)] if there.several else told))


@click.command("sites")
@EMAIL
@SITES
def sites_command(email: str, sites: tuple[str, ...]) -> None:
    """Say where somebody works: at these sites and at no other."""
    with _ground() as ground:
        members.set_sites(ground, None, _member(ground, email), _sites(ground, sites))
    _say(f"{email} works at {', '.join(sites) or 'the default site'}.")


@click.command("disable")
@EMAIL
def disable_command(email: str) -> None:
    """Keep somebody out, and sign them out everywhere, now."""
    with _ground() as ground:
        members.set_active(ground, None, _member(ground, email), active=False)
    _say(f"{email} is disabled.")


@click.command("enable")
@EMAIL
def enable_command(email: str) -> None:
    """Let somebody in again."""
    with _ground() as ground:
        members.set_active(ground, None, _member(ground, email), active=True)
    _say(f"{email} is enabled.")


@click.command("reset")
@EMAIL
def reset_command(email: str) -> None:
    """Print a new one-time password; the second factor is set up again at the next sign-in."""
    with _ground() as ground:
        made = members.reset(ground, None, _member(ground, email))
    _tell(made)


@contextmanager
def _ground(*, begins: bool = False) -> Iterator[CommandLineGround]:
    """The database, migrated; exit 2 when there is none to be had. `begins`: the first account makes it."""
    with told(), migrated(load_settings() if begins else settings_of_place()) as ground:
        yield ground


def _sites(ground: CommandLineGround, keys: tuple[str, ...]) -> list[str]:
    """Those of these keys, as rows have them. Exit 1 for one that is not there."""
    there = load_sites(ground.settings)
    found = [there.of_key(key) for key in keys]
    for key, site in zip(keys, found, strict=True):
        if site is None:
            _problem(f"{key}: there is no such site. {did_you_mean(key, [each.key for each in there.each])}")
    return [site.rows for site in found if site is not None] or [there.default.rows]


def _member(ground: CommandLineGround, email: str) -> ShownAccount:
    found = members.find(ground, email=email)
    if found is None:
        _problem(f"{email}: there is no such account. `screening staff list` shows all.")
    return found


def _tell(made: members.Made) -> None:
    _say(f"Email: {made.member.email}")
    _say(f"One-time password: {made.password}")
    hours = int(members.ONCE_WITHIN.total_seconds() // 3600)
    _say(f"It is not shown again, and works for {hours} hours.")
    _say("The first sign-in, at /staff, sets up a second factor and a new password.")


def _say(words: str) -> None:
    click.echo(words.encode())


def _problem(why: str) -> NoReturn:
    click.echo(why.encode(), err=True)
    sys.exit(1)
