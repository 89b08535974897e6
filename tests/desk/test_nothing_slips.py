"""From a patient's word to a booking: what came later, twice, elsewhere or by telephone is never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select, update

from screening.core import owed, workflow
from screening.core.due import WHO_IT_IS
from screening.core.entries import Booking
from screening.core.errors import Refused
from screening.core.stored import StoredAnswer
from screening.desk import alike, bookings, catching_up, clinician, opened_request, queues, reception
from screening.desk.clinician import WishedDecision
from screening.desk.desk import Desk
from screening.desk.shapes import Row
from screening.service.patient import Service
from screening.settings import Settings, shipped
from screening.settings.clinic_time import end_of
from screening.storage import tables
from screening.storage.database import reading, writing
from tests.actors import Clock

from .making import CLARA, RITA, TWO_FLAGS, clear, decide, read_all, review_flags, send, version

SOON = Booking(date(2026, 12, 1), "10:00", "Room 1")
WORDS = {"anything_else": "I take warfarin"}


def row(desk: Desk, reference: str) -> Row:
    return opened_request.request(desk, RITA, reference).row


def waiting(desk: Desk) -> list[str]:
    return [found.reference for found in queues.review_queue(desk, CLARA).rows]


def booked(desk: Desk, reference: str, booking: Booking = SOON) -> int:
    """Cleared where it must be, ready, identified and booked."""
    if row(desk, reference).status == "new":
        found = opened_request.request(desk, RITA, reference)
        ready = any(move.name == "make_ready" for move in found.moves)
        now = (
            reception.make_ready(desk, RITA, reference, found.row.version)
            if ready
            else clear(desk, reference)
        )
        now = reception.check_identity(desk, RITA, reference, now, True, "all three")
    return bookings.book(desk, RITA, reference, version(desk, reference), booking, side=True)


# Own words


def test_words_that_no_rule_reads_wait_for_a_clinician(desk: Desk, service: Service) -> None:
    reference = send(service, **WORDS)
    assert waiting(desk) == [reference]
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, reference, 1)
    with pytest.raises(Refused):
        reception.close(desk, RITA, reference, 1, "patient_declined")
    with pytest.raises(Refused):
        reception.withdraw(desk, RITA, reference, 1, "rang")
    found = clinician.review(desk, CLARA, reference)
    now = read_all(desk, CLARA, reference, 1, found.unread)
    assert waiting(desk) == []
    reception.make_ready(desk, RITA, reference, now)


@pytest.mark.parametrize(
    "given",
    [{"side": "not_sure"}, {"pain_where": ["leg", "elsewhere"]}, {"birth_date": "2025-03-01"}],
    ids=["side", "place", "birth_date"],
)
def test_what_does_not_fit_waits_for_a_clinician_though_nothing_was_written(
    desk: Desk, service: Service, given: dict[str, StoredAnswer]
) -> None:
    reference = send(service, **given)
    assert waiting(desk) == [reference]
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, reference, 1)
    found = clinician.review(desk, CLARA, reference)
    assert found.unread == tuple(f"remark:{remark.id}" for remark in found.remarks)
    now = read_all(desk, CLARA, reference, 1, found.unread)
    reception.make_ready(desk, RITA, reference, now)


def test_only_what_stood_on_the_page_counts_as_read(desk: Desk, service: Service) -> None:
    reference = send(service, **WORDS, what_happened="An accident")
    first, *rest = clinician.review(desk, CLARA, reference).unread
    assert rest
    read_all(desk, CLARA, reference, 1, [first, "words:nonsense"])
    assert list(clinician.review(desk, CLARA, reference).unread) == rest
    assert waiting(desk) == [reference]


def test_a_clinic_may_have_every_request_read_and_cannot_choose_less(desk: Desk, service: Service) -> None:
    settings = desk.settings.model_copy(update={"review_requests": "all"})
    quiet = send(service)
    assert waiting(desk) == []
    object.__setattr__(service.arrival, "settings", settings)
    every = send(service, name="Another Person")
    assert waiting(desk) == [every]
    assert quiet not in waiting(desk)
    assert Settings.model_validate({"review_requests": "all"}).review_requests == "all"
    for less in ("none", "flags", ""):
        with pytest.raises(ValidationError):
            Settings.model_validate({"review_requests": less})


# One save for a page


@pytest.mark.both_engines
def test_all_that_is_decided_on_a_page_is_kept_together_or_not_at_all(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS, **WORDS)
    one, other = review_flags(desk, reference)
    unread = clinician.review(desk, CLARA, reference).unread
    with pytest.raises(Refused):  # the second decision lacks its note
        clinician.settle(
            desk,
            CLARA,
            reference,
            1,
            [WishedDecision(one, "proceed"), WishedDecision(other, "do_not_proceed")],
            unread,
            "Book.",
        )
    assert row(desk, reference).version == 1
    wishes = [WishedDecision(one, "proceed"), WishedDecision(other, "discuss", "at the visit")]
    clinician.settle(desk, CLARA, reference, 1, wishes, unread, "Book.")
    assert row(desk, reference).status == "ready_to_book"


# Later than the answers


@pytest.mark.parametrize("flag", ["pregnancy", ""])
def test_what_is_learnt_by_telephone_takes_a_booking_back(desk: Desk, service: Service, flag: str) -> None:
    reference = send(service)
    now = booked(desk, reference)
    now = reception.raise_item(desk, RITA, reference, now, flag, "now 8 weeks pregnant, on warfarin")
    assert (row(desk, reference).status, waiting(desk)) == ("needs_review", [reference])
    with pytest.raises(Refused):
        bookings.book(desk, RITA, reference, now, SOON, side=True)
    (line,) = [line for line in clinician.review(desk, CLARA, reference).flags if line.review.raised]
    assert line.review.raised[0].by_name == "Rita"
    now = decide(desk, CLARA, reference, now, line.flag.id, "proceed", "GP rang")
    clinician.send_back(desk, CLARA, reference, now, "It may stand.")
    assert row(desk, reference).status == "booked"


def test_an_item_raised_again_is_open_whatever_was_decided_before(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    now = clear(desk, reference)
    flag = review_flags(desk, reference)[0]
    reception.raise_item(desk, RITA, reference, now, flag, "a new one since yesterday")
    assert row(desk, reference).status == "needs_review"
    assert waiting(desk) == [reference]


def test_a_clinician_takes_back_anything_at_any_time(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = booked(desk, reference)
    clinician.call_back_to_review(desk, CLARA, reference, now)
    assert waiting(desk) == [reference]


# Duplicates and persons


def test_flags_of_a_duplicate_travel_to_the_request_that_it_repeats(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS, **WORDS)
    reception.mark_duplicate(desk, RITA, again, 1, kept)
    assert waiting(desk) == [kept]
    found = clinician.review(desk, CLARA, kept)
    open_items = {line.flag.id for line in found.flags if line.review.open}
    assert set(review_flags(desk, again)) <= open_items
    assert any(again in item for item in open_items)  # its unread words
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, kept, version(desk, kept))


def test_what_was_said_in_a_duplicate_goes_with_each_of_its_items(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS, **WORDS)
    now = decide(desk, CLARA, again, 1, "pregnancy", "ask_patient", question="Which week?")
    (asked,) = opened_request.request(desk, RITA, again).questions
    now = reception.answer_question(desk, RITA, again, now, asked.id, "The ninth")
    now = decide(desk, CLARA, again, now, "pregnancy", "discuss", note="Ask about the scan")
    reception.mark_duplicate(desk, RITA, again, now, kept)
    found = clinician.review(desk, CLARA, kept).flags
    said = {line.flag.id: entry.words for line in found for entry in line.review.raised_since}
    assert "Apixaban" in said["blood_thinners"]
    assert "The ninth" in said["pregnancy"]
    assert "Ask about the scan" in said["pregnancy"]
    assert WORDS["anything_else"] in said[f"words_{again}"]
    assert "Apixaban" not in repr(opened_request.request(desk, RITA, kept))  # reception still sees none of it


def test_the_request_that_a_duplicate_repeated_is_told_when_it_is_opened_again(
    desk: Desk, service: Service
) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS)
    now = reception.mark_duplicate(desk, RITA, again, 1, kept)
    before = version(desk, kept)
    reception.reopen(desk, RITA, again, now, "It is another person's")
    told = [line for line in opened_request.request(desk, RITA, kept).entries if line.version > before]
    assert [again in repr(line.entry) for line in told] == [True]
    assert set(waiting(desk)) == {kept, again}


def test_an_item_from_what_is_no_duplicate_after_all_says_so_and_waits(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS)

    def came() -> set[tuple[str, ...]]:
        found = clinician.review(desk, CLARA, kept).flags
        assert all(line.review.open for line in found)
        return {line.review.raised_because for line in found}

    now = reception.mark_duplicate(desk, RITA, again, 1, kept)
    assert came() == {("duplicate",)}
    now = reception.reopen(desk, RITA, again, now, "It is another person's")
    assert came() == {("no_duplicate",)}
    reception.mark_duplicate(desk, RITA, again, now, kept)
    assert came() == {("no_duplicate", "duplicate")}


def test_a_request_for_another_treatment_is_no_duplicate(desk: Desk, service: Service) -> None:
    lumbar = send(service)
    with reading(service.engine) as connection:
        found = connection.scalar(select(tables.requests.c.treatment))
    other = send(service, name="Somebody Else")
    with service.engine.begin() as connection:
        changed = tables.requests.update().where(tables.requests.c.reference == other)
        connection.execute(changed.values(treatment=f"not-{found}"))
    with pytest.raises(Refused):
        reception.mark_duplicate(desk, RITA, lumbar, 1, other)


def test_open_items_of_a_person_hold_every_request_of_theirs_until_somebody_says_not_the_same(
    desk: Desk, service: Service
) -> None:
    quiet, flagged = send(service), send(service, **TWO_FLAGS)
    assert row(desk, quiet).figures.others_open == 2
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, quiet, 1)
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address, another GP")
    assert row(desk, quiet).figures.others_open == 0
    assert row(desk, flagged).figures.others_open == 0
    reception.make_ready(desk, RITA, quiet, version(desk, quiet))


def test_what_is_done_with_a_request_of_another_person_changes_nothing_here(
    desk: Desk, service: Service
) -> None:
    quiet, flagged, unread = send(service), send(service, **TWO_FLAGS), send(service, anything_else="x")
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    now = decide(desk, CLARA, flagged, version(desk, flagged), "pregnancy", "proceed")
    others = [row(desk, reference).figures.others_open for reference in (quiet, flagged, unread)]
    assert others == [1, 1, 1]
    reception.raise_item(desk, RITA, flagged, now, "", "A new tablet")
    assert [row(desk, reference).figures.others_open for reference in (quiet, unread)] == [1, 2]


def test_only_of_a_request_of_the_same_name_and_date_of_birth_is_said_that_it_is_another_persons(
    desk: Desk, service: Service
) -> None:
    quiet, stranger = send(service), send(service, name="Somebody Else")
    for other in (stranger, quiet, "ABC-DEF-GHJK"):
        with pytest.raises(Refused):
            reception.not_same(desk, RITA, quiet, 1, other, "Another address")
    assert (version(desk, quiet), version(desk, stranger)) == (1, 1)


def test_who_was_said_to_be_another_person_is_the_same_again_once_that_is_taken_back(
    desk: Desk, service: Service
) -> None:
    quiet, flagged = send(service), send(service, **TWO_FLAGS)
    with pytest.raises(Refused):
        alike.same_after_all(desk, RITA, quiet, 1, flagged, "Never said")
    now = reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    with pytest.raises(Refused):
        reception.not_same(desk, RITA, quiet, now, flagged, "Said twice")
    booked(desk, quiet)
    assert row(desk, quiet).work_list == "booked"
    alike.same_after_all(desk, RITA, flagged, version(desk, flagged), quiet, "They moved house")
    assert row(desk, quiet).figures.others_open == 2
    assert row(desk, quiet).work_list == "booked_but_stopped"
    (twin,) = opened_request.request(desk, RITA, quiet).twins
    assert not twin.not_same


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("anew", "older"),
    [
        (catching_up.count, {"counted": 0}),
        (catching_up.catch_up, {"index_key": None, "person": None, "indexed_as": 0}),
    ],
    ids=["counted", "indexed"],
)
def test_who_was_said_to_be_another_person_stays_so_when_requests_are_seen_to_late(
    desk: Desk, service: Service, engine: Engine, anew: Callable[[Desk], int], older: dict[str, int | None]
) -> None:
    quiet, flagged, unread = send(service), send(service, **TWO_FLAGS), send(service, anything_else="x")
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    with writing(engine) as connection:
        connection.execute(update(tables.requests).values(**older))
    assert anew(desk) == 3
    open_elsewhere = [row(desk, reference).figures.others_open for reference in (quiet, flagged, unread)]
    assert open_elsewhere == [1, 1, 2]


def test_a_booking_whose_identity_check_is_taken_back_stops_until_somebody_checks_again(
    desk: Desk, service: Service, engine: Engine
) -> None:
    quiet = send(service)
    now = reception.check_identity(desk, RITA, quiet, booked(desk, quiet), False, "It was her sister")
    assert (row(desk, quiet).work_list, row(desk, quiet).due) == ("booked_but_stopped", WHO_IT_IS)
    with writing(engine) as connection:  # as it was kept by a program that let it rest
        connection.execute(update(tables.requests).values(work_list="booked"))
    assert catching_up.count_again(desk) == (1, "")
    assert row(desk, quiet).work_list == "booked_but_stopped"
    reception.check_identity(desk, RITA, quiet, now, True, "She gave her address")
    assert row(desk, quiet).work_list == "booked"


def test_a_second_request_stops_a_booking_that_stands(desk: Desk, service: Service) -> None:
    quiet = send(service)
    booked(desk, quiet)
    flagged = send(service, **TWO_FLAGS)
    assert row(desk, quiet).work_list == "booked_but_stopped"
    clear(desk, flagged)
    assert row(desk, quiet).work_list == "booked"


# A booking that is stopped, and clocks


def test_a_booking_that_is_stopped_still_stands_on_every_page_and_can_be_cancelled(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = booked(desk, reference)
    flag = review_flags(desk, reference)[0]
    now = decide(desk, CLARA, reference, now, flag, "do_not_proceed", "see letter")
    page = opened_request.request(desk, RITA, reference)
    assert (page.booking, page.next_step) == (SOON, None)  # what was to be done before does not stand
    now = clinician.send_back(desk, CLARA, reference, now, "Cancel it, and ring the patient.")
    page = opened_request.request(desk, RITA, reference)
    assert (page.booking, page.row.work_list) == (SOON, "booked_but_stopped")
    with pytest.raises(Refused):  # not while the appointment stands
        reception.close(desk, RITA, reference, now, "not_going_ahead")
    now = bookings.unbook(desk, RITA, reference, now, "stopped")
    assert opened_request.request(desk, RITA, reference).booking is None
    reception.close(desk, RITA, reference, now, "not_going_ahead")


def test_a_promise_begins_anew_when_a_booking_is_cancelled(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service)
    now = booked(desk, reference)
    assert row(desk, reference).due_at == end_of(service.settings, SOON.on)
    clock.forward(days=1)
    bookings.unbook(desk, RITA, reference, now, "snow")
    assert row(desk, reference).due_at == service.arrival.due_at(service.now())


def test_the_review_has_a_clock_of_its_own_until_nothing_waits(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    assert row(desk, reference).review_due_at == service.arrival.review_due_at(service.now())
    clear(desk, reference)
    assert row(desk, reference).review_due_at is None


def test_marked_urgent_comes_first_in_every_queue(desk: Desk, service: Service, clock: Clock) -> None:
    first = send(service, **TWO_FLAGS)
    clock.forward(minutes=5)
    second = send(service, **TWO_FLAGS, name="Another Person")
    reception.mark_urgent(desk, RITA, second, 1, "the leg is cold")
    assert waiting(desk) == [second, first]
    assert [found.reference for found in queues.queue(desk, RITA).rows] == [second, first]
    assert clinician.review(desk, CLARA, second).request.urgent == "the leg is cold"


# The end


def test_reception_ends_what_is_open_only_through_a_clinician(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    now = reception.pass_to_review(desk, RITA, reference, 1)
    with pytest.raises(Refused):
        reception.close(desk, RITA, reference, now, "patient_declined")
    now = reception.ask_to_close(desk, RITA, reference, now, "moved to Spain")
    found = clinician.review(desk, CLARA, reference)
    assert found.request.closing is not None
    assert waiting(desk) == [reference]
    clinician_closes = reception.close(desk, CLARA, reference, now, "patient_declined")
    assert row(desk, reference).version == clinician_closes
    assert waiting(desk) == []


def test_a_request_that_is_opened_again_does_not_ask_to_be_closed_any_more(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = reception.ask_to_close(desk, RITA, reference, 1, "Gone elsewhere")
    now = reception.close(desk, CLARA, reference, now, "patient_declined")
    reception.reopen(desk, RITA, reference, now, "The wrong one was closed")
    found = clinician.review(desk, CLARA, reference)
    assert found.request.closing is None
    assert waiting(desk) == [reference]  # its items are as open as they were


# Two gates, and answers that grow old


def test_a_treatment_is_booked_only_when_every_item_is_settled_for_it(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    now = clear(desk, reference)
    treatment = Booking(SOON.on, "", "Theatre 2", "treatment")
    with pytest.raises(Refused):
        bookings.book(desk, RITA, reference, now, treatment, side=True)
    now = bookings.book(desk, RITA, reference, now, SOON, side=True)
    for line in clinician.review(desk, CLARA, reference).flags:
        now = decide(desk, CLARA, reference, now, line.flag.id, "settled")
    bookings.book(desk, RITA, reference, version(desk, reference), treatment, side=True)
    assert row(desk, reference).status == "booked"


@pytest.mark.parametrize("identity", [True, False])
def test_nothing_is_booked_for_somebody_whose_identity_nobody_checked(
    desk: Desk, service: Service, identity: bool
) -> None:
    reference = send(service)
    now = reception.make_ready(desk, RITA, reference, 1)
    now = reception.check_identity(desk, RITA, reference, now, identity, "x")
    if identity:
        bookings.book(desk, RITA, reference, now, SOON, side=True)
    else:
        with pytest.raises(Refused):
            bookings.book(desk, RITA, reference, now, SOON, side=True)


@pytest.mark.parametrize("identity", [True, False])
def test_nothing_is_booked_before_the_side_is_confirmed_where_the_rules_ask_for_it(
    desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch, identity: bool
) -> None:
    book = partial(bookings.book, identity=identity)
    asking, asking_none = send(service), send(service, name="Somebody Else")
    for reference in (asking, asking_none):
        now = reception.make_ready(desk, RITA, reference, 1)
        now = reception.check_identity(desk, RITA, reference, now, True, "x")
    with pytest.raises(Refused, match="missing") as refused:
        book(desk, RITA, asking, now, SOON)
    assert refused.value.figures["needs"] == ("side given",)
    assert row(desk, asking).status == "ready_to_book"
    book(desk, RITA, asking, now, SOON, side=True)
    with monkeypatch.context() as gone:
        gone.setattr(service.library, "pinned", lambda _digest: None)  # they may have asked
        with pytest.raises(Refused, match="missing") as refused:
            book(desk, RITA, asking_none, now, SOON)
    assert "side given" in str(refused.value.figures["needs"])
    monkeypatch.setattr(bookings, "side_questions", lambda _rules: frozenset())
    book(desk, RITA, asking_none, now, SOON)
    assert {row(desk, asking).status, row(desk, asking_none).status} == {"booked"}


def test_every_notice_that_the_table_owes_has_its_words() -> None:
    pairs = [(before, now) for before in ("", *owed.LISTS) for now in ("", *owed.LISTS)]
    kinds = set[str]()
    for before, now in pairs:
        kinds |= owed.notices(before, now, was_urgent=False, urgent=True)
    assert kinds
    folder = shipped("templates") / "mail"
    assert [kind for kind in kinds if not (folder / f"{kind}.txt").is_file()] == []


@pytest.mark.both_engines
def test_the_row_says_what_the_entries_say(desk: Desk, service: Service, engine: Engine) -> None:
    """The figures that queues read are those of the sealed entries, after every kind of act."""
    reference = send(service, **TWO_FLAGS, **WORDS)
    booked(desk, reference)
    reception.raise_item(desk, RITA, reference, version(desk, reference), "", "told")
    found = opened_request.request(desk, RITA, reference)
    with reading(engine) as connection:
        kept = connection.execute(
            select(tables.requests).where(tables.requests.c.reference == reference)
        ).one()
    for name in workflow.Figures.__dataclass_fields__:
        assert getattr(kept, name) == getattr(found.facts.figures, name), name
    assert kept.review_due_at is not None
    assert kept.due_at > service.now() - timedelta(minutes=1)
