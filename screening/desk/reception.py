"""What reception does with a request: each thing that may be noted, raised or ended; `bookings` has the rest.

Each change takes the `version` that the person saw, and gives the new one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from screening.core import references, workflow
from screening.core.entries import (
    AskedAgain,
    Call,
    Closing,
    ClosingAsked,
    Duplicate,
    Entry,
    HandOver,
    IdentityCheck,
    NoDuplicate,
    Note,
    NotSame,
    PatientAnswer,
    Raised,
    Reopening,
    Urgency,
    Withdrawal,
)
from screening.core.errors import Refused
from screening.core.wording import marked
from screening.core.workflow import CALL_OUTCOMES, CLOSE_REASONS
from screening.desk.away import refuse_away
from screening.desk.changes import Change, change, changes, choice, words
from screening.desk.desk import EITHER, Desk, allow, standing_of
from screening.desk.duplicates import travelling
from screening.desk.shapes import Person
from screening.storage.database import reading

TOLD = marked("Told to the clinic")


def take(desk: Desk, person: Person, reference: str, version: int) -> int:
    """It is theirs from now on; whoever had it is in the history."""
    with change(desk, person, reference, version, "taken", *EITHER) as made:
        made.act("take")
        made.set(owner=person.id, owner_name=person.name)
    return made.version


def hand_over(desk: Desk, person: Person, reference: str, version: int, to: Person, note: str = "") -> int:
    """It is `to`'s from now on. Raises Refused when they could do nothing with it."""
    allow(to, *EITHER)
    refuse_away(desk, to)
    note = words(note, "note", needed=False)
    with change(desk, person, reference, version, "handed_over", *EITHER) as made:
        made.act("hand_over", HandOver(to.name, note))
        made.set(owner=to.id, owner_name=to.name)
    return made.version


def log_call(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    outcome: str,
    note: str = "",
    *,
    asked: bool = False,
) -> int:
    """A try to call; one that reached the patient moves on what may be booked, and nothing else.

    `asked`: the patient knows what a clinician wants to know, and answers later: it waits for the patient.
    """
    happened = choice(outcome, CALL_OUTCOMES, "outcome")
    note = words(note, "note", needed=False)
    with change(desk, person, reference, version, "called", *EITHER) as made:
        reached = outcome == "reached" and made.status == "ready_to_book"
        move = "wait_for_patient" if asked else "reach" if reached else "call"
        made.act(move, Call(happened, note, asked))
    return made.version


def write_note(desk: Desk, person: Person, reference: str, version: int, note: str) -> int:
    """Words for colleagues. The same form sent twice writes them once."""
    entry = Note(words(note, "note"))
    with change(desk, person, reference, version, "noted", *EITHER, beside=("noted",)) as made:
        since = (line for line in made.before if line.version > version and line.by_id == person.id)
        if all(line.entry != entry for line in since):
            made.act("note", entry)
    return made.version if made.names else made.standing.version


