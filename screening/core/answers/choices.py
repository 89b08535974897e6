"""Answers that are chosen from those a question offers: one of them, or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from screening.core.answers.answer_type import (
    AnswerType,
    Choices,
    Circumstances,
    Fault,
    Mistake,
    Reader,
    Typed,
    Wish,
    as_kept,
    as_typed,
    no_wish,
    texts_of,
)
from screening.core.answers.controls import Option, Ticks
from screening.core.questions import QuestionShape

NOT_SURE = "not_sure"
HARMLESS = ("no", "none")  # ids that say, in most questions, that there is nothing to tell

READY_MADE: dict[str, list[dict[str, str | bool]]] = {
    "yes_no": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No", "clears": True}],
    "yes_no_not_sure": [
        {"id": "yes", "label": "Yes"},
        {"id": "no", "label": "No", "clears": True},
        {"id": NOT_SURE, "label": "I’m not sure", "alone": True},
    ],
}


def _read_one(question: QuestionShape) -> Reader:
    offered = frozenset(answer.id for answer in question.answers)
    return lambda stored: stored if type(stored) is str and stored in offered else None


def _read_many(question: QuestionShape) -> Reader:
    offered = frozenset(answer.id for answer in question.answers)
    alone = frozenset(answer.id for answer in question.answers if answer.alone)

    def read(stored: Any) -> frozenset[str] | None:
        if type(stored) is str:
            stored = [stored]
        if type(stored) is not list or not stored:
            return None
        try:
            chosen = frozenset(stored)
        except TypeError:  # no text, and nothing that could be one of those offered
            return None
        if not chosen <= offered or (len(chosen) > 1 and not chosen.isdisjoint(alone)):
            return None
        return chosen

    return read


def _understand_one(question: QuestionShape, typed: Typed, _: Circumstances) -> str:
    chosen = texts_of(typed)
    if len(chosen) != 1 or question.answer(chosen[0]) is None:
        raise Mistake("not_offered")
    return chosen[0]


def _understand_many(question: QuestionShape, typed: Typed, _: Circumstances) -> list[str]:
    chosen = set(texts_of(typed))
    ordered = [answer.id for answer in question.answers if answer.id in chosen]
    if len(ordered) < len(chosen):
        raise Mistake("not_offered")
    if len(ordered) > 1:
        for answer in question.answers:
            if answer.alone and answer.id in chosen:
                raise Mistake("alone", figures={"label": answer.label})
    return ordered


def _show(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    chosen = _listed(stored)
    return tuple(answer.label for answer in question.answers if answer.id in chosen)


def _listed(stored: Any) -> Sequence[str]:
    return [stored] if isinstance(stored, str) else list(stored)


def _typed_many(_question: QuestionShape, stored: Any) -> Typed:
    return {"": _listed(stored)}


def _faults(question: QuestionShape) -> Iterator[Fault]:
    if not question.answers:
        yield Fault("answers", f'The question "{question.id}" offers no answers.', "Write at least one.")


def _wish_many(question: QuestionShape) -> Wish | None:
    if question.hint is not None or len(question.answers) < 2:
        return None
    return Wish("does not say that several can be chosen.", 'Write hint: "Choose all that apply."')


def _possible(question: QuestionShape) -> str:
    return f"There are: {', '.join(answer.id for answer in question.answers)}."


def _example(question: QuestionShape) -> str:
    offered = [answer.id for answer in question.answers]
    return next((harmless for harmless in HARMLESS if harmless in offered), offered[0])


def _options(question: QuestionShape) -> tuple[Option, ...]:
    return tuple(Option(answer.id, answer.label, answer.hint, answer.alone) for answer in question.answers)


CHOOSE_ONE = AnswerType(
    keys=frozenset({"answers"}),
    needs=frozenset({"answers"}),
    faults=_faults,
    wish=no_wish,
    possible=_possible,
    example=_example,
    control=lambda question: Ticks(_options(question)),
    missing=lambda _: "choose",
    understand=_understand_one,
    typed_of=as_typed,
    reader=_read_one,
    show=_show,
    reads_as=as_kept,
    own_words=False,
    comparison=Choices(several=False),
)
CHOOSE_MANY = AnswerType(
    keys=frozenset({"answers"}),
    needs=frozenset({"answers"}),
    faults=_faults,
    wish=_wish_many,
    possible=_possible,
    example=lambda question: [_example(question)],
    control=lambda question: Ticks(_options(question), several=True),
    missing=lambda _: "choose_some",
    understand=_understand_many,
    typed_of=_typed_many,
    reader=_read_many,
    show=_show,
    reads_as=as_kept,
    own_words=False,
    comparison=Choices(several=True),
)
