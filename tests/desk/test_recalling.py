"""What sound rules would have raised at kept requests is before the clinicians again, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from screening.core.entries import Booking
from screening.core.rules import Flag, RuleSet
from screening.desk import bookings, clinician, opened_request, reception
from screening.desk.audit import history_of
from screening.desk.desk import Desk
from screening.desk.recalling import Recall, operator, raise_again
from screening.service.patient import Service
from screening.storage.database import reading
from tests.actors import Clock
from tests.usual import TREATMENT

from .making import CLARA, RITA, clear, decide, send, version

FLAG = "diabetes"  # of a sound version: to be dealt with before booking
DIABETIC = {"diabetes": "yes", "diabetes_treatment": ["tablets"]}
OPERATOR = operator("Robin Example")


def sounder(rule_set: RuleSet) -> Iterator[Flag]:
    for flag in rule_set.flags:
        yield flag.model_copy(update={"handling": "review_before_booking"}) if flag.id == FLAG else flag


@pytest.fixture
def recall(service: Service) -> Recall:
    """The shipped rules, as if one flag had been handled too lightly."""
    visit = service.fresh_visit(TREATMENT)
    assert visit is not None
    rule_set = visit.base
    sound = rule_set.model_copy(update={"flags": tuple(sounder(rule_set)), "version": "9.0.0"})
    return Recall(sound, "It was handled too lightly")


def status(desk: Desk, reference: str) -> tuple[str, str]:
    row = opened_request.request(desk, RITA, reference).row
    return row.status, row.work_list


def open_items(desk: Desk, reference: str) -> list[str]:
    return [item.flag.id for item in clinician.review(desk, CLARA, reference).still_open.consultation]


def raised_by(desk: Desk, reference: str) -> set[str]:
    """What raised something here after it was sent."""
    found = clinician.review(desk, CLARA, reference).flags
    return {made.because for line in found for made in line.review.raised_since}


def booked(desk: Desk, service: Service, clock: Clock, **answers: object) -> str:
    reference = send(service, **DIABETIC, **answers)
    clear(desk, reference)
    reception.check_identity(desk, RITA, reference, version(desk, reference), True)
    booking = Booking((clock.now + timedelta(days=9)).date(), "10:00", "Room 1")
    bookings.book(desk, RITA, reference, version(desk, reference), booking, side=True)
    return reference


def decided_since(desk: Desk, service: Service, clock: Clock, recall: Recall) -> str:
    """A booked one that was recalled, and may go on."""
    reference = booked(desk, service, clock)
    raise_again(desk, OPERATOR, reference, recall)
    decide(desk, CLARA, reference, version(desk, reference), FLAG, "proceed")
    return reference


def test_a_booking_that_sound_rules_would_have_held_goes_back_to_the_clinicians(
    desk: Desk, service: Service, clock: Clock, recall: Recall
) -> None:
    reference = booked(desk, service, clock)
    assert status(desk, reference) == ("booked", "booked")
    assert raise_again(desk, OPERATOR, reference, recall) == (FLAG,)
    assert status(desk, reference) == ("needs_review", "to_review")
    assert open_items(desk, reference) == [FLAG]
    (raised,) = (
        made for line in clinician.review(desk, CLARA, reference).flags for made in line.review.raised_since
    )
    assert (raised.because, raised.of, raised.words) == ("recall", "9.0.0", recall.because)


def test_nothing_is_raised_twice_and_what_was_decided_since_stands(
    desk: Desk, service: Service, clock: Clock, recall: Recall
) -> None:
    reference = decided_since(desk, service, clock, recall)
    before = version(desk, reference)
    assert raise_again(desk, OPERATOR, reference, recall) == ()
    assert version(desk, reference) == before
    assert open_items(desk, reference) == []


def test_a_request_at_which_sound_rules_raise_no_more_is_left_alone(
    desk: Desk, service: Service, recall: Recall
) -> None:
    reference = send(service, diabetes="no")
    before = status(desk, reference)
    assert raise_again(desk, OPERATOR, reference, recall) == ()
    assert (status(desk, reference), version(desk, reference)) == (before, 1)


def test_a_closed_request_is_opened_again(desk: Desk, service: Service, clock: Clock, recall: Recall) -> None:
    reference = booked(desk, service, clock)
    reception.close(desk, RITA, reference, version(desk, reference), "attended", "")
    assert status(desk, reference)[0] == "closed"
    assert raise_again(desk, OPERATOR, reference, recall) == (FLAG,)
    assert status(desk, reference)[1] == "to_review"
    assert open_items(desk, reference) == [FLAG]


def test_what_a_duplicate_would_have_raised_goes_to_the_request_that_it_repeats(
    desk: Desk, service: Service, recall: Recall
) -> None:
    kept, twice = send(service, diabetes="no"), send(service, **DIABETIC)
    clear(desk, twice)
    reception.mark_duplicate(desk, RITA, twice, version(desk, twice), kept)
    assert raise_again(desk, OPERATOR, twice, recall) == (FLAG,)
    assert status(desk, twice)[0] == "duplicate"
    assert FLAG in open_items(desk, kept)
    assert "recall" in raised_by(desk, kept)
    before = version(desk, kept)
    assert raise_again(desk, OPERATOR, twice, recall) == ()
    assert version(desk, kept) == before


def test_a_later_recall_raises_again_what_was_decided_after_an_earlier_one(
    desk: Desk, service: Service, clock: Clock, recall: Recall
) -> None:
    reference = decided_since(desk, service, clock, recall)
    later = Recall(recall.sound.model_copy(update={"version": "9.1.0"}), "Lighter still than it should be")
    assert raise_again(desk, OPERATOR, reference, later) == (FLAG,)
    assert open_items(desk, reference) == [FLAG]


def test_of_two_requests_that_a_duplicate_was_said_to_repeat_the_last_is_meant(
    desk: Desk, service: Service, recall: Recall
) -> None:
    first, kept = (send(service, diabetes="no") for _ in range(2))
    twice = send(service, **DIABETIC)
    clear(desk, twice)
    reception.mark_duplicate(desk, RITA, twice, version(desk, twice), first)
    reception.reopen(desk, RITA, twice, version(desk, twice), "It was the other one")
    reception.mark_duplicate(desk, RITA, twice, version(desk, twice), kept)
    assert raise_again(desk, OPERATOR, twice, recall) == (FLAG,)
    assert "recall" in raised_by(desk, kept)
    assert "recall" not in raised_by(desk, first)


def test_who_recalled_is_in_the_history_of_the_request(desk: Desk, service: Service, recall: Recall) -> None:
    reference = send(service, **DIABETIC)
    raise_again(desk, OPERATOR, reference, recall)
    with reading(service.engine) as connection:
        last = history_of(connection, reference)[-1]
    assert (last.action, last.who) == ("recalled", OPERATOR.name)


def test_who_recalls_from_the_command_line_does_not_take_the_request(
    desk: Desk, service: Service, recall: Recall
) -> None:
    reference = send(service, **DIABETIC)
    assert opened_request.request(desk, RITA, reference).row.owner_name is None
    assert raise_again(desk, OPERATOR, reference, recall) == (FLAG,)
    assert opened_request.request(desk, RITA, reference).row.owner_name is None
    reception.write_note(desk, RITA, reference, version(desk, reference), "They rang.")
    assert opened_request.request(desk, RITA, reference).row.owner_name == RITA.name
