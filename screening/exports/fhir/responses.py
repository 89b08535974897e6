"""Answers as a QuestionnaireResponse: in the places that the Questionnaire gives them, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from screening.core.kept import KeptAnswer
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.codes import answer_of
from screening.exports.fhir.kinds import KINDS, answers
from screening.exports.fhir.questionnaire import SECTION


def answered(treatment: str, answer: KeptAnswer, rule_set: RuleSet | None = None) -> Plain:
    """A question that was asked, in the words the patient saw; without `answer` where none was given.

    An answer of a type that FHIR has no counterpart for stands in words; one that cannot be read, as it is.
    """
    asked = rule_set.by_id.get(answer.question) if rule_set is not None else None
    ruled = {offered.id: offered.label for offered in asked.answers} if asked is not None else None
    given = answers(treatment, answer.question, answer.type, answer.stored, dict(answer.offered), ruled)
    if not given and (answer.said or answer.stored not in (None, "", [])):
        given = [{"valueString": "\n".join(answer.said) or str(answer.stored)}]
    item = {"linkId": answer.question, "text": answer.asked}
    return {**item, "answer": given} if given else item


def placed(items: Sequence[Plain], given: Mapping[str, Plain]) -> Iterator[Plain]:
    """What was asked, below the groups of the form; groups that hold nothing are left out."""
    for item in items:
        if item["type"] == "group":
            if inside := list(placed(item["item"], given)):
                yield {**{key: item[key] for key in ("linkId", "text") if key in item}, "item": inside}
        elif item["linkId"] in given:
            yield _typed(item["type"], given[item["linkId"]])


def _typed(type_: str, answered_item: Plain) -> Plain:
    """A number as the form types it: another program does not read an integer where it asks for a decimal."""
    wanted = {"integer": "valueInteger", "decimal": "valueDecimal"}.get(type_)
    held = [value for answer in answered_item.get("answer", ()) for value in answer.values()]
    whole = wanted == "valueInteger"
    if wanted is None or not held or any(type(value) is str or (whole and value % 1) for value in held):
        return answered_item  # also what cannot be read as a number, or not as such a one
    return {**answered_item, "answer": [{wanted: int(value) if whole else value} for value in held]}


def by_section(asked: Sequence[KeptAnswer], given: Mapping[str, Plain]) -> Iterator[Plain]:
    """Where the form of that day can no longer be read: a group for each heading, as it was kept."""
    for number, (section, group) in enumerate(groupby(asked, key=lambda answer: answer.section), 1):
        inside = [given[answer.question] for answer in group]
        if section:
            yield {"linkId": f"{SECTION}{number}", "text": section, "item": inside}
        else:
            yield from inside


def read_back(items: Sequence[Plain], types: Mapping[str, str]) -> dict[str, Any]:
    """The stored answers of a response, by question; `types` are those of the questions."""
    found: dict[str, object] = {}
    for item in items:
        found |= read_back(item.get("item", ()), types)
        if item.get("answer"):
            values = [_stored(each) for each in item["answer"]]
            kind = KINDS.get(types.get(item["linkId"], ""))
            found[item["linkId"]] = values if kind is not None and kind.several else values[0]
    return found


def _stored(answer: Plain) -> Any:
    ((_, value),) = answer.items()
    return answer_of(value["system"], value["code"]) if isinstance(value, dict) else value


def canonical_of(treatment: str, version: str, base: str) -> str:
    """The form that was answered, by address and version."""
    return f"{base}/Questionnaire/{treatment}|{version}"
