"""What a question type is: everything that differs between types, and what all of them share."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, NamedTuple

from screening.core.answers.controls import Control
from screening.core.conditions import Chosen, Leaf, Within
from screening.core.questions import QuestionShape
from screening.core.serialising import Plain

Typed = Mapping[str, Sequence[str]]  # "" for the field itself; "day", "month", "year" for its parts
Reader = Callable[[Any], Any]  # stored -> counted, None for "counts as unanswered"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading typed words depends on, besides the question: the day, and the country of a phone."""

    today: date
    region: str = "GB"


@dataclass(eq=False)  # not frozen: whatever passes an exception on sets its traceback
class Mistake(Exception):
    """Why typed words are no answer: a code for the words on the screen, the parts at fault, and figures."""

    code: str
    parts: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)


class Fault(NamedTuple):
    """What is wrong with the keys that an author wrote, at `key`, and how to mend it."""

    key: str
    message: str
    remedy: str


class Wish(NamedTuple):
    """What the field's practice wants said beside a question, and how to write it."""

    message: str
    remedy: str


# What conditions may say of the answers


@dataclass(frozen=True, slots=True)
class Choices:
    """Conditions name answers; with `several`, more than one may be chosen."""

    several: bool
    remedy: ClassVar[str] = (
        "Name one of its answers: {question: answer}. Answers are not counted: for that, ask how many."
    )

    def takes(self, leaf: Leaf) -> bool:
        """Whether a comparison is of this kind."""
        return isinstance(leaf, Chosen)

    def stored(self, chosen: Sequence[str]) -> Any:
        """These answers as they are stored."""
        return list(chosen) if self.several else chosen[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Conditions give bounds, which counted answers are compared with as they are written."""

    fits: Callable[[QuestionShape, object], bool]  # whether something can be a bound
    fitting: str  # the remedy where it cannot
    schema: Plain  # JSON Schema of a bound
    beside: Callable[[QuestionShape, Any], Iterator[Any]]  # the bounds one step lower and higher
    ends: Callable[[QuestionShape], Sequence[Any]]  # bounds of what is an answer at all
    candidates: Callable[[QuestionShape, Iterable[Any]], Iterator[Any]]
    """Stored answers enough to tell these bounds apart: at each, on either side, and in between."""
    remedy: ClassVar[str] = "Write {question: {at_least: ...}} or {at_most: ...}."

    def takes(self, leaf: Leaf) -> bool:
        """Whether a comparison is of this kind."""
        return isinstance(leaf, Within)


@dataclass(frozen=True, slots=True)
class Incomparable:
    """Conditions cannot look at the answers, so any answer stands for all."""

    any_answer: Any
    remedy: ClassVar[str] = "Ask a question with answers to choose from instead."

    def takes(self, leaf: Leaf) -> bool:
        """No comparison is of this kind."""
        del leaf
        return False


Comparison = Choices | Bounds | Incomparable


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerType:
    """Everything that differs between question types; an entry without any of it cannot be built."""

    # what authors write
    keys: frozenset[str]  # keys of a question that only this type and its like have
    needs: frozenset[str]  # keys it cannot do without
    faults: Callable[[QuestionShape], Iterator[Fault]]  # what is wrong with its keys
    wish: Callable[[QuestionShape], Wish | None]  # what should be said beside the question
    possible: Callable[[QuestionShape], str]  # the remedy for a stored answer that is none
    example: Callable[[QuestionShape], Any]  # a stored answer that it takes, harmless where it can be
    # how it is asked, and what is made of what was typed
    control: Callable[[QuestionShape], Control]
    missing: Callable[[QuestionShape], str]  # the code of the words for an answer left out
    understand: Callable[[QuestionShape, Typed, Circumstances], Any]  # typed -> stored, or raises Mistake
    typed_of: Callable[[QuestionShape, Any], Typed]  # stored -> what a person would type for it
    # what is made of what is stored
    reader: Callable[[QuestionShape], Reader]
    show: Callable[[QuestionShape, Any], tuple[str, ...]]  # stored -> lines, as the patient saw them
    reads_as: Callable[[tuple[str, ...], Any, str], tuple[str, ...]]
    """Lines as kept, stored, language (`en_GB`) -> lines for a reader, with no question at hand."""
    comparison: Comparison
    own_words: bool  # whether an answer is in the patient's own words, which a clinician must have read

    @property
    def several(self) -> bool:
        """Whether more than one answer may be chosen."""
        return isinstance(self.comparison, Choices) and self.comparison.several

    @property
    def chosen(self) -> bool:
        """Whether an answer is chosen from those that the question offers."""
        return isinstance(self.comparison, Choices)


# What most types do alike


def no_faults(_question: QuestionShape) -> Iterator[Fault]:
    """Any keys of its own will do."""
    return iter(())


def no_wish(_question: QuestionShape) -> Wish | None:
    """Nothing needs to be said beside it."""
    return None


def as_kept(said: tuple[str, ...], _stored: Any, _language: str) -> tuple[str, ...]:
    """In the words the patient saw, whatever the reader's language."""
    return said


def as_typed(_question: QuestionShape, stored: Any) -> Typed:
    """Typed as it is stored, in one field."""
    return {"": [str(stored)]}


def texts_of(typed: Typed) -> list[str]:
    """All that came with the one field."""
    return [text for text in typed.get("", ()) if text]


def text_of(typed: Typed, part: str = "") -> str:
    """What was typed into a field, without blanks around it."""
    return next((text for text in typed.get(part, ()) if text.strip()), "").strip()


def whole_number(text: str, digits: int) -> int | None:
    """A number of at most so many digits, of any width; else None."""
    text = unicodedata.normalize("NFKC", text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
