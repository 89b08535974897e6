"""A link is spent once, whoever comes at the same moment, and its tries are counted one by one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from screening.core.errors import Refused
from screening.desk import clinician, links, messages, opened_request
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.storage import messages as kept_messages
from screening.storage.database import reading
from tests.desk.making import CLARA, RITA, TWO_FLAGS, review_flags, send, version
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
    clinician.decide(desk, CLARA, reference, 1, flag, "ask_patient", question="Which one?")
    question = opened_request.request(desk, RITA, reference).questions[0].id
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "mail")
    with reading(service.engine) as connection:
        (found,) = kept_messages.of_request(connection, reference)
        letter = kept_messages.letter_of(connection, desk.opening_keys, found.id)
    assert letter is not None
    token, code = re.findall(r"/answer/(\S+)|\b([0-9]{6})\b", letter.words)[:2]
    return reference, token[0], code[1]


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
