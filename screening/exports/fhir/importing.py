"""FHIR JSON into the YAML of a rule set, or every reason why not.

What carries extensions of ours is written again afterwards and held against what was given: where an
extension and an element of FHIR's own say different things, that is an error, and never a choice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screening.core import building, checks, documents
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.core.serialising import Plain, as_yaml, canonical
from screening.exports.fhir.names import HL7_EXTENSIONS, NAMES, RULE_SETS, ours
from screening.exports.fhir.parsing import Unreadable, parse
from screening.exports.fhir.plan import plan
from screening.exports.fhir.questionnaire import questionnaire
from screening.exports.fhir.read_plan import ReadRules, read_marks, read_page, read_rules
from screening.exports.fhir.read_questionnaire import OF_NO_MEANING, read_head, read_items
from screening.exports.fhir.reading import Element, Trouble, Troubles

NO_FLAGS = "TO REVIEW: no flag looks at these answers yet, and no answer is marked as about safety."
REMARK = "# Taken from FHIR as a draft. Find every TO REVIEW, then run: screening rules check\n"
_MOST = 200  # differences that are told
_FREE = (
    "id",
    "url",
    "status",
    "meta",
    "text",
    "date",
    "publisher",
    "contact",
    "name",
    "derivedFrom",
    "relatedArtifact",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: `text` is the rule set as YAML, None where something is wrong."""

    text: str | None
    rule_set: RuleSet | None
    wrong: tuple[Trouble, ...]
    left_out: tuple[Trouble, ...]


def take_in(form: bytes, rules: bytes | None = None) -> Imported:
    """A Questionnaire, with the PlanDefinition that holds its flags where there is one."""
    troubles = Troubles()
    asked = _resource(form, "Questionnaire", troubles)
    planned = _resource(rules, "PlanDefinition", troubles) if rules is not None else None
    troubles.ours = asked is not None and _carries_ours(asked)
    if asked is not None and planned is not None:
        _belong_together(asked, planned, troubles)
    made = _made(asked, planned, troubles) if asked is not None and not troubles.wrong else None
    text, rule_set = made or (None, None)
    wrong, left_out = (tuple(sorted(set(found))) for found in (troubles.wrong, troubles.left_out))
    return Imported(None if wrong else text, None if wrong else rule_set, wrong, left_out)


def _resource(data: bytes, kind: str, troubles: Troubles) -> Plain | None:
    try:
        found = parse(data)
    except Unreadable as error:
        troubles.refuse(kind, str(error), "Give a file of FHIR R4 as JSON.")
        return None
    if found.get("resourceType") != kind:
        troubles.refuse(kind, f'This is a "{str(found.get("resourceType"))[:60]}".', f"Give a {kind}.")
        return None
    return found


def _belong_together(asked: Plain, planned: Plain, troubles: Troubles) -> None:
    """Whether both are of one rule set and version, as far as they are ours and say so."""
    form, rules = (_named_as(each) for each in (asked, planned))
    if form and rules and form != rules:
        what = f"These are the rules of {rules}; the form is {form}."
        troubles.refuse("PlanDefinition", what, "Give the one that was written with the form.")


def _named_as(resource: Plain) -> str:
    listed = resource.get("identifier")
    ids = [
        each.get("value")
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and each.get("system") == RULE_SETS
    ]
    return f"{str(ids[0])[:90]} {str(resource.get('version'))[:20]}" if ids else ""


def _made(asked: Plain, planned: Plain | None, troubles: Troubles) -> tuple[str, RuleSet] | None:
    content, paths = _content(asked, planned, troubles)
    if troubles.wrong:
        return None
    rule_set = _loaded(content, paths, troubles)
    text = REMARK + as_yaml(content)
    if rule_set is None or not _reads_as(text, content, troubles):
        return None
    if _carries_ours(asked):
        _hold_against(rule_set, asked, planned, troubles)
    return text, rule_set


def _content(
    asked: Plain, planned: Plain | None, troubles: Troubles
) -> tuple[Plain, Mapping[str, list[str]]]:
    form = Element(asked, "Questionnaire", troubles)
    head = read_head(form)
    questions = read_items(form)
    form.done()
    more, rules = _rules(planned, troubles)
    if not rules["flags"] and not _carries_ours(asked):
        more = {**more, "start": {"about": [NO_FLAGS]}}
    content = {**head, "questions": [question for _, question in questions], **more}
    found = {"questions": questions, **rules}
    return content, {key: [path for path, _ in entries] for key, entries in found.items()}


