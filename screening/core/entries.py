"""What staff write and decide: one small class for each kind of entry, all of them in `KINDS`.

A new kind is a class here. Every field of it is shown wherever entries are, in the order given;
`SCHEMA` stands inside the seal of each entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from screening.core.errors import CannotOpen, TooNew
from screening.core.serialising import Plain, from_plain, to_plain

Decision = Literal["proceed", "settled", "ask_patient", "discuss", "do_not_proceed"]
CallOutcome = Literal["reached", "no_answer", "left_message", "wrong_number", "call_back"]
CloseReason = Literal[
    "not_going_ahead", "patient_declined", "cannot_reach", "referred_elsewhere", "attended", "other"
]

FIRST = "screening-entry/1"  # it carried no mark
SCHEMA = "screening-entry/3"
READS = (FIRST, "screening-entry/2", SCHEMA)  # later fields have defaults, so the older ones open as they are


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was written or decided; `clinical` ones are for those who may see health answers."""

    kind: ClassVar[str] = ""
    clinical: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Note(Entry):
    kind = "note"
    note: str


@dataclass(frozen=True, slots=True)
class Call(Entry):
    """`asked`: the patient knows what we want to know, and answers later."""

    kind = "call"
    outcome: CallOutcome
    note: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Urgency(Entry):
    """Marked urgent (`on`), or not any longer."""

    kind = "urgent"
    on: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Booking(Entry):
    """An appointment; `at` is `HH:MM`, or empty. `what` says which of the two gates must be passed."""

    kind = "booking"
    on: date
    at: str
    place: str
    what: Literal["consultation", "treatment"] = "consultation"


@dataclass(frozen=True, slots=True)
class Unbooking(Entry):
    kind = "unbooked"
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityCheck(Entry):
    kind = "identity"
    checked: bool
    how: str = ""


@dataclass(frozen=True, slots=True)
class Closing(Entry):
    kind = "closed"
    reason: CloseReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal(Entry):
    kind = "withdrawn"
    reason: str


@dataclass(frozen=True, slots=True)
class Reopening(Entry):
    kind = "reopened"
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicate(Entry):
    """It repeats the request with the reference `of`."""

    kind = "duplicate"
    of: str


@dataclass(frozen=True, slots=True)
class NoDuplicate(Entry):
    """The request `of`, said to repeat this one, was opened again: what came from it may not fit."""

    kind = "no_duplicate"
    of: str


@dataclass(frozen=True, slots=True)
class HandOver(Entry):
    """`to` is a name."""

    kind = "handed_over"
    to: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class NextStep(Entry):
    kind = "next_step"
    words: str


@dataclass(frozen=True, slots=True)
class PatientQuestion(Entry):
    """What a clinician wants the patient asked; `flag` is why, and empty for those who may not see health."""

    kind = "question"
    words: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class PatientAnswer(Entry):
    """What the patient said; `question` is the id of the entry that asked."""

    kind = "answer"
    question: str
    words: str


@dataclass(frozen=True, slots=True)
class MessageSent(Entry):
    """What the clinic wrote to the patient, without what only the message holds: its link and code."""

    kind = "message"
    way: Literal["mail", "text"]
    words: str
    question: str = ""  # the id of the entry that asks, where it leads there


@dataclass(frozen=True, slots=True)
class FlagDecision(Entry):
    """What a clinician decided on a flag; a later one corrects it."""

    kind = "decision"
    clinical = True
    flag: str
    decision: Decision
    note: str = ""


@dataclass(frozen=True, slots=True)
class Read(Entry):
    """What of the patient's own words, and of what does not fit, a clinician has read; ids, not words."""

    kind = "read"
    clinical = True
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raised(Entry):
    """A safety item that came later than the answers: `item` is a flag's id or one of its own.

    `because` says how it came: told to the desk, from a duplicate (`of`), when the patient was asked
    again, or because a sound version of the rules would have raised it (`of` is the version).
    """

    kind = "raised"
    clinical = True
    item: str
    label: str
    words: str
    because: Literal["desk", "duplicate", "asked_again", "recall"] = "desk"
    of: str = ""


@dataclass(frozen=True, slots=True)
class NotSame(Entry):
    """The request `of`, with the same name and date of birth, is another person's (`on`); or not so."""

    kind = "not_same"
    of: str
    reason: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Unlike(Entry):
    """The request `of` only looks alike (`on`): another person's, or another matter; or not so."""

    kind = "unlike"
    of: str
    on: bool
    what: Literal["person", "matter"]
    reason: str


@dataclass(frozen=True, slots=True)
class AskedAgain(Entry):
    """Whether answers that grow old are still so, shortly before the appointment."""

    kind = "asked_again"
    changed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClosingAsked(Entry):
    """Reception would close it, and a clinician has something to read or to decide first."""

    kind = "closing_asked"
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TakenDown(Entry):
    """Staff filled it in as they were told, and the patient agreed in words that it is kept."""

    kind = "taken_down"
    how: Literal["phone"]
    consent: Literal["spoken"]


@dataclass(frozen=True, slots=True)
class FromPaper(Entry):
    """Entered from a form on paper, which shows `version`; asked were the questions of `entered_as`.

    `by_name` says who wrote on it where that was not the patient, `interpreter` who interpreted.
    """

    kind = "paper"
    version: str
    entered_as: str
    written_on: date | None
    by: Literal["patient", "other"]
    by_name: str
    interpreted: Literal["no", "yes", "not_said"]
    interpreter: str


@dataclass(frozen=True, slots=True)
class UnknownEntry(Entry):
    """Of a kind that this program has not: shown field by field, never left out."""

    written_as: str
    said: tuple[tuple[str, str], ...]


KINDS: dict[str, type[Entry]] = {
    kind.kind: kind
    for kind in (
        Note, Call, Urgency, Booking, Unbooking, IdentityCheck, Closing, Withdrawal, Reopening, Duplicate,
        HandOver, NextStep, PatientQuestion, PatientAnswer, FlagDecision, Read, Raised, NotSame, AskedAgain,
        ClosingAsked, TakenDown, FromPaper, MessageSent, Unlike, NoDuplicate,
    )
}  # fmt: skip


SPOKEN = TakenDown("phone", "spoken")


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with who wrote it and when, as the request's version `version`."""

    id: str
    version: int
    by_id: str
    by_name: str
    at: datetime
    entry: Entry = field(repr=False)


def to_data(entry: Entry) -> Plain:
    """As it goes under the seal."""
    return {"schema": SCHEMA, **to_plain(entry)}


def from_data(kind: str, data: Plain) -> Entry:
    """From under the seal, whatever its age. Raises TooNew, CannotOpen."""
    schema = data.get("schema", FIRST)
    if schema not in READS:
        raise TooNew(str(schema), SCHEMA)
    said = {name: value for name, value in data.items() if name != "schema"}
    if kind not in KINDS:
        return UnknownEntry(kind, tuple((name, str(value)) for name, value in said.items()))
    try:
        return from_plain(KINDS[kind], said)
    except (TypeError, ValueError, LookupError):
        raise CannotOpen(f"The sealed text opened, but is no entry of the kind {kind}.") from None
