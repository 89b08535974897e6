"""The questions of a page as a form: what was typed, what it means, and the words for a mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from screening.core.answers import NOT_SURE, Circumstances, Mistake, Typed, show, typed_of, understand
from screening.core.conditions import Answers, leaves
from screening.core.rules import KnownBy, Question, RuleSet
from screening.core.stored import Stored
from screening.web.words import gettext as _
from screening.web.words import ngettext

NAME = "answer"


class AnswerField(Field):  # type: ignore[misc]  # WTForms ships no types
    """Any question type; `typed` is what came from the page, `stored` what it means once validated."""

    def __init__(self, question: Question, **kwargs: Any) -> None:
        super().__init__(label="", **kwargs)  # for none, WTForms would make one of the name and translate it
        self.question = question
        self.circumstances: Circumstances = kwargs["_form"].circumstances
        self.typed: Typed = {}
        self.stored: Any = None
        self.left_out = False  # an answer of the same page says that it is not asked
        self.wrong_parts: tuple[str, ...] = ()
        self.says_which = False  # whether the words for the mistake say of which question it is

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take the fields of the page as they are; without any, the kept answer."""
        del extra_filters
        self.process_errors: list[str] = []
        self.typed = (
            _typed_in(self.question, self.name, formdata) if formdata else typed_of(self.question, data)
        )

    def pre_validate(self, form: object) -> None:
        """Raises StopValidation with the words for the patient."""
        so_far = getattr(form, "so_far", None)  # staff put the first question into a form of theirs
        if so_far is not None and not so_far.asks(self.question):
            self._leave_out(so_far)
            return
        try:
            names = self.question.control.names
            self.stored = understand(self.question, self.typed, self.circumstances, names)
        except Mistake as mistake:
            self.wrong_parts = mistake.parts
            self.says_which = mistake.code == "missing"
            if so_far is not None:
                so_far.wrong.add(self.question.id)
            raise StopValidation(words_for(mistake, self.question)) from None
        if so_far is not None:
            so_far.give(self.question, self.stored)

    def _leave_out(self, so_far: AnswersSoFar) -> None:
        """What was typed all the same is told, and not kept: somebody must look at the answer above."""
        self.left_out = True
        lines = ", ".join(_read_back(self))
        if lines and not so_far.may_still_ask(self.question):
            self.typed = {}
            raise StopValidation(
                _("“%(said)s” was not kept: this is asked only after another answer above", said=lines)
            )


@dataclass(frozen=True, slots=True)
class AnswersSoFar:
    """Of a page whose questions hang on each other: what counts when the next one is looked at."""

    counted: dict[str, object]
    wrong: set[str] = field(default_factory=set)  # those that have to be mended first

    def asks(self, question: Question) -> bool:
        """Whether the answers so far lead to it."""
        return question.applies is None or bool(question.applies(self.counted))

    def may_still_ask(self, question: Question) -> bool:
        """Whether that hangs on an answer that is to be mended."""
        return any(leaf.question in self.wrong for leaf in leaves(question.ask_when))

    def give(self, question: Question, stored: Any) -> None:
        """The next ones are asked by this answer too."""
        counted = None if stored is None else question.read(stored)
        if counted is not None:
            self.counted[question.id] = counted


def _read_back(asked: AnswerField) -> tuple[str, ...]:
    try:
        stored = understand(asked.question, asked.typed, asked.circumstances)
    except Mistake:
        return tuple(text for texts in asked.typed.values() for text in texts if text.strip())
    return () if stored is None else tuple(show(asked.question, stored))


class PageForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The questions of one page. What they are stands in its class, which is made once for equal pages."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """As Flask-WTF has it, without a token: `door.csrf` looks at that before any page is asked."""

        csrf = False

    def __init__(self, circumstances: Circumstances, so_far: AnswersSoFar | None, **given: Any) -> None:
        self.circumstances = circumstances
        self.so_far = so_far
        super().__init__(**given)


@dataclass(frozen=True)
class _Asked:
    """Questions with the names of their fields, known by the rule set, the names and the words."""

    rules: KnownBy
    names: tuple[str, ...]
    asks: tuple[str, ...]
    questions: Sequence[Question] = field(compare=False)


def page_form(
    rule_set: RuleSet,
    questions: Sequence[Question],
    circumstances: Circumstances,
    stored: Stored,
    typed: Any = None,
    so_far: Answers | None = None,
) -> PageForm:
    """A form with an answer for each question, from what was posted, from `typed`, or from what is kept.

    `so_far` is what counts beside the page, where its questions may hang on each other.
    """
    alone = len(questions) == 1
    names = tuple(name_of(rule_set, question, alone=alone) for question in questions)
    asked = _Asked(rule_set.known_by, names, tuple(question.ask for question in questions), questions)
    given = {"formdata": typed} if typed else {}  # left out, Flask-WTF takes what was posted
    data = {name: stored.get(question.id) for name, question in zip(names, questions, strict=True)}
    counted = None if so_far is None else AnswersSoFar(dict(so_far))
    return _form_class(asked)(circumstances, counted, data=data, **given)


@lru_cache(maxsize=512)  # questions alone: no answer is ever part of a class
def _form_class(asked: _Asked) -> type[PageForm]:
    fields = {
        name: AnswerField(question) for name, question in zip(asked.names, asked.questions, strict=True)
    }
    return type("QuestionForm", (PageForm,), fields)


def fields_of(form: PageForm) -> list[AnswerField]:
    """The answers of a page's form, in order."""
    return [found for found in form if isinstance(found, AnswerField)]


