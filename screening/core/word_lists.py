"""Word lists: what patients write when they speak of a subject, kept as YAML beside the common blocks.

They are no part of a rule set and of its digest: they change nothing that is asked, flagged or said, and a
name added today is also found in what was sent before. All they ever do is point. They are part of what is
signed, so a name that is gone is told; until a version without it is published, it is still looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from pydantic import Field

from screening.core import complaints, nodes
from screening.core.findings import Problem
from screening.core.near_words import Phrase, Vocabulary, words_of
from screening.core.nodes import Node
from screening.core.questions import AnswerId, Model, Text, Word, tuples
from screening.core.serialising import Plain

WORDS_SCHEMA = "screening-words/1"
_PHRASES = ("words", "exactly", "together_with")


class Subject(Model):
    """What may be said of one subject; questions belong to it by `about`, or by their id.

    `answers` are own words that stand for an answer, by its id; `points_at` answers to look at in any case.
    """

    subject: Word
    words: tuple[Text, ...] = ()  # found with slips too
    exactly: tuple[Text, ...] = ()
    together_with: tuple[Text, ...] = ()  # one of them must stand in the same text
    answers: Mapping[str, tuple[Text, ...]] = Field(default_factory=dict)
    points_at: tuple[AnswerId, ...] = ()

    @cached_property
    def named_by(self) -> tuple[Phrase, ...]:
        """All that names the subject."""
        return (*map(Phrase.of, self.words), *_exact(self.exactly))

    @cached_property
    def names(self) -> frozenset[Phrase]:
        """The same, to see at once that none of it stands somewhere."""
        return frozenset(self.named_by)

    @cached_property
    def beside(self) -> tuple[Phrase, ...]:
        """What must be said with it; empty where its name is enough."""
        return tuple(map(Phrase.of, self.together_with))

    @cached_property
    def said_of(self) -> Mapping[str, tuple[Phrase, ...]]:
        """Answer -> what stands for it in own words."""
        return {answer: _exact(phrases) for answer, phrases in self.answers.items()}


class WordList(Model):
    """One file of subjects."""

    schema_: Literal["screening-words/1"]
    title: Text | None = None
    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class WordLists:
    """All that are looked for together; a subject may stand in more than one."""

    subjects: tuple[Subject, ...] = ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Everything that is looked for in a text."""
        found: dict[Phrase, None] = {}
        for subject in self.subjects:
            found |= dict.fromkeys((*subject.named_by, *subject.beside))
            found |= dict.fromkeys(phrase for phrases in subject.said_of.values() for phrase in phrases)
        return Vocabulary(tuple(found))

    @cached_property
    def pointed_at(self) -> Mapping[str, frozenset[str]]:
        """Subject -> the answers to it that are pointed at, whoever gives them."""
        found: dict[str, frozenset[str]] = {}
        for each in self.subjects:
            if each.points_at:
                found[each.subject] = found.get(each.subject, frozenset()).union(each.points_at)
        return found

    def data(self) -> list[Plain]:
        """As JSON data: what is signed."""
        return [subject.model_dump() for subject in self.subjects]

    def lacking(self, then: WordLists) -> tuple[LostName, ...]:
        """What those of `then` looked for, and these do not, or only beside more words than before."""
        here = [piece for subject in self.subjects for piece in _pieces(subject)]
        return tuple(
            piece.name
            for subject in then.subjects
            for piece in _pieces(subject)
            if not any(mine.finds(piece) for mine in here)
        )

    def with_those_of(self, then: WordLists) -> WordLists:
        """These, and whatever of `then` they lack."""
        lost = [subject for subject in then.subjects if self.lacking(WordLists((subject,)))]
        return WordLists((*self.subjects, *lost)) if lost else self


class LostName(NamedTuple):
    """Something that is looked for no more, and of what it spoke."""

    subject: str
    phrase: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """One thing that is looked for; `beside`: only where one of these stands there, too."""

    name: LostName
    way: str
    beside: frozenset[str] = frozenset()

    def finds(self, other: _Piece) -> bool:
        """Whether whatever the other finds is found by this, too."""
        wider = not self.beside or (bool(other.beside) and other.beside <= self.beside)
        return wider and (self.name, self.way) == (other.name, other.way)


def _pieces(subject: Subject) -> Iterator[_Piece]:
    beside = frozenset(subject.together_with)
    for way, phrases in (("words", subject.words), ("exactly", subject.exactly)):
        yield from (_Piece(LostName(subject.subject, phrase), way, beside) for phrase in phrases)
    for answer, phrases in subject.answers.items():
        yield from (_Piece(LostName(subject.subject, phrase), f"answer {answer}") for phrase in phrases)
    yield from (_Piece(LostName(subject.subject, answer), "points at") for answer in subject.points_at)


def from_data(data: Iterable[object]) -> WordLists:
    """Word lists from what was signed. Raises ValidationError."""
    return WordLists(tuple(Subject.model_validate(tuples(each)) for each in data))


def _exact(phrases: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(Phrase.of(phrase, exactly=True) for phrase in phrases)


def read(node: Node, problems: list[Problem]) -> WordList | None:
    """The list that is written in `node`, or every problem in it, with its place."""
    if not isinstance(node.value, dict):
        what = "A word list is a list of keys."
        problems.append(Problem(node.place, "format", what, f"Start with: schema: {WORDS_SCHEMA}"))
        return None
    problems.extend(complaints.unknown_keys(WordList, node))
    found = complaints.model_of(WordList, node, problems)
    if found is not None:
        problems.extend(_empty(node))
    return found


def _empty(node: Node) -> Iterator[Problem]:
    """Entries that could never be found, and so would point at nothing without anybody knowing."""
    for _, _, entry in nodes.mappings(node, ("subjects",)):
        answers = entry.get("answers")
        lists = [inner for key in _PHRASES if (inner := entry.get(key)) is not None]
        lists += answers.value.values() if answers is not None and isinstance(answers.value, dict) else []
        for phrase in (phrase for listed in lists for phrase in listed.items()):
            if not words_of(str(phrase.value)):
                what = f'"{phrase.value}" has no word that could be found.'
                yield Problem(phrase.place, "format", what, "Write letters or digits, or leave it out.")
        if not any(entry.get(key) for key in ("words", "exactly", "answers", "points_at")):
            what = "This subject names nothing."
            yield Problem(entry.place, "format", what, "Write words, exactly, answers or points_at.")


def strangers(lists: Iterable[Node], questions: Iterable[Node]) -> Iterator[Problem]:
    """Subjects that no question is about, and questions about a subject that no list has."""
    asked, abouts = set[str](), list[Node]()
    for question in questions:
        about = question.get("about")
        abouts += [about] if about is not None else []
        named = about or question.get("id")
        asked |= {str(named.value)} if named is not None else set()
    entries = [entry for node in lists for _, _, entry in nodes.mappings(node, ("subjects",))]
    there = {str(subject.value) for entry in entries if (subject := entry.get("subject")) is not None}
    # A side or a place is asked about by some treatments only; what is looked for in own words, by a block.
    read = [entry for entry in entries if entry.get("words") or entry.get("exactly")]
    subjects = [subject for entry in read if (subject := entry.get("subject")) is not None]
    yield from _unknown(subjects, asked, "No question is about")
    yield from _unknown(abouts, there, "No word list has the subject")


def _unknown(names: Iterable[Node], known: set[str], what: str) -> Iterator[Problem]:
    for name in names:
        if str(name.value) not in known:
            remedy = complaints.did_you_mean(str(name.value), sorted(known))
            yield Problem(name.place, "unknown-name", f'{what} "{name.value}".', remedy)
