"""The conditions of flags and indicators mean to other people's FHIRPath engines what they mean to ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from screening.core.assessment import Assessment, assess
from screening.core.journey import voice_of
from screening.core.kept import keep
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.stored import Stored
from screening.exports.fhir.kinds import answers
from screening.exports.fhir.questionnaire import questionnaire
from screening.exports.fhir.responses import answered, placed
from tests.core.generating import answers_to
from tests.core.making import SHIPPED, load_data

from .conftest import THOROUGH, Reached
from .enabling import shown
from .making import dressed_and_answered, resources
from .partners import ENGINES, Round, evaluated

PATIENTS = THOROUGH // 4 or 4
SETS = THOROUGH // 4 or 10
MOST = {"fhirpathpy": 200}  # responses of one rule set: it takes a hundred times as long as the others


class Tried(NamedTuple):
    """One rule set with its conditions, and for each response what ours made of the same answers."""

    names: list[tuple[str, str]]  # of each expression: a rule, and `raised`, `matched` or `possible`
    round: Round
    expected: list[Assessment]


def conditions(rules: Plain) -> Iterator[tuple[str, str, str]]:
    """Rule, state, and expression."""
    for action in rules.get("action", ()):
        name = action["code"][0]["coding"][0]["code"]
        for state in action.get("action", (action,)):
            kind = state["title"] if "action" in action else "raised"
            yield name, kind, state["condition"][0]["expression"]["expression"]


def holds(found: Assessment, name: str, kind: str) -> bool:
    if kind == "raised":
        return next(flag.raised for flag in found.flags if flag.id == name)
    return next(each.state for each in found.indicators if each.id == name) == kind


def responses(rule_set: RuleSet, asked: Plain, stored: Stored, found: Assessment) -> Iterator[Plain]:
    """What the patient was asked; and the same from a client that keeps answers of what it hides again."""
    kept = keep(rule_set.speaking(voice_of(rule_set, stored)), found, stored)
    clean = {
        each.question: answered(rule_set.id, each, rule_set)
        for each in (*kept.contact.answers, *kept.health.answers)
    }
    stale = {
        question.id: {
            "linkId": question.id,
            "answer": answers(rule_set.id, question.id, question.type, stored[question.id], {}),
        }
        for question in rule_set.questions
        if stored.get(question.id) is not None and question.read(stored[question.id]) is not None
    }
    for items in (clean, stale | clean):
        yield {"resourceType": "QuestionnaireResponse", "status": "completed", "item": _items(asked, items)}


def _items(asked: Plain, given_items: Mapping[str, Plain]) -> list[Plain]:
    return list(placed(asked["item"], given_items))


def tried(rule_set: RuleSet, patients: list[Stored]) -> Tried:
    asked, rules = resources(rule_set)
    expected, made = [], []
    for stored in patients:
        found = assess(rule_set, stored)
        for response in responses(rule_set, asked, stored, found):
            expected.append(found)
            made.append(response)
    named = list(conditions(rules))
    return Tried(
        [(name, kind) for name, kind, _ in named], Round([each for *_, each in named], made), expected
    )


@pytest.fixture(scope="module")
def random_sets() -> list[Tried]:
    """Many rule sets, each with a few patients."""
    found: list[Tried] = []

    @settings(max_examples=SETS, deadline=None, phases=[Phase.generate], database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(dressed_and_answered())
    def collect(drawn: tuple[Plain, list[Stored]]) -> None:
        found.append(tried(load_data(drawn[0]), drawn[1]))

    collect()
    return found


@pytest.fixture(scope="module")
def shipped_set() -> list[Tried]:
    """The shipped rule set with many patients."""
    rule_set = load(SHIPPED)
    patients: list[Stored] = []
    data = {"questions": [_as_data(rule_set, name) for name in rule_set.by_id]}

    @settings(max_examples=PATIENTS, deadline=None, phases=[Phase.generate], database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.lists(answers_to(data), min_size=2, max_size=2))
    def collect(drawn: list[Stored]) -> None:
        patients.extend(drawn)

    collect()
    return [tried(rule_set, patients)]


def _as_data(rule_set: RuleSet, name: str) -> Plain:
    question = rule_set.by_id[name]
    offered = [{"id": answer.id, "alone": answer.alone} for answer in question.answers]
    return {"id": question.id, "type": question.type, "answers": offered}


def differences(engine: str, rounds: list[Tried]) -> tuple[int, list[str]]:
    """How many evaluations there were, and those that came out otherwise than ours."""
    most = MOST.get(engine)
    given_to_it = [each.round._replace(responses=each.round.responses[:most]) for each in rounds]
    found, wrong, many = evaluated(engine, given_to_it), [], 0
    for each, by_expression in zip(rounds, found, strict=True):
        for (name, kind), by_response in zip(each.names, by_expression, strict=True):
            for expected, got in zip(each.expected[:most], by_response, strict=True):
                many += 1
                if got != [holds(expected, name, kind)]:
                    wrong.append(f"{name} {kind}: {got}")
    return many, wrong


def given_in(items: list[Plain]) -> Iterator[tuple[str, list[Plain]]]:
    for item in items:
        yield item["linkId"], item.get("answer", [])
        yield from given_in(item.get("item", []))


def test_a_client_shows_just_the_questions_that_we_ask(reached: Reached) -> None:
    many = [0]

    @settings(max_examples=SETS * 2, deadline=None, suppress_health_check=list(HealthCheck))
    @given(dressed_and_answered())
    def shows(drawn: tuple[Plain, list[Stored]]) -> None:
        rule_set = load_data(drawn[0])
        form = questionnaire(rule_set)
        for stored in drawn[1]:
            found = assess(rule_set, stored)
            for response in responses(rule_set, form, stored, found):
                there = set(shown(form["item"], dict(given_in(response["item"]))))
                assert there & rule_set.by_id.keys() == set(found.path.asked)
                many[0] += 1

    shows()
    reached("forms in which enableWhen shows just what we ask", "all", f"{many[0]:,}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rounds", ["random_sets", "shipped_set"])
def test_another_engine_raises_the_same_flags_and_finds_the_same_indicators(
    engine: str, rounds: str, request: pytest.FixtureRequest, reached: Reached
) -> None:
    many, wrong = differences(engine, request.getfixturevalue(rounds))
    reached(f"{engine}, {rounds}: evaluations that differ", "0", f"{len(wrong)} of {many:,}")
    assert many > SETS
    assert wrong == []
