"""Random small rule sets, and every patient of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from typing import Any, TypeVar

from hypothesis import strategies as st

from screening.core.conditions import CONDITIONS, parse_condition
from screening.core.findings import Place, Problem
from screening.core.nodes import node_of
from screening.core.rules import Flag, Indicator, Question, RuleSet

Entry = TypeVar("Entry", Question, Flag, Indicator)

Data = dict[str, Any]
DATES = ("2020-01-31", "2020-02-01", "2021-06-15")
DAYS = (
    "2019-12-31", "2020-01-30", "2020-01-31", "2020-02-01", "2020-02-02", "2021-06-14", "2021-06-15",
    "2021-06-16", "2020-01", "2020-02", "2021-06", "2021", "2020", "2019", "2022",
)  # fmt: skip


def built(questions: Sequence[Data], flags: Sequence[Data] = (), indicators: Sequence[Data] = ()) -> RuleSet:
    """A rule set from its parts, each on a line of its own: questions from 1, flags 101, indicators 201.

    Loading refuses some of what the prover must find by itself, so its checks are left out here.
    """
    return RuleSet(
        schema_="screening/1",
        id="random",
        version="1.0.0",
        title="Random",
        questions=tuple(_entry(Question, one, at) for at, one in enumerate(questions, 1)),
        flags=tuple(_entry(Flag, one, at) for at, one in enumerate(flags, 101)),
        indicators=tuple(_entry(Indicator, one, at) for at, one in enumerate(indicators, 201)),
    )


def _entry(model: type[Entry], data: Data, line: int) -> Entry:
    place = Place("random.yaml", line)
    whole = {key: _tuples(value) for key, value in data.items()}
    for key in CONDITIONS:
        if key in data:
            problems: list[Problem] = []
            whole[key] = parse_condition(node_of(data[key], place), problems)
            assert not problems
    return model.model_validate(whole | {"place": place})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


@st.composite
def questions(draw: st.DrawFn, name: str) -> Data:
    """One question without its `ask_when`."""
    kind = draw(st.sampled_from(["choose_one", "choose_one", "choose_many", "scale", "number", "date"]))
    question: Data = {"id": name, "ask": f"Ask {name}?", "type": kind, "required": draw(st.booleans())}
    if kind in ("choose_one", "choose_many"):
        ids = ["yes", "no", "maybe", "not_sure"][: draw(st.integers(2, 4))]
        safety = draw(st.booleans())
        if safety and "not_sure" not in ids:
            ids[-1] = "not_sure"
        question["answers"] = [
            {"id": one, "label": one.title(), "alone": draw(st.booleans())}
            | ({"clears": True} if one != "not_sure" and draw(st.booleans()) else {})
            for one in ids
        ]
        question["safety"] = safety
    if kind == "number":
        question["range"] = [0, 3]
    if kind == "date":
        question["partial"] = draw(st.booleans())
    if "answers" not in question:
        question["safety"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        question["about"] = "same"
    return question


@st.composite
def conditions(draw: st.DrawFn, above: list[Data], depth: int = 2) -> Data:
    """A condition on the questions above."""
    if depth and draw(st.integers(0, 2)) == 0:
        parts = draw(st.lists(conditions(above, depth - 1), min_size=1, max_size=3))
        return {draw(st.sampled_from(["all", "any"])): parts}
    question = draw(st.sampled_from(above))
    if "answers" in question:
        ids = [answer["id"] for answer in question["answers"]]
        return {question["id"]: draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True))}
    bounds: list[Any] = list(DATES) if question["type"] == "date" else [0, 1, 2, 3]
    low, high = sorted([draw(st.sampled_from(bounds)), draw(st.sampled_from(bounds))])
    which = draw(st.sampled_from([{"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high}]))
    return {question["id"]: which}


@st.composite
def rule_sets(draw: st.DrawFn, most: int = 4) -> RuleSet:
    """A rule set of a few questions with follow-ups, and some flags and indicators."""
    asked: list[Data] = []
    for at in range(draw(st.integers(1, most))):
        question = draw(questions(f"q{at}"))
        follow_up = draw(st.booleans())
        if asked and follow_up:
            question["ask_when"] = draw(conditions(list(asked)))
        asked.append(question)
    handling = st.sampled_from(["arrange", "review_before_booking"])
    flags = [
        {"id": f"f{at}", "label": "F", "raise_when": draw(conditions(asked)), "handling": draw(handling)}
        for at in range(draw(st.integers(0, 3)))
    ]
    indicators: list[Data] = []
    for at in range(draw(st.integers(0, 2))):
        indicator = {"id": f"i{at}", "label": "I", "matched_when": draw(conditions(asked))}
        if draw(st.booleans()):
            indicator["possible_when"] = draw(conditions(asked))
        indicators.append(indicator)
    return built(asked, flags, indicators)


def stored_answers(question: Question) -> list[Any]:
    """Every stored answer that can matter to a random rule set, unanswered first."""
    ids = [answer.id for answer in question.answers]
    if question.type == "choose_one":
        return [None, *ids]
    if question.type == "choose_many":
        subsets = chain.from_iterable(combinations(ids, size) for size in range(1, len(ids) + 1))
        return [None, *(list(one) for one in subsets if question.read(list(one)) is not None)]
    if question.type == "date":
        return [None, *(day for day in DAYS if question.read(day) is not None)]
    return [None, 0, 1, 2, 3, *([4] if question.type == "scale" else [])]


def everybody(rule_set: RuleSet) -> Iterator[dict[str, Any]]:
    """Every patient, by the answers that can matter."""
    answers: Mapping[str, list[Any]] = {one.id: stored_answers(one) for one in rule_set.questions}
    for chosen in product(*answers.values()):
        yield {name: one for name, one in zip(answers, chosen, strict=True) if one is not None}
