"""`enableWhen` word by word as FHIR R4 defines it, written without a look at how ours is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from screening.core.serialising import Plain

Given = Mapping[str, list[Plain]]  # link id -> its answers, whether or not the item is shown


def shown(items: list[Plain], given: Given) -> Iterator[str]:
    """The link ids of the items that a client shows: enabled themselves, inside what is enabled."""
    for item in items:
        if _enabled(item, given):
            yield item["linkId"]
            yield from shown(item.get("item", []), given)


def _enabled(item: Plain, given: Given) -> bool:
    found = [_met(each, given.get(each["question"], [])) for each in item.get("enableWhen", ())]
    if not found:
        return True
    return all(found) if item["enableBehavior"] == "all" else any(found)


def _met(condition: Plain, answers: list[Plain]) -> bool:
    ((wanted_key, wanted),) = ((key, value) for key, value in condition.items() if key.startswith("answer"))
    return any(_compare(condition["operator"], answer, wanted_key, wanted) for answer in answers)


def _compare(operator: str, answer: Plain, wanted_key: str, wanted: Any) -> bool:
    ((key, value),) = answer.items()
    if key.removeprefix("value") != wanted_key.removeprefix("answer"):
        return False  # a whole number is no decimal
    if wanted_key == "answerCoding":
        return operator == "=" and (value["system"], value["code"]) == (wanted["system"], wanted["code"])
    if wanted_key == "answerDate":
        precision = min(len(value), len(wanted))
        if value[:precision] == wanted[:precision] and len(value) != len(wanted):
            return False  # what is less precise is neither before nor after
    return bool({"=": value == wanted, ">=": value >= wanted, "<=": value <= wanted}[operator])
