"""A clinician's question goes to the patient by a link, and their answer comes back to its flag."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from secrets import token_urlsafe
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from screening.core.entries import MessageSent
from screening.core.errors import Refused
from screening.core.messages import Letter
from screening.desk import clinician, links, messages, opened_request
from screening.desk.desk import Desk
from screening.patient import answering
from screening.service.recording import recording
from screening.staff.actions import offered
from screening.storage import erasing, reading_events, resealing
from screening.storage import messages as kept_messages
from screening.storage.database import reading
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.tables import messages as message_rows
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.desk.making import CLARA, RITA, TWO_FLAGS, decide, desk_of, review_flags, version
from tests.sending import sends
from tests.thorough import asked
from tests.usual import USUAL

BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org"}
ASKED = "How much warfarin do you take?"
SAID = "Two tablets, since May."
BORN = USUAL["birth_date"].split("-")
GONE, KEPT = 404, 200  # how a link ends: it works no longer, or was answered


@dataclass
class Sent:
    """A question that was sent: its request and flag, and what the message held."""

    desk: Desk
    reference: str
    flag: str
    letter: Letter
    question: str
    client: FlaskClient = field(repr=False)

    @property
    def path(self) -> str:
        found = re.search(r"https://forms\.example\.org(/answer/\S+)", self.letter.words)
        assert found is not None
        return found[1]

    @property
    def token(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def code(self) -> str:
        return str(re.findall(r"\b[0-9]{6}\b", self.letter.words)[-1])

    def go(self) -> Page:
        return Page(self.client.get(self.path))

    def send(self, **typed: str) -> Page:
        fields = {name.replace("__", "-"): text for name, text in typed.items()}
        sent = {"csrf_token": self.go().token} | fields
        return Page(self.client.post(self.path, data=sent, follow_redirects=True))

    def identify(self, code: str | None = None, year: str = BORN[0], **more: str) -> Page:
        day = {"birth_date__day": BORN[2], "birth_date__month": BORN[1], "birth_date__year": year}
        return self.send(code=self.code if code is None else code, **day, **more)

    def actions(self) -> list[str]:
        with reading(self.desk.service.engine) as connection:
            return [event.action for event in reading_events.of_request(connection, self.reference)]

    def answers(self) -> list[str | None]:
        return [asked.answer for asked in opened_request.request(self.desk, RITA, self.reference).questions]


def letters(desk: Desk) -> list[Letter]:
    with reading(desk.service.engine) as connection:
        ids = connection.scalars(select(message_rows.c.id).order_by(message_rows.c.created_at)).all()
        found = [kept_messages.letter_of(connection, desk.opening_keys, message) for message in ids]
    return [letter for letter in found if letter is not None]


def ask(desk: Desk, reference: str, flag: str) -> str:
    """A clinician has a question; the id of the entry that asks."""
    decide(desk, CLARA, reference, version(desk, reference), flag, "ask_patient", question=ASKED)
    return opened_request.request(desk, RITA, reference).questions[-1].id


def link_to(app: Flask, **answers: Any) -> Sent:
    """A patient whose flag a clinician asks about, by a link."""
    desk = desk_of(app)
    reference = sends(service_of(app), **TWO_FLAGS, **BY_MAIL, **answers)
    flag = review_flags(desk, reference)[0]
    question = ask(desk, reference, flag)
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "mail")
    return Sent(desk, reference, flag, letters(desk)[-1], question, app.test_client())


@pytest.fixture
def send_question(talking: Flask) -> Callable[..., Sent]:
    return partial(link_to, talking)


@pytest.fixture
def sent(send_question: Callable[..., Sent]) -> Sent:
    return send_question()


def item_states(sent: Sent) -> dict[str, str]:
    found = clinician.review(sent.desk, CLARA, sent.reference)
    return {line.flag.id: line.review.item.state for line in found.flags}


def test_the_answer_goes_to_its_flag_and_back_to_review(sent: Sent) -> None:
    assert item_states(sent)[sent.flag] == "asked"
    assert ASKED in sent.identify().text
    assert sent.send(words=SAID).status == KEPT
    assert sent.answers() == [SAID]
    assert item_states(sent)[sent.flag] == "answered"
    row = opened_request.request(sent.desk, RITA, sent.reference).row
    assert (row.work_list, row.figures.questions) == ("to_review", 0)
    assert {"message_sent", "link_opened", "answered_by_link"} <= set(sent.actions())


def test_the_message_and_all_before_the_code_hold_nothing_about_health(sent: Sent) -> None:
    wrong = sent.identify(code="000000" if sent.code != "000000" else "000001")
    seen = [sent.letter.subject, sent.letter.words, sent.go().text, wrong.text, sent.path]
    for secret in (ASKED, "warfarin", "blood", "lumbar", "block", USUAL["name"], USUAL["birth_date"]):
        assert not [text for text in seen if secret.lower() in text.lower()]
    page = sent.identify()
    assert ASKED in page.text
    assert "warfarin" not in page.title + page.path


def test_nobody_reads_the_question_without_the_code_and_the_date_of_birth(sent: Sent) -> None:
    for page in (sent.identify(code="1"), sent.identify(year="1951"), sent.send(words=SAID)):
        assert ASKED not in page.text
    assert sent.answers() == [None]


def test_a_code_is_read_however_it_is_spaced(sent: Sent) -> None:
    assert ASKED in sent.identify(code=f" {sent.code[:3]} {sent.code[3:]}").text


def test_after_a_few_wrong_tries_the_link_is_locked_and_the_desk_sees_it(sent: Sent) -> None:
    tries = [sent.identify(year="1951").status for _ in range(kept_messages.MOST_TRIES)]
    assert tries[-1] == GONE
    assert sent.go().status == GONE
    assert sent.actions().count("link_refused") == kept_messages.MOST_TRIES - 1
    assert sent.actions()[-1] == "link_locked"
    (failed,) = messages.not_delivered(sent.desk, RITA)
    assert (failed.reference, failed.why) == (sent.reference, "locked")


def test_a_link_that_nobody_sent_looks_like_one_that_is_over(sent: Sent, clock: Clock) -> None:
    guessed = Page(sent.client.get(f"/answer/{'a' * 32}"))
    clock.forward(days=9)
    expired = sent.go()
    assert (guessed.status, expired.status) == (GONE, GONE)
    assert guessed.text == expired.text


def test_whoever_guesses_links_is_stopped_by_the_tenth_and_keeps_what_they_typed(
    sent: Sent, record_property: Callable[[str, object], None]
) -> None:
    guesses = asked(200, 100_000)
    hits = sum(links.look_at(sent.desk, token_urlsafe(24)).works for _ in range(guesses))
    record_property("reached", f"{hits} hits in {guesses} guesses at a link, the 10th of an address refused")
    assert hits == 0
    browser = sent.client.application.test_client()
    browser.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    statuses = [browser.get(f"/answer/{token_urlsafe(24)}").status_code for _ in range(12)]
    assert statuses == [GONE] * 9 + [429] * 3
    typed = {"words": SAID, "csrf_token": Page(browser.get(sent.path)).token}
    refused = browser.post(f"/answer/{token_urlsafe(24)}", data=typed)
    assert refused.status_code == 429
    assert SAID in refused.get_data(as_text=True)
    assert browser.get(sent.path).status_code == 200  # a link that works is nobody's guess


def test_no_reference_leads_anywhere_at_the_patients_door(talking: Flask) -> None:
    public = [rule for rule in talking.url_map.iter_rules() if not rule.rule.startswith("/staff")]
    assert {name for rule in public for name in rule.arguments} == {
        "treatment", "question", "token", "filename", "name", "_rest"
    }  # fmt: skip


def test_a_link_is_spent_by_its_answer_and_later_words_are_shown_as_not_kept(sent: Sent) -> None:
    sent.identify()
    late = sent.go().token
    sent.send(words=SAID)
    again = Page(sent.client.post(sent.path, data={"csrf_token": late, "words": "No, three."}))
    assert "No, three." in again.text
    assert sent.answers() == [SAID]
    assert ASKED not in sent.go().text


def test_a_question_that_was_dealt_with_since_takes_no_answer(sent: Sent) -> None:
    sent.identify()
    token = sent.go().token
    decide(sent.desk, CLARA, sent.reference, version(sent.desk, sent.reference), sent.flag, "proceed")
    page = Page(sent.client.post(sent.path, data={"csrf_token": token, "words": SAID}))
    assert SAID in page.text
    assert item_states(sent)[sent.flag] == "noted"
    assert ASKED not in sent.go().text


def test_a_later_message_ends_the_link_of_the_one_before(sent: Sent) -> None:
    messages.send_question(
        sent.desk, RITA, sent.reference, version(sent.desk, sent.reference), sent.question, "mail"
    )
    assert sent.go().status == GONE


def test_words_outlive_the_time_for_which_the_page_was_open(sent: Sent, clock: Clock) -> None:
    sent.identify()
    clock.forward(minutes=29)
    assert ASKED in sent.go().text
    clock.forward(minutes=2)
    asked_again = sent.send(words=SAID)
    assert ASKED not in asked_again.text
    assert asked_again.value("words") == SAID
    page = sent.identify(words=SAID)
    assert ASKED in page.text
    assert SAID in page.text
    sent.send(words=SAID)
    assert sent.answers() == [SAID]


def test_two_questions_on_one_phone_are_open_beside_each_other(send_question: Callable[..., Sent]) -> None:
    first, second = send_question(), send_question(name="Alex Sample")
    second.client = first.client
    first.identify()
    assert ASKED in second.identify().text
    assert ASKED in first.go().text
    assert first.send(words=SAID).status == second.send(words=SAID).status == KEPT
    assert first.answers() == second.answers() == [SAID]


def test_of_more_links_than_a_browser_keeps_open_the_last_stays_so(
    send_question: Callable[..., Sent], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_OPEN", 1)
    first, second = send_question(), send_question()
    second.client = first.client
    first.identify()
    clock.forward(minutes=1)
    assert ASKED in second.identify().text
    assert ASKED not in first.go().text


def test_how_many_tries_are_left_is_told_as_it_is(sent: Sent) -> None:
    for left in range(kept_messages.MOST_TRIES - 1, 0, -1):
        assert re.search(rf"\b{left} more", sent.identify(year="1951").text)


def test_a_form_that_fails_for_no_fault_of_its_writer_marks_no_field(sent: Sent) -> None:
    for fields in ({"code": sent.code, "birth_date-day": BORN[2]}, {"words": SAID}):
        page = Page(sent.client.post(sent.path, data={"csrf_token": "old", **fields}))
        assert page.status == 400
        assert page.elements("div", role="alert")
        assert not page.elements("p", **{"class": "govuk-error-message"})
        sent.identify()


def test_nothing_typed_is_lost_to_an_empty_form_one_too_long_or_a_forged_one(sent: Sent) -> None:
    sent.identify()
    assert sent.send(words=" ").status == 422
    long = sent.send(words="x" * 4001)
    assert (long.status, "x" * 4001 in long.text) == (422, True)
    stale = Page(sent.client.post(sent.path, data={"csrf_token": "old", "words": SAID}))
    assert SAID in stale.text
    assert sent.answers() == [None]


def test_a_carer_is_asked_about_the_person_they_care_for(send_question: Callable[..., Sent]) -> None:
    mine = send_question()
    carer = {"for_whom": "someone_else", "representative_name": "Ali", "representative_relationship": "son"}
    theirs = send_question(**carer)
    assert mine.go().text != theirs.go().text
    assert ASKED in theirs.identify().text


def test_only_what_can_be_reached_is_written_to(talking: Flask, sent: Sent) -> None:
    desk, service = sent.desk, service_of(talking)
    by_phone = sends(service, reach_by=["phone"], phone="020 7946 0018")
    assert messages.ways_to_write(desk, RITA, by_phone).ways == ()
    assert messages.ways_to_write(desk, RITA, sent.reference).ways == ("mail",)
    with pytest.raises(Refused, match="no_way"):
        messages.send_message(desk, RITA, by_phone, 1, "ring_us", "text")
    assert messages.send_message(desk, RITA, sent.reference, version(desk, sent.reference), "ring_us", "mail")


def test_the_desk_keeps_what_was_sent_without_link_and_code(sent: Sent) -> None:
    found = opened_request.request(sent.desk, RITA, sent.reference).entries[-1].entry
    assert isinstance(found, MessageSent)
    assert sent.token not in found.words
    assert sent.code not in found.words


def test_of_a_request_that_is_erased_no_message_is_left(talking: Flask, sent: Sent) -> None:
    with recording(service_of(talking)) as recorder:
        erasing.erase(recorder.connection, sent.reference)
        recorder.note("erased", None, sent.reference)
    assert sent.go().status == GONE
    assert letters(sent.desk) == []


def test_the_database_holds_neither_link_nor_code_nor_words_in_the_clear(sent: Sent) -> None:
    with reading(sent.desk.service.engine) as connection:
        rows = str(connection.execute(select(message_rows)).all())
    assert not [secret for secret in (sent.token, sent.code, "forms.example.org") if secret in rows]


def test_what_waits_opens_after_the_key_was_changed(sent: Sent, keys: OpeningKeys) -> None:
    """`keys` are others than the service's own: what is sealed again opens with them alone."""
    with recording(sent.desk.service) as recorder:
        resealing.some(recorder.connection, sent.desk.opening_keys, keys.sealing_key, "", 10)
        recorder.note("sealed_again")
    with reading(sent.desk.service.engine) as connection:
        (message,) = connection.scalars(select(message_rows.c.id))
        assert kept_messages.letter_of(connection, keys, message) == sent.letter


