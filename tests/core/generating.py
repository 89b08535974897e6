"""Hypothesis strategies: valid rule sets as data, and answers to them, sound and unsound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.core.making import flag, indicator, question, rule_set

Data = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

KINDS = ("choose_one", "choose_many", "scale", "number", "date", "text")
DAYS = ("2019-12-31", "2024-02-29", "2026-01-01")
JUNK: tuple[Any, ...] = (
    *("zzz", "", " ", "yes", "not_sure", "2024-02-30", "2024-02", "2024", "x" * 501),
    *([], ["zzz"], ["a", "zzz"], ["a", "a"], ["a", "none"], [1], [["a"]], {}, {"a": 1}),
    *(True, False, -1, 11, 3.5, 4.0, 10**20),
)


@st.composite
def rule_sets(draw: Draw) -> Data:
    """A rule set that loads: up to six questions, with indicators and flags on them."""
    questions: list[Data] = []
    for index in range(draw(st.integers(1, 6))):
        questions.append(_question(draw, f"q{index}", questions))
    flags = [flag(f"f{n}", condition) for n, condition in enumerate(_conditions(draw, questions))]
    matched = [indicator(f"i{n}", condition) for n, condition in enumerate(_conditions(draw, questions))]
    for one in matched:
        if draw(st.booleans()):
            one["possible_when"] = _condition(draw, questions)
    return rule_set(questions, flags=flags, indicators=matched)


def _question(draw: Draw, name: str, above: list[Data]) -> Data:
    kind = draw(st.sampled_from(KINDS))
    asked = question(name, kind, required=draw(st.booleans()))
    if kind.startswith("choose"):
        asked |= {"safety": draw(st.booleans())}
        asked["answers"] = _offered(draw, unsure=asked["safety"] or draw(st.booleans()))
    if kind == "number":
        asked["range"] = [0, 20]
    if _comparable(above) and draw(st.booleans()):
        _hide(draw, asked, above)
    return asked


def _offered(draw: Draw, unsure: bool) -> list[Data]:
    names = draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
    offered = [{"id": name, "label": name.upper(), "clears": draw(st.booleans())} for name in names]
    if draw(st.booleans()):
        offered.append({"id": "none", "label": "None of these", "alone": True, "clears": True})
    if unsure:
        offered.append({"id": "not_sure", "label": "Not sure", "alone": draw(st.booleans())})
    return offered


def _hide(draw: Draw, asked: Data, above: list[Data]) -> None:
    """A plain question hides behind anything; a safety question only behind clearing answers."""
    if not asked.get("safety"):
        asked["ask_when"] = _condition(draw, above)
        return
    others = [one for one in above if one.get("safety")]
    if others:
        other = draw(st.sampled_from(others))
        unclear = [answer["id"] for answer in other["answers"] if not answer.get("clears")]
        asked["ask_when"] = {other["id"]: unclear}


def _comparable(questions: list[Data]) -> list[Data]:
    return [one for one in questions if one["type"] != "text"]


def _conditions(draw: Draw, questions: list[Data]) -> list[Data]:
    if not _comparable(questions):
        return []
    return [_condition(draw, questions) for _ in range(draw(st.integers(0, 4)))]


def _condition(draw: Draw, questions: list[Data], depth: int = 2) -> Data:
    if depth and draw(st.integers(0, 2)) == 0:
        parts = [_condition(draw, questions, depth - 1) for _ in range(draw(st.integers(1, 3)))]
        return {draw(st.sampled_from(["all", "any"])): parts}
    asked = draw(st.sampled_from(_comparable(questions)))
    if asked["type"].startswith("choose"):
        names = [answer["id"] for answer in asked["answers"]]
        return {asked["id"]: draw(st.lists(st.sampled_from(names), min_size=1) | st.sampled_from(names))}
    return {asked["id"]: _bounds(draw, asked["type"])}


def _bounds(draw: Draw, kind: str) -> Data:
    ends = st.sampled_from(DAYS) if kind == "date" else st.integers(0, 10)
    low, high = sorted((draw(ends), draw(ends)))
    both = {"at_least": low, "at_most": high}
    return {
        key: both[key] for key in draw(st.sampled_from([["at_least"], ["at_most"], ["at_least", "at_most"]]))
    }


def sound(asked: Data) -> st.SearchStrategy[Any]:
    """Stored answers that the question counts."""
    if asked["type"].startswith("choose"):
        names = [answer["id"] for answer in asked["answers"]]
        if asked["type"] == "choose_one":
            return st.sampled_from(names)
        together = [answer["id"] for answer in asked["answers"] if not answer.get("alone")]
        several = st.lists(st.sampled_from(together), min_size=1, unique=True) if together else st.nothing()
        return several | st.sampled_from(names).map(lambda name: [name])
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "scale": st.integers(0, 10),
        "number": st.integers(0, 20),
        "date": st.sampled_from([*DAYS, "2025-06-15"]),
        "text": st.sampled_from(["words", "é\nü"]),
    }
    return by_kind[asked["type"]]


@st.composite
def answers_to(draw: Draw, data: Data) -> Data:
    """Answers to some questions of a rule set: counted, junk, empty, and of questions nobody asks."""
    held: Data = {}
    for asked in data["questions"]:
        choice = draw(st.sampled_from(["sound", "sound", "sound", "junk", "none", "absent"]))
        if choice == "sound":
            held[asked["id"]] = draw(sound(asked))
        elif choice != "absent":
            held[asked["id"]] = draw(st.sampled_from(JUNK)) if choice == "junk" else None
    if draw(st.booleans()):
        held["nobody_asks"] = draw(st.sampled_from(JUNK))
    return held


@st.composite
def rule_sets_and_answers(draw: Draw) -> tuple[Data, Data]:
    """A rule set with one patient's answers."""
    data = draw(rule_sets())
    return data, draw(answers_to(data))
