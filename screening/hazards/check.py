"""Everything that is wrong with a hazard log, all in one go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.core.complaints import did_you_mean
from screening.core.findings import CODES, Problem
from screening.hazards.checkout import Checkout, claims
from screening.hazards.covering import uncovered
from screening.hazards.log import Evidence, Hazard, HazardLog
from screening.hazards.matrix import LIKELIHOODS, SEVERITIES, TO_JUSTIFY, UNACCEPTABLE
from screening.hazards.report import Report


@dataclass(frozen=True, slots=True)
class LogFindings:
    """Problems, and warnings that stop nobody: the hazards that are open."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(log: HazardLog, checkout: Checkout, version: str, report: Report | None = None) -> LogFindings:
    """Holds the log against the tree, the rule sets and, where it is given, a run of the tests.

    `version` is that of the program, for which a risk is accepted. Raises RuleSetError for rule sets or
    cases that cannot be read.
    """
    problems: list[Problem] = [*_same_names(log), *uncovered(log, checkout)]
    warnings: list[Problem] = []
    for index, hazard in enumerate(log.hazards):
        wrong = [list(_control(log, index, at, checkout, report)) for at in range(len(hazard.controls))]
        problems += [problem for each in wrong for problem in each]
        problems += _risks(log, index, [] in wrong, version)
        if hazard.open:
            warnings.append(_is_open(log, index))
    ordered = sorted(problems, key=lambda problem: problem.order)
    return LogFindings(tuple(ordered), tuple(warnings))


def _same_names(log: HazardLog) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, hazard in enumerate(log.hazards):
        if first.setdefault(hazard.id, index) != index:
            what = (
                f'The hazard "{hazard.id}" stands here again; the first is at {log.place(first[hazard.id])}.'
            )
            yield Problem(log.place(index, "id"), "duplicate-id", what, "Give one of them another id.")


def _control(
    log: HazardLog, index: int, at: int, checkout: Checkout, report: Report | None
) -> Iterator[Problem]:
    evidence = list(log.evidence(index, at))
    if not evidence:
        what = f'A control of "{log.hazards[index].id}" names nothing that shows it.'
        remedy = "Add test:, claim:, check:, case: or page:, or leave it out and say what is missing."
        yield Problem(log.place(index, "controls", at), "control-unknown", what, remedy)
    for one in evidence:
        problem = wrong_with(one, checkout, report)
        if problem is not None:
            yield problem


def wrong_with(evidence: Evidence, checkout: Checkout, report: Report | None) -> Problem | None:
    """Why this shows nothing: it is not there, or did not run, or did not pass; None where it does."""
    name, place = evidence.name, evidence.place
    if evidence.kind == "test":
        return _test(evidence, checkout, report)
    if evidence.kind == "page":
        what, remedy = f'There is no page "{name}", or not these words in it.', "Mend the path or the words."
        return None if checkout.has_page(name) else Problem(place, "control-unknown", what, remedy)
    known = {"claim": claims(), "check": CODES, "case": checkout.cases}[evidence.kind]
    if name not in known:
        what = f'There is no {evidence.kind} "{name}".'
        return Problem(place, "control-unknown", what, did_you_mean(name, known))
    if _holds(evidence, checkout):
        return None
    command = {"claim": "prove", "check": "check", "case": "cases"}[evidence.kind]
    what = f'The {evidence.kind} "{name}" does not hold of the rule sets.'
    return Problem(place, "control-failed", what, f"screening rules {command} says where.")


def _holds(evidence: Evidence, checkout: Checkout) -> bool:
    if evidence.kind == "case":
        return checkout.case_holds(evidence.name)
    return evidence.name not in (
        checkout.failed_claims if evidence.kind == "claim" else checkout.failed_checks
    )


def _test(evidence: Evidence, checkout: Checkout, report: Report | None) -> Problem | None:
    name, place = evidence.name, evidence.place
    if not checkout.has_test(name):
        what, remedy = f'There is no test "{name}".', "Write tests/path.py::name_of_the_test as it is now."
        return Problem(place, "control-unknown", what, remedy)
    if report is None:
        return None
    outcomes = report.of(name)
    if not outcomes:
        what, remedy = f'The test "{name}" did not run.', "Run the whole suite, and give its report."
        return Problem(place, "control-not-run", what, remedy)
    if "failed" in outcomes:
        what, remedy = (
            f'The test "{name}" failed in this run.',
            "Mend what it shows; until then the risk stands.",
        )
        return Problem(place, "control-failed", what, remedy)
    if "skipped" in outcomes:
        what = f'The test "{name}" was skipped in this run, in whole or in part.'
        return Problem(place, "control-skipped", what, "Give it what it needs: .ci/run does.")
    return None


def _risks(log: HazardLog, index: int, shown: bool, version: str) -> Iterator[Problem]:
    hazard, place = log.hazards[index], log.place(index, "residual")
    before, after = hazard.initial, hazard.residual
    severity = SEVERITIES.index(after.severity) - SEVERITIES.index(before.severity)
    likelihood = LIKELIHOODS.index(after.likelihood) - LIKELIHOODS.index(before.likelihood)
    if severity > 0 or likelihood > 0:
        what = f'"{hazard.id}" is worse with its controls ({after.risk}) than without ({before.risk}).'
        yield Problem(
            place, "risk-rose", what, "Mend one of the two estimates, or the control that does harm."
        )
    elif (severity or likelihood) and not shown:
        what = f'The risk of "{hazard.id}" falls, and no control of it is shown.'
        yield Problem(place, "fall-unshown", what, "Name what shows a control, or estimate as without one.")
    if after.risk >= TO_JUSTIFY and hazard.missing is None:
        yield from _not_accepted(log, index, version)


def _not_accepted(log: HazardLog, index: int, version: str) -> Iterator[Problem]:
    hazard, place = log.hazards[index], log.place(index, "residual")
    accepted, after = hazard.accepted, hazard.residual
    if after.risk >= UNACCEPTABLE:
        what = f'A risk of {after.risk} is left of "{hazard.id}", which nobody can accept.'
        yield Problem(place, "risk-left", what, "Say under missing: what has to come.")
    elif accepted is None:
        what = f'A risk of {after.risk} is left of "{hazard.id}".'
        remedy = f"Say under missing: what has to come, or have it accepted by name for {version}."
        yield Problem(place, "risk-left", what, remedy)
    elif accepted.version != version:
        what = f'The risk left of "{hazard.id}" was accepted for {accepted.version}; this is {version}.'
        remedy = "Have it looked at again, and accepted for this version."
        yield Problem(log.place(index, "accepted", "version"), "risk-left", what, remedy)


def _is_open(log: HazardLog, index: int) -> Problem:
    hazard = log.hazards[index]
    what = f'"{hazard.id}" is open: {hazard.missing or "it has no control yet."}'
    return Problem(log.place(index), "hazard-open", what, "")


def state(hazard: Hazard) -> str:
    """`open`, `accepted` or `controlled`."""
    return "open" if hazard.open else "accepted" if hazard.accepted else "controlled"
