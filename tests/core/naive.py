"""The meaning of a rule set, once more: written from the design page, slowly, on plain data.

Shares no line with `screening`, so that both would have to be wrong in the same way.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

Data = dict[str, Any]


def counts(asked: Data, stored: Any) -> bool:
    """Whether the stored answer is one that the question takes."""
    kind = asked["type"]
    if kind.startswith("choose"):
        offered = {answer["id"]: answer for answer in asked["answers"]}
        chosen = stored if kind == "choose_many" and isinstance(stored, list) else [stored]
        if not chosen or not all(isinstance(one, str) and one in offered for one in chosen):
            return False
        return len(set(chosen)) == 1 or not any(offered[one].get("alone") for one in chosen)
    if kind == "scale":
        return type(stored) is int and 0 <= stored <= 10
    if kind == "number":
        return type(stored) in (int, float) and 0 <= stored <= 20 and stored == int(stored)
    if kind == "date":
        return _is_date(stored)
    return isinstance(stored, str) and 0 < len(stored) <= 500 and not stored.isspace()


def _is_date(stored: Any) -> bool:
    if not isinstance(stored, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", stored):
        return False
    try:
        date.fromisoformat(stored)
    except ValueError:
        return False
    return True


def holds(condition: Data, counted: Data) -> bool:
    """Whether a condition is met by the answers that count."""
    ((key, inner),) = condition.items()
    if key == "all":
        return all(holds(part, counted) for part in inner)
    if key == "any":
        return any(holds(part, counted) for part in inner)
    if key not in counted:
        return False
    if isinstance(inner, dict):
        return all(
            counted[key] >= bound if name == "at_least" else counted[key] <= bound
            for name, bound in inner.items()
        )
    given = counted[key] if isinstance(counted[key], list) else [counted[key]]
    wanted = inner if isinstance(inner, list) else [inner]
    return any(one in wanted for one in given)


def walk(data: Data, stored: Data) -> tuple[list[str], Data]:
    """The questions that are asked, and the answers that count."""
    asked: list[str] = []
    counted: Data = {}
    for one in data["questions"]:
        if "ask_when" in one and not holds(one["ask_when"], counted):
            continue
        asked.append(one["id"])
        held = stored.get(one["id"])
        if held is not None and counts(one, held):
            counted[one["id"]] = held
    return asked, counted


def states(data: Data, counted: Data) -> dict[str, str]:
    """Every indicator's state."""
    found = {}
    for one in data["indicators"]:
        if holds(one["matched_when"], counted):
            found[one["id"]] = "matched"
        elif "possible_when" in one and holds(one["possible_when"], counted):
            found[one["id"]] = "possible"
        else:
            found[one["id"]] = "not_reported"
    return found


def names(condition: Data) -> set[str]:
    """The questions that a condition looks at."""
    ((key, inner),) = condition.items()
    return set().union(*map(names, inner)) if key in ("all", "any") else {key}


def raised(data: Data, stored: Data) -> set[str]:
    """The flags that somebody must look at."""
    asked, counted = walk(data, stored)
    safety = {one["id"] for one in data["questions"] if one.get("safety")} & set(asked)
    unclear = {one for one in safety if one not in counted or unsure(counted[one])}
    return {
        one["id"]
        for one in data["flags"]
        if holds(one["raise_when"], counted) or names(one["raise_when"]) & unclear
    }


def unsure(answer: Any) -> bool:
    """Whether the answer is, or holds, "not sure"."""
    return answer == "not_sure" or (isinstance(answer, list) and "not_sure" in answer)
