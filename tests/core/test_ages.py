"""The age rule of a treatment, and whom it asks to ring."""

from __future__ import annotations

from datetime import date

import pytest

from screening.core.ages import is_too_young
from tests.core.making import HEAD, load_text, refused_at_marks

DAY = date(2026, 11, 26)
BORN = "questions:\n  - {id: born, ask: B, type: date, partial: true, contact: birth_date}\n"
ADULTS = load_text(f"{HEAD}age: {{at_least: 18}}\n{BORN}")


@pytest.mark.parametrize(
    ("born", "young"),
    [
        ("2008-11-26", False),
        ("2008-11-27", True),
        ("2008", True),  # may be
        ("2007", False),
        ("no date", False),
        (None, False),
    ],
)
def test_who_has_fewer_years_than_the_rule_says_is_too_young(born: str | None, young: bool) -> None:
    assert is_too_young(ADULTS, {"born": born}, DAY) is young


def test_without_an_age_rule_nobody_is() -> None:
    assert not is_too_young(load_text(HEAD + BORN), {"born": "2026-01-01"}, DAY)


def test_an_age_rule_needs_a_date_of_birth_and_whole_years() -> None:
    refused_at_marks(f"{HEAD}▸age: {{at_least: 18}}\nquestions: [{{id: a, ask: A, type: text}}]\n")
    refused_at_marks(f"{HEAD}age: {{at_least: ▸0}}\n{BORN}")
