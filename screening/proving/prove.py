"""Proves a rule set for all possible answers, not a sample; each failed claim comes with a patient.

A every question can be asked. B every rule can appear and can stay away. C every part of a condition
decides for somebody. D no safety answer is lost. E no safety question is hidden but by a clearing
answer to another. F worse is never quieter. G unasked answers never matter. H no two rules are the
same. I every path ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from screening.core.conditions import leaves
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.proving.answer_classes import classes_of
from screening.proving.claims import conditions
from screening.proving.examination import SERIOUS, Examination, named
from screening.proving.model import World
from screening.proving.patient_sets import ListedPatients
from screening.proving.safety_claims import hidden_questions, lost_answers, quieter_flags, stale_answers
from screening.proving.worlds import Book, leaves_of


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of every claim; `hard` names what was too large to enumerate, and so to review."""

    problems: tuple[Problem, ...]
    hard: tuple[str, ...]
    checked: Mapping[str, int]  # code -> how many claims were examined


def prove(rule_set: RuleSet) -> Proof:
    """Examines every claim; needs no file and no clock, so it can run at every start."""
    examination = Examination(Book(rule_set))
    found = [problem for claims in _CLAIMS for problem in _within_budget(examination, claims)]
    ordered = sorted(found, key=lambda problem: problem.order)
    return Proof(tuple(ordered), tuple(examination.hard), dict(examination.checked))


def _within_budget(
    examination: Examination, claims: Callable[[Examination], Iterator[Problem]]
) -> Iterator[Problem]:
    """The problems of some claims; where one is too large, that it is, and about which rule."""
    examination.checked["unproved"] += 1
    try:
        yield from claims(examination)
    except RuleSetError as error:
        rule_set = examination.book.rule_set
        places = {named(rule): rule.place for rule in (*rule_set.questions, *rule_set.rules)}
        place = places.get(examination.owner, rule_set.place)
        for problem in error.problems:
            what = f"The {examination.owner} is not proved. {problem.message}"
            yield Problem(place, "unproved", what, problem.remedy)


def serious(proof: Proof) -> tuple[Problem, ...]:
    """The problems of claims D to G, and what is unproved: a live rule set with any of them is not served."""
    return tuple(problem for problem in proof.problems if problem.code in SERIOUS)


def _endless(examination: Examination) -> Iterator[Problem]:
    """I: a question looks only upwards, and what is required can be answered."""
    cones = examination.book.cones
    for question in examination.book.rule_set.questions:
        examination.checked["endless"] += 1
        if any(not cones.above(leaf, cones.position(question.id)) for leaf in leaves(question.ask_when)):
            what = f"The ask_when of the {named(question)} looks at a question that is not above it."
            yield Problem(question.place, "endless", what, "Move that question up, or this one down.")
        if question.required and not _can_be_answered(question):
            what = f"The {named(question)} is required, and there is no answer to it: nobody gets past it."
            yield Problem(question.place, "endless", what, "Widen its range, or write required: false.")


def _can_be_answered(question: Question) -> bool:
    if question.kind.chosen:
        return bool(question.answers)
    classes = classes_of(question, [], 2 + len(question.answers))
    return classes is None or len(classes) > 1


def _same_rules(examination: Examination) -> Iterator[Problem]:
    """H: no two flags, and no two indicators, come out the same for every patient.

    Those that differ for a patient who showed something of any rule differ; only the rest is compared.
    """
    rule_set = examination.book.rule_set
    shown = World(rule_set, examination.book.cones, ListedPatients(rule_set, examination.patients))
    alike: dict[object, list[Flag | Indicator]] = {}
    rules: list[Flag | Indicator] = [*rule_set.flags, *rule_set.indicators]
    for rule in rules:
        examination.checked["same-rule"] += 1
        first = alike.setdefault((type(rule), _parts(shown, rule)), [])
        for other in first:
            if (problem := _same(examination, other, rule)) is not None:
                yield problem
                break
        else:
            first.append(rule)


def _parts(world: World, rule: Flag | Indicator) -> tuple[int, ...]:
    return (world.raised(rule),) if isinstance(rule, Flag) else world.states(rule)


def _same(examination: Examination, first: Flag | Indicator, second: Flag | Indicator) -> Problem | None:
    told = [leaf for rule in (first, second) for leaf in leaves_of(rule)]
    world = examination.world(named(second), [*first.looks_at, *second.looks_at], told)
    space = world.space
    firsts, seconds = _parts(world, first), _parts(world, second)
    for mine, yours in zip(firsts, seconds, strict=True):
        either = space.some((mine, yours)), space.but(space.every((mine, yours)))
        if space.any(space.every(either)):
            return None
    if not space.any(space.some(firsts)):
        return None  # neither ever appears, which is told already
    what = f'The {named(second)} always comes out the same as "{first.id}" (line {first.place.line}).'
    remedy = "Keep one of the two, or name in each what only it stands for."
    return Problem(second.place, "same-rule", what, remedy, space.find(space.some(firsts)))


_CLAIMS: tuple[Callable[[Examination], Iterator[Problem]], ...] = (
    _endless,
    conditions,
    lost_answers,
    hidden_questions,
    quieter_flags,
    stale_answers,
    _same_rules,
)
