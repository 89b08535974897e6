"""`screening staff`: accounts of staff, from the server's own command line."""

from __future__ import annotations

import click

from screening.cli.lazily import LazyGroup, places_in

BRIEFS = {
    "add": "Make an account, and print its one-time password.",
    "list": "Print all accounts: address, roles, whether they may sign in, second factor, name, sites.",
    "sites": "Say where somebody works: at these sites and at no other.",
    "disable": "Keep somebody out, and sign them out everywhere, now.",
    "enable": "Let somebody in again.",
    "reset": "Print a new one-time password; the second factor is set up again at the next sign-in.",
}
COMMANDS = {name: ("account_commands", brief) for name, brief in BRIEFS.items()}


@click.group(cls=LazyGroup, places=places_in(__name__, COMMANDS))
def staff() -> None:
    """Make and change accounts of staff. Exit 1: there is no such account, or there is one already."""
