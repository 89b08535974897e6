"""Shapes of the kept request, and how what was kept in a past one is read in today's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from screening.core.errors import CannotOpen, TooNew
from screening.core.serialising import Plain

FIRST = "screening-request/1"  # it carried no mark
SECOND = "screening-request/2"
THIRD = "screening-request/3"
SCHEMA = "screening-request/4"


def lifted(data: Plain) -> Plain:
    """A part in today's shape. Raises TooNew, CannotOpen."""
    schema = data.get("schema", FIRST)
    while schema in LIFTS:
        data = LIFTS[schema](data)
        schema = data["schema"]
    if schema != SCHEMA:
        raise TooNew(str(schema), SCHEMA)
    return data


def _from_1(data: Plain) -> Plain:
    """Shape 1: mappings of ids to labels, `answer` for `stored`, the summary's words in a mapping."""
    try:
        lifted: dict[str, Any] = {
            "schema": SECOND,
            "answers": [_answer_from_1(old) for old in data["answers"]],
        }
        if "rule_set" not in data:
            return lifted
        return {
            **lifted,
            **{name: data[name] for name in ("rule_set", "unanswered", "said_to_patient")},
            **data["summary"],
            "indicators": [_rule_from_1(old) for old in data["indicators"]],
            "flags": [{**_rule_from_1(old), "source": None} for old in data["flags"]],
        }
    except (TypeError, ValueError, LookupError, AttributeError):
        raise CannotOpen("The sealed text opened, but is no part of a request.") from None


def _answer_from_1(old: Mapping[str, Any]) -> Plain:
    same = {name: old[name] for name in ("question", "asked", "type", "hint", "contact", "safety", "said")}
    offered = [[answer, label] for answer, label in old["offered"].items()]
    return {
        **same,
        "section": old["section"] or "",
        "offered": offered,
        "stored": old["answer"],
        "follows": None,
    }


def _rule_from_1(old: Mapping[str, Any]) -> Plain:
    because = [
        {"question": why["question"], "stored": why["answer"], "reason": why["reason"]}
        for why in old["because"]
    ]
    return {**old, "because": because}


def _from_2(data: Plain) -> Plain:
    """Shape 2 had no `fresh_for`, whose default says so."""
    return {**data, "schema": THIRD}


def _from_3(data: Plain) -> Plain:
    """Shape 3 had no `notices`, whose default says so."""
    return {**data, "schema": SCHEMA}


LIFTS: Mapping[str, Callable[[Plain], Plain]] = {
    FIRST: _from_1,
    SECOND: _from_2,
    THIRD: _from_3,
}  # to the next
