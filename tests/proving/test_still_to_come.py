"""The bounds of what may still be asked, held against going every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from math import prod
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from screening.core.errors import RuleSetError
from screening.core.journey import asked_again, walk
from screening.core.rules import Question, RuleSet
from screening.proving.still_to_come import PAGES, Costs, Span, from_nothing, still_to_come
from tests.core.generating import Data, answers_to, rule_sets
from tests.core.making import load_data, question, rule_set
from tests.usual import TREATMENT, USUAL, rules_of, whole

MANY = 4000  # ways that are still gone one by one
DAYS = (
    "2019-12-30",
    "2019-12-31",
    "2022-05-05",
    "2024-02-28",
    "2024-02-29",
    "2025-01-01",
    "2026-01-01",
    "2027-02-02",
)


def possible(asked: Question) -> list[Any]:
    """Every answer to a question that conditions can tell apart, and leaving it empty."""
    offered = [answer.id for answer in asked.answers]
    together = [answer.id for answer in asked.answers if not answer.alone]
    several = [list(some) for size in range(1, len(together) + 1) for some in combinations(together, size)]
    kinds: dict[str, list[Any]] = {
        "choose_one": offered,
        "choose_many": several + [[answer.id] for answer in asked.answers if answer.alone],
        "scale": list(range(11)),
        "number": list(range(12)),
        "date": list(DAYS),
        "text": ["words"],
    }
    return kinds[asked.type] + ([] if asked.required else [None])


def pages_of(rules: RuleSet, path: tuple[str, ...]) -> dict[tuple[str, ...], list[str]]:
    """The pages of a path, each with its questions."""
    found: dict[tuple[str, ...], list[str]] = {}
    for asked in path:
        found.setdefault(rules.pages[asked], []).append(asked)
    return found


def ways(rules: RuleSet, stored: Data, here: list[str]) -> Iterator[tuple[int, set[str]]]:
    """Answer `here` in every way, then each page with something due: pages seen, questions asked."""
    for given_here in product(*(possible(rules.by_id[asked]) for asked in here)):
        answered = dict(zip(here, given_here, strict=True))
        again = [
            gone
            for asked in here
            if answered[asked] != stored.get(asked)
            for gone in asked_again(rules, asked, stored)
        ]
        now = {**stored, **answered, **dict.fromkeys(again)}
        path = walk(rules, now)
        due = next((page for page in pages_of(rules, path.asked).values() if set(page) & set(path.due)), None)
        if due is None:
            yield 0, set(path.asked)
            continue
        still = [asked for asked in due if asked in path.due]
        yield from ((count + 1, asked) for count, asked in ways(rules, now, still))


@st.composite
def talks(draw: Any) -> tuple[RuleSet, Data]:
    """A small rule set, some of its questions on shared pages, with answers; few enough ways to go."""
    data = draw(rule_sets())
    for first, second in zip(data["questions"], data["questions"][1:], strict=False):
        if draw(st.booleans()):
            second["page"] = first.setdefault("page", f"Page {first['id']}")
    try:
        rules = load_data(data)
    except RuleSetError:
        assume(False)
    assume(prod(len(possible(asked)) for asked in rules.questions) <= MANY)
    return rules, draw(answers_to(data))


@given(talks(), st.data())
@settings(max_examples=60)
def test_the_bounds_are_those_of_going_every_way(drawn: tuple[RuleSet, Data], draw: st.DataObject) -> None:
    rules, stored = drawn
    here = draw.draw(st.sampled_from([[], *pages_of(rules, walk(rules, stored).asked).values()]))
    found = still_to_come(rules, stored, here)
    counts, asked = zip(*ways(rules, stored, here), strict=True)
    assert found is not None
    assert found.bounds == Span(min(counts), max(counts))
    assert found.may_be_asked == set().union(*asked)


@given(talks(), st.data())
@settings(max_examples=60)
def test_what_was_worked_out_for_others_changes_nothing(
    drawn: tuple[RuleSet, Data], draw: st.DataObject
) -> None:
    rules = drawn[0]
    held = st.fixed_dictionaries(
        {}, optional={asked.id: st.sampled_from(possible(asked)) for asked in rules.questions}
    )
    pages = st.sampled_from([(), *dict.fromkeys(tuple(page) for page in rules.pages.values())])
    patients = draw.draw(st.lists(st.tuples(held, pages), min_size=2, max_size=8))
    beside_others = [still_to_come(rules, stored, here) for stored, here in patients]
    for (stored, here), found in zip(patients, beside_others, strict=True):
        alone = Costs(PAGES.page, PAGES.questions)  # equal costs that nothing was worked out for yet
        assert still_to_come(rules, stored, here, alone) == found


@given(talks(), st.data())
@settings(max_examples=40)
def test_going_on_never_raises_the_bounds(drawn: tuple[RuleSet, Data], draw: st.DataObject) -> None:
    rules = drawn[0]
    stored: Data = {}
    last = still_to_come(rules, stored)
    for _ in rules.questions:
        path = walk(rules, stored)
        page = next(
            (page for page in pages_of(rules, path.asked).values() if set(page) & set(path.due)), None
        )
        if page is None:
            break
        now = still_to_come(rules, stored, page)
        assert last is not None
        assert now is not None
        assert now.bounds.most <= last.bounds.most
        assert now.may_be_asked <= last.may_be_asked
        stored |= {asked: draw.draw(st.sampled_from(possible(rules.by_id[asked]))) for asked in page}
        last = now


def test_another_person_is_asked_their_name_again() -> None:
    whom = [{"id": "me", "label": "Me"}, {"id": "other", "label": "Other"}]
    rules = load_data(
        rule_set(
            [
                question("whom", answers=whom, contact="for_whom"),
                question("own", "text", contact="representative_name", ask_when={"whom": "other"}),
                question("name", "text", contact="name"),
            ]
        )
    )
    found = still_to_come(rules, {"whom": "me", "name": "Sam"}, ["whom"])
    assert found is not None
    assert found.bounds == Span(0, 2)


def test_costs_are_of_pages_and_of_their_questions() -> None:
    rules = load_data(rule_set([question("a"), question("b", ask_when={"a": "yes"})]))
    found = from_nothing(rules, Costs(2, {"a": 10, "b": 100}))
    assert found is not None
    assert found.bounds == Span(12, 114)


def test_the_shipped_treatment_is_told_exactly_where_everything_is_answered() -> None:
    rules = rules_of(TREATMENT)
    found = still_to_come(rules, whole(rules, USUAL), rules.pages["name"])
    assert found is not None
    assert found.bounds.least == 0
