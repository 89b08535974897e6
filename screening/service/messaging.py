"""What becomes of messages to patients on their way, for the sender of mails, of texts, and for callbacks."""

from __future__ import annotations

from screening.core.messages import Letter
from screening.service.premises import Premises
from screening.service.recording import Recorder, recording
from screening.storage import messages, outbox
from screening.storage.database import reading
from screening.storage.messages import MessageState
from screening.storage.outbox import Notice
from screening.storage.sealing.hpke import OpeningKeys

TOO_LATE = "too_late"
CONFIRMED, CANCELLED = "appointment", "appointment_cancelled"
TO_PATIENTS = frozenset({"confirmation", CONFIRMED, CANCELLED})  # kinds of notices, beside messages
EVENTS = {"sent": "message_taken", "delivered": "message_delivered", "failed": "message_failed"}


def letter_to_send(service: Premises, keys: OpeningKeys | None, notice: Notice) -> Letter | None:
    """Its words; None where its link would not work any more. Raises CannotOpen."""
    with reading(service.engine) as connection:
        kept = messages.of_id(connection, notice.once)
        if keys is None or kept is None or (kept.question and not kept.works(service.now())):
            return None
        return messages.letter_of(connection, keys, notice.once)


def became(recorder: Recorder, message: str, state: MessageState, why: str = "", *, status: str = "") -> bool:
    """Keep what became of it, with its event; whether that is news. `status` is what a mail server said."""
    kept = messages.become(recorder.connection, message, state, recorder.now, why)
    if kept is not None:
        told = {name: said for name, said in (("why", why), ("status", status)) if said}
        recorder.note(EVENTS[state], None, kept.reference, message=message, way=kept.way, **told)
    return kept is not None


def message_of(recorder: Recorder, notice: outbox.SentNotice) -> str | None:
    """The id under which the desk sees what became of a mail to a patient; None for one to the clinic.

    A confirmation has no row of its own before somebody at the desk has to see that it failed.
    """
    if notice.kind in (outbox.MESSAGE, outbox.TEXT):
        return notice.once
    if notice.kind not in TO_PATIENTS or notice.reference is None:
        return None
    messages.put_sent(recorder.connection, notice.id, notice.reference, notice.kind, notice.created_at)
    return notice.id


def given_up(service: Premises, notice: Notice, why: str, *, recurs: bool = False) -> None:
    """It will never be taken: somebody at the desk must see that, where it was to a patient.

    `recurs`: it is written again when there is something new to tell.
    """
    with recording(service) as recorder:
        if not outbox.give_up(recorder.connection, notice.id, why, recurs=recurs):
            return
        given_up = outbox.SentNotice(notice.id, notice.kind, notice.reference, notice.once, notice.claimed_at)
        message = message_of(recorder, given_up)
        if message is not None:
            became(recorder, message, "failed", why)
        else:
            recorder.note("mail_given_up", None, notice.reference, kind=notice.kind, why=why)


def taken(service: Premises, notice: Notice) -> None:
    """The mail server or the gateway has it."""
    with recording(service) as recorder:
        outbox.sent(recorder.connection, notice, recorder.now)
        became(recorder, notice.once, "sent")


def sent(service: Premises, notice: Notice, *, said: bool, recurs: bool) -> None:
    """The mail server has one that is no message; or nothing is `said` in it any more, and it did not go."""
    with recording(service) as recorder:
        outbox.sent(recorder.connection, notice, recorder.now, recurs=recurs)
        recorder.note("mail_taken" if said else "mail_dropped", None, notice.reference, kind=notice.kind)


def is_text(recorder: Recorder, message: str) -> bool:
    """Whether a text of this id was sent; mails have no reports."""
    kept = messages.of_id(recorder.connection, message)
    return kept is not None and kept.way == "text"


def is_there(service: Premises, notice: Notice) -> bool:
    """Whether something was reported of it, so that the other side must have it."""
    with reading(service.engine) as connection:
        kept = messages.of_id(connection, notice.once)
    return kept is not None and kept.state != "waiting"
