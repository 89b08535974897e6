"""What the desk's own words are called on the screen; a test holds each table to the core's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

STATES: Mapping[str, Any] = {
    "new": _l("New"),
    "needs_review": _l("Needs review"),
    "ready_to_book": _l("Ready to book"),
    "contacted": _l("Contacted"),
    "booked": _l("Booked"),
    "closed": _l("Closed"),
    "withdrawn": _l("Withdrawn"),
    "duplicate": _l("Duplicate"),
}
MOVES: Mapping[str, Any] = {
    "pass_to_review": _l("Pass to review"),
    "call_back_to_review": _l("Take back to review"),
    "make_ready": _l("Ready to book"),
    "send_back": _l("Send back to reception"),
    "hand_back": _l("Send back to reception"),
    "reach": _l("Log a call"),
    "book": _l("Book"),
    "unbook": _l("Cancel the booking"),
    "close": _l("Close"),
    "withdraw": _l("The patient withdrew it"),
    "mark_duplicate": _l("Mark as a duplicate"),
    "reopen": _l("Open again"),
}
# Colour says nothing that the words do not; no red or green, which would look like a verdict.
STATE_COLOURS = {"new": "blue", "needs_review": "purple", "booked": "grey"}

DECISIONS: Mapping[str, Any] = {
    "proceed": _l("Noted, proceed to booking"),
    "ask_patient": _l("Ask the patient"),
    "discuss": _l("Discuss at consultation"),
    "do_not_proceed": _l("Do not proceed, see note"),
}
CALL_OUTCOMES: Mapping[str, Any] = {
    "reached": _l("I spoke to the patient"),
    "no_answer": _l("No answer"),
    "left_message": _l("I left a message"),
    "wrong_number": _l("The number is wrong"),
    "call_back": _l("They asked us to call back"),
}
CLOSE_REASONS: Mapping[str, Any] = {
    "not_going_ahead": _l("The treatment is not going ahead"),
    "patient_declined": _l("The patient does not want it"),
    "cannot_reach": _l("We cannot reach the patient"),
    "referred_elsewhere": _l("Referred somewhere else"),
    "attended": _l("The patient came to the appointment"),
    "other": _l("Another reason"),
}
FORMATS: Mapping[str, Any] = {
    "csv": _l("Spreadsheet (CSV)"),
    "json": _l("Data (JSON)"),
    "pdf": _l("Letters (PDF)"),
}
HANDLINGS: Mapping[str, Any] = {
    "review_before_booking": _l("A doctor or nurse must look before booking"),
    "discuss_at_consultation": _l("Discuss at the consultation"),
    "arrange": _l("Reception arranges this"),
}
INDICATOR_STATES: Mapping[str, Any] = {
    "matched": _l("Matched"),
    "possible": _l("Possible"),
    "not_reported": _l("Not reported"),
}
REASONS: Mapping[str, Any] = {
    "answered": _l("Answered"),
    "not_sure": _l("Not sure"),
    "not_answered": _l("Not answered"),
}
ENTRIES: Mapping[str, Any] = {
    "note": _l("Note"),
    "call": _l("Call"),
    "urgent": _l("Marked urgent"),
    "booking": _l("Booked"),
    "unbooked": _l("Booking cancelled"),
    "identity": _l("Identity"),
    "closed": _l("Closed"),
    "withdrawn": _l("Withdrawn"),
    "reopened": _l("Opened again"),
    "duplicate": _l("Marked as a duplicate"),
    "handed_over": _l("Handed over"),
    "next_step": _l("What to do next"),
    "question": _l("Question for the patient"),
    "answer": _l("The patient’s answer"),
    "decision": _l("Decision"),
}
HISTORY: Mapping[str, Any] = {
    "received": _l("Received"),
    "contact_read": _l("Opened, contact details"),
    "health_read": _l("Opened, health answers"),
    "taken": _l("Taken"),
    "handed_over": _l("Handed over"),
    "called": _l("Call"),
    "noted": _l("Note"),
    "marked_urgent": _l("Marked urgent"),
    "unmarked_urgent": _l("No longer urgent"),
    "marked_duplicate": _l("Marked as a duplicate"),
    "identity_checked": _l("Identity check"),
    "booked": _l("Booked"),
    "unbooked": _l("Booking cancelled"),
    "closed": _l("Closed"),
    "withdrawn": _l("Withdrawn"),
    "reopened": _l("Opened again"),
    "pass_to_review": _l("Passed to review"),
    "make_ready": _l("Made ready to book"),
    "question_answered": _l("The patient’s answer entered"),
    "flag_decided": _l("Decision on a flag"),
    "sent_back": _l("Sent back to reception"),
    "called_back": _l("Taken back to review"),
    "letter_made": _l("Letter made"),
    "exported": _l("Exported"),
    "searched": _l("Searched"),
    "audit_verified": _l("Audit checked"),
    "signed_in": _l("Signed in"),
    "signed_out": _l("Signed out"),
    "sign_in_failed": _l("Sign-in failed"),
    "locked": _l("Locked the screen"),
    "unlocked": _l("Unlocked the screen"),
}


def word(table: Mapping[str, Any], key: object) -> str:
    """The word for a key; the key itself for one that came after this page was written."""
    return str(table.get(str(key), str(key).replace("_", " ")))


def moment(when: datetime | None) -> str:
    """Day and time at the clinic."""
    return str(format_datetime(when, "d MMM y, HH:mm")) if when is not None else ""


def day(when: date | str) -> str:
    """A day in words."""
    return str(format_date(date.fromisoformat(when) if isinstance(when, str) else when, "d MMMM y"))


def entry_title(kind: str, words: Mapping[str, Any]) -> str:
    """What kind of entry it is."""
    if kind == "urgent" and not words.get("on", True):
        return _("No longer urgent")
    return word(ENTRIES, kind)


def entry_lines(kind: str, words: Mapping[str, Any]) -> list[str]:
    """The words of an entry, a line each; `words` as the desk gives them."""
    said = {key: value for key, value in words.items() if value not in (None, "")}
    typed = ("words", "note", "how") if kind == "closed" else ("reason", "words", "note", "how")
    lines = [_coded(kind, said), *(str(said[key]) for key in typed if key in said)]
    return [line for line in lines if line]


def _coded(kind: str, said: Mapping[str, Any]) -> str:
    """The part of an entry that is not typed words."""
    if kind == "call":
        return word(CALL_OUTCOMES, said.get("outcome"))
    if kind == "closed":
        return word(CLOSE_REASONS, said.get("reason"))
    if kind == "decision":
        return word(DECISIONS, said.get("decision"))
    if kind == "identity":
        return _("Checked") if said.get("checked") else _("Not checked")
    if kind == "booking":
        return booking_line(said)
    return str(said.get("of") or said.get("to_name") or said.get("to") or "")


def booking_line(booking: Mapping[str, Any]) -> str:
    """When and where."""
    parts = [day(booking["on"]), str(booking.get("at") or ""), str(booking.get("place") or "")]
    return ", ".join(part for part in parts if part)
