"""What a patient may do with a link: say who they are, read one question, and answer it.

Whoever knows the link, the code of the message and the date of birth is taken for the patient or whoever
filled in the form for them. They see the question and nothing else of the request.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from sqlalchemy import Connection

from screening.core.dealings import Dealings, fold
from screening.core.entries import PatientAnswer, PatientQuestion
from screening.core.errors import CannotOpen, Refused
from screening.core.wording import marked
from screening.core.workflow import PATIENT, is_finished
from screening.desk.changes import change, words
from screening.desk.desk import Desk, opened
from screening.desk.shapes import Outsider, Person
from screening.service.recording import recording
from screening.storage import entries, messages, standing
from screening.storage.database import reading
from screening.storage.messages import KeptMessage, code_digest, link_digest
from screening.storage.reading_events import LINK_OPENED

NAME = marked("The patient, by link")


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a link stands: `works`, or was `answered` by it, or the question was `settled` otherwise.

    And whether somebody filled in for the patient, and how many wrong `tries` it still takes.
    """

    works: bool
    answered: bool = False
    settled: bool = False
    for_another: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class AskedByLink:
    """The question in the clinician's words; `waits`: an answer is still wanted."""

    words: str = field(repr=False)
    waits: bool


def visitor(desk: Desk) -> Person:
    """Whoever came by a link: they have the one role that may answer and do nothing else."""
    return Outsider(PATIENT, desk.translate(NAME), frozenset({PATIENT}))


def known_as(token: str) -> str:
    """What a browser may keep to be known again at this link: it leads nowhere by itself."""
    return link_digest(token)


def look_at(desk: Desk, token: str) -> LinkState:
    """How a link stands; one that nobody sent does not work."""
    with reading(desk.service.engine) as connection:
        found = messages.of_link(connection, token)
        if found is None or not found.works(desk.service.now()):
            return LinkState(works=False, answered=found is not None and found.used_at is not None)
        contact = opened(desk, connection, found.reference).contact
    another = bool(contact.stored("representative_name"))
    return LinkState(works=True, for_another=another, tries=messages.MOST_TRIES - found.tries)


def identify(desk: Desk, token: str, birth_date: str, code: str) -> bool:
    """Whether this is who the link was sent to; every try is in the audit, and few are allowed."""
    with recording(desk.service) as recorder:
        found = messages.of_link(recorder.connection, token, locked=True)
        if found is None or not found.works(recorder.now):
            return False
        born = opened(desk, recorder.connection, found.reference).contact.stored("birth_date")
        same_day = hmac.compare_digest(birth_date.encode(), born.encode())
        same_code = hmac.compare_digest(code_digest(token, code), found.code)
        right = same_day & same_code & bool(born)
        if right:
            recorder.note(LINK_OPENED, None, found.reference, message=found.id)
        else:
            last = messages.tried(recorder.connection, found, recorder.now)
            recorder.note("link_locked" if last else "link_refused", None, found.reference, message=found.id)
    return right


def asked_by(desk: Desk, token: str) -> AskedByLink | None:
    """The question, for whoever was identified; None where the link works no longer."""
    with reading(desk.service.engine) as connection:
        found = messages.of_link(connection, token)
        if found is None or not found.works(desk.service.now()):
            return None
        at = standing.load(connection, found.reference)
        written = entries.load(connection, desk.opening_keys, found.reference)
    asked = next((line.entry for line in written if line.id == found.question), None)
    if at is None or not isinstance(asked, PatientQuestion):
        return None
    waiting = {asked.question for asked in fold(Dealings(), written).asked}
    return AskedByLink(asked.words, found.question in waiting and not is_finished(at.status))


def answer(desk: Desk, token: str, typed: str) -> None:
    """The patient's answer: to its flag, and back to review as the table has it.

    Raises Refused: "link_spent" where the link works no longer, "not_waiting" where nobody waits for it.
    """
    typed = words(typed, "answer")
    with reading(desk.service.engine) as connection:
        found = _working(messages.of_link(connection, token), desk)
    who = visitor(desk)
    with change(desk, who, found.reference, None, "answered_by_link", PATIENT) as made:
        found = _working(messages.of_link(made.connection, token, locked=True), desk)
        waiting = {asked.question for asked in made.position.dealings.asked}
        if found.question not in waiting:
            raise Refused("not_waiting")
        made.act("answer", PatientAnswer(found.question, typed))
        messages.use(made.connection, found.id, made.now)


def was_said(desk: Desk, token: str, typed: str) -> bool:
    """Whether the link was spent by these very words: who sends them twice has lost nothing."""
    with reading(desk.service.engine) as connection:
        found = messages.of_link(connection, token)
        if found is None or found.used_at is None:
            return False
        written = entries.load(connection, desk.opening_keys, found.reference)
    return PatientAnswer(found.question, typed.strip()) in [line.entry for line in written]


def _working(found: KeptMessage | None, desk: Desk) -> KeptMessage:
    if found is None or not found.works(desk.service.now()):
        raise Refused("link_spent")
    return found


def run_out(desk: Desk) -> int:
    """See to links that are over: how many of their questions still wait, so that somebody must know."""
    with reading(desk.service.engine) as connection:
        over = messages.run_out(connection, desk.service.now())
    return sum(_end(desk, message) for message in over)


def _end(desk: Desk, message: KeptMessage) -> bool:
    with recording(desk.service) as recorder:
        waits = _still_waits(desk, recorder.connection, message)
        messages.end(recorder.connection, message.id, recorder.now, waits=waits)
        if waits:
            recorder.note("link_unanswered", None, message.reference, message=message.id)
    return waits


def _still_waits(desk: Desk, connection: Connection, message: KeptMessage) -> bool:
    """Also where what was written does not open: then nobody knows that it was answered."""
    at = standing.load(connection, message.reference)
    if at is None or is_finished(at.status):
        return False
    try:
        written = entries.load(connection, desk.opening_keys, message.reference)
    except CannotOpen:
        return True
    return message.question in {asked.question for asked in fold(Dealings(), written).asked}
