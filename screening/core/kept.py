"""The request as it is kept for ever: what was asked and said, and what was made of it on that day.

Two parts, each under a seal of its own: whom to call (`KeptContact`) and health (`KeptHealth`). Each
says inside the seal which shape it has, so that any later program can read it, and one that is too old
says so. `past_shapes` lists the shapes; a new one is a new `SCHEMA` and a line there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from screening.core.assessment import Assessment, Because, FlagFinding, IndicatorFinding, Reason
from screening.core.errors import CannotOpen
from screening.core.journey import Path
from screening.core.past_shapes import SCHEMA, lifted
from screening.core.rules import Flag, IndicatorState, RuleSet, Urgent
from screening.core.serialising import Plain, canonical, from_plain, to_plain
from screening.core.sources import why_not_on_the_page
from screening.core.stored import Stored
from screening.core.summary import PatientNote, SummaryLine, lines, notes_of, patient_notes
from screening.core.voices import ME

WHOM_TO_RING = "whom_to_ring"  # "me", who is filling this in for them, "patient" or "both"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One question in the words the patient saw, with their answer; `said` is empty where none was given.

    `offered` are ids and labels. `follows` names the questions it was asked because of; None where that
    was not kept yet (shape 1).
    """

    question: str
    asked: str
    type: str = ""
    section: str = ""
    hint: str | None = None
    contact: str | None = None
    safety: bool = False
    offered: tuple[tuple[str, str], ...] = ()
    stored: Any = None
    said: tuple[str, ...] = ()
    follows: tuple[str, ...] | None = None
    fresh_for: int | None = None  # days; None also in shapes 1 and 2, where it was not known


@dataclass(frozen=True, slots=True)
class KeptReason:
    """One answer behind a flag or an indicator, and in which way it counted."""

    question: str
    stored: Any
    reason: Reason


@dataclass(frozen=True, slots=True)
class KeptSay:
    """Who is told what; None is not told."""

    clinician: str | None = None
    reception: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class KeptFlag:
    """A flag as it came out; `handling` as the rule said, also one that today's rules do not know."""

    id: str
    label: str
    raised: bool
    handling: str
    say: KeptSay
    because: tuple[KeptReason, ...]
    place: str  # rules/x.yaml:30:7
    source: str | None = None  # of the treatment page, "section: phrase"; None also in shape 1
    no_source: str | None = None  # why it stands for no statement of the page


@dataclass(frozen=True, slots=True)
class KeptIndicator:
    """An indicator as it came out."""

    id: str
    label: str
    state: IndicatorState
    because: tuple[KeptReason, ...]
    place: str