def mark_urgent(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """A person says so, and why; it goes before the others. Nothing is ever urgent by itself."""
    entry = Urgency(True, words(reason, "reason"))
    return _act(desk, person, reference, version, "mark_urgent", "marked_urgent", entry)


def unmark_urgent(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """Not urgent any more, and why."""
    entry = Urgency(False, words(reason, "reason"))
    return _act(desk, person, reference, version, "unmark_urgent", "unmarked_urgent", entry)


def mark_duplicate(desk: Desk, person: Person, reference: str, version: int, of: str) -> int:
    """It repeats the request `of`, which takes over whatever was unread or undecided here.

    Raises Refused when there is none to repeat, and for one of another treatment.
    """
    other = references.recognise(of) or of.strip()
    if other == reference:
        raise Refused("nothing_to_repeat")
    actions = ("marked_duplicate", "duplicate_arrived")
    with changes(desk, person, reference, version, actions, EITHER, other) as (made, kept):
        if kept is None or kept.status == "duplicate":
            raise Refused("nothing_to_repeat")
        same = kept.standing.treatment == made.standing.treatment
        open_ = tuple(travelling(made, kept))
        if open_ and workflow.is_finished(kept.status):
            raise Refused("other_is_finished")
        made.act("mark_duplicate", Duplicate(other), given={"other", *(["same_treatment"] if same else [])})
        made.set(duplicate_of=other)
        for entry in open_:
            kept.act("raise_item", entry, given={"reason"})
    return made.version


def check_identity(
    desk: Desk, person: Person, reference: str, version: int, checked: bool, how: str = ""
) -> int:
    """Whether it was checked that the patient is who the request says, and how."""
    entry = IdentityCheck(checked, words(how, "how", needed=False))
    return _act(desk, person, reference, version, "check_identity", "identity_checked", entry)


def close(desk: Desk, person: Person, reference: str, version: int, reason: str, note: str = "") -> int:
    """Done with it; `reason` is one of CLOSE_REASONS, and "other" needs a note."""
    why = choice(reason, CLOSE_REASONS, "reason")
    entry = Closing(why, words(note, "note", needed=reason == "other"))
    given = {"reason", *(["attended"] if why == "attended" else [])}
    return _act(desk, person, reference, version, "close", "closed", entry, given)


def ask_to_close(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """Something is unread or undecided, so a clinician closes it: this puts it on their list, with why."""
    entry = ClosingAsked(words(reason, "reason"))
    return _act(desk, person, reference, version, "ask_to_close", "closing_asked", entry)


def withdraw(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """The patient does not want it any more."""
    entry = Withdrawal(words(reason, "reason"))
    return _act(desk, person, reference, version, "withdraw", "withdrawn", entry)


def reopen(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """Begin again with one that was finished: flags as they stand, and a new promise.

    The request that it was said to repeat is told: what came from it there may be another person's.
    """
    allow(person, *EITHER)
    entry = Reopening(words(reason, "reason"))
    with reading(desk.service.engine) as connection:
        other = standing_of(connection, reference).duplicate_of
    with changes(desk, person, reference, version, ("reopened", "noted"), EITHER, other) as (made, repeated):
        made.act("reopen", entry, given={"reason"})
        made.set(duplicate_of=None)
        if repeated is not None:
            repeated.act("note", NoDuplicate(reference))
    return made.version


def pass_to_review(desk: Desk, person: Person, reference: str, version: int) -> int:
    """A clinician is to look, whether or not a rule says so."""
    return _act(desk, person, reference, version, "pass_to_review", "pass_to_review")


def make_ready(desk: Desk, person: Person, reference: str, version: int) -> int:
    """Nothing is in the way of booking."""
    return _act(desk, person, reference, version, "make_ready", "make_ready")


def raise_item(desk: Desk, person: Person, reference: str, version: int, flag: str, told: str) -> int:
    """Something that a doctor or nurse must know and the answers do not say, learnt on the telephone.

    `flag` is one of the rule set's, or empty for an item of its own; `told` are the words. What is
    booked already goes back to review.
    """
    told = words(told, "words")
    with change(desk, person, reference, version, "item_raised", *EITHER) as made:
        made.act("raise_item", raised_by_hand(made, flag, told), given={"reason"})
    return made.version


def flags_to_raise(desk: Desk, person: Person, reference: str) -> tuple[tuple[str, str], ...]:
    """Ids and labels of the rule set's flags, whatever this patient said. Empty where it cannot be read."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        rule_set = desk.rule_set(standing_of(connection, reference).rule_set_digest)
    return tuple((flag.id, flag.label) for flag in rule_set.flags) if rule_set is not None else ()


def raised_by_hand(made: Change, flag: str, told: str) -> Raised:
    """The entry of an item; one in words only has a number. Raises Refused for a flag that is none."""
    known = {kept.id: kept.label for kept in made.kept.health.flags}
    if flag:
        return Raised(flag, known[choice(flag, tuple(known), "flag")], told)
    number = sum(item.id.startswith("told_") for item in made.position.dealings.items) + 1
    return Raised(f"told_{number}", made.desk.translate(TOLD), told)


def ask_again(
    desk: Desk, person: Person, reference: str, version: int, changed: bool, note: str = "", flag: str = ""
) -> int:
    """Answers that grow old were asked again; what is different is an item for a clinician."""
    note = words(note, "note", needed=changed)
    with change(desk, person, reference, version, "asked_again", *EITHER) as made:
        made.act("ask_again", AskedAgain(changed, note))
        if changed:
            entry = replace(raised_by_hand(made, flag, note), because="asked_again")
            made.act("raise_item", entry, given={"reason"})
    return made.version


def not_same(desk: Desk, person: Person, reference: str, version: int, of: str, reason: str) -> int:
    """The request `of`, of the same name and date of birth, is another person's: neither holds the other.

    `alike.same_after_all` takes it back. Raises Refused.
    """
    reason = words(reason, "reason")
    actions = ("said_not_same", "said_not_same")
    with changes(desk, person, reference, version, actions, EITHER, of) as (made, other):
        whose = made.standing.person
        if other is None or of == reference or whose is None or other.standing.person != whose:
            raise Refused("not_their_request")
        if of in made.position.dealings.not_same:
            raise Refused("not_their_request")
        made.act("not_same", NotSame(of, reason), given={"other", "reason"})
        # A finished one is told too: it may be opened again, and must not stand in the way then.
        other.act("not_same", NotSame(reference, reason), given={"other", "reason"})
    return made.version


def answer_question(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    question: str,
    answer: str,
    *,
    called: bool = False,
) -> int:
    """What the patient said to a clinician's question; the flag goes back to the clinicians.

    `called`: it was said in a call, which is kept with it.
    """
    answer = words(answer, "answer")
    with change(desk, person, reference, version, "question_answered", *EITHER) as made:
        waiting = {asked.question for asked in made.position.dealings.asked}
        if question not in waiting or workflow.is_finished(made.status):
            raise Refused("not_waiting", tuple(sorted(waiting)))
        if called:
            made.act("call", Call("reached"))
        made.act("answer", PatientAnswer(question, answer))
    return made.version


def _act(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    move: str,
    action: str,
    entry: Entry | None = None,
    given: Collection[str] = ("reason",),
) -> int:
    """One move of the table, with the entry that goes with it."""
    with change(desk, person, reference, version, action, *EITHER) as made:
        made.act(move, *([entry] if entry is not None else []), given=given)
    return made.version
