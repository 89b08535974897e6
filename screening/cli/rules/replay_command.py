"""`screening rules replay`: what a new version would have made of the requests that are kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.cli.rules.reporting import AS_JSON, DAY, FILE, page, print_json, refusing
from screening.core.errors import NotReady
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.wording import so_many
from screening.desk.shapes import COMMAND_LINE
from screening.publishing.replay import CHUNK, Errand, Replayed, references, replay
from screening.service.premises import utc_now
from screening.service.recording import record
from screening.settings import Settings
from screening.storage.sealing.keys import PRIVATE, load_opening_keys

SECTIONS = {
    "fewer_flags": "A flag would not rise, be handled more lightly, or be told to fewer",
    "more_flags": "A flag would rise, be handled sooner, or be told to more",
    "indicators": "An indicator would come out otherwise",
    "not_opened": "Could not be opened with this key",
}


@click.command("replay")
@click.argument("file", metavar="NEW", type=FILE)
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="Only requests received from this day on.")
@click.option("--i-am", "who", metavar="NAME", required=True, help="Who looks; it stands in the report.")
@click.option("--key", type=FILE, metavar="FILE", help="The private key; without it, the instance's own.")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="Processes that share the work; without it, one a core."
)
@AS_JSON
@told()
@refusing
def replay_command(
    file: Path, since: date | None, who: str, key: Path | None, processes: int | None, as_json: bool
) -> None:
    """Hold a new version against the kept requests: how many would come out otherwise, and which.

    Only who can read the clinic's private key can run it. It tells references, never answers. That the
    requests were read is in the audit; nothing else is written. Exit 1 when one would change or cannot be
    opened.
    """
    if not who.strip():
        raise click.BadParameter("write your name", param_hint="--i-am")
    rule_set, settings = load(file), settings_of_place()
    errand = Errand(settings.database, _key(settings, key), rule_set.document)
    zone = ZoneInfo(settings.time_zone)
    start = datetime.combine(since, time.min, zone) if since is not None else None
    wanted = references(errand.database, rule_set.id, start)
    _on_record(settings, who.strip(), wanted)
    found = replayed(errand, wanted, processes or os.cpu_count() or 1)
    report = _report(rule_set, who, since, found)
    if as_json:
        print_json(report)
    else:
        _tell(rule_set, report, found)
    raise SystemExit(1 if found.changed or found.not_opened else 0)


def _key(settings: Settings, given: Path | None) -> Path:
    """Read once before any work, so that what is wrong with it is said at once. Raises NotReady."""
    path = (given or settings.keys / PRIVATE).absolute()
    try:
        load_opening_keys(path)
    except NotReady as error:
        raise NotReady(f"Requests are opened with the clinic's private key. {error}") from None
    return path


def _on_record(settings: Settings, who: str, wanted: Sequence[str]) -> None:
    """That they are read, before they are. Raises NotReady, Unavailable."""
    with migrated(settings) as ground:
        for start in range(0, len(wanted), CHUNK):
            some = wanted[start : start + CHUNK]
            record(ground, "replayed", (COMMAND_LINE, who), requests=some)


def replayed(errand: Errand, wanted: list[str], processes: int) -> Replayed:
    """All of it, with a bar while it runs. Raises NotReady, Unavailable."""
    found = Replayed()
    columns = TextColumn("Replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(wanted))
        for part in replay(errand, wanted, processes):
            found.add(part)
            bar.advance(task, part.looked_at)
    return found


def _report(rule_set: RuleSet, who: str, since: date | None, found: Replayed) -> Plain:
    return {
        "rule_set": {"id": rule_set.id, "version": rule_set.version, "digest": rule_set.digest},
        "looked_at_by": who.strip(),
        "looked_at_on": utc_now().isoformat(timespec="seconds"),
        "since": since.isoformat() if since is not None else None,
        "changed": len(found.changed),
        **asdict(found),
    }


def _tell(rule_set: RuleSet, report: Plain, found: Replayed) -> None:
    with page() as console:
        for key, words in SECTIONS.items():
            if report[key]:
                console.print(f"[bold]{words}[/]: {len(report[key])}")
                console.print("    " + "  ".join(report[key]), style="dim")
        kept = so_many(found.looked_at, "kept request")
        console.print(f"{len(found.changed)} of {kept} would change with {rule_set.id} {rule_set.version}.")
        console.print(
            f"Looked at by {report['looked_at_by']} on {report['looked_at_on']}.", markup=False, style="dim"
        )
