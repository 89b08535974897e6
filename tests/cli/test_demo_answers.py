"""The demo answers every question with something that the question takes."""

from __future__ import annotations

import pytest

from screening.cli.demo import _harmless, _taken
from screening.core.questions import Answer
from screening.core.rules import Question


@pytest.mark.parametrize(
    ("bounds", "decimals"), [(None, None), ((0, 10), 0), ((30, 250), 0), ((-9, -2), 0), ((35.25, 42), 1)]
)
def test_a_number_is_one_that_the_question_takes(
    bounds: tuple[float, float] | None, decimals: int | None
) -> None:
    question = Question(id="size", ask="How much?", type="number", range=bounds, decimals=decimals)
    assert question.read(_harmless(question)) is not None


def test_what_another_rule_set_asks_by_the_same_id_is_answered_as_it_asks() -> None:
    side = Question(id="side", ask="Which?", type="choose_one", answers=(Answer(id="up", label="Up"),))
    assert _taken(side, {"side": "left_leg"}) == "up"
    assert _taken(side, {"side": "up"}) == "up"