def test_whose_question_was_dealt_with_since_is_not_told_that_their_answer_came(
    send_question: Callable[..., Sent],
) -> None:
    sent, answered = send_question(), send_question()
    sent.identify()
    decide(sent.desk, CLARA, sent.reference, version(sent.desk, sent.reference), sent.flag, "proceed")
    answered.identify()
    answered.send(words=SAID)
    assert sent.go().status == answered.go().status == 200
    assert heading(sent.go()) != heading(answered.go())


def heading(page: Page) -> str:
    found = re.search("<h1[^>]*>(.*?)</h1>", page.text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("code", ["", "12", "1234567"])
def test_what_cannot_be_the_code_is_told_at_its_field_and_is_no_try(sent: Sent, code: str) -> None:
    for _ in range(6):
        page = sent.identify(code=code)
        assert page.status == 422
        (field,) = page.elements("input", id="code")
        assert "code-error" in str(field.get("aria-describedby"))
    assert ASKED in sent.identify().text


def test_what_is_no_day_is_told_at_the_date_and_is_no_try(sent: Sent) -> None:
    for _ in range(6):
        page = sent.identify(year="")
        assert page.status == 422
        assert page.elements("p", id="birth_date-error")
    assert ASKED in sent.identify().text


def test_nobody_is_offered_to_write_to_who_gave_nothing_that_the_clinic_writes_to(sent: Sent) -> None:
    service = sent.desk.service
    by_phone = sends(service, reach_by=["phone"], phone="020 7946 0018")
    offers = {
        reference: [
            action.name
            for action in offered(opened_request.request(sent.desk, RITA, reference), RITA)
            if action.name == "message"
        ]
        for reference in (by_phone, sent.reference)
    }
    assert offers == {by_phone: [], sent.reference: ["message"]}
