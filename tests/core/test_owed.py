"""What is owed of a request: one list by the heaviest thing in it, clocks that begin anew, who is told."""

from __future__ import annotations

from typing import Any

import pytest

from screening.core.owed import contact_clock, notices, review_clock, work_list
from screening.core.workflow import Figures

BOOKED: dict[str, Any] = {"appointment": "consultation", "identity_checked": 1}


@pytest.mark.parametrize(
    ("status", "figures", "listed"),
    [
        ("new", {}, "to_book"),
        ("booked", BOOKED, "booked"),
        ("booked", BOOKED | {"identity_checked": 0}, "booked_but_stopped"),
        ("needs_review", BOOKED | {"others_open": 1}, "booked_but_stopped"),
        ("needs_review", BOOKED | {"stopped_flags": 1}, "booked_but_stopped"),
        ("new", {"others_open": 1}, "to_book"),
        ("new", {"stopped_flags": 1}, "to_tell"),
        ("needs_review", {"questions": 1}, "to_ask"),
        ("needs_review", {"questions": 2, "with_patient": 1}, "to_ask"),
        ("needs_review", {"questions": 1, "with_patient": 1, "stopped_flags": 1}, "waiting_for_patient"),
        ("needs_review", BOOKED | {"questions": 1, "with_patient": 1}, "to_ask"),
        ("needs_review", BOOKED | {"questions": 1, "to_review": 1, "stopped_flags": 1}, "to_review"),
        ("closed", {}, ""),
        ("closed", BOOKED, ""),  # the patient came
        ("withdrawn", BOOKED, "booked_but_stopped"),
        ("duplicate", {}, ""),
    ],
)
def test_a_request_is_on_the_list_of_the_heaviest_thing_that_it_waits_for(
    status: str, figures: dict[str, Any], listed: str
) -> None:
    assert work_list(status, Figures(**figures)) == listed


@pytest.mark.parametrize(
    ("before", "now", "goes_on", "fresh"),
    [
        ("", "to_book", "renew", "renew"),
        ("to_book", "to_book", "keep", "renew"),
        ("to_review", "to_ask", "keep", "renew"),
        ("booked", "booked_but_stopped", "renew", "renew"),
        ("booked", "booked", "keep", "appointment"),
        ("to_book", "booked", "appointment", "appointment"),
        ("to_book", "", "stop", "stop"),
    ],
)
def test_the_promise_to_get_in_touch_begins_anew_with_a_new_day_or_once_the_patient_was_reached(
    before: str, now: str, goes_on: str, fresh: str
) -> None:
    assert contact_clock(before, now) == goes_on
    assert contact_clock(before, now, fresh=True) == fresh


def test_the_clock_of_the_review_runs_while_something_waits_for_a_clinician() -> None:
    steps = ("to_book", "to_review"), ("to_review", "to_review"), ("to_review", "to_ask"), ("", "")
    assert [review_clock(*step) for step in steps] == ["start", "keep", "stop", "stop"]


def test_who_must_know_is_told_once_of_what_begins_to_wait_stops_or_becomes_urgent() -> None:
    def told(before: str, now: str, *urgent: bool) -> set[str]:
        was, is_now = urgent or (False, False)
        return set(notices(before, now, was_urgent=was, urgent=is_now))

    for listed, kind in (("to_review", "review_digest"), ("booked_but_stopped", "stopped_booking")):
        assert told("booked", listed) == told("", listed) == {kind}
        assert told(listed, listed) == told(listed, "booked") == set()
    assert told("to_book", "to_book", False, True) == {"marked_urgent"}
    assert told("to_book", "to_book", True, True) == told("to_book", "", False, True) == set()
    assert told("to_book", "to_review", False, True) == {"review_digest", "marked_urgent"}
