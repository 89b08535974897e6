"""An assessment with all its reasons, beside rule engines that give none, on the same rules and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from screening.core.assessment import assess
from screening.core.conditions import All, AnyOf, Chosen, Condition, Within
from screening.core.journey import walk
from screening.core.loading import load
from screening.core.rules import RuleSet
from tests.bench.measuring import CannotMeasure, Figure, figure, interleaved, ratio
from tests.core.making import RULES, SHIPPED
from tests.usual import USUAL

REACH = 1.2  # times zen-engine
TIMES = 20
Facts = dict[str, Any]
Engine = Callable[[Facts], Mapping[str, Any]]  # which rules hold


class Rule(NamedTuple):
    """A rule's condition; questions of `unclear` raise it when they are not answered, or "not sure"."""

    name: str
    condition: Condition
    unclear: tuple[str, ...]


def rules_in(rule_set: RuleSet) -> list[Rule]:
    flags = [Rule(flag.id, flag.raise_when, rule_set.safety_of[flag.id]) for flag in rule_set.flags]
    stated = [
        Rule(f"{found.id} {state}", condition, ())
        for found in rule_set.indicators
        for state, condition in (("matched", found.matched_when), ("possible", found.possible_when))
        if condition is not None
    ]
    return flags + stated


class Words(NamedTuple):
    """How a language of expressions writes what our conditions say."""

    both: str
    either: str
    one_of: str  # a question with one answer
    some_of: str  # a question with many
    within: str
    unclear: str  # of a question with one answer
    unclear_many: str
    listed: Callable[[Sequence[str]], str] = json.dumps  # answers that are wanted

    def written(self, rule: Rule, many: frozenset[str]) -> str:
        """The whole of a rule."""
        unsure = [
            (self.unclear_many if name in many else self.unclear).format(q=name) for name in rule.unclear
        ]
        return self.either.join([self._written(rule.condition, many), *unsure])

    def _written(self, condition: Condition, many: frozenset[str]) -> str:
        if isinstance(condition, All | AnyOf):
            word = self.both if isinstance(condition, All) else self.either
            return f"({word.join(self._written(part, many) for part in condition.parts)})"
        if isinstance(condition, Chosen):
            words = self.some_of if condition.question in many else self.one_of
            return words.format(q=condition.question, wanted=self.listed(condition.answers))
        return self.within.format(q=condition.question, low=_low(condition), high=_high(condition))


def _low(within: Within) -> float:
    return -1e9 if within.at_least is None else within.at_least


def _high(within: Within) -> float:
    return 1e9 if within.at_most is None else within.at_most


ZEN = Words(
    " and ", " or ", "{q} in {wanted}", "some({q}, # in {wanted})",
    "({q} != null and {q} >= {low} and {q} <= {high})",
    '({q}_asked and ({q} == null or {q} == "not_sure"))',
    '({q}_asked and (len({q}) == 0 or some({q}, # == "not_sure")))',
)  # fmt: skip
CEL = Words(
    " && ", " || ", "{q} in {wanted}", "{q}.exists(one, one in {wanted})",
    "({q} != null && {q} >= {low} && {q} <= {high})",
    '({q}_asked && ({q} == null || {q} == "not_sure"))',
    '({q}_asked && (size({q}) == 0 || {q}.exists(one, one == "not_sure")))',
)  # fmt: skip
FHIR_PATH = Words(
    " and ", " or ", "({q} in {wanted})", "{q}.where($this in {wanted}).exists()",
    "({q}.exists() and {q} >= {low} and {q} <= {high})",
    "({q}_asked and ({q}.empty() or {q} = 'not_sure'))",
    "({q}_asked and ({q}.empty() or {q}.where($this = 'not_sure').exists()))",
    lambda answers: f"({' | '.join(map(repr, answers))})",
)  # fmt: skip


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise CannotMeasure(f"{package} is not installed: pip install -e '.[bench]'") from None


def zen_engine(rules: list[Rule], many: frozenset[str]) -> Engine:
    """All rules in one expression node of a decision, compiled once."""
    written = [
        {"id": rule.name, "key": f"r{n}", "value": ZEN.written(rule, many)} for n, rule in enumerate(rules)
    ]
    nodes = [
        ("in", "inputNode", {}),
        ("rules", "expressionNode", {"expressions": written}),
        ("out", "outputNode", {}),
    ]
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": name, "type": kind, "name": name, "content": content, "position": {"x": 0, "y": 0}}
            for name, kind, content in nodes
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    decision = _imported("zen", "zen-engine").ZenEngine().create_decision(json.dumps(graph))
    return lambda facts: decision.evaluate(facts)["result"]


def cel_python(rules: list[Rule], many: frozenset[str]) -> Engine:
    """A program for each rule, compiled once; answers are made its values each time, as any caller must."""
    cel = _imported("celpy", "cel-python")
    environment = cel.Environment()
    programs = [environment.program(environment.compile(CEL.written(rule, many))) for rule in rules]

    def evaluate(facts: Facts) -> Mapping[str, Any]:
        given = {name: cel.json_to_cel(value) for name, value in facts.items()}
        return {f"r{n}": bool(program.evaluate(given)) for n, program in enumerate(programs)}

    return evaluate


