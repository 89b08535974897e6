"""Numbers to ring can be pressed, and everything around them stays text."""

from __future__ import annotations

import pytest

from screening.web.numbers import number_link, with_links
from tests.actors import Patient


def test_numbers_for_help_are_links_and_nothing_else_is() -> None:
    shown = with_links("Call 999 <now>, or 111. Not 1999 and not 9991.")
    assert shown.count("<a ") == 2
    assert 'href="tel:999"' in shown
    assert 'href="tel:111"' in shown
    assert "&lt;now&gt;" in shown


def test_a_number_is_dialled_without_its_blanks() -> None:
    assert 'href="tel:01632960000"' in number_link("01632 960 000")


@pytest.mark.parametrize("number", ["999", "18000", "111", "18001111", "01632960000", "1800101632960000"])
def test_the_page_before_the_questions_has_every_number_to_press(patient: Patient, number: str) -> None:
    assert patient.go("get-help-now").elements("a", href=f"tel:{number}")
