"""What the desk shows and takes: plain frozen data, without keys or connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from screening.core.due import NextAct
from screening.core.entries import Booking, ClosingAsked, Written
from screening.core.kept import KeptAnswer, KeptHealth, KeptIndicator
from screening.core.messages import Way
from screening.core.remarks import Remark
from screening.core.review import FlagLine, QuestionToAsk
from screening.core.same_person import Apart
from screening.core.serialising import Plain
from screening.core.still_open import StillOpen
from screening.core.waiting import RESTING
from screening.core.workflow import Facts, Figures, Move
from screening.service.visit import Visit
from screening.storage.messages import KeptMessage
from screening.storage.reading_events import Event, EventChoice

Sort = Literal["waiting", "newest"]
COMMAND_LINE = "command line"  # id of whoever runs a command: a name as it was given, nobody at the desk


class Person(Protocol):
    """A member of staff who is signed in; `staff.access.Person` is one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


class Outsider(NamedTuple):
    """Whoever acts without an account: by a link, or at the command line under a name as it was given."""

    id: str
    name: str
    roles: frozenset[str]


class Colleague(NamedTuple):
    """Somebody who works at the desk too."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the queue; everything None or empty is the whole open queue.

    `status`: one state, "open" (all that are not finished), "to_do" (those without what only waits for the
    day of its appointment) or "all". `owner`: a person's id, or "nobody".
    `search` is a reference; or names, a date of birth and a phone number or its end, as people say them; it
    looks in finished requests too unless `status` says otherwise, and sorts the newest first.
    """

    status: str = "open"
    treatment: str = ""
    owner: str = ""
    waiting_hours: int = 0  # received longer ago than this
    work_list: str = ""  # one of waiting.ALL_LISTS, as it is now
    overdue: bool = False
    search: str = ""
    treatments: tuple[str, ...] = ()  # any of these, besides
    sort: Sort = "waiting"  # urgent first, then the longest waiting; or the newest first


