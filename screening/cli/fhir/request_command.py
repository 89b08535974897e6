"""`screening fhir export-request`: one request, on the record."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import opened_desk
from screening.cli.refusing import stop, told
from screening.cli.rules.reporting import FILE, refusing
from screening.core.errors import Absent, CannotOpen
from screening.core.references import recognise
from screening.desk.desk import at_its_site
from screening.desk.outgoing import as_bundle
from screening.exports.fhir.bundles import KINDS_OF_BUNDLES
from screening.service.recording import Actor
from screening.storage.files import PRIVATE, write_whole


@click.command("export-request")
@click.argument("reference", metavar="REFERENCE")
@click.option("--i-am", "who", metavar="NAME", required=True, help="Who takes it; it stands in the audit.")
@click.option("--reason", metavar="WHY", required=True, help="It is kept in the audit: name no patient here.")
@click.option("--as", "kind", type=click.Choice(KINDS_OF_BUNDLES), default="collection", help="Which Bundle.")
@click.option("--to", metavar="FILE", type=FILE, help="Where it goes, for you alone; else standard output.")
@refusing
def export_request_command(reference: str, who: str, reason: str, kind: str, to: Path | None) -> None:
    """Write a kept request, with its health answers, as a Bundle of FHIR R4.

    It needs the private key. That it was taken, by whom and why, stands in the audit before it is written.
    """
    if not who.strip() or not reason.strip():
        raise click.BadParameter("write your name, and why", param_hint="--i-am, --reason")
    written = _bundle(reference, Actor("", who.strip()), kind, reason)
    if to is None:
        click.echo(written)
        return
    write_whole(to, written + b"\n", PRIVATE)


def _bundle(reference: str, who: Actor, kind: str, reason: str) -> bytes:
    wanted = recognise(reference) or reference
    with told(CannotOpen), opened_desk(settings_of_place()) as desk, at_its_site(desk, wanted):
        try:
            return as_bundle(desk, who, wanted, kind, reason=reason)
        except Absent:
            stop(f"There is no request {reference}.")
