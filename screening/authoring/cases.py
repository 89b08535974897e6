"""Worked examples of a rule set: a usual patient, what differs in each case, and what is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from screening.authoring.evaluate import check_answers
from screening.core import complaints, nodes
from screening.core.ages import outside_age
from screening.core.assessment import Assessment, FlagFinding, Reason, assess
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import read_file
from screening.core.questions import Model, Text
from screening.core.rules import Audience, Day, Handling, IndicatorState, Question, RuleSet
from screening.core.stored import StoredAnswer

NOT_RAISED = "not_raised"


class FlagExpected(Model):
    """What a case expects of a flag; parts left out are not looked at."""

    reason: Reason | Literal["not_raised"] | None = None
    handling: Handling | None = None
    told: tuple[Audience, ...] | None = None


def _flag_expected(value: Any) -> Any:
    return {"reason": value} if isinstance(value, str) else value


class Expected(Model):
    """What a case expects of the whole assessment."""

    indicators: Mapping[str, IndicatorState] = Field(default_factory=dict)
    flags: Mapping[str, Annotated[FlagExpected, BeforeValidator(_flag_expected)]] = Field(
        default_factory=dict
    )
    no_other_flags: bool = False
    asked: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    rings_on: Day | None = None  # a day on which the age rule asks this patient to ring
    no_ring_on: Day | None = None  # and one on which it does not


class Case(Model):
    """One sentence, how this patient differs from the usual one, and what is expected."""

    case: Text
    differs: Mapping[str, Any] = Field(default_factory=dict)
    expect: Expected
    signed_off: Text | None = None  # who has said that this is right; generated cases wait for it
    place: Place = Place("")
    places: Mapping[str, Place] = Field(default_factory=dict)  # of what it answers otherwise


USUAL = Case(case="The usual patient.", expect=Expected())


class Cases(Model):
    """A file of cases for one rule set."""

    schema_: Literal["screening-cases/1"]
    rule_set: Text
    usual: Mapping[str, Any]
    cases: tuple[Case, ...]
    place: Place = Place("")
    places: Mapping[str, Place] = Field(default_factory=dict)  # of its keys, and of the usual answers

    def at(self, key: str) -> Place:
        """Where one of its keys stands."""
        return self.places.get(key, self.place)

    def answers(self, case: Case) -> dict[str, StoredAnswer]:
        """The stored answers of this case's patient; a null leaves the question unanswered."""
        merged = {**self.usual, **case.differs}
        return {question: listed(answer) for question, answer in merged.items() if answer is not None}


def listed(answer: Any) -> Any:
    """An answer of a frozen case, as it is stored: lists where freezing made tuples."""
    return list(answer) if isinstance(answer, tuple) else answer


@dataclass(frozen=True, slots=True)
class Surprise:
    """Where a case got something else than it expected."""

    case: Case
    about: str
    expected: str
    got: str
    missing: tuple[str, ...] = ()  # the only cause: what neither `usual` nor the case answers


def load_cases(path: Path) -> Cases:
    """The cases in `path`. Raises RuleSetError with every problem."""
    node = read_file(path)
    places: dict[str, object] = {"place": node.place, "places": {**_keys(node.get("usual")), **node.keys}}
    listed = node.get("cases")
    if listed is not None and isinstance(listed.value, list):
        places["cases"] = tuple(map(_placed, listed.value))
    problems: list[Problem] = []
    cases = complaints.model_of(Cases, node, problems, places)
    if cases is None:
        raise RuleSetError(problems)
    return cases


def _placed(entry: nodes.Node) -> object:
    case = entry.frozen()
    if not isinstance(case, dict):
        return case
    return case | {"place": entry.place, "places": _keys(entry.get("differs"))}


def _keys(node: nodes.Node | None) -> Mapping[str, Place]:
    """Where each key of a mapping stands; nothing of what is none."""
    return {} if node is None else node.keys