@dataclass(frozen=True, slots=True)
class KeptRuleSet:
    """The rules of that day."""

    id: str
    version: str
    digest: str
    title: str


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A "get help now" notice that was shown before sending; `version` is of its words, as a digest."""

    id: str
    level: str
    heading: str
    version: str


@dataclass(frozen=True, slots=True)
class KeptContact:
    """Who the request is for and how to reach them: what reception may see."""

    answers: tuple[KeptAnswer, ...] = ()

    @property
    def by_another(self) -> bool:
        """Whether somebody filled it in for the patient."""
        return self.stored("for_whom") not in ("", ME)

    @property
    def ask_for(self) -> tuple[str, ...]:
        """Whom to ask for on the phone, as whoever filled it in for the patient said; else nobody."""
        carer, patient = self.stored("representative_name"), self.stored("name")
        named = {"patient": (patient,), "both": (carer, patient)}.get(self.stored(WHOM_TO_RING), (carer,))
        return tuple(filter(None, named))

    @property
    def unaware(self) -> bool:
        """Whether the patient does not know of it yet."""
        return self.stored("patient_knows") == "no"

    def stored(self, kind: str) -> str:
        """The answer of a kind that is one word or text (a name, a date, a number); else empty."""
        found = next((answer.stored for answer in self.answers if answer.contact == kind), None)
        return found if isinstance(found, str) else ""

    def said(self, kind: str) -> tuple[str, ...]:
        """The words of an answer, "none of these" left out."""
        for answer in self.answers:
            if answer.contact == kind and answer.stored not in (["none"], "none"):
                return answer.said
        return ()

    def to_data(self) -> Plain:
        """As it goes under the seal."""
        return {"schema": SCHEMA, **to_plain(self)}

    @classmethod
    def from_data(cls, data: Plain) -> KeptContact:
        """From under the seal, whatever its age. Raises TooNew, CannotOpen."""
        return _read(cls, lifted(data))


@dataclass(frozen=True, slots=True)
class KeptHealth:
    """The health answers in the order asked, and the assessment as it was."""

    rule_set: KeptRuleSet
    heading: str
    statement: str  # that it is not a clinical decision
    answers: tuple[KeptAnswer, ...]
    unanswered: tuple[str, ...]
    indicators: tuple[KeptIndicator, ...]
    flags: tuple[KeptFlag, ...]
    said_to_patient: tuple[str, ...]
    notices: tuple[KeptNotice, ...] = ()  # none in shapes 1 to 3, where they were shown and not kept

    @property
    def raised(self) -> tuple[KeptFlag, ...]:
        """The flags that somebody must look at."""
        return tuple(flag for flag in self.flags if flag.raised)

    @property
    def notes(self) -> tuple[PatientNote, ...]:
        """What was said to the patient, with what each speaks of as a list."""
        return tuple(notes_of(flag.say.patient for flag in self.raised))

    def reasons(self, because: Iterable[KeptReason]) -> tuple[tuple[KeptAnswer, Reason], ...]:
        """The answers behind a flag or an indicator, each with the way in which it counted."""
        by_id = {answer.question: answer for answer in self.answers}
        return tuple(
            (by_id.get(why.question, KeptAnswer(why.question, why.question)), why.reason) for why in because
        )

    def follow_ups(self, because: Iterable[KeptReason]) -> tuple[KeptAnswer, ...]:
        """What was asked further because of these answers, however far down: the words that matter most."""
        asked = {why.question for why in because}
        family = set(asked)
        for answer in self.answers:  # a question follows only questions above it
            if not family.isdisjoint(answer.follows or ()):
                family.add(answer.question)
        return tuple(answer for answer in self.answers if answer.question in family - asked)

    def completed(self, rule_set: RuleSet | None) -> KeptHealth:
        """With what shape 1 left out, from the rules of that day where they can still be read."""
        if rule_set is None or all(answer.follows is not None for answer in self.answers):
            return self
        answers = tuple(
            replace(answer, follows=rule_set.follows(answer.question))
            if answer.follows is None and answer.question in rule_set.by_id
            else answer
            for answer in self.answers
        )
        sources = {flag.id: rule_set.source_of(flag) for flag in rule_set.flags}
        flags = tuple(replace(flag, source=flag.source or sources.get(flag.id)) for flag in self.flags)
        return replace(self, answers=answers, flags=flags)

    def to_data(self) -> Plain:
        """As it goes under the seal."""
        return {"schema": SCHEMA, **to_plain(self)}

    @classmethod
    def from_data(cls, data: Plain) -> KeptHealth:
        """From under the seal, whatever its age. Raises TooNew, CannotOpen."""
        return _read(cls, lifted(data))


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """Both parts, for those who may see both."""

    contact: KeptContact = field(repr=False)
    health: KeptHealth = field(repr=False)

    @property
    def stored(self) -> Stored:
        """What was answered, by question."""
        answers = (*self.contact.answers, *self.health.answers)
        return {answer.question: answer.stored for answer in answers if answer.stored is not None}


def keep(rule_set: RuleSet, assessment: Assessment, stored: Stored) -> KeptRequest:
    """What is kept of a patient's answers and of what the rules made of them."""
    said = [_answer(rule_set, line) for line in lines(rule_set, assessment.path, stored)]
    rules = {flag.id: flag for flag in rule_set.flags}
    health = KeptHealth(
        KeptRuleSet(rule_set.id, rule_set.version, rule_set.digest, rule_set.title),
        rule_set.summary.heading,
        rule_set.summary.statement,
        tuple(answer for answer in said if not answer.contact),
        assessment.path.unanswered,
        tuple(map(_indicator, assessment.indicators)),
        tuple(_flag(rule_set, rules[finding.id], finding) for finding in assessment.flags),
        tuple(map(str, patient_notes(assessment.raised))),
        tuple(map(_notice, rule_set.urgent)),
    )
    return KeptRequest(KeptContact(tuple(answer for answer in said if answer.contact)), health)


