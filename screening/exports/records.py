"""What an export is given of each request: plain data, already cut to what the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date

from screening.core.entries import Booking, FromPaper, TakenDown
from screening.core.kept import KeptAnswer, KeptContact, KeptHealth
from screening.core.remarks import Remark
from screening.core.review import FlagLine
from screening.core.rules import RuleSet
from screening.core.still_open import StillOpen
from screening.core.workflow import Figures

PIECE = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Clinic:
    """Whose papers these are; `language` is a locale such as `en_GB`."""

    name: str
    phone: str
    address: str
    zone: ZoneInfo
    language: str
    letter: Path  # the typst template of letters
    logo: Path | None = None
    translate: Callable[[str], str] = str  # marked words in the clinic's language
    forms_at: str = ""  # what the addresses of its Questionnaires begin with, where it has a name

    def day(self, when: date) -> str:
        """In the words of the clinic's language."""
        return str(format_date(when, "d MMMM y", locale=self.language))

    def moment(self, when: datetime) -> str:
        """Day and time at the clinic."""
        here = when.astimezone(self.zone)
        return f"{self.day(here.date())}, {here:%H:%M}"


@dataclass(frozen=True, slots=True)
class StandingOnPaper:
    """Where a request stood when a paper or a file was made: figures and lists, no word about health."""

    made_at: datetime
    figures: Figures
    work_list: str = ""
    booking: Booking | None = None
    does_not_fit: int = 0  # things


@dataclass(frozen=True, slots=True)
class Record:
    """One request; from `health` on, only for those who may see health answers.

    `urgent_because` is among them: staff may have named what is wrong. `for_patient`: the patient's copy.
    """

    reference: str
    treatment: str
    title: str
    status: str
    received_at: datetime
    owner: str | None
    urgent: bool
    entered_by: str
    contact: KeptContact
    stands: StandingOnPaper
    health: KeptHealth | None = None
    flags: tuple[FlagLine, ...] = ()  # those raised, with decisions, questions and follow-ups
    still_open: StillOpen = field(default_factory=StillOpen)
    remarks: tuple[Remark, ...] = ()  # what does not fit
    sides: tuple[KeptAnswer, ...] = ()
    urgent_because: str = ""
    for_patient: bool = False
    rule_set: RuleSet | None = None  # the rules of that day, where they can still be read
    came: FromPaper | TakenDown | None = None  # for everybody: how, where the patient did not send it

    @property
    def answers(self) -> tuple[KeptAnswer, ...]:
        """All that may be seen, in the order asked."""
        return self.contact.answers + (self.health.answers if self.health is not None else ())


def in_pieces(written: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a fair size; once a piece went out, so does what comes before a failure."""
    held, begun = bytearray(), False
    try:
        for part in written:
            held += part
            while len(held) >= PIECE:
                begun = True
                yield bytes(held[:PIECE])
                del held[:PIECE]
    except Exception:
        if begun:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


def begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """With its first piece made: what fails until then is a page in words, and no broken file."""

    def going() -> Iterator[bytes]:
        first = next(pieces)
        yield b""
        yield first
        yield from pieces

    started = going()
    next(started)
    return started
