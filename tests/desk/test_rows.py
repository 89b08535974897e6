"""What a row says of whom a request is for: how and when to reach them, what they need, how old they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from screening.desk import queues
from screening.desk.desk import Desk
from screening.desk.rows import age_on
from screening.desk.shapes import Row
from screening.service.patient import Service

from .making import RITA, send

WHEN = {"reach_when": ["morning"]}


def row_of(desk: Desk, service: Service, **given: Any) -> Row:
    send(service, email="sam@example.org", **given)
    (row,) = queues.queue(desk, RITA).rows
    return row


@pytest.mark.parametrize(
    ("told", "wish"),
    [
        ({"reach_by": ["phone"], **WHEN}, ("Morning",)),  # the number beside it says how
        ({"reach_by": ["email"]}, ("By email",)),
        ({"reach_by": ["phone", "email"], **WHEN}, ("By phone", "By email", "Morning")),
    ],
)
def test_a_row_says_when_to_ring_and_how_else_a_patient_wishes_to_be_reached(
    desk: Desk, service: Service, told: dict[str, Any], wish: tuple[str, ...]
) -> None:
    assert row_of(desk, service, **told).contact_wish == wish


def test_a_row_says_what_a_patient_needs_in_their_own_words_too(desk: Desk, service: Service) -> None:
    row = row_of(desk, service, needs=["step_free", "other"], needs_words="A ramp")
    assert row.access_needs == ("A way in without steps", "Something else", "A ramp")


@pytest.mark.parametrize(
    ("born", "age"),
    [
        *(("1950-11-28", 76), ("1950-11-29", 75), ("2026-11-28", 0)),
        *(("2026-11-29", None), ("1950", None), ("", None)),
    ],
)
def test_an_age_is_whole_years_and_none_of_whom_nobody_can_say(born: str, age: int | None) -> None:
    assert age_on(born, date(2026, 11, 28)) == age
