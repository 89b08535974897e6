"""What a request's flags, words, decisions and answers amount to: the one place that says what is in the way.

The desk's pages, the letter, the exports and the counts on a request's row are all made from this.
Pure: it is given the request as it was kept and what staff wrote since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from screening.core.answers import in_own_words
from screening.core.assessment import Reason
from screening.core.dealings import Dealings, Item, fold, gate_of
from screening.core.entries import (
    Decision,
    FlagDecision,
    NoDuplicate,
    PatientAnswer,
    PatientQuestion,
    Raised,
    Written,
)
from screening.core.kept import KeptAnswer, KeptFlag, KeptRequest, KeptSay
from screening.core.stepping import Position

CONTACT_WORDS = frozenset({"needs_words"})  # kinds of contact answers that may tell of health
NOT_OF_IT = "no_duplicate"  # how an item came, by `paper_words.RAISED_BECAUSE`
OTHER = "other"  # the answer that stands for what a question does not offer
WHOLE = "request"  # the thing to read where a clinic has every request read


@dataclass(frozen=True, slots=True)
class QuestionToAsk:
    """Something to ask the patient for a clinician; `answer` is None until somebody entered it."""

    id: str
    flag: str
    words: str
    asked_by: str
    at: datetime
    answer: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class FlagReview:
    """A safety item, every decision on it (oldest first), what was asked about it, who raised it since."""

    flag: KeptFlag
    item: Item
    decisions: tuple[Written, ...] = ()
    questions: tuple[QuestionToAsk, ...] = ()
    raised: tuple[Written, ...] = ()
    taken_back: frozenset[str] = frozenset()  # ids of those that came from what is no duplicate after all

    @property
    def decided(self) -> tuple[FlagDecision, ...]:
        """What was decided, oldest first."""
        return tuple(line.entry for line in self.decisions if isinstance(line.entry, FlagDecision))

    @property
    def raised_since(self) -> tuple[Raised, ...]:
        """What came later than the answers, oldest first."""
        return tuple(line.entry for line in self.raised if isinstance(line.entry, Raised))

    @property
    def raised_because(self) -> tuple[str, ...]:
        """Of each that came later, how: `because`, or that it came from what is no duplicate after all."""
        came = zip(self.raised, self.raised_since, strict=True)
        return tuple(NOT_OF_IT if line.id in self.taken_back else entry.because for line, entry in came)

    @property
    def decision(self) -> Decision | None:
        """The latest."""
        return self.decided[-1].decision if self.decisions else None

    @property
    def open(self) -> bool:
        """Whether it must still be dealt with before a consultation is booked."""
        return self.item.open

    @property
    def stopped(self) -> bool:
        """Whether the latest decision is not to proceed."""
        return self.item.stopped

    @property
    def unsettled(self) -> bool:
        """Whether it must still be settled before the treatment."""
        return self.item.unsettled

    @property
    def holds(self) -> bool:
        """Whether it still keeps its own gate shut."""
        return self.open or (self.item.gate == "treatment" and self.unsettled)


@dataclass(frozen=True, slots=True)
class Review:
    """Where all items of a request stand; `questions` are those that count, the oldest first."""

    flags: tuple[FlagReview, ...]
    questions: tuple[QuestionToAsk, ...]
    dealings: Dealings = field(default_factory=Dealings)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A safety item with everything that belongs beside it, on every screen and paper."""

    review: FlagReview
    because: tuple[tuple[KeptAnswer, Reason], ...]
    follow_ups: tuple[KeptAnswer, ...]

    @property
    def flag(self) -> KeptFlag:
        """The flag as it was kept, or what was raised at the desk in its form."""
        return self.review.flag


def to_read(kept: KeptRequest, remarks: Iterable[str] = (), *, whole: bool = False) -> tuple[str, ...]:
    """What a clinician must have read before anything is booked, by id: nothing here reads words.

    Own words, "other", an answer that cannot be read, what does not fit (`remarks`, their ids), and the
    whole request where the clinic has every one read.
    """
    found = [WHOLE] if whole else []
    found += [
        f"words:{answer.question}"
        for answer in kept.contact.answers
        if answer.contact in CONTACT_WORDS and answer.said
    ]
    for answer in kept.health.answers:
        found += _of_answer(answer)
    return (*found, *(f"remark:{remark}" for remark in remarks))


