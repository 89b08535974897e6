"""A question as an item of a Questionnaire."""

from __future__ import annotations

from collections.abc import Iterator

from screening.core.codings import SYSTEMS
from screening.core.questions import QuestionShape
from screening.core.rules import RuleSet
from screening.core.serialising import Plain, canonical
from screening.exports.fhir.closing import ClosedConditions
from screening.exports.fhir.conditions import wrapped
from screening.exports.fhir.elements import NoPlace, beside, extension, extensions_of, said, written
from screening.exports.fhir.kinds import DEFAULT_LIMIT, KINDS, options
from screening.exports.fhir.read_items import read_question
from screening.exports.fhir.read_values import ValueSets
from screening.exports.fhir.reading import Element, Troubles

_OURS = {
    "safety": "safety", "contact": "contact", "about": "about", "fresh_for": "fresh-for",
    "format": "format", "partial": "partial", "past": "past", "missing": "missing",
}  # fmt: skip
_OF_ANSWERS = {"clears": "clears", "hint": "answer-hint"}
_BESIDE = (("hint", "help"), ("why", "flyover"), ("low", "lower"), ("high", "upper"))
_ELSEWHERE = ("place", "ask_when", "answers")


def item_of(rule_set: RuleSet, closing: ClosedConditions, question: QuestionShape, raw: Plain) -> Plain:
    """The item, inside the groups that its condition needs. Raises NoPlace, TooEntangled."""
    if question.type not in KINDS:
        raise NoPlace("type")
    item = _unmarked(rule_set, question, raw)
    back, _ = read_question(Element(item, question.id, Troubles(ours=True)), question.id, ValueSets())
    offered = zip(
        item.get("answerOption", ()), raw.get("answers") or (), back.get("answers", ()), strict=True
    )
    condition = [] if question.ask_when is None else [extension("condition", canonical(raw["ask_when"]))]
    marked = {
        **item,
        "extension": [*item["extension"], *written(_written_here(raw), back), *condition],
        "answerOption": [
            _filled({**option, "extension": [*option["extension"], *written(answer, read)]})
            for option, answer, read in offered
        ],
    }
    return wrapped(rule_set, _filled(marked), closing.asked(question.id))


def _written_here(raw: Plain) -> Plain:
    """A section, and a page, is a group around the item; written as nothing, it is no group."""
    groups = [key for key in ("section", "page") if raw.get(key) is not None]
    return {key: value for key, value in raw.items() if key not in (*_ELSEWHERE, *groups)}


def _codings(raw: Plain) -> Iterator[Plain]:
    held = raw.get("codings")
    if isinstance(held, str):
        yield extension("codings-open", held)
    else:
        yield from (extension("coding", each) for each in held or ())


def _code(raw: Plain) -> Plain:
    """FHIR's own place for them, which has none for where they were found."""
    held = raw.get("codings")
    listed = held if isinstance(held, list) else []
    codes = [
        {"system": SYSTEMS[each["system"]], "code": each["code"], "display": each["display"]}
        for each in listed
    ]
    return {"code": codes} if codes else {}


def _filled(element: Plain) -> Plain:
    """Without what is empty: FHIR has no empty lists."""
    return {key: value for key, value in element.items() if value != []}


def _unmarked(rule_set: RuleSet, question: QuestionShape, raw: Plain) -> Plain:
    """The item without its condition, and without marks of what was written needlessly."""
    kind = KINDS[question.type]
    type_ = kind.type(question)
    item = {
        "extension": [*kind.extensions(question), *extensions_of(raw, _OURS), *_codings(raw)],
        "linkId": question.id,
        **_code(raw),
        **said("text", raw["ask"]),
        "type": type_,
        "required": question.required,
    }
    if kind.several:
        item["repeats"] = True
    if type_ in ("string", "text"):
        item["maxLength"] = question.limit or DEFAULT_LIMIT
    if question.answers:
        item["answerOption"] = [
            {
                **option,
                "extension": [*option.get("extension", ()), *extensions_of(answer, _OF_ANSWERS)],
                "valueCoding": option["valueCoding"] | said("display", answer["label"]),
            }
            for option, answer in zip(options(rule_set.id, question), raw["answers"], strict=True)
        ]
    words = [beside(f"{question.id}.{key}", code, raw[key]) for key, code in _BESIDE if raw.get(key)]
    return item | ({"item": words} if words else {})
