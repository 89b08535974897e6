"""The table of planted defects fits the program as it is: each has its place, and its test exists."""

from __future__ import annotations

import sys

import pytest

from tests.security import guarantees
from tests.security.defects import DEFECTS
from tests.security.guarantees import TESTS
from tests.security.promised import GUARANTEES
from tests.test_imports import ROOT


def test_there_are_at_least_40_each_once() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 40


def test_each_stands_in_one_place_and_changes_it() -> None:
    found = [
        (defect.name, (ROOT / "screening" / defect.file).read_text().count(defect.old)) for defect in DEFECTS
    ]
    assert [place for place in found if place[1] != 1] == []
    assert [defect.name for defect in DEFECTS if defect.old == defect.new] == []


def test_each_is_to_be_noticed_by_a_test_that_there_is() -> None:
    missing = []
    for defect in DEFECTS:
        file, _, name = defect.test.partition("::")
        text = (ROOT / "tests" / file).read_text()
        if f"def {name or 'test_'}" not in text:
            missing.append(defect.name)
    assert missing == []


def test_each_guarantee_names_tests_that_there_are() -> None:
    named = [test for guarantee in GUARANTEES for test in guarantee.tests]
    assert named
    for test in named:
        file, _, name = test.partition("::")
        assert (TESTS / file).exists(), test
        assert not name or f"def {name}(" in (TESTS / file).read_text(), test


def test_a_row_that_does_not_end_is_missed_and_keeps_none_from_being_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarantees, "LONGEST", 0.1)
    assert not guarantees._ends([sys.executable, "-c", "import time; time.sleep(600)"])
