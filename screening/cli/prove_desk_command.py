"""`screening prove-desk`: every history of a request, not a sample."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from screening.apart import end_with_whoever_began
from screening.cli.rules.reporting import AS_JSON
from screening.core.wording import so_many
from screening.proving.desk_claims import LETTERS
from screening.proving.desk_mutants import Bite, bites, mutants, sizes
from screening.proving.desk_search import SCOPES, Broken, Search, as_test, search
from screening.proving.histories import Scope


@click.command("prove-desk")
@click.option("--teeth", is_flag=True, help="Make every small mistake in the tables; tell which are noticed.")
@click.option(
    "--write-tests",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the history of each broken claim as a test.",
)
@AS_JSON
def prove_desk_command(teeth: bool, write_tests: Path | None, as_json: bool) -> None:
    """Prove, over all histories of a request at the desk, that nothing slips between word and booking.

    All series of what staff may do, of arrivals, of duplicates, of second requests and of time running
    out are tried with the functions that the desk runs. Each broken claim comes with its shortest history.
    """
    searches = [_searched(scope, quiet=as_json) for scope in SCOPES]
    broken = [fault for found in searches for fault in found.broken]
    if write_tests is not None and broken:
        write_tests.write_text("\n\n".join(map(as_test, broken)), encoding="utf-8")
    bitten = _bites(searches, quiet=as_json) if teeth else []
    if as_json:
        click.echo(json.dumps(_told(searches, broken, bitten), indent=2))
    else:
        _print(broken, bitten)
    missed = [bite for bite in bitten if bite.noticed is None and not bite.changes_nothing]
    raise SystemExit(1 if broken or missed else 0)


def _searched(scope: Scope, *, quiet: bool) -> Search:
    found = search(scope)
    if not quiet:
        click.echo(f"{found.scope.name}: {found.states:,} states, {found.steps:,} steps")
    return found


def _print(broken: list[Broken], bitten: list[Bite]) -> None:
    for fault in broken:
        click.echo(f"{fault.claim} does not hold ({LETTERS[fault.claim]}): {fault.wrong}.", err=True)
        for step in fault.history:
            click.echo(f"    {step}", err=True)
    if not broken:
        click.echo(f"Proved: {so_many(len(LETTERS), 'claim', 'holds', 'hold')} in all histories.")
    if bitten:
        counting = [bite for bite in bitten if not bite.changes_nothing]
        noticed = sum(bite.noticed is not None for bite in counting)
        harmless = so_many(len(bitten) - len(counting), "mistake", "changes", "change")
        click.echo(f"Noticed: {noticed} of {so_many(len(counting), 'mistake')}; {harmless} nothing.")
        for bite in counting:
            if bite.noticed is None:
                click.echo(f"    unnoticed: {bite.mutant}", err=True)


def _bites(searches: list[Search], *, quiet: bool) -> list[Bite]:
    found = bites(sizes(searches), os.cpu_count() or 1, end_with_whoever_began)
    if quiet:
        return [*found]
    with click.progressbar(found, length=len([*mutants()]), label="Mistakes") as shown:
        return [*shown]


def _told(searches: list[Search], broken: list[Broken], bitten: list[Bite]) -> dict[str, object]:
    return {
        "claims": dict(LETTERS),
        "scopes": [
            {"name": found.scope.name, "states": found.states, "steps": found.steps} for found in searches
        ],
        "broken": [fault._asdict() for fault in broken],
        "mistakes": [
            {
                "mistake": bite.mutant,
                "noticed_by": bite.noticed.claim if bite.noticed is not None else None,
                "changes_nothing": bite.changes_nothing,
            }
            for bite in bitten
        ],
    }
