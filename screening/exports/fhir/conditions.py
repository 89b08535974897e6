"""`enableWhen` as FHIR says it: written from closed conditions, read into the words of a rule set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.closing import Clause, Demand
from screening.exports.fhir.codes import coding_of
from screening.exports.fhir.elements import NoPlace
from screening.exports.fhir.kinds import KINDS
from screening.exports.fhir.read_links import FormLinks
from screening.exports.fhir.reading import Element

_ORDERED = ("number", "scale", "date")


def wrapped(rule_set: RuleSet, item: Plain, clauses: Sequence[Clause]) -> Plain:
    """The item, shown when every clause holds: its own `enableWhen`, in groups for what that cannot say."""
    single = [clause for clause in clauses if len(clause) == 1]
    several = [clause for clause in clauses if len(clause) > 1]
    if single:
        item = {**item, **_enabled(rule_set, [clause[0] for clause in single], "all")}
    elif several:
        item = {**item, **_enabled(rule_set, several.pop(), "any")}
    found = item
    for index, clause in enumerate(several, 1):
        link = f"{item['linkId']}.when.{index}"
        found = {"linkId": link, "type": "group", **_enabled(rule_set, clause, "any"), "item": [found]}
    return found


def _enabled(rule_set: RuleSet, demands: Iterable[Demand], behaviour: str) -> Plain:
    return {"enableWhen": [_demand(rule_set, demand) for demand in demands], "enableBehavior": behaviour}


def _demand(rule_set: RuleSet, demand: Demand) -> Plain:
    asked = rule_set.by_id[demand.question]
    if demand.operator == "=":
        offered = asked.answer(demand.value)
        label = offered.label if offered is not None else demand.value
        coding = coding_of(rule_set.id, asked.id, demand.value, label)
        held: tuple[str, Any] = ("Coding", coding)
    elif isinstance(demand.value, str):
        held = ("Date", demand.value)
    elif asked.type not in KINDS:
        raise NoPlace("ask_when")
    else:
        held = (KINDS[asked.type].type(asked).capitalize(), demand.value)  # as the item types it
    return {"question": demand.question, "operator": demand.operator, f"answer{held[0]}": held[1]}


class AskedAbove(NamedTuple):
    """A question above, as conditions may name it: its id, and its answers by what FHIR says of them."""

    id: str
    answers: Mapping[str, tuple[str, ...]]
    type: str
    whole: bool = False  # whether its answer is always a whole number


def key_of(type_: str, value: Any) -> str:
    """One text for each answer that may be chosen."""
    if isinstance(value, dict):
        return f"{value.get('system', '')}|{value.get('code', value.get('display', ''))}"
    return f"{type_}:{value}"


def read_condition(owner: Element, above: Mapping[str, AskedAbove], links: FormLinks) -> Plain | None:
    """What `enableWhen` says, in a rule set's words; what it cannot say is refused."""
    enabled = owner.parts("enableWhen")
    behaviour = owner.text("enableBehavior")
    read = [_read_one(each, above, links) for each in enabled]
    found = [each for each in read if each is not None]
    if len(enabled) > 1 and behaviour not in ("all", "any"):
        owner.refuse(
            'Two conditions need "enableBehavior": all or any.', "Add it: programs guess differently."
        )
        return None
    if len(found) < 2 or len(found) < len(read):
        return found[0] if found else None
    return _joined(found, behaviour or "all")


def _joined(found: list[Plain], behaviour: str) -> Plain:
    questions = {question for each in found for question in each}
    if behaviour == "any" and len(questions) == 1 and all(isinstance(_only(each), list) for each in found):
        return {questions.pop(): list(dict.fromkeys(answer for each in found for answer in _only(each)))}
    return {behaviour: found}


def _only(found: Plain) -> Any:
    return next(iter(found.values()))


def both(first: Plain | None, second: Plain | None) -> Plain | None:
    """Both must be met; None is always met."""
    parts = [part for part in (first, second) if part is not None]
    return {"all": parts} if len(parts) == 2 else (parts[0] if parts else None)


def comparisons(condition: Plain | None) -> int:
    """How many answers and bounds it looks at."""
    found, waiting = 0, [] if condition is None else [condition]
    while waiting:
        inner: Any = waiting.pop()
        if isinstance(inner, dict | list):
            waiting += inner.values() if isinstance(inner, dict) else inner
        else:
            found += 1
    return found


def _read_one(enabled: Element, above: Mapping[str, AskedAbove], links: FormLinks) -> Plain | None:
    link, operator = enabled.text("question") or "", enabled.text("operator")
    type_, value = enabled.answer()
    enabled.done()
    asked = above.get(link)
    if asked is None:
        enabled.refuse(*links.why_not(link))
        return None
    if operator == "exists" and value is True and asked.answers:
        return {asked.id: list(dict.fromkeys(chain.from_iterable(asked.answers.values())))}
    if operator == "=" and asked.answers:
        return _chosen(enabled, asked, key_of(type_, value))
    bound = _bound(operator, value, asked.whole) if asked.type in _ORDERED else None
    if bound is None:
        what = f'"{str(operator)[:20]}" cannot be said of the answers to "{link[:60]}".'
        enabled.refuse(what, "Name the answers that count with =, or bounds with >= and <=.")
        return None
    return {asked.id: bound}


def _chosen(enabled: Element, asked: AskedAbove, key: str) -> Plain | None:
    if key not in asked.answers:
        enabled.refuse(f'"{asked.id}" does not offer "{key[:100]}".', "Name one of its answers.")
        return None
    return {asked.id: list(asked.answers[key])}


def _bound(operator: str | None, value: Any, whole: bool) -> Plain | None:
    if whole and type(value) is int and operator in (">", "<"):
        operator, value = (">=", value + 1) if operator == ">" else ("<=", value - 1)
    if type(value) not in (int, float, str):
        return None
    keys = {">=": ("at_least",), "<=": ("at_most",), "=": ("at_least", "at_most")}.get(operator or "", ())
    return dict.fromkeys(keys, value) if keys else None
