"""Acts: everything that the desk's functions may ask of a request, with the entries that they write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple

from screening.core.entries import (
    AskedAgain,
    Booking,
    Call,
    Closing,
    ClosingAsked,
    Entry,
    FlagDecision,
    IdentityCheck,
    MessageSent,
    NextStep,
    PatientAnswer,
    PatientQuestion,
    Raised,
    Read,
    Reopening,
    Unbooking,
    Urgency,
    Withdrawal,
)
from screening.core.workflow import DECISIONS, PATIENT, Doer, Role

DAY, MOMENT = date(2027, 3, 3), datetime(2027, 1, 1, tzinfo=UTC)
TOLD, WORDS, QUESTION = "told_1", "words:what_happened", "question"


class Act(NamedTuple):
    """One thing that somebody may do; `name` is the move, `label` tells it from its like."""

    label: str
    name: str
    entries: tuple[Entry, ...] = ()
    given: frozenset[str] = frozenset()


REASON, NEXT = frozenset({"reason"}), frozenset({"next_step"})
DESK: tuple[Role, ...] = ("reception", "clinician")  # that the others may do nothing is a claim of its own
DOERS: tuple[Doer, ...] = (*DESK, PATIENT)


GENERAL = (
    Act("log a call", "call", (Call("no_answer"),)),
    Act("ask, to be answered later", "wait_for_patient", (Call("left_message", asked=True),)),
    Act("reach", "reach", (Call("reached"),)),
    Act("check identity", "check_identity", (IdentityCheck(True),)),
    Act("identity is wrong", "check_identity", (IdentityCheck(False),)),
    Act("mark urgent", "mark_urgent", (Urgency(True, "x"),), REASON),
    Act("unmark urgent", "unmark_urgent", (Urgency(False, "x"),), REASON),
    Act("ask again, same", "ask_again", (AskedAgain(False),)),
    Act("raise an item", "raise_item", (Raised(TOLD, "x", "x"),), REASON),
    Act("read", "read", (Read((WORDS,)),)),
    Act("pass to review", "pass_to_review"),
    Act("take back to review", "call_back_to_review"),
    Act("make ready", "make_ready"),
    Act("send back", "send_back", (NextStep("x"),), NEXT),
    Act("let the booking stand", "let_stand", (NextStep("x"),), NEXT),
    Act("hand back", "hand_back", (NextStep("x"),), NEXT),
    Act("book a consultation", "book", (Booking(DAY, "", "x"),), frozenset({"appointment", "side"})),
    Act(
        "book a treatment",
        "book",
        (Booking(DAY, "", "x", "treatment"),),
        frozenset({"appointment", "side", "treatment"}),
    ),
    Act("unbook", "unbook", (Unbooking("x"),), REASON),
    Act("cancel", "cancel", (Unbooking("x"),), REASON),
    Act("ask to close", "ask_to_close", (ClosingAsked("x"),), REASON),
    Act("close", "close", (Closing("other", "x"),), REASON),
    Act("close as attended", "close", (Closing("attended"),), frozenset({"reason", "attended"})),
    Act("withdraw", "withdraw", (Withdrawal("x"),), REASON),
    Act("reopen", "reopen", (Reopening("x"),), REASON),
)
SILENTLY = ", saying nothing"
SENDING = "send the question about "  # an item
SAID_BESIDE = frozenset({"treatment", "attended"})  # these tell one act from another, and are not demanded
SILENT = tuple(  # that these are refused is a claim: nothing is done without each thing that it needs
    Act(f"{act.label} without {lacking}{SILENTLY}", act.name, (), act.given - {lacking})
    for act in GENERAL
    for lacking in sorted(act.given - SAID_BESIDE)
)


@cache
def acts_on(items: tuple[str, ...]) -> tuple[Act, ...]:
    """Everything that the desk's functions may ask of a request with these items."""
    return (*GENERAL, *SILENT, *(act for item in items for act in _about(item)))


def _about(item: str) -> Iterator[Act]:
    """What may be done about one item."""
    yield Act(f"raise {item} again", "raise_item", (Raised(item, "x", "x"),), REASON)
    sent = MessageSent("mail", "x", f"{QUESTION} {item}")
    yield Act(f"{SENDING}{item}", "wait_for_patient", (sent,))
    yield Act(f"answer about {item}", "answer", (PatientAnswer(f"{QUESTION} {item}", "x"),))
    for decision in DECISIONS:
        entries: tuple[Entry, ...] = (FlagDecision(item, decision, "x"),)
        if decision == "ask_patient":
            entries += (PatientQuestion("x", item),)
        yield Act(f"{decision}: {item}", "decide", entries)
