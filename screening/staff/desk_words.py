"""What the desk's own words are called on the screen; a test holds each table to the core's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from flask_babel.speaklater import LazyString

from screening.accounts.access import CLINICIAN, person
from screening.core import paper_words
from screening.core.due import reasons
from screening.core.remarks import Remark
from screening.core.same_person import APART
from screening.core.still_open import UnreadThing
from screening.core.waiting import ALL_LISTS, DEADLINES
from screening.core.workflow import DECISION_LABELS, PATIENT, STATUSES
from screening.desk.shapes import Row
from screening.staff import owners
from screening.staff.time_words import day, short_day
from screening.web.door import service
from screening.web.words import gettext
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

LazyWords: TypeAlias = Mapping[str, str | LazyString]  # of a table, by name

MOVES: LazyWords = {  # which no action makes; each other one is called what its action is
    "read": _l("Note that the words were read"),
    "decide": _l("Decide"),
    "answer": _l("Enter the patient’s answer"),
}
# Colour says nothing that the words do not; no red or green, which would look like a verdict.
STATUS_COLOURS = {"new": "blue", "needs_review": "purple", "booked": "grey"}

DECISIONS: LazyWords = {name: _l(label) for name, label in DECISION_LABELS.items()}
CALL_OUTCOMES: LazyWords = {
    "reached": _l("I spoke to the patient"),
    "no_answer": _l("No answer"),
    "left_message": _l("I left a message"),
    "wrong_number": _l("The number is wrong"),
    "call_back": _l("They asked us to call back"),
}
TOLD_BY_CALL = ("reached", "left_message", "call_back")  # after these the patient may know what is asked
ANSWERED = ("answered", "told")  # with these there are words of the patient
ANSWERING = {  # what became of a question: an answer, or a call without one
    "answered": _l("I spoke to the patient, who answered"),
    "later": _l("I spoke to the patient, who will answer later"),
    **{name: words for name, words in CALL_OUTCOMES.items() if name != "reached"},
    "told": _l("The answer came in another way, without a call"),
}
CLOSE_REASONS: LazyWords = {
    "not_going_ahead": _l("The treatment is not going ahead"),
    "patient_declined": _l("The patient does not want it"),
    "cannot_reach": _l("We cannot reach the patient"),
    "referred_elsewhere": _l("Referred somewhere else"),
    "attended": _l("The patient came to the appointment"),
    "other": _l("Another reason"),
}
MESSAGE_WAYS: LazyWords = {"mail": _l("By email"), "text": _l("By text message")}
HANDLINGS: LazyWords = {
    "review_before_booking": _l("A doctor or nurse must look before booking"),
    "discuss_at_consultation": _l("Discuss at the consultation"),
    "arrange": _l("Reception arranges this"),
}
INDICATOR_STATES: LazyWords = {
    "matched": _l("Reported"),
    "possible": _l("Possible"),
    "not_reported": _l("Not reported"),
}
REASONS: LazyWords = {
    "answered": _l("Answered"),
    "not_sure": _l("Not sure"),
    "not_answered": _l("Not answered"),
}
ENTRIES: LazyWords = {
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
    "no_duplicate": _l("This request, marked as a duplicate of it, was opened again"),
    "handed_over": _l("Handed over"),
    "next_step": _l("What to do next"),
    "question": _l("Question for the patient"),
    "answer": _l("The patient’s answer"),
    "decision": _l("Decision"),
    "read": _l("Read by a doctor or nurse"),
    "raised": _l("Raised for a doctor or nurse"),
    "not_same": _l("Not the same person"),
    "asked_again": _l("Asked again before the day"),
    "closing_asked": _l("A doctor or nurse is asked to close it"),
    "taken_down": _l(paper_words.CAME["taken_down"]),
    "paper": _l(paper_words.CAME["paper"]),
    "message": _l("Message to the patient"),
    "unlike": _l("Only looks alike"),
}
TOLD_TO_STAFF: LazyWords = {
    "phone": _l("In words: they agreed that I write it down and that we keep it"),
    "paper": _l("On paper: they filled in the form and gave it to us"),
}
CAME: LazyWords = {name: _l(words) for name, words in paper_words.CAME.items()}
WROTE_ON_PAPER: LazyWords = {name: _l(words) for name, words in paper_words.WROTE_ON_PAPER.items()}
INTERPRETED: LazyWords = {name: _l(words) for name, words in paper_words.INTERPRETED.items()}
UNLIKE_WHAT: LazyWords = {
    "person": _l("Another person"),
    "matter": _l("The same person, about something else"),
}
RAISED_BECAUSE: LazyWords = {name: _l(words) for name, words in paper_words.RAISED_BECAUSE.items()}
BOOKED_FOR: LazyWords = {name: _l(words) for name, words in paper_words.BOOKED_FOR.items()}
ITEM_STANDINGS: LazyWords = {name: _l(words) for name, words in paper_words.ITEM_STANDINGS.items()}
STILL_OPEN: LazyWords = {name: _l(words) for name, words in paper_words.STILL_OPEN.items()}
NOTHING, NEVER_CLEAR = _l(paper_words.NOTHING), _l(paper_words.NEVER_CLEAR)
DOES_NOT_OPEN = _l(paper_words.DOES_NOT_OPEN)
NO_RULE, UNCHECKED = _l(paper_words.NO_RULE), _l(paper_words.UNCHECKED)
WORK_LISTS: LazyWords = {name: _l(label) for name, label in ALL_LISTS.items()}
APART_WORDS: LazyWords = {name: _l(words) for name, words in APART.items()}
LATE: LazyWords = {found.name: _l(found.label) for found in DEADLINES}
THINGS: LazyWords = {name: _l(words) for name, words in paper_words.THINGS.items()}
HISTORY: LazyWords = {
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
    "words_read": _l("Read the patient’s own words"),
    "item_raised": _l("Raised something for a doctor or nurse"),
    "asked_again": _l("Asked again before the day"),
    "said_not_same": _l("Said that it is not the same person"),
    "said_unlike": _l("Said that another request only looks alike"),
    "said_alike": _l("Said that another request may be the same after all"),
    "closing_asked": _l("Asked a doctor or nurse to close it"),
    "duplicate_arrived": _l("Took over what was open at a duplicate"),
    "sent_back": _l("Sent back to reception"),
    "called_back": _l("Taken back to review"),
    "letter_made": _l("Letter made"),
    "exported": _l("Exported"),
    "message_sent": _l("Message to the patient written"),
    "message_taken": _l("Message to the patient on its way"),
    "message_delivered": _l("Message to the patient delivered"),
    "message_failed": _l("Message to the patient NOT delivered"),
    "message_delayed": _l("Message to the patient is late, and still tried"),
    "link_opened": _l("The patient opened the link"),
    "link_refused": _l("A wrong date of birth or code at the link"),
    "link_unanswered": _l("The link ended without an answer"),
    "link_locked": _l("Link locked after too many wrong tries"),
    "answered_by_link": _l("The patient answered by the link"),
    "template_written": _l("Message template changed"),
    "server_sending": _l("On its way to the clinic’s own system"),
    "server_took": _l("Taken by the clinic’s own system"),
    "server_refused": _l("NOT taken by the clinic’s own system: tell the operator"),
    "mail_taken": _l("Mail of the program on its way"),
    "mail_dropped": _l("Mail of the program not needed any more"),
    "mail_given_up": _l("Mail of the program NOT sent: tell the operator"),
    "searched": _l("Found by a search"),
    "queue_read": _l("Seen in a list"),
    "went_away": _l("Said that somebody is away"),
    "came_back": _l("Said that somebody is back"),
    "team_changed": _l("Somebody’s treatments were changed"),
    "day_read": _l("Seen in the list of a day"),
    "labels_made": _l("Label made"),
    "urgency_read": _l("Reason for urgency seen in a list"),
    "entry_read": _l("Answers checked while filling in"),
    "entry_taken_over": _l("Taken over while being filled in"),
    "entry_handed_over": _l("Handed over while being filled in"),
    "entry_list_read": _l("Seen in the list of what is being filled in"),
    "recalled": _l("Raised because a version of the rules was recalled"),
    "recall_read": _l("Read because a version of the rules was recalled"),
    "replayed": _l("Held against another version of the rules"),
    "printed": _l("Opened to print"),
    "refused": _l("Tried, and refused"),
    "audit_verified": _l("Audit checked"),
    "audit_exported": _l("Audit exported"),
    "signed_in": _l("Signed in"),
    "signed_out": _l("Signed out"),
    "sign_in_failed": _l("Sign-in failed"),
    "locked": _l("Locked the screen"),
    "unlocked": _l("Unlocked the screen"),
    "account_added": _l("Account added"),
    "account_disabled": _l("Account disabled"),
    "account_enabled": _l("Account enabled"),
    "account_reset": _l("Password and second factor reset"),
    "roles_changed": _l("Roles changed"),
    "sites_changed": _l("Somebody’s clinics were changed"),
    "password_changed": _l("Password changed"),
    "second_factor_changed": _l("Second factor set up"),
    "second_factor_reset": _l("Second factor reset"),
    "recovery_codes_made": _l("Recovery codes made"),
    "passkey_added": _l("Passkey added"),
    "passkey_removed": _l("Passkey removed"),
    "rules_signed": _l("Rule set agreed to"),
    "rules_seconded": _l("Rule set stood by, as the second person"),
    "rules_published": _l("Rule set published"),
    "rules_recalled": _l("Versions of a rule set recalled"),
    "rules_retired": _l("Rule set retired"),
    "backed_up": _l("Backup made"),
    "erased": _l("Erased for ever"),
    "keys_rotated": _l("Key changed"),
    "sealed_again": _l("Sealed again with the new key"),
    "head_begun": _l("The kept head of the audit started anew"),
    "kept_in_step": _l("Rows kept in step by the program"),
    "rows_vouched_for": _l("Earlier rows taken under the audit"),
    "indexed_again": _l("Found by the new key of the index"),
}


def word(table: LazyWords, key: object) -> str:
    """The word for a key; the key itself for one that came after this page was written."""
    return str(table.get(str(key), str(key).replace("_", " ")))


def who(name: str) -> str:
    """Who did something, for a line of the history; the program has no name there."""
    return {PATIENT: _("The patient"), "": _("The program")}.get(name, name)


def person_line(row: Row) -> str:
    """How old, and born when."""
    if row.age is None:
        return row.birth_date
    born = short_day(date.fromisoformat(row.birth_date))
    return _("%(age)s, %(born)s", age=row.age, born=born)


def ask_for(row: Row) -> str:
    """Whom to ask for on the phone, and that the patient does not know; empty where they filled it in."""
    named = _("ask for %(name)s", name=_(" or ").join(row.ask_for)) if row.ask_for else ""
    unaware = _("the patient does not know of this yet") if row.unaware else ""
    return ", ".join(filter(None, (named, unaware)))


def due_because(row: Row) -> str:
    """Why what comes next comes next; nothing where nothing is in the way."""
    return ", ".join(gettext(words, count=count) for words, count in reasons(row.figures))


def by_whom(row: Row) -> str:
    """Whose the next step is: its owner's; for whoever is no clinician, a clinician's where only they may."""
    owner = row.owner_name or ""
    if row.owner in owners.no_more_here():
        owner = owners.gone(owner)
    if person().has(CLINICIAN) or row.due.who != ("clinician",):
        return owner or _("Nobody")
    clinicians = _("a doctor or nurse")
    return _("%(who)s (owner: %(name)s)", who=clinicians, name=owner) if owner else clinicians


def in_the_way(row: Row) -> str:
    """What has to be done before the day, with whether it was finished; nothing where nothing has."""
    status_now = status(row.status) if row.status != "booked" else ""
    again = ""
    if row.ask_again_at is not None and row.ask_again_at <= service().now():
        again = _("ask again whether the answers are still so")
    return ", ".join(filter(None, (status_now, due_because(row), again)))


def birth_date(stored: str) -> str:
    """A date of birth beside a name; as it is where only a part was given."""
    try:
        return _("born %(day)s", day=day(stored))
    except ValueError:
        return stored


def status(name: str) -> str:
    """What a status is called; its own name for one that is not known here."""
    return str(gettext(STATUSES[name].label)) if name in STATUSES else name.replace("_", " ")


def remark(found: Remark) -> str:
    """What does not fit, in a sentence with the patient's own words in it."""
    return paper_words.remark_sentence(found, gettext, day)


def unread(thing: UnreadThing) -> list[str]:
    """What is to be read of it: the remark, or the answer; nothing where the whole request is."""
    if thing.kind == "remark":
        return [remark(thing.remark) if thing.remark is not None else str(UNCHECKED)]
    answer = thing.answer
    return list(answer.said or (str(answer.stored),)) if answer is not None else []


def unread_name(thing: UnreadThing) -> str:
    """What it is called where its words stand elsewhere."""
    return paper_words.unread_name(thing, gettext)


def work_list(name: str) -> str:
    """What a work list is called; nothing where a request is on none."""
    return word(WORK_LISTS, name) if name else ""
