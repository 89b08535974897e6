"""`screening rules evaluate`: one rule set, one patient."""

from __future__ import annotations

from pathlib import Path

import click

from screening.authoring.evaluate import check_answers, evaluate, read_answers
from screening.cli.refusing import told
from screening.cli.rules.reporting import FILE, print_json
from screening.core.errors import RuleSetError
from screening.core.findings import Place
from screening.core.loading import load


@click.command("evaluate")
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
    with told(RuleSetError):
        loaded = load(rule_set)
        answers = read_answers(answers_file)
        check_answers(loaded, answers, Place(str(answers_file)))
    print_json(evaluate(loaded, answers))
