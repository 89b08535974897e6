"""Managers write what patients are sent; staff send it, and see what did not get there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from screening.core.messages import MessageTemplate
from screening.desk import messages, opened_request
from screening.logs import configure_logs
from screening.operating import desk_jobs, templates_amiss
from screening.operating.job import JobDone, JobGround
from screening.service import messaging
from screening.service.recording import recording
from screening.staff import message_words
from screening.storage import message_templates, upkeep
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.desk.making import CLARA, RITA, TWO_FLAGS, decide, desk_of, messages_of, review_flags, version
from tests.patient.test_answering import link_to
from tests.sending import sends
from tests.staff.actors import Staff
from tests.staff.desk import at, body, fill, send

BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org"}
WORDS = {"label": "Bring a list", "subject": "From {clinic}", "words": "Please ring {phone}.", "text": ""}


@pytest.fixture
def app(talking: Flask) -> Flask:
    return talking


def asks(app: Flask) -> tuple[str, str]:
    """A clinician has asked the patient something: at which request, about which flag."""
    desk = desk_of(app)
    reference = sends(service_of(app), **TWO_FLAGS, **BY_MAIL)
    flag = review_flags(desk, reference)[0]
    decide(desk, CLARA, reference, 1, flag, "ask_patient", question="How much?")
    return reference, flag


def fails(app: Flask, reference: str) -> None:
    """The mail server refuses the last message to this patient."""
    desk = desk_of(app)
    (found, *_earlier) = messages_of(desk, reference)
    with recording(desk.service) as recorder:
        messaging.became(recorder, found.id, "failed", "address refused 550")


def test_a_manager_writes_a_template_and_reception_sends_it(
    app: Flask, manager: Staff, reception: Staff
) -> None:
    reference = sends(service_of(app), **BY_MAIL)
    manager.comes_in()
    reception.comes_in()
    assert fill(manager, "/staff/messages/new", **WORDS).path == "/staff/messages"
    form = reception.go(at(reference, "message"))
    (chosen,) = [
        radio["value"] for radio in form.elements("input", name="template")
        if radio["value"] not in ("ring_us", "no_answer")
    ]  # fmt: skip
    assert {radio["value"] for radio in form.elements("input", name="way")} == {"mail"}
    assert fill(reception, at(reference, "message"), template=chosen, way="mail").path == at(reference)
    assert "Please ring" in reception.go(at(reference)).text


@pytest.mark.parametrize(
    ("part", "words", "place"),
    [
        ("words", "Hello,\nring {phon}", "line 2, column 6"),
        ("words", "About {diagnosis}", "line 1, column 7"),
        ("words", "Go to {link}", "line 1, column 7"),
        ("words", "Ring {phone", "line 1, column 6"),
        ("subject", "Your lumbar block", "line 1, column 6"),
        ("text", "Are you pregnant?", "line 1, column 9"),
    ],
)
def test_what_may_not_leave_is_refused_with_its_place_and_nothing_typed_is_lost(
    manager: Staff, part: str, words: str, place: str
) -> None:
    manager.comes_in()
    refused = fill(manager, "/staff/messages/new", **WORDS | {part: words})
    assert refused.status == 422
    assert place in refused.text
    assert words.splitlines()[0] in refused.text
    assert WORDS["label"] not in manager.go("/staff/messages").text


def test_two_managers_do_not_overwrite_each_other(manager: Staff) -> None:
    manager.comes_in()
    path = "/staff/messages/ring_us"
    early = manager.go(path)
    assert send(manager, path, early, **WORDS).status == 200
    late = send(manager, path, early, **WORDS | {"label": "Mine"})
    assert late.status == 409
    assert late.value("label") == "Mine"
    assert WORDS["label"] in body(late)  # and the colleague's
    assert "Mine" not in manager.go("/staff/messages").text


def test_only_managers_write_templates_and_only_the_desk_sees_what_failed(
    manager: Staff, reception: Staff
) -> None:
    manager.comes_in()
    reception.comes_in()
    assert reception.go("/staff/messages").status == 403
    assert manager.go("/staff/undelivered").status == 403


def test_a_message_that_failed_is_a_list_and_a_mark_until_somebody_rings(
    app: Flask, reception: Staff
) -> None:
    desk = desk_of(app)
    reference = sends(service_of(app), **BY_MAIL)
    reception.comes_in()
    assert not beside_the_lists(reception)
    messages.send_message(desk, RITA, reference, version(desk, reference), "ring_us", "mail")
    fails(app, reference)
    assert beside_the_lists(reception)
    assert reference in reception.go("/staff/undelivered").text
    fill(reception, at(reference, "call"), outcome="reached")
    assert reference not in reception.go("/staff/undelivered").text
    assert not beside_the_lists(reception)


def beside_the_lists(who: Staff) -> bool:
    """Whether messages that failed stand there; among the keys they always do."""
    links = who.go("/staff/requests").elements("a", href="/staff/undelivered")
    return any("data-list" not in link for link in links)


def test_a_question_is_sent_from_beside_it_and_only_while_it_waits(
    app: Flask, reception: Staff, clock: Clock
) -> None:
    desk = desk_of(app)
    reference, flag = asks(app)
    question = opened_request.request(desk, RITA, reference).questions[0].id
    reception.comes_in()
    path = at(reference, f"questions/{question}/send")
    assert path in reception.go(at(reference)).text
    assert fill(reception, path, way="mail").path == at(reference)
    last = f"{clock() + timedelta(days=desk.settings.link_days):%-d %b}"
    for page in ("/staff/requests", at(reference)):
        assert last in body(reception.go(page))  # until when the link holds
    clock.forward(minutes=1)
    (found,) = messages_of(desk, reference)
    assert found.question == question
    decide(desk, CLARA, reference, version(desk, reference), flag, "proceed")
    assert fill(reception, path, way="mail").status == 409


def test_how_the_link_to_a_question_stands_is_said_where_the_clinician_decides(
    app: Flask, clock: Clock, clinician: Staff
) -> None:
    sent, said = link_to(app), []
    (message,) = messages_of(sent.desk, sent.reference)
    with recording(sent.desk.service) as recorder:
        messaging.became(recorder, message.id, "sent", "")
    for happens in (None, sent.identify, lambda: clock.forward(days=sent.desk.settings.link_days + 1)):
        clock.forward(minutes=1)
        if happens is not None:
            happens()
        desk_jobs.run_out(JobGround(sent.desk.service, sent.desk.opening_keys), JobDone(0))
        clinician.comes_in()
        found = opened_request.request(sent.desk, RITA, sent.reference)
        letters = messages_of(sent.desk, sent.reference)
        with app.test_request_context():
            words = message_words.links_of(letters, found.history, clock())[sent.question]
        for page in ("review", "print"):
            assert words in body(clinician.go(at(sent.reference, page)))
        said.append(words)
    assert len(set(said)) == len(said)  # sent, opened, ended without an answer
    assert str(message_words.MESSAGE_STATES["unanswered"]) in said[-1]


def outlived(app: Flask, template: str, **parts: str) -> None:
    """A template that was sound when it was written, by the fields and rule sets of then."""
    with writing(service_of(app).engine) as connection:
        row = MessageTemplate(template, **(WORDS | parts))
        message_templates.write(connection, row, ("p-manu", "Manu"), 1, service_of(app).now())


@pytest.mark.parametrize(
    "words", ["Dear {title}, ring us.", "About your lumbar block."], ids=["field", "health"]
)
def test_a_template_that_is_not_sound_any_more_is_told_and_sent_to_nobody(
    app: Flask, manager: Staff, reception: Staff, words: str
) -> None:
    reference = sends(service_of(app), **BY_MAIL)
    reception.comes_in()
    manager.comes_in()
    early = reception.go(at(reference, "message"))
    outlived(app, "ring_us", words=words)
    assert "line 1" in manager.go("/staff/messages").text
    shown = manager.go("/staff/messages/ring_us")
    assert (shown.status, len(shown.elements("a", href="#words"))) == (200, 1)
    assert "ring_us" not in [
        one["value"] for one in reception.go(at(reference, "message")).elements("input", name="template")
    ]
    refused = send(reception, at(reference, "message"), early, template="ring_us", way="mail")
    assert refused.status in (409, 422)
    assert messages_of(desk_of(app), reference) == ()
    assert fill(manager, "/staff/messages/ring_us", **WORDS).path == "/staff/messages"
    assert "line 1" not in manager.go("/staff/messages").text
    assert fill(reception, at(reference, "message"), template="ring_us", way="mail").path == at(reference)


def test_a_question_is_not_sent_with_a_template_that_is_not_sound_any_more(
    app: Flask, reception: Staff
) -> None:
    reference, _flag = asks(app)
    reception.comes_in()
    outlived(app, "question", words="{title}: {link} {code}")
    (question,) = opened_request.request(desk_of(app), RITA, reference).questions
    refused = fill(reception, at(reference, f"questions/{question.id}/send"), way="mail")
    assert refused.status == 409
    assert messages_of(desk_of(app), reference) == ()


def test_the_start_the_upkeep_and_the_doctor_tell_it(
    app: Flask, make_app: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    service = service_of(app)
    outlived(app, "ring_us", words="About your lumbar block.")
    outlived(app, "no_answer", words="Dear {title}")
    make_app(log_level="warning")
    said = capsys.readouterr().err
    configure_logs("critical")  # for the tests after this one
    assert "ring_us" in said
    assert "lumbar" not in said
    done = templates_amiss.look(JobGround(service), JobDone(0))
    assert done == JobDone(2, "no_answer ring_us")
    with writing(service.engine) as connection:
        assert templates_amiss.known(connection) == {"no_answer"}  # what needs no rule set
        upkeep.done(connection, templates_amiss.JOB, service.now(), done.figure, done.detail)
        assert templates_amiss.known(connection) == {"no_answer", "ring_us"}
