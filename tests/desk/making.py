"""Staff, and requests sent through the service as patients send them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pypdf
from flask import Flask

from screening.desk import audit, clinician, opened_request, reception
from screening.desk.clinician import WishedDecision
from screening.desk.desk import Desk
from screening.desk.shapes import Person
from screening.service.patient import Service
from screening.storage.messages import KeptMessage
from screening.storage.reading_events import Event
from tests.sending import sends

WHY = "For the meeting of the team"  # of an export
send = sends  # as it reads among what staff do


@dataclass(frozen=True)
class Someone:
    """A member of staff."""

    id: str
    name: str
    roles: frozenset[str]


RITA = Someone("p-rita", "Rita", frozenset({"reception"}))
ROB = Someone("p-rob", "Rob", frozenset({"reception"}))
CLARA = Someone("p-clara", "Clara", frozenset({"clinician"}))
MANU = Someone("p-manu", "Manu", frozenset({"manager"}))
AUDREY = Someone("p-audrey", "Audrey", frozenset({"auditor"}))
TWO_FLAGS = {
    "blood_thinners": "yes",
    "which_blood_thinner": ["apixaban"],
    "pregnancy": "not_sure",
}


def desk_of(app: Flask) -> Desk:
    """An app's one desk."""
    found: Desk = app.extensions["desk"]
    return found


def messages_of(desk: Desk, reference: str) -> tuple[KeptMessage, ...]:
    """What was written to the patient, the newest first."""
    return opened_request.request(desk, RITA, reference).letters


def events(desk: Desk) -> list[Event]:
    """The whole audit, as auditors read it, but the oldest first."""
    return [*audit.events_before(desk, AUDREY)][::-1]


def actions(desk: Desk, reference: str) -> list[str]:
    """What was done with a request, as its history has it."""
    return [line.action for line in audit.history(desk, AUDREY, reference)]


def version(desk: Desk, reference: str) -> int:
    """The version as it is now."""
    return opened_request.request(desk, RITA, reference).row.version


def review_flags(desk: Desk, reference: str) -> list[str]:
    """Ids of the flags to be dealt with before booking."""
    return [
        line.flag.id
        for line in clinician.review(desk, CLARA, reference).flags
        if line.flag.handling == "review_before_booking"
    ]


def decide(
    desk: Desk,
    who: Person,
    reference: str,
    version: int,
    flag: str,
    decision: str,
    note: str = "",
    question: str = "",
) -> int:
    """About one item, with nothing else on the page."""
    return clinician.settle(desk, who, reference, version, [WishedDecision(flag, decision, note, question)])


def read_all(desk: Desk, who: Person, reference: str, version: int, things: Sequence[str]) -> int:
    """These, and decide nothing."""
    return clinician.settle(desk, who, reference, version, (), things)


def clear(desk: Desk, reference: str) -> int:
    """Deal with every flag and send back."""
    now = version(desk, reference)
    unread = clinician.review(desk, CLARA, reference).unread
    if unread:
        now = read_all(desk, CLARA, reference, now, unread)
    for flag in review_flags(desk, reference):
        now = decide(desk, CLARA, reference, now, flag, "proceed")
    now = clinician.send_back(desk, CLARA, reference, now, "Book it.")
    return reception.check_identity(desk, RITA, reference, now, True, "name, date of birth, address")


def eventful(desk: Desk, service: Service) -> str:
    """A request with something of every kind: unread, unfitting, asked, answered, raised, urgent, decided."""
    reference = send(service, **TWO_FLAGS, side="left", what_happened="my right ankle, canary words")
    now = decide(desk, CLARA, reference, 1, "blood_thinners", "ask_patient", "", "Which canary dose?")
    question = opened_request.request(desk, CLARA, reference).questions[0]
    now = reception.answer_question(desk, RITA, reference, now, question.id, "canary 5 mg")
    now = reception.raise_item(desk, RITA, reference, now, "", "canary fall")
    now = decide(desk, CLARA, reference, now, "pregnancy", "discuss", "canary note")
    reception.mark_urgent(desk, CLARA, reference, now, "canary leg")
    return reference


def words_of(pdf: bytes) -> str:
    """Of all its sheets, on one line."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
