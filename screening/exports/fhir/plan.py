"""Indicators and flags as a FHIR R4 PlanDefinition: an action each, with its condition in FHIRPath."""

from __future__ import annotations

from collections.abc import Iterator

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import Flag, Indicator, RuleSet
from screening.core.serialising import Plain, canonical
from screening.exports.fhir.closing import ClosedConditions, TooEntangled
from screening.exports.fhir.elements import NoPlace, extension, written
from screening.exports.fhir.names import HOME, PLAN_TYPES, rules_codes
from screening.exports.fhir.paths import Expressions, places
from screening.exports.fhir.questionnaire import address, content_of, head, no_place
from screening.exports.fhir.read_plan import STATES, read_action, read_page
from screening.exports.fhir.reading import Element, Troubles

_PAGE = ("page", "indicators", "flags")


def plan(rule_set: RuleSet, asked: Plain, base: str = HOME) -> Plain:
    """The PlanDefinition for the Questionnaire `asked`. Raises RuleSetError for what has no place."""
    raw = content_of(rule_set)
    problems: list[Problem] = []
    type_ = {"coding": [{"system": PLAN_TYPES, "code": "eca-rule"}]}
    found = {**head(rule_set, "PlanDefinition", base), "type": type_}
    form = f"{address(rule_set, 'Questionnaire', base)}|{rule_set.version}"
    found["relatedArtifact"] = [{"type": "depends-on", "resource": form}, *_page(raw.get("page") or {})]
    aside = (raw.get("page") or {}).get("set_aside") or ()
    found["extension"] += (extension("set-aside", entry) for entry in aside)
    found["action"] = list(_actions(rule_set, raw, asked, problems))
    try:
        found["extension"] += written({key: raw[key] for key in _PAGE if key in raw}, _back(found, raw))
    except NoPlace as why:
        problems.append(no_place(rule_set, why))
    if problems:
        raise RuleSetError(problems)
    return {key: held for key, held in found.items() if held != []}


def _back(found: Plain, raw: Plain) -> Plain:
    """What reading gives; the actions are held against what was written one by one."""
    page = read_page(Element(found, "PlanDefinition", Troubles()))
    lists = {key: raw[key] for key in ("indicators", "flags") if raw.get(key)}
    return ({"page": page} if page else {}) | lists


def _page(page: Plain) -> Iterator[Plain]:
    if page.get("url"):
        yield {"type": "documentation", "url": page["url"]}
    for name, heading in (page.get("sections") or {}).items():
        yield {"type": "documentation", "label": name, "display": heading}


def _actions(rule_set: RuleSet, raw: Plain, asked: Plain, problems: list[Problem]) -> Iterator[Plain]:
    expressions = Expressions(rule_set, ClosedConditions(rule_set), places(asked["item"]))
    for rule in rule_set.rules:
        kind = "flags" if isinstance(rule, Flag) else "indicators"
        entry = next(each for each in raw[kind] if each["id"] == rule.id)
        try:
            yield _action(rule_set, rule, entry, expressions)
        except (NoPlace, TooEntangled) as why:
            problems.append(no_place(rule, why))


def _action(rule_set: RuleSet, rule: Flag | Indicator, entry: Plain, expressions: Expressions) -> Plain:
    kind = "flags" if isinstance(rule, Flag) else "indicators"
    coding = {"system": rules_codes(rule_set.id, kind), "code": rule.id, "display": rule.label}
    own = list(_ours(entry))
    found = {
        "extension": own,
        "title": rule.label,
        "code": [{"coding": [coding]}],
        "documentation": list(_source(entry.get("source") or {})),
        **_conditions(rule, entry, expressions),
    }
    known = {key: value for key, value in entry.items() if key != "place"}
    _, back = read_action(Element(found, rule.id, Troubles())) or ("", {})
    own += written(known, back)
    return {key: held for key, held in found.items() if held != []}


def _conditions(rule: Flag | Indicator, entry: Plain, expressions: Expressions) -> Plain:
    if isinstance(rule, Flag):
        return {"condition": [_applies(expressions.raised(rule))]}
    return {"action": list(_states(rule, entry, expressions))}


def _ours(entry: Plain) -> Iterator[Plain]:
    if "raise_when" in entry:
        yield extension("condition", canonical(entry["raise_when"]))
    if entry.get("handling"):
        yield extension("handling", entry["handling"])
    say = {who: words for who, words in (entry.get("say") or {}).items() if words}
    if say:
        yield extension("say", say)
    source = entry.get("source") or {}
    if isinstance(source, list):
        return
    if none := source.get("none"):
        yield extension("no-source", none)
    if source.get("guidance"):
        yield extension("guidance", source)


def _source(source: Plain | list[Plain]) -> Iterator[Plain]:
    for each in source if isinstance(source, list) else [source]:
        if "section" in each:
            under = {"citation": each["under"]} if each.get("under") else {}
            said = {"label": each["section"], "display": each["phrase"], **under}
            yield {"type": "documentation", **said}


def _states(rule: Indicator, entry: Plain, expressions: Expressions) -> Iterator[Plain]:
    """Matched, or else possible: the second is never true beside the first."""
    matched = expressions.met(rule.matched_when)
    yield _state("matched", matched, entry["matched_when"])
    if rule.possible_when is not None:
        possible = f"({expressions.met(rule.possible_when)}) and ({matched}).not()"
        yield _state("possible", possible, entry["possible_when"])


def _state(state: str, expression: str, condition: Plain) -> Plain:
    return {
        "extension": [extension("condition", canonical(condition))],
        "title": state,
        "code": [{"coding": [{"system": STATES, "code": state}]}],
        "condition": [_applies(expression)],
    }


def _applies(expression: str) -> Plain:
    return {"kind": "applicability", "expression": {"language": "text/fhirpath", "expression": expression}}
