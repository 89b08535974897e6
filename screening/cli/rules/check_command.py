"""`screening rules check` and `schema`: what can be said without running anything."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from screening.authoring import schema, versions
from screening.authoring.check import check
from screening.authoring.files import load_all
from screening.cli.rules.reporting import AS_JSON, DAY, FILE, PATHS, finish, given, print_json, refusing
from screening.core.errors import NotReady
from screening.core.wording import so_many
from screening.settings.environment import load_settings


def today() -> date:
    """The day, where the clinic is."""
    try:
        zone = load_settings().time_zone
    except NotReady:
        zone = "Europe/London"
    return datetime.now(ZoneInfo(zone)).date()


@click.command("check")
@PATHS
@click.option(
    "--against", metavar="COPY", type=FILE, help="An archived document, or the file as it went live."
)
@click.option("--record", is_flag=True, help="Keep the digests of live versions that have no problems.")
@click.option("--today", "today_", metavar="YYYY-MM-DD", type=DAY, help="Check as if it were this day.")
@AS_JSON
@refusing
def check_command(
    paths: tuple[Path, ...], against: Path | None, record: bool, today_: date | None, as_json: bool
) -> None:
    """Say everything that is wrong with rule sets and can be said without running them.

    Format, names, order, sources, audiences, words that decide or advise, reading age, labels that read
    alike, missing hints, the review date, and live versions that changed under one number.
    """
    where = given(paths)
    report = check(where, today_ or today(), against)
    if record and not report.problems:
        for file, rule_set in load_all(where):
            if rule_set.status == "live":
                versions.record(file, rule_set)
    clean = f"No problems in {so_many(len(report.rule_sets), 'rule set')}."
    finish(report.problems, report.warnings, as_json=as_json, clean=clean)


@click.command("schema")
@click.option(
    "--for", "kind", type=click.Choice(list(schema.KINDS)), default="rule-set", help="Which kind of file."
)
def schema_command(kind: str) -> None:
    """Print the JSON Schema of the format, so that an editor completes and checks while you type."""
    print_json(schema.KINDS[kind]())
