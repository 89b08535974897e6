"""What becomes of messages to patients on their way, for the sender of mails, of texts, and for callbacks."""

from __future__ import annotations

from screening.core.messages import Letter
from screening.service.patient import Service
from screening.service.recording import Recorder, recording
from screening.storage import messages, outbox
from screening.storage.database import reading
from screening.storage.messages import MessageState
from screening.storage.outbox import Notice
from screening.storage.sealing.hpke import OpeningKeys

TOO_LATE = "too_late"
EVENTS = {"sent": "message_taken", "delivered": "message_delivered", "failed": "message_failed"}


def letter_to_send(service: Service, keys: OpeningKeys | None, notice: Notice) -> Letter | None:
    """Its words; None where its link would not work any more. Raises CannotOpen."""
    with reading(service.engine) as connection:
        kept = messages.of_id(connection, notice.once)
        if keys is None or kept is None or (kept.question and not kept.works(service.now())):
            return None
        return messages.letter_of(connection, keys, notice.once)


def became(recorder: Recorder, message: str, state: MessageState, why: str = "") -> bool:
    """Keep what became of it, with its event; whether that is news."""
    kept = messages.become(recorder.connection, message, state, recorder.now, why)
    if kept is not None:
        told = {"why": why} if why else {}
        recorder.note(EVENTS[state], None, kept.reference, message=message, way=kept.way, **told)
    return kept is not None


def given_up(service: Service, notice: Notice, why: str) -> None:
    """It will never be taken: somebody at the desk must see that."""
    with recording(service) as recorder:
        outbox.give_up(recorder.connection, notice.id, why)
        became(recorder, notice.once, "failed", why)


def taken(service: Service, notice: Notice) -> None:
    """The mail server or the gateway has it."""
    with recording(service) as recorder:
        outbox.sent(recorder.connection, notice, recorder.now)
        became(recorder, notice.once, "sent")


def is_text(recorder: Recorder, message: str) -> bool:
    """Whether a text of this id was sent; mails have no reports."""
    kept = messages.of_id(recorder.connection, message)
    return kept is not None and kept.way == "text"


def is_there(service: Service, notice: Notice) -> bool:
    """Whether something was reported of it, so that the other side must have it."""
    with reading(service.engine) as connection:
        kept = messages.of_id(connection, notice.once)
    return kept is not None and kept.state != "waiting"
