"""The usual patient of a treatment, as its cases file has them: a new question costs the tests nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from screening.authoring.cases import Case, load_cases
from screening.authoring.files import load_all
from screening.core.answers import typed_of
from screening.core.journey import walk
from screening.core.loading import CASES, beside, load
from screening.core.rules import Question, RuleSet
from screening.settings import shipped
from screening.web.question_forms import NAME, name_of, part_name

TREATMENT = "lumbar-sympathetic-block"
NOBODY_ELSE = Case.model_construct(case="usual", differs={})


@cache
def rules_of(treatment: str) -> RuleSet:
    """A shipped rule set, read once."""
    return load(shipped("rules") / f"{treatment}.yaml")


def rule_sets_in(folder: Path) -> list[RuleSet]:
    """Every one, as the commands read them. Raises RuleSetError with the problems of all files."""
    return [rule_set for _file, rule_set in load_all([folder])]


@cache
def usual_of(treatment: str) -> Mapping[str, Any]:
    """Question id -> stored answer of the usual patient of a shipped treatment."""
    return load_cases(beside(shipped("rules") / f"{treatment}.yaml", CASES)).answers(NOBODY_ELSE)


USUAL = dict(usual_of(TREATMENT))


def everything(rule_set: RuleSet) -> dict[str, Any]:
    """A carer who says yes to each safety question, and to whatever else asks further."""
    safety = [question for question in rule_set.questions if question.safety and question.answer("yes")]
    return dict.fromkeys([question.id for question in safety], "yes") | {
        "for_whom": "someone_else",
        "side": "both",
        "pain_where": ["foot", "elsewhere"],
        "reach_by": ["phone", "email"],
        "someone_home": "no",
    }


def said(question: Question, answers: Mapping[str, Any]) -> Any:
    """What this patient answers; None leaves an optional question empty. A follow-up has an example.

    Fails for a required question that nobody has an answer to, so that no loop over a form runs for ever.
    """
    stored = answers.get(question.id)
    if stored is None and question.required and question.ask_when is not None:
        return question.kind.example(question)
    if stored is None and question.required:
        raise AssertionError(f'the usual patient of the cases file has no answer to "{question.id}"')
    return stored


def typed(rule_set: RuleSet, question: str, stored: Any) -> dict[str, list[str]]:
    """The fields of a page for a stored answer."""
    asked = rule_set.by_id[question]
    parts = typed_of(asked, stored).items()
    return {part_name(part, name_of(rule_set, asked)): list(texts) for part, texts in parts}


def page_typed(
    rule_set: RuleSet, question: str, stored: Any, answers: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, list[str]]:
    """The fields of a question's whole page: beside the answer, what these answers say, or an example."""
    fields: dict[str, list[str]] = {}
    for name in rule_set.pages[question]:
        asked = rule_set.by_id[name]
        given = {**USUAL, **answers}.get(name)
        example = asked.kind.example(asked) if asked.required and given is None else given
        fields |= typed(rule_set, name, stored if name == question else example)
    return fields


def page_sent(
    rule_set: RuleSet,
    question: str,
    sent: Mapping[str, Any],
    answers: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """What a browser sends of a page: `answer` and its parts under their names, the rest as usual."""
    if question not in rule_set.by_id or not any(name.startswith(NAME) for name in sent):
        return dict(sent)
    own = name_of(rule_set, rule_set.by_id[question])
    named = {
        name if name.startswith(own) else name.replace(NAME, own, 1): value for name, value in sent.items()
    }
    usual = page_typed(rule_set, question, None, answers)
    return {name: value for name, value in usual.items() if not name.startswith(own)} | named


def whole(rule_set: RuleSet, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What these answers say to every question that they lead to, with None for what is left empty."""
    stored: dict[str, Any] = {}
    while due := walk(rule_set, stored).due:
        assert due[0] not in stored, f'"{due[0]}" does not take {stored[due[0]]!r}'
        stored[due[0]] = said(rule_set.by_id[due[0]], answers)
    return stored
