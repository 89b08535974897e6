"""A clinician's part: every flag dealt with before booking, decisions kept for ever, nothing stuck."""

from __future__ import annotations

from datetime import date

import pytest

from screening.core.entries import Booking, Call, PatientAnswer
from screening.core.errors import Refused
from screening.desk import beside_lists, bookings, clinician, opened_request, outgoing, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Person
from screening.service.patient import Service
from tests.actors import Clock
from tests.desk.standings import waiting

from .making import AUDREY, CLARA, MANU, RITA, TWO_FLAGS, clear, decide, review_flags, send, version

BOOKING = Booking(date(2026, 12, 1), "10:00", "Room 1")


def status(desk: Desk, reference: str) -> str:
    return opened_request.request(desk, RITA, reference).row.status


def on_list(desk: Desk, reference: str) -> str:
    return opened_request.request(desk, RITA, reference).row.work_list


def test_a_request_is_booked_only_after_each_flag_was_dealt_with(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    flags = review_flags(desk, reference)
    assert len(flags) == 2
    assert waiting(desk) == [reference]
    for flag in flags:
        now = version(desk, reference)
        with pytest.raises(Refused):
            reception.make_ready(desk, RITA, reference, now)
        with pytest.raises(Refused):
            bookings.book(desk, RITA, reference, now, BOOKING, side=True)
        with pytest.raises(Refused):
            clinician.send_back(desk, CLARA, reference, now, "Book it.")
        decide(desk, CLARA, reference, version(desk, reference), flag, "proceed")
    now = clinician.send_back(desk, CLARA, reference, version(desk, reference), "Book it.")
    assert waiting(desk) == []
    reception.check_identity(desk, RITA, reference, now, True, "all three")
    bookings.book(desk, RITA, reference, version(desk, reference), BOOKING, side=True)
    page = opened_request.request(desk, RITA, reference)
    assert (page.row.status, page.next_step, page.booking) == (
        "booked",
        "Book it.",
        BOOKING,
    )


def test_a_request_without_flags_needs_no_clinician(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = reception.make_ready(desk, RITA, reference, 1)
    now = reception.check_identity(desk, RITA, reference, now, True, "all three")
    bookings.book(desk, RITA, reference, now, BOOKING, side=True)
    assert status(desk, reference) == "booked"


def test_a_decision_is_corrected_by_a_later_one_and_both_stay(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    flag = review_flags(desk, reference)[0]
    now = decide(desk, CLARA, reference, 1, flag, "proceed", "looks fine")
    decide(desk, CLARA, reference, now, flag, "do_not_proceed", "second thoughts")
    flags = clinician.review(desk, CLARA, reference).flags
    shown = next(line.review for line in flags if line.flag.id == flag)
    assert [(made.decision, made.note) for made in shown.decided] == [
        ("proceed", "looks fine"),
        ("do_not_proceed", "second thoughts"),
    ]
    assert shown.decision == "do_not_proceed"


@pytest.mark.parametrize("decision", ["do_not_proceed", "ask_patient"])
def test_a_correction_takes_a_booked_request_back_to_review(
    desk: Desk, service: Service, decision: str
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = bookings.book(desk, RITA, reference, clear(desk, reference), BOOKING, side=True)
    decide(desk, CLARA, reference, now, review_flags(desk, reference)[0], decision, "why", "which dose?")
    assert status(desk, reference) == "needs_review"
    with pytest.raises(Refused):
        bookings.book(desk, RITA, reference, version(desk, reference), BOOKING, side=True)


def test_a_stopped_request_goes_back_with_what_to_do_and_cannot_be_booked(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    one, other = review_flags(desk, reference)
    now = decide(desk, CLARA, reference, 1, one, "do_not_proceed", "see letter")
    now = decide(desk, CLARA, reference, now, other, "discuss")
    now = clinician.send_back(desk, CLARA, reference, now, "Tell the patient to see their GP.")
    page = opened_request.request(desk, RITA, reference)
    assert (page.row.status, page.next_step) == ("new", "Tell the patient to see their GP.")
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, reference, now)
    reception.close(desk, RITA, reference, now, "not_going_ahead")


def test_a_question_goes_to_reception_and_its_answer_back_to_the_clinicians(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    one, other = review_flags(desk, reference)
    now = decide(desk, CLARA, reference, 1, other, "proceed")
    now = decide(desk, CLARA, reference, now, one, "ask_patient", question="Which dose?")
    assert waiting(desk) == []  # there is nothing for a clinician to do
    assert beside_lists.load(desk, RITA).counts.by_list["to_ask"] == 1
    question = opened_request.request(desk, RITA, reference).questions[0]
    now = reception.answer_question(desk, RITA, reference, now, question.id, "5 mg")
    assert waiting(desk) == [reference]
    assert opened_request.request(desk, RITA, reference).questions[0].answer == "5 mg"
    with pytest.raises(Refused):  # answered once
        reception.answer_question(desk, RITA, reference, now, question.id, "10 mg")
    with pytest.raises(Refused):  # an answer is not yet a decision
        clinician.send_back(desk, CLARA, reference, now, "Book it.")
    now = decide(desk, CLARA, reference, now, one, "proceed")
    clinician.send_back(desk, CLARA, reference, now, "Book it.")
    assert status(desk, reference) == "ready_to_book"


def test_an_answer_counts_only_for_a_question_that_waits(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    one, other = review_flags(desk, reference)
    now = decide(desk, CLARA, reference, 1, one, "ask_patient", question="Which dose?")
    now = decide(desk, CLARA, reference, now, other, "ask_patient", question="Which week?")
    first, second = opened_request.request(desk, RITA, reference).questions
    now = reception.answer_question(desk, RITA, reference, now, first.id, "5 mg")
    for gone in (first.id, "never-asked", ""):
        with pytest.raises(Refused):
            reception.answer_question(desk, RITA, reference, now, gone, "The ninth")
    assert version(desk, reference) == now
    reception.answer_question(desk, RITA, reference, now, second.id, "The ninth")
    answers = [question.answer for question in opened_request.request(desk, RITA, reference).questions]
    assert answers == ["5 mg", "The ninth"]


def test_who_was_asked_and_answers_later_waits_for_the_patient_until_the_time_of_contact_is_over(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    first, second = review_flags(desk, reference)
    now = decide(desk, CLARA, reference, 1, first, "ask_patient", question="Which dose?")
    now = decide(desk, CLARA, reference, now, second, "proceed")
    with pytest.raises(Refused):  # nobody was asked yet
        reception.log_call(desk, RITA, send(service), 1, "left_message", asked=True)
    now = reception.log_call(desk, RITA, reference, now, "no_answer")
    assert on_list(desk, reference) == "to_ask"  # nobody was reached
    now = reception.log_call(desk, RITA, reference, now, "left_message", asked=True)
    row = opened_request.request(desk, RITA, reference).row
    assert row.work_list == "waiting_for_patient"
    assert row.due_at is not None
    clock.now = row.due_at
    assert on_list(desk, reference) == "no_answer_yet"
    now = reception.log_call(desk, RITA, reference, now, "reached", asked=True)
    assert on_list(desk, reference) == "waiting_for_patient"
    question = opened_request.request(desk, RITA, reference).questions[0]
    reception.answer_question(desk, RITA, reference, now, question.id, "5 mg", called=True)
    page = opened_request.request(desk, CLARA, reference)
    assert page.row.work_list == "to_review"
    assert [type(line.entry) for line in page.entries[-2:]] == [Call, PatientAnswer]


def test_a_later_question_and_an_appointment_make_the_desk_ask_although_the_patient_was_asked(
    desk: Desk, service: Service
) -> None:
    reference = send(service)
    now = bookings.book(desk, RITA, reference, 1, BOOKING, identity=True, side=True)
    now = reception.raise_item(desk, RITA, reference, now, "pregnancy", "She may be")
    now = decide(desk, CLARA, reference, now, "pregnancy", "ask_patient", question="Since when?")
    now = reception.log_call(desk, RITA, reference, now, "left_message", asked=True)
    assert on_list(desk, reference) == "to_ask"  # the day comes nearer
    now = bookings.unbook(desk, RITA, reference, now, "We wait for the answer")
    assert on_list(desk, reference) == "waiting_for_patient"
    now = reception.raise_item(desk, RITA, reference, now, "", "Takes a new medicine")
    decide(desk, CLARA, reference, now, "told_1", "ask_patient", question="Which one?")
    assert on_list(desk, reference) == "to_ask"


def test_a_request_in_review_with_every_flag_dealt_with_still_waits_to_be_sent_back(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = reception.pass_to_review(desk, RITA, reference, 1)
    for flag in review_flags(desk, reference):
        now = decide(desk, CLARA, reference, now, flag, "proceed")
    assert waiting(desk) == [reference]
    clinician.send_back(desk, CLARA, reference, now, "Book it.")
    assert waiting(desk) == []


def test_a_finished_request_waits_for_nobody_and_one_opened_again_for_the_same_flags(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = decide(desk, CLARA, reference, 1, review_flags(desk, reference)[0], "proceed")
    with pytest.raises(Refused):  # a flag is open, so that is a clinician's
        reception.withdraw(desk, RITA, reference, now, "asked to")
    now = reception.withdraw(desk, CLARA, reference, now, "asked to")
    assert waiting(desk) == []
    assert queues.queue(desk, RITA).rows == ()
    reception.reopen(desk, RITA, reference, now, "called again")
    assert waiting(desk) == [reference]
    row = queues.queue(desk, RITA).rows[0]
    assert (row.status, row.figures.open_flags) == ("new", 1)


@pytest.mark.parametrize(
    "given",
    [
        ("nonsense", "proceed", "", ""),
        ("blood_thinners", "nonsense", "", ""),
        ("blood_thinners", "ask_patient", "", ""),
        ("blood_thinners", "do_not_proceed", " ", ""),
        ("blood_thinners", "proceed", "x" * 4001, ""),
        ("diabetes", "proceed", "", ""),  # not raised
    ],
)
def test_what_is_refused_keeps_nothing(
    desk: Desk, service: Service, given: tuple[str, str, str, str]
) -> None:
    reference = send(service, **TWO_FLAGS)
    with pytest.raises(Refused):
        decide(desk, CLARA, reference, 1, *given)
    page = opened_request.request(desk, RITA, reference)
    assert (page.row.version, page.entries) == (1, ())


@pytest.mark.parametrize("person", [RITA, MANU, AUDREY])
def test_only_clinicians_review(desk: Desk, service: Service, person: Person) -> None:
    reference = send(service, **TWO_FLAGS)
    with pytest.raises(Refused):
        clinician.review(desk, person, reference)
    with pytest.raises(Refused):
        queues.review_queue(desk, person)
    with pytest.raises(Refused):
        decide(desk, person, reference, 1, "blood_thinners", "proceed")
    with pytest.raises(Refused):
        outgoing.letter(desk, person, reference)


def test_the_review_page_gives_the_words_of_the_patient_and_of_the_rule(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS, anything_else="plain words")
    page = clinician.review(desk, CLARA, reference)
    line = next(line for line in page.flags if line.flag.id == "blood_thinners")
    assert [(answer.said, reason) for answer, reason in line.because] == [(("Yes",), "answered")]
    follow_ups = ["which_blood_thinner", "blood_thinner_why", "other_blood_thinner"]
    assert [answer.question for answer in line.follow_ups] == follow_ups
    assert line.flag.say.clinician
    assert line.flag.source
    assert ".yaml:" in line.flag.place
    unsure = next(line for line in page.flags if line.flag.id == "pregnancy")
    assert [reason for _answer, reason in unsure.because] == ["not_sure"]
    assert ("plain words",) in [answer.said for answer in page.health.answers]
    assert page.contradictions_checked


def test_a_rule_set_that_is_gone_leaves_the_review_as_it_was(
    desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = send(service, **TWO_FLAGS)
    before = clinician.review(desk, CLARA, reference)
    monkeypatch.setattr(service.library, "pinned", lambda _digest: None)  # as if it could not be read
    after = clinician.review(desk, CLARA, reference)
    assert after.flags == before.flags
    assert after.health == before.health
    assert not after.contradictions_checked


def test_a_flag_to_discuss_does_not_hold_up_booking(desk: Desk, service: Service) -> None:
    reference = send(service, diabetes="yes", diabetes_treatment=["diet"])
    assert queues.queue(desk, RITA, Filters()).rows[0].figures.open_flags == 0
    reception.make_ready(desk, RITA, reference, 1)
