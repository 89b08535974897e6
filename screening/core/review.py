"""What a request's flags, decisions and answers amount to: the one place that says what is in the way.

The desk's pages, the letter, the exports and the counts on a request's row are all made from this.
Pure: it is given the flags as they were kept and what staff wrote since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from screening.core.assessment import Reason
from screening.core.entries import FlagDecision, PatientAnswer, PatientQuestion, Written
from screening.core.kept import KeptAnswer, KeptFlag, KeptHealth
from screening.core.workflow import Decision, Facts, is_finished

# Handlings from the lightest on; one that is not known is as heavy as any: somebody must look.
LIGHTER = ("arrange", "discuss_at_consultation")
UNDECIDED = frozenset({None, "ask_patient"})  # latest decisions that leave a flag open


def weight(handling: str) -> int:
    """How soon somebody looks: greater is sooner."""
    return LIGHTER.index(handling) if handling in LIGHTER else len(LIGHTER)


def before_booking(handling: str) -> bool:
    """Whether a flag that is handled so must be dealt with before anything is booked."""
    return handling not in LIGHTER


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
    """A raised flag, every decision on it (oldest first), and what was asked about it."""

    flag: KeptFlag
    decisions: tuple[Written, ...] = ()
    questions: tuple[QuestionToAsk, ...] = ()
    answered: bool = False  # whether what the latest decision asked was answered

    @property
    def decided(self) -> tuple[FlagDecision, ...]:
        """What was decided, oldest first."""
        return tuple(line.entry for line in self.decisions if isinstance(line.entry, FlagDecision))

    @property
    def decision(self) -> Decision | None:
        """The latest."""
        return self.decided[-1].decision if self.decisions else None

    @property
    def open(self) -> bool:
        """Whether it must still be dealt with before anything is booked."""
        asked = self.decision is not None
        return self.decision in UNDECIDED and (asked or before_booking(self.flag.handling))

    @property
    def stopped(self) -> bool:
        """Whether the latest decision is not to proceed."""
        return self.decision == "do_not_proceed"

    @property
    def waits_for_clinician(self) -> bool:
        """Whether it is open and it is a clinician's turn, not the patient's."""
        return self.open and (self.decision is None or self.answered)


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """The figures on a request's row, which queues need without a key."""

    open_flags: int = 0
    stopped_flags: int = 0
    to_review: int = 0  # things that wait for a clinician
    questions: int = 0  # things to ask the patient

    def in_status(self, status: str) -> FlagCounts:
        """As they count in a status: what is finished waits for nobody, what is in review for a clinician."""
        if is_finished(status):
            return FlagCounts(self.open_flags, self.stopped_flags)
        waiting = self.to_review if self.open_flags else 0
        if status == "needs_review" and not self.open_flags:
            waiting = max(1, self.to_review)
        return FlagCounts(self.open_flags, self.stopped_flags, waiting, self.questions)

    @property
    def in_the_way(self) -> bool:
        """Whether nothing may be booked."""
        return self.open_flags + self.stopped_flags > 0

    def facts(self, given: Iterable[str] = ()) -> Facts:
        """What the workflow's predicates look at."""
        return Facts(self.open_flags, self.stopped_flags, frozenset(given))


@dataclass(frozen=True, slots=True)
class Review:
    """Where all raised flags of a request stand; `questions` are those that count, the oldest first."""

    flags: tuple[FlagReview, ...]
    questions: tuple[QuestionToAsk, ...]

    @property
    def counts(self) -> FlagCounts:
        """The figures, whatever the status."""
        return FlagCounts(
            sum(one.open for one in self.flags),
            sum(one.stopped for one in self.flags),
            sum(one.waits_for_clinician for one in self.flags),
            sum(question.answer is None for question in self.questions),
        )


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A raised flag with everything that belongs beside it, on every screen and paper."""

    review: FlagReview
    because: tuple[tuple[KeptAnswer, Reason], ...]
    follow_ups: tuple[KeptAnswer, ...]

    @property
    def flag(self) -> KeptFlag:
        """The flag as it was kept."""
        return self.review.flag


def review(raised: Iterable[KeptFlag], written: Sequence[Written]) -> Review:
    """Where each raised flag stands after everything written."""
    questions = _questions(written)
    return Review(tuple(_flag(flag, written, questions) for flag in raised), questions)


def flag_lines(health: KeptHealth, written: Sequence[Written]) -> tuple[FlagLine, ...]:
    """The raised flags, in the order of the rules."""
    found = review(health.raised, written).flags
    return tuple(
        FlagLine(one, health.reasons(one.flag.because), health.follow_ups(one.flag.because)) for one in found
    )


def _flag(flag: KeptFlag, written: Sequence[Written], questions: Sequence[QuestionToAsk]) -> FlagReview:
    made = _decisions(written, flag.id)
    about = tuple(question for question in questions if question.flag == flag.id)
    return FlagReview(flag, made, about, bool(made) and _is_answered(made[-1], written))


def _decisions(written: Iterable[Written], flag: str) -> tuple[Written, ...]:
    return tuple(line for line in written if isinstance(line.entry, FlagDecision) and line.entry.flag == flag)


def _questions(written: Sequence[Written]) -> tuple[QuestionToAsk, ...]:
    """What is to be asked, and what was answered; a question whose flag was decided since is dropped."""
    answers = {line.entry.question: line for line in written if isinstance(line.entry, PatientAnswer)}
    found = []
    for line in written:
        if not isinstance(line.entry, PatientQuestion):
            continue
        answer = answers.get(line.id)
        if answer is None and not _still_asked(line, line.entry, written):
            continue
        given = (_words(answer), answer.by_name) if answer is not None else (None, None)
        found.append(QuestionToAsk(line.id, line.entry.flag, line.entry.words, line.by_name, line.at, *given))
    return tuple(found)


def _words(answer: Written) -> str:
    return answer.entry.words if isinstance(answer.entry, PatientAnswer) else ""


def _still_asked(line: Written, question: PatientQuestion, written: Sequence[Written]) -> bool:
    """Whether no later decision on the same flag took its place: one change writes both."""
    last = _decisions(written, question.flag)[-1:]
    return bool(last) and last[0].version == line.version


def _is_answered(decision: Written, written: Sequence[Written]) -> bool:
    """Whether the question that a decision asked was answered."""
    asked = {
        line.id
        for line in written
        if isinstance(line.entry, PatientQuestion) and line.version == decision.version
    }
    return any(isinstance(line.entry, PatientAnswer) and line.entry.question in asked for line in written)
