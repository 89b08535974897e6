"""What became quieter wants a reason by its own name: flags and notices alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from screening.publishing.quieter import quieter_things
from tests.authoring.writing import loaded, small

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