def contact_of(rule_set: RuleSet, path: Path, stored: Stored) -> KeptContact:
    """Who it is for and how to reach them, of answers that are not all there yet."""
    said = [_answer(rule_set, line) for line in lines(rule_set, path, stored) if line.question.contact]
    return KeptContact(tuple(said))


def _notice(notice: Urgent) -> KeptNotice:
    words = canonical([notice.level, notice.heading, notice.items, notice.after])
    version = hashlib.sha256(words.encode()).hexdigest()[:16]
    return KeptNotice(notice.id, notice.level, notice.heading, version)


def _answer(rule_set: RuleSet, line: SummaryLine) -> KeptAnswer:
    question = line.question
    return KeptAnswer(
        question=question.id,
        asked=question.ask,
        type=question.type,
        section=question.section or "",
        hint=question.hint,
        contact=question.contact,
        safety=question.safety,
        offered=tuple((answer.id, answer.label) for answer in question.answers),
        stored=line.stored,
        said=line.said,
        follows=rule_set.follows(question.id),
        fresh_for=question.fresh_for,
    )


def _because(reasons: Iterable[Because]) -> tuple[KeptReason, ...]:
    return tuple(KeptReason(why.question, why.answer, why.reason) for why in reasons)


def _indicator(found: IndicatorFinding) -> KeptIndicator:
    return KeptIndicator(found.id, found.label, found.state, _because(found.because), str(found.place))


def _flag(rule_set: RuleSet, rule: Flag, found: FlagFinding) -> KeptFlag:
    say = KeptSay(found.say.clinician, found.say.reception, found.say.patient)
    return KeptFlag(
        id=found.id,
        label=found.label,
        raised=found.raised,
        handling=found.handling,
        say=say,
        because=_because(found.because),
        place=str(found.place),
        source=rule_set.source_of(rule),
        no_source=why_not_on_the_page(rule.source),
    )


Part = TypeVar("Part")


def _read(part: type[Part], data: Plain) -> Part:
    try:
        return from_plain(part, {name: value for name, value in data.items() if name != "schema"})
    except (TypeError, ValueError, LookupError) as error:
        raise CannotOpen(
            f"The sealed text opened, but is no part of a request ({type(error).__name__})."
        ) from None


_IN_ROWS = frozenset(
    {
        *("name", "birth_date", "phone", "reach_by", "reach_when", "needs", "needs_words"),
        *("representative_name", WHOM_TO_RING, "patient_knows"),
    }
)


def for_row(data: Plain) -> KeptContact:
    """Of a contact part as it lay under its seal, what lists show of whom a request is for.

    Raises TooNew, CannotOpen.
    """
    try:
        answers = [_in_row(answer) for answer in lifted(data)["answers"] if answer.get("contact") in _IN_ROWS]
    except (TypeError, LookupError, AttributeError):
        raise CannotOpen("The sealed text opened, but is no part of a request.") from None
    return KeptContact(tuple(answers))


def _in_row(answer: Plain) -> KeptAnswer:
    """Without the words that stood beside it, which are most of it."""
    asked, said = (answer["question"], answer["asked"]), answer.get("said", [])
    if not isinstance(said, list) or {*map(type, (*asked, *said))} != {str}:
        raise TypeError
    return KeptAnswer(*asked, contact=answer["contact"], stored=answer.get("stored"), said=tuple(said))
