"""Texts reach a real gateway once for each key, whatever it does, and hold nothing about health."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from screening.desk import messages, opened_request, reception
from screening.desk.desk import Desk
from screening.operating.record_facts import gather
from screening.service.delivery import HOLD
from screening.service.patient import Service
from screening.service.texting import TextReport, Texts, is_genuine, read_report, signature, take_report
from screening.storage import outbox, reading_events, tables
from screening.storage.database import reading, writing
from tests.actors import Clock
from tests.desk.making import CLARA, RITA, TWO_FLAGS, decide, messages_of, review_flags, send, version

from .phones import MOBILE, Phones, open_phones

BY_TEXT = {"reach_by": ["phone"], "phone": "07911 123456", "leave_message": "yes"}


@pytest.fixture
def phones(service: Service) -> Iterator[Phones]:
    with open_phones(Phones()) as found:
        changed = {"sms_url": found.address, "sms_from": "CLINIC"}
        changed["public_address"] = "https://forms.example.org"
        service.settings = service.settings.model_copy(update=changed)
        yield found


@pytest.fixture
def texts(service: Service, desk: Desk, phones: Phones) -> Texts:
    assert service.settings.sms_url == phones.address
    return Texts(service, desk.opening_keys)


@pytest.fixture
def write(service: Service, desk: Desk, texts: Texts) -> Callable[..., str]:
    def make(**answers: Any) -> str:
        assert texts.service is service
        reference = send(service, **BY_TEXT, **answers)
        messages.send_message(desk, RITA, reference, 1, "ring_us", "text")
        return reference

    return make


def state(desk: Desk, reference: str) -> tuple[str, str]:
    found = messages_of(desk, reference)[0]
    return found.state, found.why


def pointed_out(desk: Desk) -> list[str]:
    return [message.reference for message in messages.not_delivered(desk, RITA)]


def actions(service: Service, reference: str) -> list[str]:
    with reading(service.engine) as connection:
        return [event.action for event in reading_events.of_request(connection, reference)]


def test_a_question_goes_by_text_with_a_link_a_code_and_no_word_about_health(
    service: Service, desk: Desk, texts: Texts, phones: Phones
) -> None:
    reference = send(service, **TWO_FLAGS, **BY_TEXT)
    flag = review_flags(desk, reference)[0]
    decide(desk, CLARA, reference, 1, flag, "ask_patient", question="Which apixaban dose?")
    question = opened_request.request(desk, RITA, reference).questions[0].id
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "text")
    assert texts.run().sent == 1
    (text,) = phones.to(MOBILE)
    assert "https://forms.example.org/answer/" in text
    assert not [secret for secret in ("apixaban", "blood", "dose", "lumbar") if secret in text.lower()]
    assert state(desk, reference) == ("sent", "")


def test_each_text_goes_once_with_a_key_that_stays_the_same(
    desk: Desk, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str]
) -> None:
    reference = write()
    phones.breaks = 2
    for _ in range(3):
        texts.run()
        clock.forward(minutes=30)
    assert len({asked["Idempotency-Key"] for asked in phones.asked}) == 1
    assert (len(phones.asked), len(phones.to(MOBILE))) == (3, 1)
    assert texts.run().sent == 0
    assert state(desk, reference) == ("sent", "")


@pytest.mark.both_engines
def test_a_sender_that_died_after_the_gateway_took_a_text_sends_it_again_with_the_same_key(
    texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "sent", _die)
        with pytest.raises(KeyboardInterrupt):
            texts.run()
    clock.forward(seconds=HOLD.total_seconds() + 1)
    assert texts.run().sent == 1
    assert len(phones.to(MOBILE)) == 1


def _die(*_: object, **_more: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"error": "no credit"}),
        (200, {"id": "another", "status": "accepted"}),
        (200, b"<html>Welcome</html>"),
        (200, b"[" * 100_000),
        (503, {}),
        (429, {}),
    ],
    ids=["error body", "another id", "a page", "nested", "503", "429"],
)
def test_whatever_is_not_the_answer_of_the_contract_is_no_delivery(
    desk: Desk, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str], answer: tuple[int, Any]
) -> None:
    reference = write()
    phones.says = [answer]
    assert texts.run().put_off == 1
    assert state(desk, reference) == ("waiting", "")
    clock.forward(minutes=5)
    assert texts.run().sent == 1


def test_a_gateway_that_is_down_or_slow_loses_nothing_and_the_desk_sees_what_waits(
    service: Service, desk: Desk, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str]
) -> None:
    reference, here = write(), phones.address
    phones.dawdles = 0.7
    assert Texts(service, desk.opening_keys, timeout=0.5).run().put_off == 1
    phones.dawdles = 0.0
    service.settings = service.settings.model_copy(update={"sms_url": "http://127.0.0.1:9/texts"})
    for _ in range(3):
        clock.forward(hours=1)
        assert texts.run().put_off == 1
    assert pointed_out(desk) == [reference]
    service.settings = service.settings.model_copy(update={"sms_url": here})
    clock.forward(hours=1)
    assert texts.run().sent == 1
    assert pointed_out(desk) == []


@pytest.mark.both_engines
def test_a_text_that_the_gateway_did_not_take_in_time_waits_for_the_morning_and_is_no_alarm(
    service: Service, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str]
) -> None:
    service.settings = service.settings.model_copy(update={"time_zone": "Pacific/Auckland"})
    clock.now = datetime(2027, 4, 3, 6, 10, tzinfo=UTC)  # 19:10 there; clocks go back that night
    write()
    with writing(service.engine) as connection:  # what is to go by mail
        connection.execute(delete(tables.outbox).where(tables.outbox.c.kind != outbox.TEXT))
    phones.says = [(503, {})] * 2
    assert texts.run().put_off == 1
    clock.forward(minutes=55)
    assert texts.run().put_off == 1  # an hour after it was written somebody may still be up
    gone = []
    for _half_hour in range(28):
        clock.forward(minutes=30)
        stuck = gather(service.settings, service.engine, clock()).stuck
        gone += [(clock.now.astimezone(ZoneInfo("Pacific/Auckland")).hour, stuck)] * texts.run().sent
        assert stuck == 0
    assert gone == [(8, 0)]


def test_a_text_that_is_written_by_night_goes_at_once(
    texts: Texts, clock: Clock, write: Callable[..., str]
) -> None:
    clock.now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    write()
    assert texts.run().sent == 1


def test_a_gateway_that_says_a_byte_at_a_time_keeps_no_text_waiting_behind_its_answer(
    service: Service, desk: Desk, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str]
) -> None:
    """It has as long as its whole answer may take, not for each byte."""
    reference, phones.drips = write(), 0.1
    assert Texts(service, desk.opening_keys, timeout=0.5).run().put_off == 1
    assert state(desk, reference) == ("waiting", "")
    phones.drips = 0.0
    clock.forward(minutes=5)
    assert texts.run().sent == 1
    assert len(phones.to(MOBILE)) == 1


@pytest.mark.usefixtures("nothing_amiss")
def test_what_the_gateway_refuses_is_pointed_out_until_somebody_rings(
    service: Service, desk: Desk, texts: Texts, phones: Phones, write: Callable[..., str]
) -> None:
    refused = write()
    phones.says = [(400, {})]
    assert texts.run().given_up == 1
    rejected = write()
    phones.says = [(200, {"id": "", "status": "rejected"})]
    assert texts.run().put_off == 1
    assert pointed_out(desk) == [refused]
    assert "message_failed" in actions(service, refused)
    reception.log_call(desk, RITA, refused, version(desk, refused), "reached")
    assert pointed_out(desk) == []
    assert state(desk, rejected)[0] == "waiting"  # it was refused under another id: that is no answer


@pytest.mark.usefixtures("nothing_amiss")
def test_a_report_counts_once_and_the_last_word_counts(
    service: Service, desk: Desk, texts: Texts, phones: Phones, write: Callable[..., str]
) -> None:
    reference = write()
    texts.run()
    (message,) = phones.texts
    assert all(take_report(service, TextReport(message, "delivered")) for _ in range(2))
    assert state(desk, reference) == ("delivered", "")
    assert actions(service, reference).count("message_delivered") == 1
    assert take_report(service, TextReport(message, "failed"))
    assert pointed_out(desk) == [reference]
    assert not take_report(service, TextReport("f" * 32, "delivered"))


def test_a_report_that_comes_before_the_answer_is_not_undone_by_a_second_try(
    service: Service, desk: Desk, texts: Texts, phones: Phones, clock: Clock, write: Callable[..., str]
) -> None:
    reference = write()
    phones.breaks = 1
    texts.run()
    (message,) = phones.texts
    take_report(service, TextReport(message, "delivered"))
    clock.forward(minutes=5)
    texts.run()
    assert state(desk, reference) == ("delivered", "")
    assert len(phones.asked) == 1


def test_a_link_that_is_over_is_not_sent_any_more(
    service: Service, desk: Desk, texts: Texts, phones: Phones, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS, **BY_TEXT)
    flag = review_flags(desk, reference)[0]
    decide(desk, CLARA, reference, 1, flag, "ask_patient", question="Which dose?")
    question = opened_request.request(desk, RITA, reference).questions[0].id
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "text")
    clock.forward(days=9)
    assert texts.run().given_up == 1
    assert phones.texts == {}
    assert pointed_out(desk) == [reference]


@pytest.mark.usefixtures("phones")
@pytest.mark.parametrize(
    "phone", ["020 7946 0018", "0808 157 0192", "999", "07700"], ids=["landline", "freephone", "999", "short"]
)
def test_no_text_goes_to_what_is_no_mobile_number(service: Service, desk: Desk, phone: str) -> None:
    reference = send(service, **BY_TEXT | {"phone": phone})
    assert messages.ways_to_write(desk, RITA, reference).ways == ()


@pytest.mark.usefixtures("phones")
def test_no_text_goes_to_who_wants_no_messages_left(service: Service, desk: Desk) -> None:
    reference = send(service, **BY_TEXT | {"leave_message": "no"})
    assert messages.ways_to_write(desk, RITA, reference).ways == ()


def test_only_what_the_gateway_signed_not_long_ago_is_genuine(
    service: Service, clock: Clock, tmp_path: Path
) -> None:
    body, now = b'{"id": "x"}', int(clock.now.timestamp())
    secret = "s" * 32
    signed = signature(secret, now, body)
    assert not is_genuine(service, signed, body)  # nothing is set, so nothing is believed
    (tmp_path / "secret").write_text(secret + "\n")
    changed = {"sms_secret_file": tmp_path / "secret"}
    service.settings = service.settings.model_copy(update=changed)
    assert is_genuine(service, signed, body)
    assert not is_genuine(service, signed, body + b" ")
    assert not is_genuine(service, signature("t" * 32, now, body), body)
    assert not is_genuine(service, signature(secret, now - 400, body), body)
    assert not is_genuine(service, "", body)
    (tmp_path / "secret").write_text("short")
    assert not is_genuine(service, signature("short", now, body), body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": 1}', b'{"id": "x", "status": "delivered"}'])
def test_what_is_no_report_is_none(body: bytes) -> None:
    assert read_report(body) is None
