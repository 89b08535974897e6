"""Question types in FHIR: one entry for each, with how it is asked and how its answers are written.

A type without an entry has no place in a Questionnaire; its answers are written in the words the patient saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screening.core.answers import LONG_TEXT, SCALE, date_span
from screening.core.questions import QuestionShape
from screening.core.serialising import Plain
from screening.exports.fhir.codes import coding_of
from screening.exports.fhir.elements import LARGEST, control, extension, number
from screening.exports.fhir.names import DECIMALS, EXCLUSIVE, MAX, MIN, UNIT

DEFAULT_LIMIT = 500
Labels = Mapping[str, str]  # answer id -> the words the patient saw


@dataclass(frozen=True, slots=True)
class FhirKind:
    """`asked` gives what an item of this type has besides what all have; `said` the values of an answer.

    `fits` tells whether a stored answer is one of this type: what cannot be read has no place in FHIR's.
    """

    type: Callable[[QuestionShape], str]
    extensions: Callable[[QuestionShape], Iterator[Plain]]
    said: Callable[[Any], Iterable[tuple[str, Any]]]  # stored -> keys such as valueDate, with their values
    fits: Callable[[Any], bool]
    several: bool = False


def _nothing(_question: QuestionShape) -> Iterator[Plain]:
    return iter(())


def _shown_as(code: str) -> Callable[[QuestionShape], Iterator[Plain]]:
    """All answers at once: a list to open hides what may have to be ticked."""
    return lambda _question: iter((control(code),))


def _bound(url: str, bound: float) -> Plain:
    type_, value = number(bound)
    return {"url": url, f"value{type_}": value}


def _number_type(question: QuestionShape) -> str:
    fits = question.range is not None and all(
        type(end) is int and abs(end) <= LARGEST for end in question.range
    )
    return "integer" if fits and not question.decimals else "decimal"


def _number_extensions(question: QuestionShape) -> Iterator[Plain]:
    if question.range is not None:
        yield _bound(MIN, question.range[0])
        yield _bound(MAX, question.range[1])
    if _number_type(question) == "decimal":
        yield {"url": DECIMALS, "valueInteger": question.decimals or 0}
    if question.unit:
        yield {"url": UNIT, "valueCoding": {"display": question.unit}}


def _scale_extensions(_question: QuestionShape) -> Iterator[Plain]:
    yield extension("scale", True)
    yield _bound(MIN, SCALE[0])
    yield _bound(MAX, SCALE[-1])


def _text_type(question: QuestionShape) -> str:
    return "string" if (question.limit or DEFAULT_LIMIT) <= LONG_TEXT else "text"


def _one(key: str) -> Callable[[Any], Iterable[tuple[str, Any]]]:
    return lambda stored: [(key, stored)]


def _number_said(stored: Any) -> Iterable[tuple[str, Any]]:
    type_, value = number(stored)
    return [(f"value{type_}", value)]


def _chosen(stored: Any) -> Iterable[tuple[str, Any]]:
    return [("valueCoding", answer) for answer in ([stored] if isinstance(stored, str) else stored)]


def _texts(stored: Any) -> bool:
    return isinstance(stored, str) or (
        isinstance(stored, list) and all(isinstance(each, str) for each in stored)
    )


KINDS: Mapping[str, FhirKind] = {
    "choose_one": FhirKind(lambda _: "choice", _shown_as("radio-button"), _chosen, _texts),
    "choose_many": FhirKind(lambda _: "choice", _shown_as("check-box"), _chosen, _texts, several=True),
    "scale": FhirKind(
        lambda _: "integer", _scale_extensions, _one("valueInteger"), lambda stored: type(stored) is int
    ),
    "number": FhirKind(
        _number_type, _number_extensions, _number_said, lambda stored: type(stored) in (int, float)
    ),
    "date": FhirKind(
        lambda _: "date", _nothing, _one("valueDate"), lambda stored: date_span(stored) is not None
    ),
    "text": FhirKind(_text_type, _nothing, _one("valueString"), lambda stored: isinstance(stored, str)),
}


def options(treatment: str, question: QuestionShape) -> Iterator[Plain]:
    """The answers that a question offers, as far as FHIR itself can say them."""
    for answer in question.answers:
        found: dict[str, object] = {}
        if answer.alone:
            found["extension"] = [{"url": EXCLUSIVE, "valueBoolean": True}]
        yield found | {"valueCoding": coding_of(treatment, question.id, answer.id, answer.label)}


def answers(
    treatment: str, question: str, type_: str, stored: Any, labels: Labels, ruled: Labels | None = None
) -> list[Plain]:
    """A stored answer as the answers of a QuestionnaireResponse; nothing where it is of no type of FHIR's.

    `ruled` are the words of the rule set, which give the code: other eyes than the patient's saw others.
    """
    if type_ not in KINDS or not KINDS[type_].fits(stored):
        return []

    def coding(answer: str) -> Plain:
        seen = labels.get(answer, answer)
        said = (ruled or labels).get(answer, seen)
        return {**coding_of(treatment, question, answer, said), "display": seen}

    found = KINDS[type_].said(stored)
    return [{key: coding(value) if key == "valueCoding" else value} for key, value in found]
