"""What a clinician does: sees everything on one page, deals with each flag, and says what comes next."""

from __future__ import annotations

from sqlalchemy import Connection

from screening.core import contradictions
from screening.core.entries import FlagDecision, NextStep, PatientQuestion
from screening.core.errors import Refused
from screening.core.review import flag_lines
from screening.core.workflow import BOOKABLE, DECISIONS, is_finished
from screening.desk.changes import Change, change, choice, words
from screening.desk.desk import CLINICIAN, Desk, allow, opened, standing_of, viewing
from screening.desk.reception import HEALTH_READ, request_page
from screening.desk.shapes import IndicatorLine, Person, ReviewPage
from screening.storage import entries


def review(desk: Desk, person: Person, reference: str) -> ReviewPage:
    """The request as it was sent, whatever became of its rule set. Audited."""
    allow(person, CLINICIAN)
    with viewing(desk, person, HEALTH_READ, reference) as connection:
        return _page(desk, connection, person, reference)


def _page(desk: Desk, connection: Connection, person: Person, reference: str) -> ReviewPage:
    kept = opened(desk, connection, reference)
    written = entries.load(connection, desk.opening_keys, reference)
    rule_set = desk.rule_set(standing_of(connection, reference).rule_set_digest)
    health = kept.health
    return ReviewPage(
        request=request_page(desk, connection, person, reference, health=True),
        health=health,
        flags=flag_lines(health, written),
        contradictions=tuple(contradictions.find(rule_set, health.answers)) if rule_set is not None else (),
        contradictions_checked=rule_set is not None,
        indicators=tuple(
            IndicatorLine(found, tuple(answer for answer, _reason in health.reasons(found.because)))
            for found in health.indicators
        ),
    )


def decide(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    flag: str,
    decision: str,
    note: str = "",
    question: str = "",
) -> int:
    """Deal with one flag; a later decision corrects this one. `question` is what to ask the patient.

    Raises Refused for a flag that was not raised, or without the words that the decision needs. What
    may no longer be booked goes back to review.
    """
    decided = choice(decision, DECISIONS, "decision")
    note = words(note, "note", needed=decision == "do_not_proceed")
    question = words(question, "question", needed=decision == "ask_patient")
    with change(desk, person, reference, version, "flag_decided", CLINICIAN) as made:
        choice(flag, tuple(raised.id for raised in made.request().health.raised), "flag")
        if is_finished(made.status):
            raise Refused("finished", ("reopen",))
        made.write(FlagDecision(flag, decided, note))
        if decision == "ask_patient":
            made.write(PatientQuestion(question, flag))
        made.recount()
        _take_back(made)
    return made.version


def send_back(desk: Desk, person: Person, reference: str, version: int, next_step: str) -> int:
    """Back to reception, with what to do next: ready to book, or as new where a flag stops it.

    Raises Refused while a flag is open.
    """
    next_step = words(next_step, "next_step")
    with change(desk, person, reference, version, "sent_back", CLINICIAN) as made:
        made.move("hand_back" if made.counts.stopped_flags else "send_back", "next_step")
        made.write(NextStep(next_step))
    return made.version


def call_back_to_review(desk: Desk, person: Person, reference: str, version: int) -> int:
    """What reception has is to be looked at again."""
    with change(desk, person, reference, version, "called_back", CLINICIAN) as made:
        made.move("call_back_to_review")
    return made.version


def _take_back(made: Change) -> None:
    """A correction that leaves a flag open, or stops it, takes the request from reception's hands."""
    if made.counts.in_the_way and made.status in BOOKABLE:
        made.move("call_back_to_review")