def in_ids(rule_set: RuleSet, written: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the rules know them: a label stands for its answer, as the patient reads it now."""
    return {name: _translated(rule_set, name, answer, _id_of) for name, answer in written.items()}


def in_labels(rule_set: RuleSet, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the patient reads them, where their words mean one answer only."""
    return {name: _translated(rule_set, name, answer, _label_of) for name, answer in answers.items()}


def _translated(rule_set: RuleSet, name: str, answer: Any, into: Callable[[Question, Any], Any]) -> Any:
    question = rule_set.by_id.get(name)
    if question is None or not question.kind.chosen:
        return answer
    if isinstance(answer, tuple | list):
        return type(answer)(into(question, each) for each in answer)
    return into(question, answer)


def _id_of(question: Question, written: Any) -> Any:
    if any(answer.id == written for answer in question.answers):
        return written
    return next((answer.id for answer in question.answers if answer.label == written), written)


def _label_of(question: Question, name: Any) -> Any:
    found = next((answer.label for answer in question.answers if answer.id == name), name)
    return found if _id_of(question, found) == name else name


def check_cases(rule_set: RuleSet, written: Cases) -> Cases:
    """The cases with each answer by its id.

    Raises RuleSetError for every question, answer, indicator or flag that the rule set has not, and where
    they are of another rule set.
    """
    each = (case.model_copy(update={"differs": in_ids(rule_set, case.differs)}) for case in written.cases)
    usual = in_ids(rule_set, written.usual)
    cases = written.model_copy(update={"usual": usual, "cases": tuple(each)})
    problems: list[Problem] = []
    if written.rule_set != rule_set.id:
        what = f'These cases are of "{written.rule_set}", and stand beside "{rule_set.id}".'
        remedy = f"Write rule_set: {rule_set.id} if they are of it, or put the file beside its own."
        problems.append(Problem(written.at("rule_set"), "format", what, remedy))
    _collect(rule_set, cases.usual, cases.at("usual"), cases.places, problems)
    known = {
        "indicators": [indicator.id for indicator in rule_set.indicators],
        "flags": [flag.id for flag in rule_set.flags],
        "asked": list(rule_set.by_id),
        "not_asked": list(rule_set.by_id),
    }
    for case in cases.cases:
        _collect(rule_set, case.differs, case.place, case.places, problems)
        for key, there in known.items():
            for name in getattr(case.expect, key):
                if name not in there:
                    what = f'The case expects something of "{name}", which the rule set has not.'
                    problems.append(Problem(case.place, "format", what, complaints.did_you_mean(name, there)))
    if problems:
        raise RuleSetError(problems)
    return cases


def _collect(
    rule_set: RuleSet,
    answers: Mapping[str, Any],
    place: Place,
    places: Mapping[str, Place],
    problems: list[Problem],
) -> None:
    try:
        check_answers(rule_set, {key: listed(answer) for key, answer in answers.items()}, place, places)
    except RuleSetError as error:
        problems.extend(error.problems)


def run(rule_set: RuleSet, cases: Cases) -> Iterator[Surprise]:
    """Everything in which a case got something else than it expected."""
    for case in cases.cases:
        yield from run_case(rule_set, cases, case)


def run_case(rule_set: RuleSet, cases: Cases, case: Case) -> Iterator[Surprise]:
    """The surprises of one case."""
    assessment = assess(rule_set, cases.answers(case))
    states = {finding.id: finding.state for finding in assessment.indicators}
    for name, state in case.expect.indicators.items():
        if states[name] != state:
            yield Surprise(case, f"indicator {name}", state, states[name])
    yield from _flag_surprises(case, assessment, _unspoken(rule_set, cases, case))
    asked = assessment.path.asked
    yield from (
        Surprise(case, f"question {name}", "asked", "not asked")
        for name in case.expect.asked
        if name not in asked
    )
    yield from (
        Surprise(case, f"question {name}", "not asked", "asked")
        for name in case.expect.not_asked
        if name in asked
    )
    yield from _age_surprises(rule_set, cases, case)


def _age_surprises(rule_set: RuleSet, cases: Cases, case: Case) -> Iterator[Surprise]:
    said = {True: "asked to ring", False: "not asked to ring"}
    for day, wanted in ((case.expect.rings_on, True), (case.expect.no_ring_on, False)):
        if day is None:
            continue
        asked = outside_age(rule_set, cases.answers(case), day) is not None
        if asked is not wanted:
            yield Surprise(case, "age rule", said[wanted], said[not wanted])


def _flag_surprises(case: Case, assessment: Assessment, unspoken: frozenset[str]) -> Iterator[Surprise]:
    for finding in assessment.flags:
        missing = _only_missing(finding, unspoken)
        expected = case.expect.flags.get(finding.id)
        if expected is None:
            if case.expect.no_other_flags and finding.raised:
                yield Surprise(case, f"flag {finding.id}", NOT_RAISED, reason_of(finding), missing)
            continue
        got = {"reason": reason_of(finding), "handling": finding.handling, "told": told(finding)}
        for part, value in got.items():
            wanted = getattr(expected, part)
            if wanted is not None and wanted != value:
                yield Surprise(case, f"flag {finding.id}, {part}", str(wanted), str(value), missing)


def _unspoken(rule_set: RuleSet, cases: Cases, case: Case) -> frozenset[str]:
    """What neither the usual patient nor the case answers; nothing where there is no usual patient."""
    return frozenset(rule_set.by_id) - {*cases.usual, *case.differs} if cases.usual else frozenset()


def _only_missing(finding: FlagFinding, unspoken: frozenset[str]) -> tuple[str, ...]:
    """The questions of nobody's answers, where they alone raise the flag."""
    causes = tuple(dict.fromkeys(because.question for because in finding.because))
    silent = all(because.reason == "not_answered" for because in finding.because)
    return causes if silent and unspoken.issuperset(causes) else ()


def reason_of(finding: FlagFinding) -> str:
    """The strongest reason a flag was raised for, or "not_raised"."""
    if not finding.raised:
        return NOT_RAISED
    reasons = {because.reason for because in finding.because}
    return next(reason for reason in ("answered", "not_sure", "not_answered") if reason in reasons)


def told(finding: FlagFinding) -> tuple[str, ...]:
    """The audiences the flag has words for."""
    return tuple(audience for audience, words in finding.say.model_dump().items() if words)