class HeldLink(NamedTuple):
    """Since when a patient has a link to a question, once it was sent, and until when it holds."""

    since: datetime
    until: datetime
    sent: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue. `name` and the rest of the contact part were opened for this row."""

    reference: str
    treatment: str
    title: str
    name: str
    received_at: datetime
    due_at: datetime | None  # until when to get in touch; of a booked one, the end of that day
    late: frozenset[str]  # names of waiting.DEADLINES that have run out
    status: str
    owner: str | None
    owner_name: str | None
    urgent: bool
    work_list: str  # the one that it is on now
    appointment_on: date | None
    review_due_at: datetime | None  # until when a clinician is to look
    ask_again_at: datetime | None  # from when answers are too old for the day of the appointment
    due: NextAct  # what comes next
    figures: Figures
    birth_date: str  # YYYY-MM-DD
    age: int | None  # in years, today
    phone: str
    dial: str  # the number as telephones take it
    ask_for: tuple[str, ...]  # where somebody else filled it in: whom they want rung
    unaware: bool  # whether the patient does not know of it yet
    contact_wish: tuple[str, ...]  # in the patient's words: by phone, in the morning
    access_needs: tuple[str, ...]
    entered_by: str
    version: int
    undelivered: bool = False  # whether a message to the patient did not get there
    unanswered: bool = False  # whether a link ended without an answer, and nobody saw to it
    link: HeldLink | None = None  # to a question that the patient has not answered yet
    urgent_because: str = ""  # opened for clinicians only, in their queue

    @property
    def overdue(self) -> bool:
        """Whether something that is owed is late."""
        return bool(self.late)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; `next` is what to give as `after` for the page that follows, None on the last."""

    rows: tuple[Row, ...]
    next: str | None
    by_sound: bool = False  # nothing is written as it was searched for; these sound like it
    not_indexed: int = 0  # requests that came and cannot be found by name yet
    forms: tuple[Visit, ...] = ()  # that are being filled in for whoever is searched for


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures above the queue; every list has one, also those with none."""

    by_list: Mapping[str, int]  # waiting.ALL_LISTS, as they are now
    overdue: int  # requests with anything late
    mine: int  # of the person who looks, among those to do
    undelivered: int = 0  # messages to patients that did not get there
    begun: int = 0  # forms that this person is filling in for patients
    refused: int = 0  # forms of patients that were not taken within the hour, for there were too many

    @property
    def to_do(self) -> int:
        """Open ones that wait for more than the day of their appointment."""
        return sum(number for name, number in self.by_list.items() if name != RESTING)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to a request: an action's name, never a word about health."""

    at: datetime
    who: str
    action: str
    details: Plain


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody else who has a request open now."""

    reference: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """A request that may be of the same person: its row, and in which one thing it differs."""

    row: Row
    apart: Apart
    only: bool = False  # somebody said that it only looks alike


@dataclass(frozen=True, slots=True)
class Twin:
    """Another request with the same name and date of birth."""

    reference: str
    treatment: str
    status: str
    received_at: datetime
    in_the_way: int = 0  # things there that keep this one from being booked
    not_same: bool = False  # somebody said that it is another person's


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request as reception sees it. `health` is filled only where the clinic's setting allows it."""

    row: Row
    contact: tuple[KeptAnswer, ...]
    told: tuple[str, ...]  # what the rules tell reception (`say.reception`)
    seen_to: frozenset[str]  # those of it whose items were all dealt with
    next_step: str | None  # what a clinician said to do next
    booking: Booking | None  # the appointment that stands, in every status
    identity_checked: bool
    urgent: str  # why; empty: not marked
    unread: tuple[str, ...]  # what no clinician has read, by id; empty where health may not be seen
    closing: ClosingAsked | None  # why reception would close it
    duplicate_of: str | None
    questions: tuple[QuestionToAsk, ...]
    entries: tuple[Written, ...]  # oldest first; without what is about health where that may not be seen
    dealt_with: frozenset[str]  # those of them that raised something no doctor or nurse has to look at now
    history: tuple[HistoryLine, ...]  # oldest first; on its page, that links were opened and no more
    facts: Facts  # what the workflow looks at
    moves: tuple[Move, ...]  # what this person may do now: see core.workflow
    twins: tuple[Twin, ...]
    health: tuple[KeptAnswer, ...] = ()
    letters: tuple[KeptMessage, ...] = ()  # what was sent for it, the newest first
    entered_by: str = ""  # the name of who filled it in, where that was one of the staff
    ways: tuple[Way, ...] = ()  # how the clinic can write to the patient
    alike: tuple[Alike, ...] = ()  # on its page alone: what differs in one thing of name and date of birth
    looking: tuple[Look, ...] = ()  # on its page alone: who else has it open
    items: Mapping[str, str] = field(default_factory=dict)  # what each item is called; empty as `unread` is


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator as matched, possible or not_reported, with its answers; never a result."""

    indicator: KeptIndicator
    because: tuple[KeptAnswer, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A request as a clinician sees it, all of it on one screen."""

    request: RequestPage
    health: KeptHealth  # as it was sent, whatever became of its rule set
    flags: tuple[FlagLine, ...]
    still_open: StillOpen
    remarks: tuple[Remark, ...]  # what does not fit
    sides: tuple[KeptAnswer, ...]
    contradictions_checked: bool  # False when the rule set of that day cannot be read any more
    indicators: tuple[IndicatorLine, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """Ids of what no clinician has read, in the order asked."""
        return tuple(thing.id for thing in self.still_open.unread)


@dataclass(frozen=True, slots=True)
class File:
    """Something to download, read while it is sent."""

    name: str
    media_type: str
    pieces: Iterator[bytes] = field(repr=False)

    @property
    def content(self) -> bytes:
        """All that was not read yet, for what is short."""
        return b"".join(self.pieces)


__all__ = ["Event", "EventChoice", "File", "Filters"]