def name_of(rule_set: RuleSet, question: Question, *, alone: bool = True) -> str:
    """What its fields are called: `answer`, and where it may share its page, its own name too."""
    return NAME if alone and rule_set.pages[question.id] == (question.id,) else f"{NAME}-{question.id}"


def part_name(part: str, name: str = NAME) -> str:
    """The name of a field on the page: `answer`, or `answer-day` and the like."""
    return f"{name}-{part}" if part else name


def _typed_in(question: Question, name: str, formdata: Any) -> Typed:
    parts = question.control.names
    return {part: formdata.getlist(part_name(part, name)) for part in parts}


MistakeWords = Callable[[Mistake, Question], str]


def words_for(mistake: Mistake, question: Question) -> str:
    """What to do about a mistake, for the patient."""
    return WORDS.get(mistake.code, _unknown)(mistake, question)


def _unknown(_mistake: Mistake, question: Question) -> str:
    """For the code of a type that has no words here: an answer that would do."""
    typed = typed_of(question, question.kind.example(question))
    example = " ".join(text for texts in typed.values() for text in texts)
    return _("Check this answer and enter it again, for example %(example)s", example=example)


def _missing(_mistake: Mistake, question: Question) -> str:
    if question.missing is not None:
        return question.missing
    exactly = _OF_CONTACT.get(question.contact)
    if exactly is not None:
        return exactly()
    words = MISSING.get(question.kind.missing(question), _any_answer)()
    unsure = question.answer(NOT_SURE)
    if unsure is None:
        return _("%(words)s: %(ask)s", words=words, ask=question.ask)
    return _(
        "%(words)s: %(ask)s If you do not know, select “%(unsure)s”",
        words=words, ask=question.ask, unsure=unsure.label,
    )  # fmt: skip


def _any_answer() -> str:
    return _("Enter an answer")


MISSING: Mapping[str, Callable[[], str]] = {  # `AnswerType.missing` -> what to do
    "choose": lambda: _("Select an answer"),
    "choose_some": lambda: _("Select at least one answer"),
    "scale": lambda: _("Select a number from 0 to 10"),
    "number": lambda: _("Enter a number"),
    "date": lambda: _("Enter a date, for example 27 3 1950"),
    "year": lambda: _("Enter a year, for example 2019"),
    "words": _any_answer,
    "email": lambda: _("Enter an email address"),
    "phone": lambda: _("Enter a phone number"),
}
_OF_CONTACT: Mapping[str | None, Callable[[], str]] = {  # more exactly, where we know what is asked
    "email": MISSING["email"],
    "phone": MISSING["phone"],
    "name": lambda: _("Enter the patient’s full name"),
    "representative_name": lambda: _("Enter your own name"),
    "consent": lambda: _("Select “I agree” to go on, or call us"),
}


def _out_of_range(mistake: Mistake, _question: Question) -> str:
    return _("Enter a number between %(low)s and %(high)s", **mistake.figures)


def _too_long(mistake: Mistake, _question: Question) -> str:
    over = int(str(mistake.figures["over"]))
    return ngettext("Make it shorter by %(num)s character", "Make it shorter by %(num)s characters", over)


def _date_incomplete(mistake: Mistake, _question: Question) -> str:
    names = {"day": _("day"), "month": _("month"), "year": _("year")}
    missing = _(" and ").join(names.get(part, part) for part in mistake.parts)
    return _("The date must include a %(missing)s", missing=missing)


def _in_the_future(_mistake: Mistake, question: Question) -> str:
    if question.contact == "birth_date":
        return _("The date of birth must be today or earlier")
    return _("The date must be today or earlier")


WORDS: Mapping[str, MistakeWords] = {  # `Mistake.code` -> what to do
    "missing": _missing,
    "not_offered": lambda _m, _q: _("Select one of the answers on this page"),
    "alone": lambda m, _q: _("Choose “%(label)s” alone, or take its tick out", **m.figures),
    "not_a_number": lambda _m, _q: _("Enter a number, for example 3"),
    "not_whole": lambda _m, _q: _("Enter a whole number, for example 3"),
    "too_precise": lambda m, _q: _("Use at most %(decimals)s digits after the point", **m.figures),
    "out_of_range": _out_of_range,
    "date_incomplete": _date_incomplete,
    "not_a_date": lambda _m, _q: _("Enter a real date, for example 27 3 1950"),
    "year_digits": lambda _m, _q: _("Year must have 4 numbers, like 1947"),
    "long_ago": lambda m, _q: _("Check the year: it must be %(first)s or later", **m.figures),
    "in_the_future": _in_the_future,
    "too_long": _too_long,
    "not_an_email": lambda _m, _q: _("Enter an email address in the right form, like name@example.com"),
    "not_a_phone": lambda _m, _q: _("Enter a phone number, like 01632 960 001 or +44 808 157 0192"),
}
