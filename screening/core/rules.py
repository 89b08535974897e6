"""A rule set: what a clinic knows about one treatment, as typed and frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, StringConstraints
from pydantic_core import PydanticCustomError

from screening.core.answers import TYPES, AnswerType, Reader, date_span
from screening.core.answers.controls import Control
from screening.core.conditions import EVERYONE, Condition, Test, compile_condition, leaves
from screening.core.findings import Code, Place
from screening.core.questions import Model, QuestionShape, Spoken, Text, When, Word
from screening.core.sources import Age, Page, Sourced
from screening.core.voices import OTHER, VOICES

SCHEMA = "screening/1"
RESERVED_ADDRESSES = frozenset(
    {"accessibility", "answer", "fhir", "health", "messages", "privacy", "ready", "staff", "static"}
)

RuleSetStatus = Literal["draft", "live", "retired"]
Handling = Literal["review_before_booking", "discuss_at_consultation", "arrange"]
Audience = Literal["clinician", "reception", "patient"]
Level = Literal["emergency", "urgent"]
Acceptable = Literal[
    "unguarded-flag", "clears-raises", "hidden-by-another", "no-urgent", "no-contact", "no-safety",
    "clears-unusual", "handling-light", "keep-taking",
]  # fmt: skip
IndicatorState = Literal["matched", "possible", "not_reported"]


def _iso_date(value: Any) -> Any:
    """YAML 1.2 has no dates: a date is the word YYYY-MM-DD."""
    span = date_span(value)
    return span[0] if span is not None and span[0] == span[1] else value


def _known_type(name: str) -> str:
    """`TYPES` is the one table of question types."""
    if name not in TYPES:
        expected = ", ".join(TYPES)
        raise PydanticCustomError("literal_error", "unknown type", {"expected": expected})
    return name


Address = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,99}$")]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$")]
KindOfQuestion = Annotated[str, AfterValidator(_known_type)]
Day = Annotated[date, BeforeValidator(_iso_date)]


def _named(*conditions: Condition | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.question for condition in conditions for leaf in leaves(condition)))


class Question(QuestionShape):
    """One thing that is asked; which keys it may have depends on its type."""

    type: KindOfQuestion

    @property
    def kind(self) -> AnswerType:
        """All that differs between question types."""
        return TYPES[self.type]

    @cached_property
    def control(self) -> Control:
        """How it is asked."""
        return self.kind.control(self)

    @cached_property
    def read(self) -> Reader:
        """Stored answer -> counted answer, or None for one that counts as unanswered."""
        return self.kind.reader(self)


class Indicator(Sourced):
    """Something the page says the treatment helps with."""

    id: Word
    label: Text
    matched_when: When
    possible_when: When | None = None
    place: Place = EVERYONE

    @cached_property
    def tests(self) -> tuple[tuple[IndicatorState, Test], ...]:
        """What to try, in order; the first that is met gives the state."""
        written: tuple[tuple[IndicatorState, Condition | None], ...] = (
            ("matched", self.matched_when),
            ("possible", self.possible_when),
        )
        return tuple((state, compile_condition(when)) for state, when in written if when is not None)

    @cached_property
    def looks_at(self) -> tuple[str, ...]:
        """The questions its conditions name, each once."""
        return _named(self.matched_when, self.possible_when)


class Say(Model):
    """Who is told what when a flag is raised; an audience without words is not told."""

    clinician: Text | None = None
    reception: Text | None = None
    patient: Spoken | None = None


class Flag(Sourced):
    """Something a doctor or nurse must know first."""

    id: Word
    label: Text
    raise_when: When
    handling: Handling
    say: Say = Say()
    place: Place = EVERYONE

    @cached_property
    def met(self) -> Test:
        """Whether `raise_when` is met by the counted answers."""
        return compile_condition(self.raise_when)

    @cached_property
    def looks_at(self) -> tuple[str, ...]:
        """The questions its condition names, each once."""
        return _named(self.raise_when)


Rule = Indicator | Flag  # what has a source on the treatment page


class Urgent(Sourced):
    """A "get help now" notice: shown, never scored."""

    id: Word
    level: Level
    heading: Spoken
    items: tuple[Spoken, ...]
    after: Spoken | None = None
    place: Place = EVERYONE


class Start(Model):
    """What the start page says before the first question."""

    about: tuple[Spoken, ...] = ()
    minutes: Annotated[int, Field(ge=1, le=120)] | None = None  # of older rule sets: read, never shown
    have_ready: tuple[Spoken, ...] = ()


class Summary(Model):
    """The words above the finished consultation request."""

    heading: Text = "Consultation request"
    statement: Text = "This repeats what the patient said. It is not a clinical decision."


PageRule = Indicator | Flag | Urgent | Age  # what may stand for a statement of the page


class Allowed(Model):
    """A word that stands although it is banned: where, such as `flags.pregnancy.say.clinician`, and why."""

    word: Text
    where: Text
    reason: Text


class Wording(Model):
    """Exceptions from the banned words of decision and advice, and more words to ban."""

    allow: tuple[Allowed, ...] = ()
    ban: tuple[Text, ...] = ()


def _wherever(question: Question) -> Question:
    return question.model_copy(update={"place": EVERYONE, "codings": None})


class Accepted(Model):
    """A doubt of `check` or `prove` that somebody looked at: where (`flags.weight`), and why it stands.

    Without `where` it is of the whole rule set.
    """

    code: Acceptable
    where: Text = "rule set"
    reason: Text


KnownBy = tuple[str, str, bool]  # its content, its status, whether it has words for somebody else


class RuleSet(Model):
    """One treatment; `digest` names its content, wherever and however it was written down."""

    schema_: Literal["screening/1"]
    id: Address
    version: Version
    title: Text
    status: RuleSetStatus = "draft"
    category: Text = "Treatments"
    effective_from: Day | None = None
    review_by: Day | None = None
    age: Age | None = None
    page: Page = Page()
    wording: Wording = Wording()
    start: Start = Start()
    questions: tuple[Question, ...]
    indicators: tuple[Indicator, ...] = ()
    flags: tuple[Flag, ...] = ()
    urgent: tuple[Urgent, ...] = ()
    summary: Summary = Summary()
    accept: tuple[Accepted, ...] = ()
    digest: str = ""
    document: str = ""  # the expanded content as canonical JSON, places included: what is archived
    place: Place = EVERYONE
    places: Mapping[str, Place] = Field(default_factory=dict)  # of its keys, as far as they are known
    _other: RuleSet | None = PrivateAttr(None)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        """Of one content, status and voice: so whatever follows from a rule set alone can be kept with it."""
        return self is other or (
            isinstance(other, RuleSet) and bool(self.digest) and self.known_by == other.known_by
        )

    @property
    def known_by(self) -> KnownBy:
        """What tells it from every other one, where the whole of it is not to be held."""
        return self.digest, self.status, self.has_other_voice

    def at(self, key: str) -> Place:
        """Where one of its keys stands; its beginning, where it does not."""
        return self.places.get(key, self.place)

    def with_other_voice(self, other: RuleSet) -> RuleSet:
        """The same rule set, which also knows its words for somebody who fills in for the patient."""
        both = self.model_copy()
        both._other = other  # an author cannot write it, and no model need know
        return both

    def speaking(self, voice: str) -> RuleSet:
        """In the words of one voice; the rules, and the digest, are the same in both."""
        return self._other if voice == OTHER and self._other is not None else self

    @property
    def has_other_voice(self) -> bool:
        """Whether there are words for somebody else beside these: those have none beside them."""
        return self._other is not None

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        """The questions, in order, by id."""
        return MappingProxyType({question.id: question for question in self.questions})

    @cached_property
    def by_contact(self) -> Mapping[str, str]:
        """What the clinic knows an answer by -> the one question that asks for it."""
        asked = ((question.contact, question.id) for question in self.questions)
        return MappingProxyType({contact: question for contact, question in asked if contact is not None})

    @cached_property
    def pages(self) -> Mapping[str, tuple[str, ...]]:
        """Question id -> the questions of the page it stands on, in order, itself among them."""
        together = groupby(self.questions, key=lambda question: question.page or question.id)
        pages = [tuple(question.id for question in page) for _, page in together]
        return MappingProxyType({question: page for page in pages for question in page})

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Indicators and flags, in order."""
        return (*self.indicators, *self.flags)

    @cached_property
    def sourced(self) -> tuple[PageRule, ...]:
        """All that may stand for a statement of the page: indicators, flags, notices and the age rule."""
        ages = (self.age,) if self.age is not None else ()
        return (*self.indicators, *self.flags, *self.urgent, *ages)

    def asks_the_same(self, other: RuleSet, question: str) -> bool:
        """Whether both ask this question in the same words, in both voices, with the same answers."""
        pairs = [
            (self.speaking(voice).by_id.get(question), other.speaking(voice).by_id.get(question))
            for voice in VOICES
        ]
        return all(mine and theirs and _wherever(mine) == _wherever(theirs) for mine, theirs in pairs)

    def follows(self, question: str) -> tuple[str, ...]:
        """The questions that decide whether this one is asked."""
        return _named(self.by_id[question].ask_when)

    @cached_property
    def subject_of(self) -> Mapping[str, str]:
        """Question -> its subject in the word lists."""
        return {question.id: question.subject for question in self.questions}

    @cached_property
    def by_subject(self) -> Mapping[str, tuple[Question, ...]]:
        """The questions of each subject of the word lists."""
        subjects = dict.fromkeys(question.subject for question in self.questions)
        return {name: tuple(each for each in self.questions if each.subject == name) for name in subjects}

    @cached_property
    def families(self) -> Mapping[str, frozenset[str]]:
        """Each question with every one that is asked because of it, however far down."""
        families: dict[str, set[str]] = {}
        for question in self.questions:  # a condition looks only upwards, so one pass is enough
            families[question.id] = {question.id}
            above = set(_named(question.ask_when))
            for family in families.values():
                if not above.isdisjoint(family):
                    family.add(question.id)
        return {name: frozenset(family) for name, family in families.items()}

    def accepts(self, code: Code, where: str) -> bool:
        """Whether somebody has said why this doubt stands here."""
        return any(each.code == code and each.where == where for each in self.accept)

    def source_of(self, rule: Rule) -> str | None:
        """Where on the treatment page a rule has its sources, as people find them: `heading: phrase`."""
        sections = self.page.sections
        found = (f"{sections.get(each.section, each.section)}: {each.phrase}" for each in rule.sources)
        return "; ".join(found) or None

    @cached_property
    def steps(self) -> tuple[tuple[str, Test | None, Reader, bool], ...]:
        """What walking needs of each question, compiled once: id, applies, read, required."""
        return tuple((each.id, each.applies, each.read, each.required) for each in self.questions)

    @cached_property
    def safety_of(self) -> Mapping[str, tuple[str, ...]]:
        """Flag id -> the safety questions that its condition names."""
        safety = {question.id for question in self.questions if question.safety}
        return {
            flag.id: tuple(question for question in flag.looks_at if question in safety)
            for flag in self.flags
        }
