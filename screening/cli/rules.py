"""`screening rules`: what authors of rule sets run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from screening.authoring.evaluate import check_answers, evaluate, read_answers
from screening.core import workflow
from screening.core.errors import Place, RuleSetError
from screening.core.loading import load

FILE = click.Path(path_type=Path)


@click.group()
def rules() -> None:
    """Work on rule sets."""


@rules.command("evaluate")
@click.argument("rule_set", metavar="RULESET.yaml", type=FILE)
@click.option(
    "--answers",
    "answers_file",
    metavar="ANSWERS.json",
    type=FILE,
    required=True,
    help="One patient's answers.",
)
def evaluate_command(rule_set: Path, answers_file: Path) -> None:
    """Print what a rule set makes of one patient's answers, as JSON.

    ANSWERS.json is {question: answer}; an answer is an answer id, a list of ids, a number, a date
    "YYYY-MM-DD", or text. Exit 2, with every problem named, when either file cannot be used.
    """
    try:
        loaded = load(rule_set)
        answers = read_answers(answers_file)
        check_answers(loaded, answers, Place(str(answers_file)))
    except RuleSetError as error:
        refuse(error)
    print_json(evaluate(loaded, answers))


@rules.command("states")
@click.option("--mermaid", is_flag=True, help="As a Mermaid diagram, which docs/states.mmd holds.")
def states_command(mermaid: bool) -> None:
    """Print what may become of a request: each move, from where to where, who may, and what must hold."""
    if mermaid:
        click.echo(workflow.as_mermaid(), nl=False)
        return
    rows = [("move", "from", "to", "who", "needs"), *workflow.as_table()]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def print_json(data: Any) -> None:
    """JSON for people and machines, in UTF-8 whatever the terminal's locale."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2).encode())


def refuse(error: RuleSetError) -> NoReturn:
    """Every problem on a line of its own, then exit 2."""
    for problem in error.problems:
        click.echo(str(problem).encode(), err=True)
    sys.exit(2)
