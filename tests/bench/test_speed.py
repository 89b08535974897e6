"""How fast the core is, as ratios within one run: the machine and its load fall out."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import pytest

from screening.core.assessment import assess
from screening.core.errors import RuleSetError
from screening.core.loading import load
from tests.bench.measuring import SIZE, best
from tests.core.making import RULES, SHIPPED, flag, load_data, load_text, question, rule_set
from tests.usual import USUAL

pytestmark = pytest.mark.bench
LARGE = 1_000  # questions; about as much as the limits on text let in


def unit() -> int:
    """A fixed piece of plain Python: a hundred steps of a loop with a dictionary in it."""
    seen: dict[int, int] = {}
    for number in range(100):
        seen[number % 10] = seen.get(number % 10, 0) + number
    return len(seen)


def test_the_whole_shipped_page_is_assessed_in_a_few_units_of_plain_python() -> None:
    loaded, answers = load(SHIPPED, root=RULES.parent), USUAL
    ratio = best(lambda: assess(loaded, answers), 200) / best(unit, 200)
    assert ratio < 40, f"one assessment costs {ratio:.1f} units"


def test_loading_costs_no_more_than_some_hundred_assessments() -> None:
    loaded, answers = load(SHIPPED, root=RULES.parent), USUAL
    ratio = best(lambda: load(SHIPPED, root=RULES.parent)) / best(lambda: assess(loaded, answers), 100)
    assert ratio < 2_000, f"loading costs {ratio:.0f} assessments"


def of_size(count: int) -> dict[str, Any]:
    asked = [question(f"q{number}", safety=True) for number in range(count)]
    flags = [flag(f"f{number}", {f"q{number}": ["yes", "not_sure"]}) for number in range(count)]
    return rule_set(asked, flags=flags)


def test_loading_takes_time_in_proportion_to_size() -> None:
    small, large = of_size(SIZE // 10), of_size(SIZE)
    ratio = best(lambda: load_data(large)) / best(lambda: load_data(small))
    assert ratio < 25, f"ten times the questions take {ratio:.1f} times as long"


def test_assessing_takes_time_in_proportion_to_size() -> None:
    small, large = load_data(of_size(SIZE // 10)), load_data(of_size(SIZE))
    answers = dict.fromkeys(large.by_id, "no")
    ratio = best(lambda: assess(large, answers), 20) / best(lambda: assess(small, answers), 20)
    assert ratio < 25, f"ten times the questions take {ratio:.1f} times as long"


@cache
def reading() -> float:
    """Seconds that a large rule set takes to read."""
    large = of_size(LARGE)
    return best(lambda: load_data(large))


def refused(text: str) -> None:
    with pytest.raises(RuleSetError):
        load_text(text)


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 50_000,
        "x" * 2_000_000,
        "[" + "1," * 300_000 + "]",
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(5_000)),
        '"' + "\\" * 399_999,
        "? " * 100_000,
        "#" * 700_000,
    ],
    ids=lambda hostile: repr(hostile[:12]),
)
def test_hostile_text_is_refused_about_as_fast_as_a_large_rule_set_is_read(hostile: str) -> None:
    assert best(lambda: refused(hostile)) < 3 * reading()


def test_a_thousand_misspelt_references_are_told_in_bounded_time() -> None:
    misspelt = of_size(LARGE)
    for one in misspelt["flags"]:
        one["raise_when"] = {f"x{one['id']}": "yes"}
    started = time.process_time()
    with pytest.raises(RuleSetError):
        load_data(misspelt)
    assert time.process_time() - started < 40 * reading()
