"""What does not fit in a request: pointed at for a clinician to read, never weighed.

A remark only ever points. It raises no flag and clears none; the words stay as the patient wrote them,
and that nothing was found says nothing. More own words never make fewer remarks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from screening.core.ages import BIRTH_DATE, AgeBounds, bounds, side_of
from screening.core.answers import date_span, in_own_words
from screening.core.journey import Path
from screening.core.kept import KeptAnswer, KeptContact, KeptRequest
from screening.core.near_words import Phrase, Seen
from screening.core.review import CONTACT_WORDS
from screening.core.rules import Question, RuleSet
from screening.core.stored import Stored
from screening.core.word_lists import Subject, WordLists

RemarkKind = Literal[
    "contradiction",  # a safety question was cleared, and own words or another answer name its subject
    "not_asked",  # own words name a subject that this patient was not asked about, or gave no answer to
    "another_answer",  # own words name another answer than the one chosen: the other side
    "open_answer",  # an answer to look at in any case: side not sure, pain elsewhere, a yes without a name
    "birth_date",  # a date of birth that is hardly the patient's
]
# Where the rules have no age of their own: from 16 on people are presumed to consent to treatment themselves
# (Family Law Reform Act 1969, section 8);
# below, a slip in the year, or the date of whoever filled in, is likelier than a patient of that age.
YOUNGEST = 16
OF_FULL_AGE = 18  # a treatment for nobody of that age is for children: there no child's date is a slip
OLDEST = 110


@dataclass(frozen=True, slots=True)
class Remark:
    """`asked` was answered `said`; `elsewhere` was answered `words`, in which `named` was found.

    `question` is empty where none is about the subject, `elsewhere` where the answer itself is meant.
    """

    kind: RemarkKind
    subject: str
    question: str = ""
    asked: str = ""
    said: tuple[str, ...] = ()
    elsewhere: str = ""
    elsewhere_asked: str = ""
    words: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What it is called for ever: of ids alone, so that a longer word list never makes another of it."""
        return ":".join((self.kind, self.subject, self.question or "-", self.elsewhere or "-"))


def find(kept: KeptRequest, rule_set: RuleSet | None, lists: WordLists, received: date) -> tuple[Remark, ...]:
    """All of them, each once. Without the rules of that day only the date of birth is looked at."""
    found = list(_birth_date(kept.contact, received, _likely_age(rule_set)))
    if rule_set is not None:
        given = _Given(kept, rule_set, lists)
        found += [remark for subject in lists.subjects for remark in _of_subject(subject, given)]
    return _each_once(found)


def second_looks(rule_set: RuleSet, path: Path, stored: Stored, lists: WordLists) -> tuple[str, ...]:
    """Questions that were asked because of a yes, with an answer that is pointed at: for the patient too."""
    pointed, subjects = lists.pointed_at, rule_set.subject_of
    about = [(asked, pointed.get(subjects[asked])) for asked in path.asked]
    return tuple(
        asked
        for asked, names in about
        if names is not None
        and not names.isdisjoint(_names(stored.get(asked)))
        and any("yes" in _names(stored.get(above)) for above in rule_set.follows(asked))
    )


def _names(stored: object) -> list[str]:
    """The answers that were chosen, by id."""
    return [name for name in (stored if isinstance(stored, list) else [stored]) if isinstance(name, str)]


def _each_once(found: Iterable[Remark]) -> tuple[Remark, ...]:
    """A subject may stand in several lists: what each found is named together."""
    together: dict[str, Remark] = {}
    for remark in found:
        before = together.get(remark.id)
        named = (*(before.named if before is not None else ()), *remark.named)
        together[remark.id] = replace(remark, named=tuple(dict.fromkeys(named)))
    return tuple(together.values())


@dataclass(frozen=True, slots=True)
class _Text:
    """An answer whose words are looked at."""

    answer: KeptAnswer
    seen: Seen
    own: bool  # the patient's own words; else what they chose

    @classmethod
    def of(cls, answer: KeptAnswer, lists: WordLists) -> _Text:
        """With what of the word lists stands in it."""
        own, vocabulary = in_own_words(answer.type), lists.vocabulary
        chosen = not own and set(answer.said) <= {label for _id, label in answer.offered}
        return cls(answer, (vocabulary.read_once if chosen else vocabulary.read)(answer.said), own)

    def named(self, subject: Subject) -> tuple[str, ...]:
        """What of the subject stands here."""
        if subject.names.isdisjoint(self.seen.phrases):  # nearly always
            return ()
        if subject.beside and not any(map(self.seen.holds, subject.beside)):
            return ()
        return self.found(subject.named_by)

    def found(self, phrases: Iterable[Phrase]) -> tuple[str, ...]:
        return tuple(phrase.text for phrase in phrases if self.seen.holds(phrase))


