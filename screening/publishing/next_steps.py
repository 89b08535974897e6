"""What is to be done now with a rule set, in order: from a first check until patients have it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from screening.authoring.check import check_file
from screening.core.errors import RuleSetError
from screening.core.findings import Code, Problem
from screening.core.loading import CASES, load
from screening.core.loading import PAGE as FINGERPRINTS
from screening.core.rules import RuleSet
from screening.proving.prove import prove
from screening.publishing.refuse import case_problems, page_unsigned
from screening.publishing.sign import Dossier, Signatures, dossier, unsigned

StepName = Literal["check", "sources", "prove", "cases", "trace", "show", "sign", "publish"]
OF_SOURCES: tuple[Code, ...] = ("no-source", "long-phrase")
PAGE = "PAGE"  # stands for the treatment page's file in a command


@dataclass(frozen=True, slots=True)
class OpenStep:
    """One thing that is open, why, and the exact command; an address where it is done in a browser."""

    step: StepName
    why: str
    command: str


@dataclass(frozen=True, slots=True)
class FarCome:
    """How far a rule set has come in the database; None for what cannot be known without one."""

    found: Signatures | None = None
    published: bool = False
    wrong_version: Sequence[Problem] = ()  # why its number cannot be published any more


def next_steps(file: Path, today: date, come: FarCome) -> list[OpenStep]:
    """Only what is open, in the order it is done. What cannot be read comes alone: nothing follows before."""
    name = shlex.quote(str(file))
    try:
        rule_set = load(file)
        whole = dossier(file, rule_set)
        return [*_of_files(file, name, rule_set, today), *_of_people(name, whole, come)]
    except RuleSetError as error:
        step = _where_it_is_told(error.problems[0])
        held = f" --page {PAGE}" if step == "trace" else ""
        return [OpenStep(step, _told(error.problems), f"screening rules {step} {name}{held}")]


def _where_it_is_told(problem: Problem) -> Literal["check", "cases", "trace"]:
    """The command that reads this file: `check` looks at no cases and at no fingerprints."""
    if problem.place.file.endswith(CASES):
        return "cases"
    return "trace" if problem.place.file.endswith(FINGERPRINTS) else "check"


def _of_files(file: Path, name: str, rule_set: RuleSet, today: date) -> Iterator[OpenStep]:
    found = check_file(file, today, going_live=True).problems
    wrong: tuple[tuple[StepName, Sequence[Problem]], ...] = (
        ("check", [problem for problem in found if problem.code not in OF_SOURCES]),
        ("sources", [problem for problem in found if problem.code in OF_SOURCES]),
        ("prove", prove(rule_set).problems),
    )
    for step, problems in (each for each in wrong if each[1]):
        command = "prove" if step == "prove" else "check"
        yield OpenStep(step, _told(problems), f"screening rules {command} {name}")
    yield from _of_cases(file, name, rule_set)
    if open_ones := list(page_unsigned(file, rule_set)):
        where = f"{PAGE} is the page, saved from {rule_set.page.url}." if rule_set.page.url else ""
        why = f"{_told(open_ones)} {where}".rstrip()
        yield OpenStep("trace", why, f"screening rules trace {name} --page {PAGE} --sign")


def _of_cases(file: Path, name: str, rule_set: RuleSet) -> Iterator[OpenStep]:
    try:
        open_ones = list(case_problems(file, rule_set))
    except RuleSetError as error:  # they speak of a question that is gone, for instance
        yield OpenStep("cases", _told(error.problems), f"screening rules cases {name}")
        return
    if open_ones:
        generate = "" if any(problem.code in HAND_MADE for problem in open_ones) else "--generate "
        yield OpenStep("cases", _told(open_ones), f"screening rules cases {generate}{name}")


HAND_MADE: tuple[Code, ...] = (
    "case-failed",
    "generated-unsigned",
    "usual-missing",
)  # not mended by --generate


def _of_people(name: str, whole: Dossier, come: FarCome) -> Iterator[OpenStep]:
    if come.published:
        return
    if come.wrong_version:  # another number is another content, to be agreed to anew
        yield OpenStep("publish", _told(come.wrong_version), f"screening rules history {whole.rule_set.id}")
        return
    at = f"/staff/rules/{whole.rule_set.id}"
    open_ones = list(unsigned(whole, come.found)) if come.found is not None else []
    if come.found is None or open_ones:
        if come.found is None or come.found.agreed is None:
            why = "Whoever is to sign reads these pages."
            yield OpenStep("show", why, f"screening rules show {name}")
        unknown = "There is no database here, or none that answers, so nobody knows who has agreed."
        yield OpenStep("sign", _told(open_ones) if open_ones else unknown, at)
    live = "" if whole.rule_set.status == "live" else "First write status: live. "
    why = f"{live}Patients have version {whole.rule_set.version} from then on."
    held = f" --page {PAGE}" if whole.rule_set.page.url or whole.rule_set.page.sections else ""
    yield OpenStep("publish", why, f"screening rules publish {name}{held}")


def _told(problems: Sequence[Problem]) -> str:
    """The first of them, and how many there are."""
    first = problems[0]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return f"{first.place}: {first.message} {first.remedy}".rstrip() + more
