"""What `make bench` says of its figures."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.bench import __main__ as program
from tests.bench import report
from tests.bench.measuring import CannotMeasure, Figure

SLOW = Figure("page", 50.0, "ms", 40.0, 45.0, 60.0)
FAST = Figure("page", 30.0, "ms", 40.0, 25.0, 60.0)
RATE = Figure("pages", 30.0, "/s", 40.0, 25.0, 60.0)
PLAIN = Figure("engine", 30.0, "ms", None, 25.0, 60.0)


def test_what_is_to_be_reached_is_missed_below_it_and_everything_else_above() -> None:
    assert [each.missed for each in (SLOW, FAST, RATE, PLAIN)] == [True, False, True, False]


def test_programs_are_told_the_same_as_people() -> None:
    told = json.loads(report.as_json([SLOW, report.Unmeasured("desk", "no PostgreSQL")]))
    assert [(each["name"], each["missed"]) for each in told["figures"]] == [("page", True)]
    assert told["unmeasured"] == [{"name": "desk", "why": "no PostgreSQL", "went_wrong": False}]


def test_the_page_keeps_its_words_and_gets_another_table() -> None:
    once = report.as_page([SLOW], program.PAGE.read_text(encoding="utf-8"))
    again = report.as_page([FAST], once)
    assert once.split(report.BEGINS)[0] == again.split(report.BEGINS)[0]
    assert "| page | 30 ms |" in again
    assert "| page | 50 ms" not in again


def test_what_cannot_be_measured_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def figures() -> list[Figure]:
        raise CannotMeasure("an engine is not installed")

    monkeypatch.setattr("tests.bench.assessing.figures", figures)
    assert [*program.measure("assessing")] == [report.Unmeasured("assessing", "an engine is not installed")]


def test_a_module_that_breaks_off_keeps_no_other_from_being_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def figures() -> Iterator[Figure]:
        yield SLOW
        raise RuntimeError("the server is gone")

    monkeypatch.setattr("tests.bench.assessing.figures", figures)
    first, second = program.measure("assessing")
    assert first == SLOW
    assert isinstance(second, report.Unmeasured)
    assert second.went_wrong
    assert "the server is gone" in second.why


def test_every_module_that_has_figures_is_found() -> None:
    assert {"assessing", "desk_at_scale", "proving_and_letters", "streams", "crowd"} <= {
        *program.measuring_modules()
    }
