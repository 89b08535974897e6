"""What a clinician does: sees everything on one page, deals with each item, and says what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screening.core.entries import Decision, FlagDecision, NextStep, PatientQuestion, Read
from screening.core.errors import Refused
from screening.core.review import flag_lines
from screening.core.still_open import sides, still_open
from screening.core.workflow import DECISIONS
from screening.desk import opened_request
from screening.desk.changes import Change, change, choice, words
from screening.desk.desk import CLINICIAN, Desk, admit
from screening.desk.opened_request import HEALTH_READ, OpenedRequest
from screening.desk.shapes import IndicatorLine, Person, ReviewPage
from screening.storage.database import reading


@dataclass(frozen=True, slots=True)
class WishedDecision:
    """What a clinician decides on one item; `question` is what to ask the patient."""

    flag: str
    decision: str
    note: str = ""
    question: str = ""


def review(
    desk: Desk, person: Person, reference: str, action: str = HEALTH_READ, *, on_screen: bool = False
) -> ReviewPage:
    """The request as it was sent, whatever became of its rule set. Audited, as `action`.

    `on_screen`: with who else has it open; that this person has is noted.
    """
    admit(desk, person, action, reference, CLINICIAN)
    with reading(desk.service.engine) as connection:
        read = opened_request.read(desk, connection, reference, history=False)
    found = _page(desk, person, read)
    looking = opened_request.on_record(desk, person, action, read.whole, on_screen=on_screen)
    return replace(found, request=replace(found.request, looking=looking))


def _page(desk: Desk, person: Person, read: OpenedRequest) -> ReviewPage:
    at, kept, written, _whole = read
    rule_set = desk.rule_set(at.rule_set_digest)
    health = kept.health
    request = opened_request.request_page(desk, person, read, health=True)
    flags = flag_lines(kept, written)
    remarks = desk.service.remarks(kept, rule_set, at.received_at)
    return ReviewPage(
        request=request,
        health=health,
        flags=flags,
        still_open=still_open(flags, kept, request.unread, remarks),
        remarks=remarks,
        sides=sides(kept, rule_set),
        contradictions_checked=rule_set is not None,
        indicators=tuple(
            IndicatorLine(found, tuple(answer for answer, _reason in health.reasons(found.because)))
            for found in health.indicators
        ),
    )


def settle(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    wishes: Sequence[WishedDecision],
    read: Sequence[str] = (),
    next_step: str = "",
) -> int:
    """All that a clinician does on one page, kept together or not at all; a later decision corrects another.

    `read` names what they read of the patient's own words and of what does not fit; with `next_step` it
    goes back to reception.
    Raises Refused for an item that was not raised, without the words that a decision needs, and for a
    next step while something is still unread or open. What may no longer be booked goes back to review.
    """
    checked = [(wish.flag, *_checked(wish)) for wish in wishes]
    step = words(next_step, "next_step", needed=False)
    if not (checked or read or step):
        raise Refused("empty", what="decision")
    with change(desk, person, reference, version, _action(checked, step), CLINICIAN) as made:
        if read:
            _read(made, read)
        for flag, decision, note, question in checked:
            _decide(made, flag, decision, note, question)
        if step:
            _send_back(made, step)
    return made.version


def send_back(desk: Desk, person: Person, reference: str, version: int, next_step: str) -> int:
    """Back to reception, with what to do next: ready to book, still booked, or stopped.

    Raises Refused while something is unread or an item is open.
    """
    next_step = words(next_step, "next_step")
    with change(desk, person, reference, version, "sent_back", CLINICIAN) as made:
        _send_back(made, next_step)
    return made.version


def call_back_to_review(desk: Desk, person: Person, reference: str, version: int) -> int:
    """What reception has is to be looked at again."""
    with change(desk, person, reference, version, "called_back", CLINICIAN) as made:
        made.act("call_back_to_review")
    return made.version


def _checked(wish: WishedDecision) -> tuple[Decision, str, str]:
    decided = choice(wish.decision, DECISIONS, "decision")
    note = words(wish.note, "note", needed=decided == "do_not_proceed")
    return decided, note, words(wish.question, "question", needed=decided == "ask_patient")


def _action(decided: Sequence[object], step: str) -> str:
    """What the history calls it: the last and heaviest of what was done."""
    return "sent_back" if step else "flag_decided" if decided else "words_read"


def _read(made: Change, things: Sequence[str]) -> None:
    """Only what there is to read counts as read."""
    unread = made.position.dealings.unread
    made.act("read", Read(tuple(sorted(unread.intersection(things)))))


def _decide(made: Change, flag: str, decision: Decision, note: str, question: str) -> None:
    choice(flag, tuple(item.id for item in made.position.dealings.items), "flag")
    asked = [PatientQuestion(question, flag)] if decision == "ask_patient" else []
    made.act("decide", FlagDecision(flag, decision, note), *asked)


def _send_back(made: Change, step: str) -> None:
    figures = made.position.figures()
    stands = "let_stand" if figures.appointment else "send_back"
    name = "hand_back" if figures.stopped_flags else stands
    made.act(name, NextStep(step), given={"next_step"})