def _rules(planned: Plain | None, troubles: Troubles) -> tuple[Plain, ReadRules]:
    if planned is None:
        return {}, {"indicators": [], "flags": []}
    definition = Element(planned, "PlanDefinition", troubles)
    found, page = read_rules(definition), read_page(definition)
    content = {key: [rule for _, rule in entries] for key, entries in found.items() if entries}
    return {**content, **({"page": page} if page else {}), **read_marks(definition)}, found


def _loaded(content: Plain, paths: Mapping[str, list[str]], troubles: Troubles) -> RuleSet | None:
    """The rule set, checked as any other is, each problem at its FHIRPath."""
    try:
        return building.from_document(canonical(_document(content, paths)))
    except RuleSetError as error:
        for problem in error.problems:
            troubles.refuse(problem.place.file, problem.message, problem.remedy)
    except (TypeError, ValueError, LookupError, AttributeError):
        troubles.refuse("Questionnaire", "This is no content for a rule set.", "Correct what it holds.")
    return None


def _document(content: Plain, paths: Mapping[str, list[str]]) -> Plain:
    """As rule sets are archived, with FHIRPaths for places."""
    placed = {key: (content[key], paths[key]) for key in paths if key in content}
    if "urgent" in content:
        placed["urgent"] = (content["urgent"], ["Questionnaire"] * len(content["urgent"]))
    lists = {
        key: [{**each, "place": _at(path)} for each, path in zip(entries, where, strict=True)]
        for key, (entries, where) in placed.items()
    }
    return {**content, **lists, "place": _at("Questionnaire")}


def _at(path: str) -> Plain:
    return {"file": path, "line": 1, "column": 1}


def _reads_as(text: str, content: Plain, troubles: Troubles) -> bool:
    """Whether the file that is written will be read as what was taken in."""
    problems: list[Problem] = []
    try:
        node = documents.parse(text.encode("utf-8", "replace"), "made")
        checks.find_clashing_ids([node], problems)
        if problems:
            raise RuleSetError(problems)
        same = canonical(node.plain()) == canonical(content)
    except RuleSetError as error:
        troubles.refuse("Questionnaire", error.problems[0].message, error.problems[0].remedy)
        return False
    if not same:
        troubles.refuse(
            "Questionnaire", "A character or number cannot be written in a rule set.", "Remove it."
        )
    return same


def _carries_ours(value: Any) -> bool:
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            url = inner.get("url")
            if isinstance(url, str) and url in NAMES:
                return True
            waiting += inner.values()
        elif isinstance(inner, list):
            waiting += inner
    return False


def _hold_against(rule_set: RuleSet, asked: Plain, planned: Plain | None, troubles: Troubles) -> None:
    try:
        again = questionnaire(rule_set)
        rules = plan(rule_set, again)
    except RuleSetError as error:
        troubles.refuse("Questionnaire", error.problems[0].message, error.problems[0].remedy)
        return
    found = list(dict.fromkeys(_differences(asked, again, "Questionnaire")))
    if planned is not None:
        found += dict.fromkeys(_differences(planned, rules, "PlanDefinition"))
    elif found == [_OTHER_RULES]:
        troubles.refuse("Questionnaire", "Its flags stand in a PlanDefinition.", "Give it with --plan.")
        return
    for path in found[:_MOST]:
        what = "What stands here and what an extension of ours says do not agree."
        troubles.refuse(path, what, "Correct one of the two.")


def _differences(given: Any, again: Any, path: str) -> Iterator[str]:
    """Where two documents differ, in what a rule set is made of."""
    if isinstance(given, dict) and isinstance(again, dict):
        free = _FREE if "resourceType" in again else ()
        for key in dict.fromkeys((*again, *given)):
            if key not in free and (key in again or key not in OF_NO_MEANING):
                yield from _differences(given.get(key), again.get(key), f"{path}.{key}")
    elif path.endswith(".extension"):
        yield from _other_extensions(given or [], again or [], path)
    elif isinstance(given, list) and isinstance(again, list) and len(given) == len(again):
        for index, (one, other) in enumerate(zip(given, again, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif canonical(given) != canonical(again):
        yield path


def _other_extensions(given: Any, again: list[Plain], path: str) -> Iterator[str]:
    """Their order means nothing; those of others have been named as left out."""
    known = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    mine = Counter(canonical(each) for each in known if _is_known(each))
    for said in sorted((mine - Counter(map(canonical, again))) + (Counter(map(canonical, again)) - mine)):
        yield _named(path, json.loads(said)["url"])


def _is_known(extension: Plain) -> bool:
    url = extension.get("url")
    return isinstance(url, str) and (url in NAMES or url in HL7_EXTENSIONS)


def _named(path: str, url: str) -> str:
    return f"{path}.where(url = '{url}')"


_OTHER_RULES = _named("Questionnaire.extension", ours("digest"))
