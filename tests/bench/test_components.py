"""What is remembered need not be made."""

from __future__ import annotations

import pytest

from screening.web.components import component, remembered
from tests.bench.measuring import best
from tests.web.test_components import parameters

pytestmark = pytest.mark.bench


def test_remembering_is_much_faster_than_making() -> None:
    params = parameters("radios", "words", "words")
    remembered("radios", params)
    assert best(lambda: remembered("radios", params), 20) * 3 < best(lambda: component("radios", params), 20)
