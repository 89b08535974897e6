"""Why something may not be done: the core and the desk give a code and figures, the words are here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from screening.core.errors import Refused
from screening.core.workflow import is_finished
from screening.staff import desk_words
from screening.staff.actions import action_for_move
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

SENTENCES: Mapping[str, str | LazyString] = {
    "changed": _l(
        "Somebody changed this request since you opened it. Your words are still here, not yet saved."
    ),
    "empty": _l("Fill in: %(what)s."),
    "too_long": _l("Use %(limit)s characters or fewer for: %(what)s."),
    "not_offered": _l("Choose one of the answers on the page for: %(what)s."),
    "own_clinics": _l("You cannot say where you work yourself: ask another manager."),
    "own_role": _l("You cannot give yourself a role: ask another manager."),
    "other_roles": _l("This is for: %(roles)s."),
    "not_from_here": _l("“%(move)s” is not possible while the status is “%(state)s”."),
    "missing": "%(needs)s",  # sentences already
    "not_your_export": _l("This export is not for your role."),
    "too_many": _l("A file holds at most %(largest)s requests. Narrow the list first."),
    "no_such_page": _l("This page of the list is not known. Begin again at the first."),
    "nothing_to_repeat": _l(
        "Give the reference of another request that is not itself marked as a duplicate."
    ),
    "other_is_finished": _l(
        "The other request is finished, and here is something that nobody has read or decided. "
        "Open the other one again first, or let a doctor or nurse deal with it here."
    ),
    "not_their_request": _l(
        "Choose a request with the same name and date of birth, of which this was not said yet."
    ),
    "does_not_look_alike": _l("Choose a request that looks alike and of which this was not said yet."),
    "content_changed": _l(
        "The rule set, its cases or its fingerprints have changed since you opened this page. "
        "Nothing was signed. Read it again: this is what stands there now."
    ),
    "not_ready": _l("Something is in the way of it. Its author must mend that first."),
    "role_missing": _l("Write as what you sign."),
    "reasons_missing": _l(
        "Tick each thing that became quieter by itself, and write a sentence that says why it may be so."
    ),
    "agreed_already": _l("Somebody has signed this already."),
    "not_agreed_yet": _l("A clinician must agree to it first."),
    "same_person": _l("The second person must be somebody other than the one who agreed."),
    "second_factor": _l("The code is wrong, or was used already. Wait for the next one."),
    "too_many_at_once": _l("At most %(largest)s requests at a time."),
    "is_away": _l("%(name)s is away. Choose somebody who is here."),
    "is_here": _l("%(name)s is not away."),
    "own_stand_in": _l("Choose somebody else to stand in."),
    "none_chosen": _l("Tick at least one request."),
    "is_over": _l("This day or time is over. Enter one that is still to come."),
    "no_way": _l("This cannot be sent: the patient gave nothing that the clinic can write to. Ring them."),
    "no_address_for_links": _l(
        "Links cannot be sent: the clinic has set up no address for them. Ring the patient."
    ),
    "nowhere_to_answer": _l(
        "Links cannot be sent: patients have a service of their own here, which cannot read the question. "
        "Ring the patient."
    ),
    "no_birth_date": _l("There is no date of birth to ask for behind the link. Ring the patient."),
    "template_wrong": _l(
        "Something is wrong with this template. A manager can mend it under “Messages”; ring meanwhile."
    ),
    "template_changed": _l(
        "Somebody changed this template since you opened it. Your words are still here, not yet saved."
    ),
    "link_spent": _l("The link does not work any more."),
    "not_held": _l("A colleague has this form. Take it over first."),
    "not_waiting": _l("This question does not wait for an answer any more."),
}
NEEDS: Mapping[str, str | LazyString] = {
    "everything read": _l(
        "A doctor or nurse must first read what the patient wrote in their own words, and what does not fit. "
        "They do it on the review page."
    ),
    "no open flag": _l(
        "A doctor or nurse must first deal with each item that must be reviewed, on the review page."
    ),
    "no flag stops it": _l(
        "A doctor or nurse decided not to proceed. Only a later decision of theirs on that item changes it."
    ),
    "a flag stops it": _l("Nothing stops it."),
    "nothing open at another request of this person": _l(
        "Another request with the same name and date of birth has something open. A doctor or nurse deals "
        "with it there, or you say on this page that it is not the same person."
    ),
    "identity checked": _l("First check who the patient is, where you book or with “Identity check”."),
    "everything settled before a treatment": _l(
        "Before the treatment is booked, a doctor or nurse must settle each item, those to discuss too. "
        "A consultation may be booked."
    ),
    "everything settled before the treatment that is booked": _l(
        "The treatment is booked and something is not settled for it. Settle it, or cancel the appointment."
    ),
    "an appointment stands": _l("There is no appointment to cancel."),
    "no appointment stands": _l("An appointment stands. Cancel it first."),
    "no appointment stands, or the patient came": _l(
        "An appointment stands. Cancel it first, or close it because the patient came."
    ),
    "no open flag, or a clinician does it": _l(
        "Something is open, so a doctor or nurse ends it. Use “Ask a doctor or nurse to close it”."
    ),
    "something to read or to decide": _l("Nothing is open, so you can close it yourself."),
    "a question waits": _l("No question waits for the patient."),
    "same_treatment given": _l("The other request is for another treatment, so this one does not repeat it."),
    "reason given": _l("Say why."),
    "side given": _l("First confirm with the patient which side it is, and say so where you book."),
    "appointment given": _l("Give the date and the place."),
    "other given": _l("Name another request."),
    "next_step given": _l("Say what reception is to do next."),
}
FINISHED = _l("It is finished: open it again first.")
IN_REVIEW = _l("A doctor or nurse sends it back from the review page.")
WHAT: Mapping[str, str | LazyString] = {
    "sites": _l("the clinic"),
    "note": _l("the note"),
    "outcome": _l("what happened"),
    "reason": _l("the reason"),
    "how": _l("how it was checked"),
    "place": _l("the place"),
    "time": _l("the time"),
    "answer": _l("the answer"),
    "decision": _l("the decision"),
    "question": _l("the question"),
    "flag": _l("the flag"),
    "next_step": _l("what to do next"),
    "status": _l("the status"),
    "words": _l("what you were told"),
    "way": _l("how it is sent"),
    "template": _l("the message"),
}


def words(refusal: Refused) -> str:
    """Whole sentences, in the reader's language."""
    figures = {name: _FIGURES.get(name, str)(value) for name, value in refusal.figures.items()}
    said = str(SENTENCES[refusal.code]) % figures
    return f"{said} {_way_on(refusal)}".strip() if refusal.code == "not_from_here" else said


def _way_on(refusal: Refused) -> str:
    """What is in the way besides the status, and who leads on from there; of a finished one, that alone."""
    state = str(refusal.figures["state"])
    if is_finished(state):
        return str(FINISHED)
    needs = _FIGURES["needs"](refusal.figures["needs"])
    return f"{needs} {IN_REVIEW}" if state == "needs_review" else needs


def _move(name: str) -> str:
    action = action_for_move(name)
    return desk_words.word(desk_words.MOVES, name) if action is None else str(action.label)


def roles(names: Collection[str]) -> str:
    """Roles as people say them."""
    said = {
        "reception": _("reception"),
        "clinician": _("clinicians"),
        "manager": _("managers"),
        "auditor": _("auditors"),
    }
    return ", ".join(said.get(name, name) for name in names)


_FIGURES: Mapping[str, Callable[[Any], str]] = {
    "what": lambda what: desk_words.word(WHAT, what),
    "roles": roles,
    "state": lambda state: desk_words.status(str(state)),
    "move": _move,
    "needs": lambda needs: " ".join(desk_words.word(NEEDS, need) for need in needs),
}