def json_logic(rules: list[Rule], many: frozenset[str]) -> Engine:
    """An expression for each rule, interpreted each time."""
    logic = _imported("json_logic", "json-logic-qubit").jsonLogic
    written = [_as_json_logic(rule, many) for rule in rules]
    return lambda facts: {f"r{n}": bool(logic(rule, facts)) for n, rule in enumerate(written)}


def _as_json_logic(rule: Rule, many: frozenset[str]) -> Any:
    def unsure(name: str) -> Any:
        held = {"var": name}
        none = {"!": [held]} if name in many else {"==": [held, None]}
        either = {"or": [none, {"in": ["not_sure", held]} if name in many else {"==": [held, "not_sure"]}]}
        return {"and": [{"var": f"{name}_asked"}, either]}

    return {"or": [_condition_in_json_logic(rule.condition, many), *map(unsure, rule.unclear)]}


def _condition_in_json_logic(condition: Condition, many: frozenset[str]) -> Any:
    if isinstance(condition, All | AnyOf):
        word = "and" if isinstance(condition, All) else "or"
        return {word: [_condition_in_json_logic(part, many) for part in condition.parts]}
    held = {"var": condition.question}
    if isinstance(condition, Within):
        return {"and": [{"!=": [held, None]}, {"<=": [_low(condition), held, _high(condition)]}]}
    if condition.question in many:
        return {"or": [{"in": [wanted, held]} for wanted in condition.answers]}
    return {"in": [held, list(condition.answers)]}


def fhir_path(rules: list[Rule], many: frozenset[str]) -> Engine:
    """An expression for each rule, parsed once; what was not answered is not there, as in FHIR."""
    fhirpathpy = _imported("fhirpathpy", "fhirpathpy")
    paths = [fhirpathpy.compile(FHIR_PATH.written(rule, many)) for rule in rules]

    def evaluate(facts: Facts) -> Mapping[str, Any]:
        given = {name: value for name, value in facts.items() if value is not None}
        return {f"r{n}": path(given) == [True] for n, path in enumerate(paths)}

    return evaluate


ENGINES = {
    "zen-engine": zen_engine,
    "cel-python": cel_python,
    "json-logic-qubit": json_logic,
    "fhirpathpy": fhir_path,
}


def facts_of(rule_set: RuleSet, answers: Mapping[str, Any]) -> tuple[Facts, frozenset[str]]:
    """What the engines are given: each answer as it counts; and the questions that take many."""
    path = walk(rule_set, answers)
    many = frozenset(question.id for question in rule_set.questions if question.type == "choose_many")
    facts: Facts = {}
    for question in rule_set.questions:
        counted = path.answers.get(question.id)
        facts[question.id] = sorted(counted or ()) if question.id in many else _scalar(counted)
        facts[f"{question.id}_asked"] = question.id in path.asked
    return facts, many


def _scalar(counted: Any) -> Any:
    return counted if counted is None or isinstance(counted, str | int | float) else str(counted)


def holding(rule_set: RuleSet, answers: Mapping[str, Any]) -> list[bool]:
    """What ours makes of each of `rules_in`; an indicator that is matched is no longer only possible."""
    found = assess(rule_set, answers)
    raised = [flag.raised for flag in found.flags]
    states = {indicator.id: indicator.state for indicator in found.indicators}
    stated = [rule.name.rsplit(" ", 1) for rule in rules_in(rule_set)[len(raised) :]]
    return raised + [states[name] == state for name, state in stated]


def figures() -> Iterator[Figure]:
    """Ours first; the others where they are installed, after they were seen to agree with ours."""
    rule_set = load(SHIPPED, root=RULES.parent)
    rules, (facts, many) = rules_in(rule_set), facts_of(rule_set, USUAL)
    works: dict[str, Callable[[], object]] = {"ours": lambda: assess(rule_set, USUAL)}
    missing = []
    for name, make in ENGINES.items():
        try:
            engine = make(rules, many)
        except CannotMeasure as error:
            missing.append(str(error))
            continue
        _agree(name, engine(facts), rules, holding(rule_set, USUAL))
        works[name] = lambda engine=engine: engine(facts)  # type: ignore[misc]
    taken = interleaved(works, TIMES)
    yield figure("assessment with all reasons", taken["ours"], "µs CPU", scale=1e6)
    for name, theirs in taken.items():
        if name != "ours":
            yield figure(
                f"the same rules in {name}", theirs, "µs CPU", scale=1e6, compared="no reasons, no path"
            )
            aim = REACH if name == "zen-engine" else None
            yield ratio(f"assessment, over {name}", taken["ours"], theirs, aim)
    if missing:
        raise CannotMeasure("; ".join(missing))


def _agree(name: str, found: Mapping[str, Any], rules: list[Rule], ours: list[bool]) -> None:
    """Ours says "possible" only of what is not matched."""
    for number, (rule, expected) in enumerate(zip(rules, ours, strict=True)):
        if bool(found[f"r{number}"]) != expected and not rule.name.endswith(" possible"):
            raise AssertionError(f"{name} and ours differ about {rule.name}")
