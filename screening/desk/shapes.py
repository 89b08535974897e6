"""What the desk shows and takes: plain frozen data, without keys or connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

from screening.core.contradictions import Contradiction
from screening.core.workflow import Decision, Move

Sort = Literal["waiting", "newest"]


class Person(Protocol):
    """A member of staff who is signed in; `staff.access.Person` is one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the queue; everything None or empty is the whole open queue.

    `status`: one state, "open" (all that are not finished) or "all". `owner`: a person's id, or "nobody".
    `search` is a reference, a name, a date of birth (YYYY-MM-DD or D M YYYY) or a phone number; it looks
    in finished requests too unless `status` says otherwise, and sorts the newest first.
    """

    status: str = "open"
    treatment: str = ""
    owner: str = ""
    waiting_hours: int = 0  # received longer ago than this
    overdue: bool = False
    search: str = ""
    sort: Sort = "waiting"  # urgent first, then the longest waiting; or the newest first


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the queue. `name` and the rest of the contact part were opened for this row."""

    reference: str
    treatment: str
    title: str
    name: str
    received_at: datetime
    due_at: datetime | None  # None once the promise to get in touch was kept
    overdue: bool
    status: str
    owner: str | None
    owner_name: str | None
    urgent: bool
    open_flags: int  # a doctor or nurse must look first (n)
    questions: int  # things to ask the patient for a clinician
    contact_wish: tuple[str, ...]  # in the patient's words: by phone, in the morning
    access_needs: tuple[str, ...]
    entered_by: str
    version: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; `next` is what to give as `after` for the page that follows, None on the last."""

    rows: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures above the queue; `by_status` has every state, also those with none."""

    by_status: Mapping[str, int]
    overdue: int
    to_review: int  # requests with a flag that waits for a clinician
    questions: int  # requests with something to ask the patient


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to a request: an action's name, never a word about health."""

    at: datetime
    who: str
    action: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that staff wrote or decided; `words` are what they typed, `kind` tells which words there are.

    note {note}; call {outcome, note}; urgent {on, reason}; booking {on, at, place}; unbooked {reason};
    identity {checked, how}; closed {reason, note}; withdrawn {reason}; reopened {reason};
    duplicate {of}; handed_over {to, note}; next_step {words}; question {words, flag};
    answer {question, words}; decision {flag, decision, note}. The flag of a question and a
    decision are there only for those who may see health answers.
    """

    id: str
    kind: str
    at: datetime
    who: str
    words: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """One question as the patient saw it, and the answer in their words; `said` is empty where none."""

    question: str
    section: str
    asked: str
    said: tuple[str, ...]
    safety: bool
    reason: Literal["answered", "not_sure", "not_answered"] = "answered"


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask the patient for a clinician; `answer` is None until reception entered it."""

    id: str
    words: str
    asked_by: str
    at: datetime
    answer: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody else who has this request open now."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Twin:
    """Another request with the same name and date of birth."""

    reference: str
    treatment: str
    status: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request as reception sees it. `health` is filled only where the clinic's setting allows it."""

    row: Row
    contact: tuple[Said, ...]
    told: tuple[str, ...]  # what the rules tell reception (`say.reception`)
    next_step: str | None  # what a clinician said to do next
    booking: Mapping[str, Any] | None  # {on, at, place} while booked
    identity_checked: bool
    duplicate_of: str | None
    questions: tuple[Question, ...]
    entries: tuple[Entry, ...]  # oldest first
    history: tuple[HistoryLine, ...]  # oldest first
    moves: tuple[Move, ...]  # what this person may do now: see core.workflow
    twins: tuple[Twin, ...]
    health: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A raised flag: why, what the rule says, where it stands, and each decision on it, oldest first."""

    id: str
    label: str
    handling: str
    because: tuple[Said, ...]
    says: str | None  # say.clinician
    place: str  # rules/x.yaml:30:7
    page: str | None  # the sentence of the treatment page: "section: phrase"
    open: bool  # must be dealt with before booking, and was not
    decisions: tuple[Entry, ...]
    decision: Decision | None  # the latest


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator as matched, possible or not_reported; never a result."""

    id: str
    label: str
    state: str
    because: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A request as a clinician sees it, all of it on one screen."""

    request: RequestPage
    rule_set: Mapping[str, str]  # id, version, digest, title
    flags: tuple[Flag, ...]
    contradictions: tuple[Contradiction, ...]
    contradictions_checked: bool  # False when the rule set of that day cannot be read any more
    indicators: tuple[IndicatorLine, ...]
    answers: tuple[Said, ...]  # in the order asked
    statement: str  # what stands above every summary: it is not a clinical decision


@dataclass(frozen=True, slots=True)
class Booking:
    """Date, time (`HH:MM`, may be empty) and place of an appointment."""

    on: date
    at: str
    place: str


@dataclass(frozen=True, slots=True)
class File:
    """Something to download."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