class _Given:
    """The answers of one patient: by question, and those with words."""

    def __init__(self, kept: KeptRequest, rule_set: RuleSet, lists: WordLists) -> None:
        self.rule_set = rule_set
        self.answers = {answer.question: answer for answer in kept.health.answers}
        contact = [answer for answer in kept.contact.answers if answer.contact in CONTACT_WORDS]
        read = (_Text.of(answer, lists) for answer in (*kept.health.answers, *contact) if answer.said)
        self.texts = [text for text in read if text.seen.phrases]  # nearly every one names nothing

    def about(self, subject: Subject) -> Sequence[Question]:
        """The questions of this treatment that belong to a subject."""
        return self.rule_set.by_subject.get(subject.subject, ())

    def chosen(self, question: Question) -> list[str]:
        """The answers that were chosen; none where it was not asked or left empty."""
        answer = self.answers.get(question.id)
        return _names(answer.stored if answer is not None else None)


def _of_subject(subject: Subject, given: _Given) -> Iterator[Remark]:
    questions = given.about(subject)
    for question in questions:
        yield from _against(subject, question, given)
        yield from _other_answers(subject, question, given)
        yield from _pointed_at(subject, question, given)
    if not questions:
        yield from _not_asked(subject, None, given)


def _against(subject: Subject, question: Question, given: _Given) -> Iterator[Remark]:
    """What speaks against a clearing answer. An answer that does not clear has its flag already."""
    answer, chosen = given.answers.get(question.id), given.chosen(question)
    if answer is None or (answer.stored is None and not question.safety):
        yield from _not_asked(subject, question, given)
    elif chosen and all((offered := question.answer(name)) and offered.clears for name in chosen):
        family = given.rule_set.families[question.id]
        for text in given.texts:
            if text.answer.question == question.id or (text.answer.question in family and not text.own):
                continue
            if named := text.named(subject):
                yield _remark("contradiction", subject, answer, text.answer, named)


def _not_asked(subject: Subject, question: Question | None, given: _Given) -> Iterator[Remark]:
    asked = KeptAnswer(question.id, question.ask) if question is not None else None
    for text in given.texts:
        if text.own and (named := text.named(subject)):
            yield _remark("not_asked", subject, asked, text.answer, named)


def _other_answers(subject: Subject, question: Question, given: _Given) -> Iterator[Remark]:
    """Own words that name another answer than the one chosen, where the chosen one can be named too."""
    answer, chosen = given.answers.get(question.id), given.chosen(question)
    if answer is None or not any(name in subject.said_of for name in chosen):
        return
    others = [phrase for name, said in subject.said_of.items() if name not in chosen for phrase in said]
    for text in given.texts:
        if text.own and text.answer.question != question.id and (named := text.found(others)):
            yield _remark("another_answer", subject, answer, text.answer, named)


def _pointed_at(subject: Subject, question: Question, given: _Given) -> Iterator[Remark]:
    answer = given.answers.get(question.id)
    if answer is not None and any(name in subject.points_at for name in given.chosen(question)):
        yield _remark("open_answer", subject, answer)


def _remark(
    kind: RemarkKind,
    subject: Subject,
    asked: KeptAnswer | None,
    elsewhere: KeptAnswer | None = None,
    named: tuple[str, ...] = (),
) -> Remark:
    where = KeptAnswer("", "")
    asked, elsewhere = asked or where, elsewhere or where
    return Remark(
        kind,
        subject.subject,
        asked.question,
        asked.asked,
        asked.said,
        elsewhere.question,
        elsewhere.asked,
        elsewhere.said,
        named,
    )


def _likely_age(rule_set: RuleSet | None) -> AgeBounds:
    """That of the rules; on a side where they have none, that of a patient whose date is hardly a slip."""
    written = bounds(rule_set.age if rule_set is not None else None)
    oldest = min(written.get("over", OLDEST), OLDEST)
    youngest: AgeBounds = {"under": YOUNGEST} if oldest >= OF_FULL_AGE else {}
    return {**youngest, **written, "over": oldest}


def _birth_date(contact: KeptContact, received: date, likely: AgeBounds) -> Iterator[Remark]:
    for answer in contact.answers:
        given = answer.contact == BIRTH_DATE and answer.stored is not None
        if given and (why := _wrong_with(answer.stored, received, likely)):
            yield Remark("birth_date", BIRTH_DATE, answer.question, answer.asked, answer.said, named=(why,))


def _wrong_with(stored: object, received: date, likely: AgeBounds) -> str:
    """Why this is hardly a patient's date of birth; empty where it may be."""
    span = date_span(stored)
    if span is None:
        return "no_date"
    if span[0] > received:
        return "in_the_future"
    side = side_of(likely, span, received)
    return f"{side}_{likely[side]}" if side is not None else ""
