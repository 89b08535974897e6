"""Many questions on a page, for staff who are trained to ask them: which stand together, which may follow.

A page of staff holds several pages of the patient's journey and the questions that their answers lead to.
Who it is and how to reach them comes first. Each question is still asked by the journey alone: this only
says where. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

from screening.core.conditions import All, Answers, AnyOf, Condition, compile_condition
from screening.core.rules import RuleSet

MOST = 9  # questions on a page that everybody is asked; what their answers lead to comes on top
WHOM = "for_whom"  # from its answer on, the words are others: it stands alone
WHO = frozenset(
    {
        *("representative_name", "representative_relationship", "patient_knows", "whom_to_ring"),
        *("name", "birth_date", "reach_by", "phone", "reach_when", "leave_message", "email"),
    }
)
PageGroup = tuple[str, ...]  # questions of one page, in the order of the rules


def groups(rule_set: RuleSet) -> tuple[PageGroup, ...]:
    """All questions, each in one group, in the order in which they are asked."""
    whom = tuple(asked.id for asked in rule_set.questions if asked.contact == WHOM and asked.ask_when is None)
    who = _who(rule_set, whom)
    rest = [asked for asked in rule_set.by_id if asked not in {*whom, *who}]
    return tuple(group for group in (whom, who, *_packed(rule_set, rest)) if group)


def _who(rule_set: RuleSet, whom: PageGroup) -> PageGroup:
    """What hangs on anything else stays where it is: it would not be asked before that."""
    found: list[str] = []
    for question in rule_set.questions:
        if question.contact in WHO and {*whom, *found}.issuperset(rule_set.follows(question.id)):
            found.append(question.id)
    return tuple(found)


def _packed(rule_set: RuleSet, rest: Collection[str]) -> Iterator[PageGroup]:
    """Neighbouring pages of the journey together, until a page more would be too many."""
    group: list[str] = []
    for _, together in groupby(rest, key=rule_set.pages.__getitem__):
        page = list(together)
        if group and _of_everybody(rule_set, page) and _of_everybody(rule_set, [*group, *page]) > MOST:
            yield tuple(group)
            group = []
        group += page
    yield tuple(group)


def _of_everybody(rule_set: RuleSet, questions: Collection[str]) -> int:
    return sum(rule_set.by_id[question].ask_when is None for question in questions)


def may_be_asked(rule_set: RuleSet, group: PageGroup, answers: Answers) -> PageGroup:
    """Those of a group that some answers to it would lead to; `answers` count so far."""
    found: list[str] = []
    for question in group:
        condition = rule_set.by_id[question].ask_when
        if condition is None or _may_hold(condition, group, found, answers):
            found.append(question)
    return tuple(found)


def _may_hold(condition: Condition, group: PageGroup, found: Collection[str], answers: Answers) -> bool:
    """Whether it holds for some answers on the page; there is no "not", so more answers never undo it."""
    if isinstance(condition, All | AnyOf):
        parts = (_may_hold(part, group, found, answers) for part in condition.parts)
        return all(parts) if isinstance(condition, All) else any(parts)
    if condition.question in group:
        return condition.question in found
    return bool(compile_condition(condition)(answers))