def _of_answer(answer: KeptAnswer) -> list[str]:
    if answer.stored is not None and not answer.said:
        return [f"unreadable:{answer.question}"]
    if answer.said and in_own_words(answer.type):
        return [f"words:{answer.question}"]
    chosen = answer.stored if isinstance(answer.stored, list) else [answer.stored]
    return [f"other:{answer.question}"] if OTHER in chosen else []


def begin(kept: KeptRequest, things: Iterable[str]) -> Dealings:
    """Where a request stands when it arrives."""
    items = tuple(Item(flag.id, gate_of(flag.handling)) for flag in kept.health.raised)
    return Dealings(items, frozenset(things))


def position(kept: KeptRequest, status: str, written: Sequence[Written], things: Iterable[str]) -> Position:
    """Where a request stands now."""
    return Position(status, fold(begin(kept, things), written))


def review(kept: KeptRequest, written: Sequence[Written] = (), things: Iterable[str] = ()) -> Review:
    """Where each item stands after everything written, the raised flags first, in the order of the rules."""
    questions = _questions(written)
    dealings = fold(begin(kept, things), written)
    items = {item.id: item for item in dealings.items}
    flags = [flag for flag in kept.health.flags if flag.id in items]
    known = {flag.id for flag in flags}
    flags += [_by_hand(item, written) for item in items if item not in known]
    found = tuple(_flag(flag, items[flag.id], written, questions) for flag in flags)
    return Review(found, questions, dealings)


def flag_lines(kept: KeptRequest, written: Sequence[Written]) -> tuple[FlagLine, ...]:
    """All items: the raised flags in the order of the rules, then what was raised at the desk."""
    health = kept.health
    return tuple(
        FlagLine(line, health.reasons(line.flag.because), health.follow_ups(line.flag.because))
        for line in review(kept, written).flags
    )


def _by_hand(item: str, written: Sequence[Written]) -> KeptFlag:
    """What was raised in words, in a flag's form; the first words name it."""
    label = next(
        (line.entry.label for line in written if isinstance(line.entry, Raised) and line.entry.item == item),
        item,
    )
    return KeptFlag(item, label, True, "review_before_booking", KeptSay(), (), "")


def _flag(
    flag: KeptFlag, item: Item, written: Sequence[Written], questions: Sequence[QuestionToAsk]
) -> FlagReview:
    raised = tuple(line for line in written if isinstance(line.entry, Raised) and line.entry.item == flag.id)
    handled = "review_before_booking" if raised else flag.handling
    about = tuple(question for question in questions if question.flag == flag.id)
    return FlagReview(
        replace(flag, raised=True, handling=handled),
        item,
        _decisions(written, flag.id),
        about,
        raised,
        _taken_back(raised, written),
    )


def _taken_back(raised: Iterable[Written], written: Iterable[Written]) -> frozenset[str]:
    """Those from a duplicate that was opened again since."""
    opened = {line.entry.of: line.version for line in written if isinstance(line.entry, NoDuplicate)}
    return frozenset(
        line.id
        for line in raised
        if isinstance(line.entry, Raised)
        and line.entry.because == "duplicate"
        and line.version < opened.get(line.entry.of, 0)
    )


def _decisions(written: Iterable[Written], flag: str) -> tuple[Written, ...]:
    return tuple(line for line in written if isinstance(line.entry, FlagDecision) and line.entry.flag == flag)


def _questions(written: Sequence[Written]) -> tuple[QuestionToAsk, ...]:
    """What is to be asked, and what was answered; a question whose flag was decided since is dropped."""
    answers = {line.entry.question: line for line in written if isinstance(line.entry, PatientAnswer)}
    waiting = {asked.question for asked in fold(Dealings(), written).asked}
    found = []
    for line in written:
        if not isinstance(line.entry, PatientQuestion):
            continue
        answer = answers.get(line.id)
        if answer is None and line.id not in waiting:
            continue
        given = (_words(answer), answer.by_name) if answer is not None else (None, None)
        found.append(QuestionToAsk(line.id, line.entry.flag, line.entry.words, line.by_name, line.at, *given))
    return tuple(found)


def _words(answer: Written) -> str:
    return answer.entry.words if isinstance(answer.entry, PatientAnswer) else ""
