"""What became quieter wants a reason by its own name: flags and notices alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from screening.publishing.quieter import quieter_things
from tests.authoring.writing import flag, loaded, question, small

NOTICE: dict[str, Any] = {
    "id": "now",
    "level": "emergency",
    "heading": "Call 999 if:",
    "items": ["you faint"],
}


@pytest.mark.parametrize(
    "after", [[], [{**NOTICE, "heading": "Wait for your GP if:"}], [{**NOTICE, "level": "urgent"}]]
)
def test_a_notice_that_says_less_wants_a_reason(tmp_path: Path, after: list[dict[str, Any]]) -> None:
    old, new = loaded(tmp_path, small(urgent=[NOTICE])), loaded(tmp_path, small(urgent=after))
    found = quieter_things(old, new)
    assert {(thing.about, thing.problem.code) for thing in found} == {("now", "notice-quieter")}
    assert not quieter_things(old, old)


@pytest.mark.parametrize(
    ("age", "reasons"),
    [
        ({"at_least": 16, "at_most": 65}, 1),
        ({"at_least": 18, "at_most": 66}, 1),
        ({"at_least": 18}, 1),
        ({"at_least": 16, "at_most": 66}, 2),
        (None, 2),
        ({"at_least": 21, "at_most": 60}, 0),
    ],
)
def test_an_age_rule_that_asks_fewer_to_ring_wants_a_reason_for_each_bound(
    tmp_path: Path, age: dict[str, int] | None, reasons: int
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    asking = small(questions=[*small()["questions"], born])
    old = loaded(tmp_path, asking | {"age": {"at_least": 18, "at_most": 65}})
    new = loaded(tmp_path, asking | ({"age": age} if age else {}))
    assert [thing.about for thing in quieter_things(old, new)] == ["age"] * reasons


def test_another_treatment_need_not_ask_what_this_one_asks(tmp_path: Path) -> None:
    own = question("fits", safety=True)
    flagged = [*small()["flags"], flag("fits", {"fits": ["yes", "not_sure"]})]
    old = loaded(tmp_path, small(questions=[*small()["questions"], own], flags=flagged))
    new = loaded(tmp_path, small(id="other"))
    assert {thing.about for thing in quieter_things(old, new)} == {"fits"}
    assert quieter_things(old, new, same_treatment=False) == []
