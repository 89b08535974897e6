"""`screening safety`: what clinical safety officers run."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import click

from screening import __version__
from screening.authoring.files import load_all
from screening.cli.lazily import WholeGroup
from screening.cli.refusing import told
from screening.cli.rules.reporting import AS_JSON, FILE, finish, print_json, refusing
from screening.core.wording import so_many
from screening.hazards.check import LogFindings, check
from screening.hazards.checkout import checkout_at, tree_of
from screening.hazards.facts import Looked, PaperFacts, facts
from screening.hazards.log import HazardLog, load_log
from screening.hazards.papers import papers
from screening.hazards.report import read_report
from screening.settings import Settings, shipped
from screening.settings.clinic_time import day_of
from screening.settings.environment import load_settings
from screening.storage.files import made, write

LOG = click.argument("file", metavar="[FILE]", required=False, type=FILE)
REPORT = click.option(
    "--report",
    metavar="JUNIT.xml",
    type=FILE,
    help="Of a run of the whole suite: were the tests there, and did they pass?",
)
CHECKOUT = click.option(
    "--checkout", metavar="FOLDER", type=FILE, help="Where the tests and pages are; else above FILE, or here."
)


@click.group(cls=WholeGroup)
def safety() -> None:
    """Hold the hazard log against the program, and make papers of it.

    FILE is the hazard log; without one, docs/safety/hazards.yaml of this installation. The rule sets are the
    configured ones. Exit 0: done; 1: problems found; 2: something cannot be read.
    """


class _Looked(NamedTuple):
    """The log, what it was held against, and what was found."""

    settings: Settings
    log: HazardLog
    today: date
    against: Looked
    began: str  # the run of the tests, as its report says
    found: LogFindings


@safety.command("check")
@LOG
@REPORT
@CHECKOUT
@AS_JSON
@refusing
def check_command(file: Path | None, report: Path | None, checkout: Path | None, as_json: bool) -> None:
    """Say everything that is wrong with the hazard log.

    Controls that nothing shows, risks that fall by themselves, and what no hazard covers.
    """
    looked = _look(file, report, checkout, needed=True)
    log, found = looked.log, looked.found
    open_ones = [hazard.id for hazard in log.hazards if hazard.open]
    more = {"version": log.version, "digest": log.digest, "hazards": len(log.hazards), "open": open_ones}
    tests = "held against a run" if looked.against == "run" else "looked up, not run"
    clean = f"No problems in {so_many(len(log.hazards), 'hazard')}, {len(open_ones)} open; tests: {tests}."
    finish(found.problems, found.warnings, as_json=as_json, clean=clean, more=more)


@safety.command("case")
@LOG
@click.option(
    "--to", metavar="FOLDER", type=FILE, required=True, help="Where the papers go; made if need be."
)
@REPORT
@CHECKOUT
@AS_JSON
@refusing
def case_command(
    file: Path | None, to: Path, report: Path | None, checkout: Path | None, as_json: bool
) -> None:
    """Write the papers for a clinical safety officer to complete and sign, as HTML and PDF.

    Hazard log, safety case report, risk management summary, data protection impact assessment and DTAC
    answers. They are written also when the log has problems, and then say so: exit 1. Where there is no
    checkout, they say that the controls were not looked at.
    """
    looked = _look(file, report, checkout, needed=checkout is not None or report is not None)
    written = []
    made(to)
    for name, content in papers(_facts(looked)):
        write(to / name, content)
        written.append(str(to / name))
    problems = looked.found.problems
    if as_json:
        print_json({"problems": [one.data() for one in problems], "written": written})
    else:
        for name in written:
            click.echo(name.encode())
    if problems and not as_json:
        click.echo(
            f"{so_many(len(problems), 'problem')} in the log: screening safety check tells them.", err=True
        )
    sys.exit(bool(problems))


def _facts(looked: _Looked) -> PaperFacts:
    return facts(
        looked.log,
        looked.settings,
        [rule_set for _, rule_set in load_all([looked.settings.rules])],
        looked.found.problems,
        program=__version__,
        day=looked.today,
        looked=looked.against,
        began=looked.began,
    )


def _look(file: Path | None, report: Path | None, checkout: Path | None, *, needed: bool) -> _Looked:
    """`needed`: without a tree to hold the log against, nothing can be said."""
    with told():
        settings = load_settings()
    path = _short(file or shipped("docs/safety") / "hazards.yaml")
    log = load_log(path)
    today = day_of(settings, datetime.now(UTC))
    root = checkout or tree_of(path)
    if root is None and not needed:
        return _Looked(settings, log, today, "nothing", "", LogFindings((), ()))
    tree = checkout_at(root, path, settings.rules, today)
    run = read_report(report) if report else None
    found = check(log, tree, __version__, run)
    if run is None:
        return _Looked(settings, log, today, "tree", "", found)
    return _Looked(settings, log, today, "run", run.began, found)


def _short(path: Path) -> Path:
    """As one types it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
