"""Prover and engine are one meaning: compared on random rule sets, patient by patient."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from screening.authoring.cases import reason_of
from screening.core.assessment import assess
from screening.core.rules import RuleSet
from screening.proving import worlds as books
from screening.proving.model import World, sure, unsure
from screening.proving.patient_sets import ListedPatients
from screening.proving.prove import prove
from screening.proving.worlds import Book, all_leaves
from tests.authoring.strategies import everybody, rule_sets
from tests.proving.brute import brute
from tests.thorough import usually

pytestmark = pytest.mark.slow

RELAXED = settings(
    deadline=None,
    max_examples=usually(60, thorough=150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@given(rule_sets(most=3))
@RELAXED
def test_the_prover_finds_what_looking_at_everybody_finds(rule_set: RuleSet) -> None:
    found = {(finding.code, finding.place.line) for finding in prove(rule_set).problems}
    assert found == brute(rule_set)


@given(rule_sets(most=3))
@RELAXED
def test_a_solver_finds_the_same_as_counting(rule_set: RuleSet) -> None:
    counted = prove(rule_set)
    largest, books.LARGEST = books.LARGEST, 0
    try:
        solved = prove(rule_set)
    finally:
        books.LARGEST = largest
    assert [(one.code, one.place) for one in solved.problems] == [
        (one.code, one.place) for one in counted.problems
    ]


@given(rule_sets())
@RELAXED
def test_the_model_says_of_every_patient_what_the_engine_says(rule_set: RuleSet) -> None:
    everyone = list(everybody(rule_set))
    patients = everyone[:: 1 + len(everyone) // 800]
    world = World(rule_set, Book(rule_set).cones, ListedPatients(rule_set, patients))
    check(rule_set, world, patients)


@given(rule_sets(most=3))
@RELAXED
def test_every_combination_of_classes_is_a_patient_whom_the_engine_sees_alike(rule_set: RuleSet) -> None:
    doubt = [one for q in rule_set.questions for one in (sure(q), unsure(q)) if one is not None and q.answers]
    world, hard = Book(rule_set).world(rule_set.by_id, [*all_leaves(rule_set), *doubt])
    if hard:
        return
    size = world.space.everyone.bit_length()
    step = max(1, size // 200)
    chosen = range(0, size, step)
    patients = [world.space.find(1 << at) for at in chosen]
    check(rule_set, world, [one or {} for one in patients], list(chosen))


def check(
    rule_set: RuleSet, world: World, patients: list[dict[str, Any]], bits: list[int] | None = None
) -> None:
    """Holds every part of the world against the engine, bit by bit."""
    asked = {one.id: world.asked(one.id) for one in rule_set.questions}
    reasons = {flag.id: world.reasons(flag) for flag in rule_set.flags}
    raised = {flag.id: world.raised(flag) for flag in rule_set.flags}
    states = {one.id: world.states(one) for one in rule_set.indicators}
    for at, patient in zip(bits or range(len(patients)), patients, strict=True):
        seen = assess(rule_set, patient)
        assert {name for name, part in asked.items() if part >> at & 1} == set(seen.path.asked)
        for flag in seen.flags:
            assert bool(raised[flag.id] >> at & 1) == flag.raised
            names = zip(("answered", "not_sure", "not_answered"), reasons[flag.id], strict=True)
            said = [name for name, part in names if part >> at & 1]
            assert said == ([reason_of(flag)] if flag.raised else [])
        for one in seen.indicators:
            matched, possible = (part >> at & 1 for part in states[one.id])
            assert one.state == ("matched" if matched else "possible" if possible else "not_reported")
