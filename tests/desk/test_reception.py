"""Reception's part: contact only, somebody owns it, nothing overwritten, and what is refused is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from screening.core.entries import Booking, Raised
from screening.core.errors import Absent, Changed, Refused
from screening.desk import audit, bookings, clinician, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.settings.clinic_time import end_of
from screening.storage import standing, tables
from screening.storage.database import reading
from tests.actors import Clock
from tests.thorough import asked

from .making import AUDREY, CLARA, MANU, RITA, ROB, TWO_FLAGS, Someone, clear, decide, send, version

CANARY = "quince-canary-0042"


def test_reception_sees_whom_to_call_and_no_health_answer(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS, anything_else=CANARY)
    page = opened_request.request(desk, RITA, reference)
    assert page.row.name == "Sam Example"
    assert page.told
    assert page.health == ()
    assert CANARY not in repr(page)
    assert "pregnan" not in repr(page).lower()
    assert "Apixaban" not in repr(page)


@pytest.mark.parametrize(
    ("whom", "named"),
    [
        ("me", ("Anna Brown",)),
        ("patient", ("Sam Example",)),
        ("both", ("Anna Brown", "Sam Example")),
    ],
)
@pytest.mark.parametrize("knows", ["yes", "no", "cannot"])
def test_whoever_rings_knows_whom_to_ask_for_and_whether_the_patient_knows(
    desk: Desk, service: Service, whom: str, named: tuple[str, ...], knows: str
) -> None:
    carer = {"for_whom": "someone_else", "representative_name": "Anna Brown"}
    reference = send(service, **carer, whom_to_ring=whom, patient_knows=knows)
    (row,) = queues.queue(desk, RITA).rows
    assert (row.reference, row.ask_for, row.unaware) == (reference, named, knows == "no")
    assert opened_request.request(desk, RITA, reference).row == row


def test_for_who_filled_it_in_themselves_nobody_is_named_to_ask_for(desk: Desk, service: Service) -> None:
    row = opened_request.request(desk, RITA, send(service)).row
    assert (row.ask_for, row.unaware) == ((), False)


def test_what_the_rules_tell_reception_is_said_to_be_seen_to_once_nothing_stands_behind_it(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    page = opened_request.request(desk, RITA, reference)
    (told,) = page.told
    now = decide(desk, CLARA, reference, 1, "pregnancy", "proceed")
    assert not opened_request.request(desk, RITA, reference).seen_to  # the other item says the same
    now = decide(desk, CLARA, reference, now, "blood_thinners", "discuss")
    assert opened_request.request(desk, RITA, reference).seen_to == {told}
    reception.raise_item(desk, RITA, reference, now, "pregnancy", "She rang")
    assert not opened_request.request(desk, RITA, reference).seen_to


def test_what_a_clinician_decided_on_health_is_not_shown_to_reception(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    decide(desk, CLARA, reference, 1, "pregnancy", "ask_patient", CANARY, "Could you ring us?")
    page = opened_request.request(desk, RITA, reference)
    assert [one.words for one in page.questions] == ["Could you ring us?"]
    assert CANARY not in repr(page)
    assert "pregnan" not in repr(page).lower()
    assert CANARY in repr(clinician.review(desk, CLARA, reference).request.entries[0].entry)


def test_health_is_shown_to_reception_where_the_clinic_says_so(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else=CANARY)
    service.settings = desk.settings.model_copy(update={"reception_sees_health": True})
    assert CANARY in repr(opened_request.request(desk, RITA, reference).health)
    assert audit.history(desk, AUDREY, reference)[-1].action == "health_read"


Act = Callable[[Desk, Any, str, int], int]
ACTS: dict[str, Act] = {
    "take": lambda desk, who, ref, now: reception.take(desk, who, ref, now),
    "hand_over": lambda desk, who, ref, now: reception.hand_over(desk, who, ref, now, ROB, "yours"),
    "log_call": lambda desk, who, ref, now: reception.log_call(
        desk, who, ref, now, "no_answer", "rang twice"
    ),
    "write_note": lambda desk, who, ref, now: reception.write_note(desk, who, ref, now, "a note"),
    "mark_urgent": lambda desk, who, ref, now: reception.mark_urgent(desk, who, ref, now, "said so"),
    "unmark_urgent": lambda desk, who, ref, now: reception.unmark_urgent(desk, who, ref, now, "not so"),
    "check_identity": lambda desk, who, ref, now: reception.check_identity(
        desk, who, ref, now, True, "passport"
    ),
    "make_ready": lambda desk, who, ref, now: reception.make_ready(desk, who, ref, now),
    "close": lambda desk, who, ref, now: reception.close(desk, who, ref, now, "other", "moved away"),
    "withdraw": lambda desk, who, ref, now: reception.withdraw(desk, who, ref, now, "asked to"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_each_act_is_kept_with_who_and_when_and_counted_once(
    desk: Desk, service: Service, clock: Clock, act: Act
) -> None:
    reference = send(service)
    clock.forward(minutes=5)
    assert act(desk, RITA, reference, 1) == 2
    page = opened_request.request(desk, RITA, reference)
    assert page.row.version == 2
    done = next(one for one in page.history if one.details.get("version") == 2)
    assert (done.who, done.at) == ("Rita", clock.now)
    assert all((line.by_name, line.at) == ("Rita", clock.now) for line in page.entries)
    with reading(service.engine) as connection:
        assert sum(standing.counts(connection).values()) == 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_stale_page_changes_nothing_and_says_what_changed(desk: Desk, service: Service, act: Act) -> None:
    reference = send(service)
    reception.log_call(desk, ROB, reference, 1, "no_answer", "first")
    with pytest.raises(Changed) as changed:
        act(desk, RITA, reference, 1)
    assert [(line.who, line.action) for line in changed.value.since] == [("Rob", "called")]  # type: ignore[attr-defined]
    assert changed.value.version == 2
    page = opened_request.request(desk, RITA, reference)
    assert (page.row.version, len(page.entries), page.row.status) == (2, 1, "new")


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("person", [MANU, AUDREY])
def test_managers_and_auditors_change_nothing(desk: Desk, service: Service, act: Act, person: object) -> None:
    reference = send(service)
    with pytest.raises(Refused):
        act(desk, person, reference, 1)
    assert version(desk, reference) == 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_request_that_is_not_there_is_absent(desk: Desk, act: Act) -> None:
    with pytest.raises(Absent):
        act(desk, RITA, "ABC-DEF-GHJK", 1)


@pytest.mark.both_engines
def test_of_two_at_once_one_succeeds_and_one_is_told(
    desk: Desk, service: Service, record_property: Callable[[str, object], None]
) -> None:
    reference = send(service)
    pairs = asked(20, 100)

    def call(who: Any, now: int) -> bool:
        try:
            reception.log_call(desk, who, reference, now, "no_answer", f"by {who.name}")
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        for now in range(1, pairs + 1):
            assert sorted(both.map(call, (RITA, ROB), (now, now))) == [False, True]
    assert len(opened_request.request(desk, RITA, reference).entries) == pairs
    record_property("reached", f"{pairs} pairs, each with one that succeeds")


def test_the_same_note_sent_twice_is_written_once_and_again_from_a_new_page(
    desk: Desk, service: Service
) -> None:
    reference = send(service)
    for who, seen, note in (
        *((RITA, 1, "rang"), (RITA, 1, "rang")),  # from one page
        *((ROB, 1, "rang"), (RITA, 1, "rang again"), (RITA, version(desk, reference) + 3, "rang")),
    ):
        reception.write_note(desk, who, reference, seen, note)
    written = [line.by_name for line in opened_request.request(desk, RITA, reference).entries]
    assert written == [RITA.name, ROB.name, RITA.name, RITA.name]
    noted = [line for line in audit.history(desk, AUDREY, reference) if line.action == "noted"]
    assert len(noted) == len(written)


def test_a_note_is_sealed(desk: Desk, service: Service, engine: Engine) -> None:
    reference = send(service)
    now = reception.write_note(desk, RITA, reference, 1, CANARY)
    now = reception.mark_urgent(desk, RITA, reference, now, CANARY)
    reception.close(desk, RITA, reference, now, "other", CANARY)
    with reading(engine) as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    assert CANARY not in repr(rows)
    assert "Sam Example" not in repr(rows)


def test_somebody_always_owns_what_was_taken(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = reception.take(desk, RITA, reference, 1)
    assert opened_request.request(desk, RITA, reference).row.owner_name == "Rita"
    now = reception.hand_over(desk, RITA, reference, now, ROB, "going home")
    assert opened_request.request(desk, RITA, reference).row.owner_name == "Rob"
    with pytest.raises(Refused):  # somebody who could do nothing with it
        reception.hand_over(desk, RITA, reference, now, AUDREY)


def test_what_reception_does_first_takes_a_request_and_no_review_nor_what_comes_later_does(
    desk: Desk, service: Service
) -> None:
    def owner() -> str | None:
        return opened_request.request(desk, RITA, reference).row.owner_name

    both = Someone("p-bo", "Bo", RITA.roles | CLARA.roles)
    reference, ended = send(service, **TWO_FLAGS), send(service, name="Somebody Else")
    now = decide(desk, both, reference, 1, "pregnancy", "discuss")
    now = reception.write_note(desk, CLARA, reference, now, "no flag of mine")
    assert owner() is None
    now = reception.write_note(desk, both, reference, now, "rang")
    assert owner() == "Bo"
    reception.write_note(desk, ROB, reference, now, "rang too")
    assert owner() == "Bo"
    reception.withdraw(desk, RITA, ended, 1, "rang")
    assert opened_request.request(desk, RITA, ended).row.owner_name is None


def test_a_note_from_a_page_of_a_version_that_never_was_is_not_written(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = reception.write_note(desk, RITA, reference, 1, "first")
    for never in (0, -1, now + 1):
        with pytest.raises(Changed):
            reception.write_note(desk, RITA, reference, never, "second")
    assert version(desk, reference) == now


@pytest.mark.parametrize(
    ("day", "time", "over"),
    [(22, "10:00", True), (22, "", True), (23, "08:59", True), (23, "09:00", False), (23, "", False)],
)
def test_nothing_is_booked_for_a_day_or_a_time_that_is_over(
    desk: Desk, service: Service, day: int, time: str, *, over: bool
) -> None:
    reference = send(service)
    now = clear(desk, reference)
    booking = Booking(date(2026, 11, day), time, "Room 1")
    if over:
        with pytest.raises(Refused, match="is_over"):
            bookings.book(desk, RITA, reference, now, booking, side=True)
    else:
        bookings.book(desk, RITA, reference, now, booking, side=True)
    assert opened_request.request(desk, RITA, reference).booking == (None if over else booking)


def test_a_call_that_reached_the_patient_keeps_the_promise_and_a_new_one_begins(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service)
    first = opened_request.request(desk, RITA, reference).row.due_at
    now = reception.make_ready(desk, RITA, reference, 1)
    clock.forward(days=1)
    now = reception.log_call(desk, RITA, reference, now, "no_answer")
    assert opened_request.request(desk, RITA, reference).row.due_at == first
    reception.log_call(desk, RITA, reference, now, "reached")
    row = opened_request.request(desk, RITA, reference).row
    assert row.status == "contacted"
    assert row.due_at is not None
    assert first is not None
    assert row.due_at > first


def test_a_call_about_a_request_that_nobody_has_reviewed_leaves_the_promise_running(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    before = opened_request.request(desk, RITA, reference).row
    clock.forward(days=1)
    reception.log_call(desk, RITA, reference, 1, "reached")
    row = opened_request.request(desk, RITA, reference).row
    assert (row.due_at, row.review_due_at) == (before.due_at, before.review_due_at)
    assert row.review_due_at is not None


def test_a_booking_that_is_cancelled_starts_a_new_promise(desk: Desk, service: Service, clock: Clock) -> None:
    reference = send(service)
    now = reception.make_ready(desk, RITA, reference, 1)
    now = reception.check_identity(desk, RITA, reference, now, True)
    day = clock.now.date() + timedelta(days=90)
    now = bookings.book(desk, RITA, reference, now, Booking(day, "", "Room 7"), side=True)
    booked = opened_request.request(desk, RITA, reference).row
    assert booked.due_at == end_of(service.settings, day)
    clock.forward(days=1)
    bookings.unbook(desk, RITA, reference, now, "Snow")
    row = opened_request.request(desk, RITA, reference).row
    assert (row.due_at, row.appointment_on) == (service.arrival.due_at(clock.now), None)
    clock.forward(days=10)
    assert opened_request.request(desk, RITA, reference).row.late == {"late_contact"}


def test_the_clock_of_the_review_runs_until_nothing_waits_and_begins_anew(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    first = opened_request.request(desk, RITA, reference).row
    assert first.review_due_at == service.arrival.review_due_at(clock.now)
    now = clear(desk, reference)
    row = opened_request.request(desk, RITA, reference).row
    assert (row.review_due_at, row.due_at) == (None, first.due_at)
    clock.forward(days=1)
    reception.raise_item(desk, RITA, reference, now, "", "Now on a blood thinner")
    row = opened_request.request(desk, RITA, reference).row
    assert (row.review_due_at, row.due_at) == (service.arrival.review_due_at(clock.now), first.due_at)


def test_reception_sees_that_something_was_raised_by_whom_and_whether_it_was_dealt_with(
    desk: Desk, service: Service
) -> None:
    reference = send(service)
    now = reception.raise_item(desk, RITA, reference, clear(desk, reference), "pregnancy", CANARY)
    for who, sees in ((RITA, True), (ROB, False), (CLARA, True)):
        page = opened_request.request(desk, who, reference)
        (raised,) = (line for line in page.entries if isinstance(line.entry, Raised))
        assert raised.by_name == RITA.name
        assert (CANARY in str(raised.entry), "pregnan" in str(raised.entry).lower()) == (sees, sees)
        assert raised.id not in page.dealt_with
    decide(desk, CLARA, reference, now, "pregnancy", "proceed")
    assert raised.id in opened_request.request(desk, ROB, reference).dealt_with


def test_a_twin_is_pointed_out_and_never_merged(desk: Desk, service: Service) -> None:
    first = send(service, name="Zoë O’Neill-Smith")
    second = send(service, name="ONEILL SMITH  zoe")
    other = send(service, name="Zoë O’Neill-Smith", birth_date="1950-04-01")
    assert [one.reference for one in opened_request.request(desk, RITA, first).twins] == [second]
    assert opened_request.request(desk, RITA, other).twins == ()
    with pytest.raises(Refused):
        reception.mark_duplicate(desk, RITA, second, 1, second)
    with pytest.raises(Refused):
        reception.mark_duplicate(desk, RITA, second, 1, "ABC-DEF-GHJK")
    reception.mark_duplicate(desk, RITA, second, 1, first.lower().replace("-", " "))
    assert opened_request.request(desk, RITA, second).duplicate_of == first
    assert opened_request.request(desk, RITA, first).row.version == 1
    with pytest.raises(Refused):  # no rings of duplicates
        reception.mark_duplicate(desk, RITA, first, 1, second)


def test_who_else_looks_is_shown_and_soon_forgotten(desk: Desk, service: Service, clock: Clock) -> None:
    reference = send(service)
    assert opened_request.look(desk, RITA, reference) == ()
    assert [one.name for one in opened_request.look(desk, ROB, reference)] == ["Rita"]
    assert [look.reference for look in opened_request.looking(desk, CLARA)] == [reference] * 2
    opened_request.leave(desk, RITA, reference)
    assert opened_request.look(desk, ROB, reference) == ()
    opened_request.look(desk, RITA, reference)
    clock.now += timedelta(seconds=59)  # a page that cannot say that it is still open
    assert [look.name for look in opened_request.look(desk, ROB, reference)] == ["Rita"]
    opened_request.look(desk, RITA, reference, goes_on=True)  # one that says so every few seconds
    clock.now += timedelta(seconds=10)
    assert opened_request.look(desk, ROB, reference) == ()
    assert [look.name for look in opened_request.looking(desk, CLARA)] == ["Rob"]
    clock.now -= timedelta(days=3)  # it was fast
    assert opened_request.looking(desk, CLARA) == ()


def test_a_server_whose_clock_is_ahead_by_minutes_hides_nobody_from_those_at_another(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service)
    opened_request.look(desk, ROB, reference)
    clock.now += timedelta(minutes=5)
    opened_request.look(desk, CLARA, reference)
    clock.now -= timedelta(minutes=5)
    assert "Rob" in [look.name for look in opened_request.look(desk, RITA, reference)]
