"""`screening rules prove` and `mutate`: for all possible answers, not a sample."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from screening.authoring import coverage, witnesses
from screening.authoring.files import cases_beside, load_all
from screening.authoring.mutants import Mutant
from screening.authoring.mutate import MutationReport, Noticed, mutate
from screening.cli.rules.reporting import AS_JSON, PATHS, finish, given, progress, refusing
from screening.core.ages import bounds
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.core.wording import so_many
from screening.proving.prove import Proof, prove
from screening.proving.safety_claims import hiding


@click.command("prove")
@PATHS
@click.option("--write-cases", is_flag=True, help="Save each example patient as a case beside the rule set.")
@AS_JSON
@refusing
def prove_command(paths: tuple[Path, ...], write_cases: bool, as_json: bool) -> None:
    """Prove, for all possible answers, that no safety answer is lost, hidden or made quieter.

    Also that every question, rule and part of a condition has a use, that unasked answers never
    matter, and that every path ends. Each failed claim comes with a patient for whom it fails.
    """
    loaded = load_all(given(paths))
    problems: list[Problem] = []
    proofs: dict[str, Proof] = {}
    with progress("Proving") as track:
        for file, rule_set in track(loaded):
            proof = proofs[rule_set.id] = prove(rule_set)
            problems += (problem for problem in proof.problems if problem not in problems)
            if write_cases:
                witnesses.write_cases(file, rule_set, proof.problems)
    claims = sum(sum(proof.checked.values()) for proof in proofs.values())
    said = so_many(claims, "claim", "holds", "hold")
    clean = f"Proved: {said} for all possible answers to {_count(loaded)}."
    hides = {rule_set.id: hiding(rule_set) for _, rule_set in loaded}
    told = {
        name: {"checked": dict(proof.checked), "hard_to_review": list(proof.hard), "hides": hides[name]}
        for name, proof in proofs.items()
    }
    for name, hidden in () if as_json else hides.items():
        for line in hidden:
            click.echo(f"{name}: not asked of everyone is the safety question {line}")
    finish(problems, _hard(proofs, loaded), as_json=as_json, clean=clean, more={"rule_sets": told})


def _count(loaded: list[tuple[Path, RuleSet]]) -> str:
    return so_many(len(loaded), "rule set")


def _hard(proofs: Mapping[str, Proof], loaded: list[tuple[Path, RuleSet]]) -> list[Problem]:
    """A warning for each rule set with claims that nobody could check by hand."""
    found = []
    for _, rule_set in loaded:
        hard = proofs[rule_set.id].hard
        if hard:
            what = f"Hard to review, since many answers decide together: {', '.join(hard)}."
            remedy = "Split the conditions, or let fewer questions decide."
            found.append(Problem(rule_set.place, "too-large", what, remedy))
    return found


@click.command("mutate")
@PATHS
@AS_JSON
@refusing
def mutate_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Make every small mistake, and tell which share of them proofs and cases notice.

    An answer dropped from a condition, "all" for "any", a flag that looks at another question, another
    handling or audience. Mistakes that change nothing are proved to do so, and left out.
    """
    problems: list[Problem] = []
    shares: dict[str, Shares] = {}
    for file, rule_set in load_all(given(paths)):
        cases = cases_beside(file, rule_set)
        failed = coverage.failed(rule_set, cases)
        problems += failed
        if failed:
            continue  # a case that fails as it is would notice everything
        with progress(f"Mutating {rule_set.id}") as track:
            report = mutate(rule_set, cases, track)
        shares[rule_set.id] = _shares(report)
        problems += [_missed(rule_set, each) for each in report.missed]
    if not as_json:
        _print_shares(shares)
    told = {name: found._asdict() for name, found in shares.items()}
    finish(problems, as_json=as_json, clean="Every mistake would be noticed.", more={"rule_sets": told})


DAYS = ("2026-11-24", "2026-11-25")  # the day before a birthday, and the birthday


class Shares(NamedTuple):
    """How many mistakes there are, and which share of them is noticed, from 0 to 1."""

    mutants: int
    equivalent: int
    by_prove: float
    by_cases: float
    by_both: float


def _shares(report: MutationReport) -> Shares:
    shares = (round(share, 4) for share in (report.by_prove, report.by_cases, report.by_both))
    return Shares(len(report.noticed), report.equivalent, *shares)


def _print_shares(shares: Mapping[str, Shares]) -> None:
    for name, found in shares.items():
        by = f"prove {found.by_prove:.1%}, cases {found.by_cases:.1%}, both {found.by_both:.1%}"
        counts = f"{so_many(found.mutants, 'mistake')} ({found.equivalent} more without effect)"
        words = f"{name}: {counts}; noticed by {by}."
        click.echo(words.encode())


def _missed(rule_set: RuleSet, noticed: Noticed) -> Problem:
    mutant, patient = noticed.mutant, noticed.patient or None
    what = f"Nothing would notice this mistake: {mutant.what}."
    of_age = mutant.rule_set.age != rule_set.age
    remedy = _on_birthdays(rule_set, mutant) if of_age else "Write a case for this patient."
    return Problem(mutant.rule.place, "change-unnoticed", what, remedy, patient)


def _on_birthdays(rule_set: RuleSet, mutant: Mutant) -> str:
    """Of the age rule, which looks at the day and at no answer besides: a case for each bound mistaken."""
    before, after = bounds(rule_set.age), bounds(mutant.rule_set.age)
    cases = []
    for side, years in before.items():
        birthday, rings = (years, DAYS) if side == "under" else (years + 1, DAYS[::-1])
        born = f"{mutant.rule.id}: {int(DAYS[1][:4]) - birthday}{DAYS[1][4:]}"
        if after.get(side) != years:
            cases.append(f"{{differs: {{{born}}}, expect: {{rings_on: {rings[0]}, no_ring_on: {rings[1]}}}}}")
    return f"Write a case for a birthday and the day before it: {' and '.join(cases)}."
