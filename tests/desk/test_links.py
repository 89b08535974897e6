"""A link is spent once, whoever comes at the same moment, and its tries are counted one by one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from screening.core.errors import Refused
from screening.desk import beside_lists, links, messages, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Row
from screening.operating import desk_jobs
from screening.operating.job import JobDone, JobGround
from screening.operating.upkeep import run
from screening.service import messaging
from screening.service.patient import Service
from screening.service.recording import recording
from screening.service.witness import Running
from screening.storage import messages as kept_messages
from screening.storage.database import reading
from tests.actors import Clock
from tests.desk.making import (
    CLARA,
    RITA,
    TWO_FLAGS,
    actions,
    decide,
    messages_of,
    review_flags,
    send,
    version,
)
from tests.usual import USUAL

BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org"}
AT_ONCE = 4


@pytest.fixture
def sent(service: Service, desk: Desk) -> tuple[str, str, str]:
    """The reference, and what the message held: token and code."""
    changed = {"public_address": "https://forms.example.org"}
    service.settings = service.settings.model_copy(update=changed)
    reference = send(service, **TWO_FLAGS, **BY_MAIL)
    flag = review_flags(desk, reference)[0]
    decide(desk, CLARA, reference, 1, flag, "ask_patient", question="Which one?")
    question = opened_request.request(desk, RITA, reference).questions[0].id
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "mail")
    (found,) = messages_of(desk, reference)
    with reading(service.engine) as connection:
        letter = kept_messages.letter_of(connection, desk.opening_keys, found.id)
    assert letter is not None
    token, code = re.findall(r"/answer/(\S+)|\b([0-9]{6})\b", letter.words)[:2]
    return reference, token[0], code[1]


@pytest.mark.usefixtures("nothing_amiss")
@pytest.mark.both_engines
def test_of_answers_that_come_at_once_one_is_kept(desk: Desk, sent: tuple[str, str, str]) -> None:
    reference, token, code = sent
    assert links.identify(desk, token, USUAL["birth_date"], code)

    def answer(number: int) -> bool:
        try:
            links.answer(desk, token, f"Answer {number}")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        kept = list(pool.map(answer, range(AT_ONCE)))
    assert kept.count(True) == 1
    (asked,) = opened_request.request(desk, RITA, reference).questions
    assert asked.answer == f"Answer {kept.index(True)}"


@pytest.mark.usefixtures("nothing_amiss")
@pytest.mark.both_engines
def test_wrong_tries_at_once_are_all_counted(desk: Desk, sent: tuple[str, str, str]) -> None:
    _reference, token, code = sent
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tries = [pool.submit(links.identify, desk, token, "1900-01-01", code) for _ in range(9)]
    assert not any(tried.result() for tried in tries)
    assert not links.identify(desk, token, USUAL["birth_date"], code)
    assert not links.look_at(desk, token).works


def test_no_link_is_sent_where_no_process_could_answer_it(
    desk: Desk, service: Service, sent: tuple[str, str, str]
) -> None:
    reference, *_link = sent
    service.settings = service.settings.model_copy(update={"doors": "staff"})
    question = opened_request.request(desk, RITA, reference).questions[0].id
    with pytest.raises(Refused) as refused:
        messages.send_question(desk, RITA, reference, version(desk, reference), question, "mail")
    assert refused.value.code == "nowhere_to_answer"


def row_of(desk: Desk) -> Row:
    """The one request, as a list has it."""
    (row,) = queues.queue(desk, RITA, Filters()).rows
    return row


def goes(desk: Desk, reference: str) -> str:
    """The mail server takes the message; its id."""
    (found,) = messages_of(desk, reference)
    with recording(desk.service) as recorder:
        messaging.became(recorder, found.id, "sent")
    return found.id


def ends(desk: Desk, clock: Clock) -> JobDone:
    """The link is over, and what runs by itself sees to it."""
    clock.forward(days=desk.settings.link_days + 1)
    return desk_jobs.run_out(JobGround(desk.service, desk.opening_keys), JobDone(0))


@pytest.mark.usefixtures("nothing_amiss")
def test_no_link_ends_because_a_clock_was_far_ahead_for_a_while(
    desk: Desk, clock: Clock, sent: tuple[str, str, str]
) -> None:
    reference, token, _code = sent
    goes(desk, reference)
    on, days = JobGround(desk.service, desk.opening_keys), desk.settings.link_days + 1
    for minute, ahead in enumerate((0, days, 0, -days)):
        clock.forward(days=ahead, minutes=6)
        run(on, Running("b1", 360.0 * minute))
    assert links.look_at(desk, token).works
    assert row_of(desk).link is not None


@pytest.mark.usefixtures("nothing_amiss")
def test_a_link_that_waits_is_in_its_row_and_silence_becomes_something_to_do(
    desk: Desk, clock: Clock, sent: tuple[str, str, str]
) -> None:
    reference, *_link = sent
    waits = row_of(desk)
    assert waits.link is not None
    assert not waits.link.sent  # nobody is said to have what the mail server did not take yet
    message, began = goes(desk, reference), clock()
    row = row_of(desk)
    assert row.link is not None
    assert row.link.sent
    assert (row.link.since, row.unanswered, row.undelivered) == (began, False, False)
    assert row.link.until > began
    assert ends(desk, clock) == JobDone(1)
    assert ends(desk, clock) == JobDone(0)  # once
    row = row_of(desk)
    assert (row.link, row.unanswered, row.undelivered) == (None, True, False)
    assert beside_lists.load(desk, RITA).counts.undelivered == 1
    assert [found.state for found in messages.not_delivered(desk, RITA)] == ["unanswered"]
    with recording(desk.service) as recorder:
        assert not messaging.became(recorder, message, "delivered")  # a report that comes late
    assert "link_unanswered" in actions(desk, reference)
    reception.log_call(desk, RITA, reference, version(desk, reference), "reached", "")
    assert not row_of(desk).unanswered


@pytest.mark.usefixtures("nothing_amiss")
def test_a_link_whose_question_was_answered_otherwise_ends_in_silence(
    desk: Desk, clock: Clock, sent: tuple[str, str, str]
) -> None:
    reference, *_link = sent
    goes(desk, reference)
    (asked,) = opened_request.request(desk, RITA, reference).questions
    reception.answer_question(desk, RITA, reference, version(desk, reference), asked.id, "Warfarin")
    assert row_of(desk).link is None
    assert ends(desk, clock) == JobDone(0)
    assert messages.not_delivered(desk, RITA) == ()


@pytest.mark.usefixtures("nothing_amiss")
def test_a_request_that_ended_takes_no_answer_and_its_link_ends_in_silence(
    desk: Desk, clock: Clock, sent: tuple[str, str, str]
) -> None:
    reference, token, _code = sent
    goes(desk, reference)
    reception.withdraw(desk, CLARA, reference, version(desk, reference), "They rang.")
    shown = links.asked_by(desk, token)
    assert shown is not None
    assert not shown.waits
    with pytest.raises(Refused):
        links.answer(desk, token, "Warfarin")
    assert [asked.answer for asked in opened_request.request(desk, RITA, reference).questions] == [None]
    assert ends(desk, clock) == JobDone(0)
    assert messages.not_delivered(desk, RITA) == ()
