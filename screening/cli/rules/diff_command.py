"""`screening rules diff`: what a change means."""

from __future__ import annotations

from pathlib import Path

import click

from screening.authoring.cases import load_cases
from screening.authoring.diff import Difference, diff
from screening.authoring.versions import read_archived
from screening.authoring.word_changes import RuleChange
from screening.cli.rules.reporting import AS_JSON, FILE, finish, page, refusing, safe
from screening.core.errors import RuleSetError
from screening.core.findings import on_one_line
from screening.core.loading import CASES, beside
from screening.core.stored import Stored
from screening.core.wording import so_many


@click.command("diff")
@click.argument("old", metavar="OLD", type=FILE)
@click.argument("new", metavar="NEW", type=FILE)
@AS_JSON
@refusing
def diff_command(old: Path, new: Path, as_json: bool) -> None:
    """Tell what a change means, over all possible answers, not which lines moved.

    Questions added, removed, reworded; flags that now rise or no longer rise, each with a patient;
    indicators likewise. Proves that no flag became quieter, or shows who would lose it: then exit 1.
    Each file is a rule set, or an archived document (.json).
    """
    found = diff(read_archived(old), read_archived(new), _usual(new))
    if not as_json:
        with page() as console:
            for change in found.changes:
                console.print(_line(change))
    problems = [*found.quieter, *found.unproved]
    finish(problems, as_json=as_json, clean=_clean(found), more=found.data())


def _usual(file: Path) -> Stored:
    """The usual patient of the cases, so that examples stay near; nobody where there is none."""
    path = beside(file, CASES)
    try:
        usual = load_cases(path).usual if path.exists() else {}
    except RuleSetError:
        return {}
    return {name: list(held) if isinstance(held, tuple) else held for name, held in usual.items()}


def _line(change: RuleChange) -> str:
    said = f"{change.kind} [bold]{safe(change.id)}[/]: {change.what}"
    if change.before or change.after:
        said += f": {safe(change.before) or 'nothing'} → {safe(change.after) or 'nothing'}"
    shown = (
        f"\n    [dim]for example: {safe(on_one_line(change.witness))}[/]"
        if change.witness is not None
        else ""
    )
    return said + shown


def _clean(found: Difference) -> str:
    return (
        f"{so_many(len(found.changes), 'change')}. Proved: no flag became quieter, for all possible answers."
    )
