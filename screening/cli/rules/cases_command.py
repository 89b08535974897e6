"""`screening rules cases`: worked examples, what they cover, and the few that the prover adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.table import Table

from screening.authoring import coverage, generate, written_cases
from screening.authoring.cases import Case, Cases, check_cases, load_cases
from screening.authoring.coverage import Coverage, Failure
from screening.authoring.files import GENERATED, cases_beside, load_all
from screening.authoring.signatures import standing
from screening.authoring.usual import write_usual
from screening.cli.rules.reporting import (
    AS_JSON,
    PATHS,
    finish,
    given,
    page,
    progress,
    refusing,
    safe,
)
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import CASES, beside
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.wording import so_many
from screening.storage.files import write


@click.command("cases")
@PATHS
@click.option(
    "--generate",
    "generating",
    is_flag=True,
    help="Write the few cases that notice every mistake, for sign-off.",
)
@click.option(
    "--coverage", "covering", is_flag=True, help="Show how often each rule and answer is spoken of."
)
@AS_JSON
@refusing
def cases_command(paths: tuple[Path, ...], generating: bool, covering: bool, as_json: bool) -> None:
    """Run the worked examples beside each rule set, and tell what they leave out.

    They stand in <id>.cases.yaml, generated ones in <id>.generated.cases.yaml, each waiting for a named
    person in its signed_off. Failures show what was expected and what came, and the line of the rule.
    """
    failed: list[Failure] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    found: dict[str, Plain] = {}
    for file, rule_set in load_all(given(paths)):
        if generating:
            warnings += _generate(file, rule_set)
        files = cases_beside(file, rule_set)
        with progress(f"Cases of {rule_set.id}") as track:
            failed += (failure for cases in track(files) for failure in coverage.failures(rule_set, cases))
        covered = coverage.coverage(rule_set, files)
        problems += [
            *coverage.no_cases(rule_set, beside(file, CASES), files),
            *coverage.unanswered(rule_set, files),
        ]
        warnings += [*coverage.missing(rule_set, covered), *_unsigned(files)] if files else []
        found[rule_set.id] = {"cases": sum(len(cases.cases) for cases in files), "coverage": covered.data()}
        if not as_json:
            _print_coverage(rule_set, files, covered, covering)
    if failed and not as_json:
        _print_failures(failed)
    problems += (failure.problem() for failure in failed)
    clean = f"Came out as expected: {so_many(sum(cases['cases'] for cases in found.values()), 'case')}."
    finish(
        problems, warnings, as_json=as_json, clean=clean, more={"rule_sets": found}, shown=("case-failed",)
    )


def _generate(file: Path, rule_set: RuleSet) -> Iterator[Problem]:
    """Writes the generated cases, and says what was left out of them.

    Where no usual patient is there, one is drafted. Raises RuleSetError where one is not whole.
    """
    own = beside(file, CASES)
    write_usual(file, rule_set)
    cases = check_cases(rule_set, load_cases(own))
    if problems := list(coverage.lacking(rule_set, cases)):
        raise RuleSetError(problems)
    path = beside(file, GENERATED)
    with progress(f"Generating cases for {rule_set.id}"):
        made = generate.generate(rule_set, cases.usual, _standing(path, rule_set, cases))
    write(path, written_cases.as_yaml(rule_set, cases.usual, made.cases).encode())
    if made.untried:
        what = f"{rule_set.id} is too large to look for all small mistakes: {made.untried:,} were left out."
        remedy = (
            "Each rule and follow-up is shown both ways; screening rules mutate tells what else is missed."
        )
        yield Problem(rule_set.place, "case-missing", what, remedy)


def _standing(path: Path, rule_set: RuleSet, now: Cases) -> list[Case]:
    """The cases that were generated before and are still true; none where they cannot be read."""
    try:
        return standing(rule_set, check_cases(rule_set, load_cases(path)), now) if path.exists() else []
    except RuleSetError:
        return []  # written anew


def _unsigned(files: Sequence[Cases]) -> Iterator[Problem]:
    for cases in files:
        if not cases.place.file.endswith(GENERATED):
            continue
        waiting = [case for case in cases.cases if not case.signed_off]
        if waiting:
            what = f"{len(waiting)} of {so_many(len(cases.cases), 'generated case')} still to be agreed to."
            remedy = "Read each sentence; where it is right, write your name as its signed_off."
            yield Problem(waiting[0].place, "generated-unsigned", what, remedy)


def _print_coverage(rule_set: RuleSet, files: Sequence[Cases], covered: Coverage, whole: bool) -> None:
    reached, there = covered.share()
    count = so_many(sum(len(cases.cases) for cases in files), "case", "speaks", "speak")
    with page() as console:
        console.print(f"[bold]{safe(rule_set.id)}[/]: {count} of {reached} of {so_many(there, 'thing')}.")
        if not whole:
            return
        for heading, counts in covered.data().items():
            console.print(f"  [bold]{heading.replace('_', '-')}[/]")
            for name, found in counts.items():
                said = ", ".join(
                    f"{word} {count}" if count else f"[red]{word} 0[/]" for word, count in found.items()
                )
                console.print(f"    {safe(name)}: {said}")


def _print_failures(failed: Sequence[Failure]) -> None:
    """What was expected and what came, side by side."""
    table = Table(title="Not as expected")
    for heading in ("Case", "About", "Expected", "Got", "Rule"):
        table.add_column(heading, overflow="fold")
    for failure in failed:
        surprise = failure.surprise
        words = (surprise.case.case, surprise.about, surprise.expected, surprise.got, str(failure.rule))
        table.add_row(*map(safe, words))
    with page() as console:
        console.print(table)
