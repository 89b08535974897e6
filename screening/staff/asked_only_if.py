"""When a question of a group is asked: in words for who reads it out, and as data for the script."""

from __future__ import annotations

from collections.abc import Collection

from screening.core.conditions import All, Answers, AnyOf, Chosen, Condition, Within, compile_condition
from screening.core.rules import RuleSet
from screening.web.question_forms import NAME
from screening.web.words import gettext as _

AskedWhen = bool | dict[str, object]


def in_words(rule_set: RuleSet, condition: Condition) -> str:
    """The answers that lead to it."""
    if isinstance(condition, All | AnyOf):
        joint = _(" and ") if isinstance(condition, All) else _(" or ")
        return joint.join(in_words(rule_set, part) for part in condition.parts)
    asked = rule_set.by_id[condition.question]
    if isinstance(condition, Within):
        return _("“%(ask)s” says so", ask=asked.ask)
    labels = [answer.label for answer in asked.answers if answer.id in condition.answers]
    ticked = _(" or ").join(_("“%(label)s”", label=label) for label in labels)
    return _("%(answers)s to “%(ask)s”", answers=ticked, ask=asked.ask)


def as_data(condition: Condition, here: Collection[str], answers: Answers) -> AskedWhen:
    """For the script, which only shows and hides; what it cannot tell is shown, and the server decides."""
    if isinstance(condition, All | AnyOf):
        parts = [as_data(part, here, answers) for part in condition.parts]
        return {"all" if isinstance(condition, All) else "any": parts}
    if condition.question not in here:
        return bool(compile_condition(condition)(answers))
    if isinstance(condition, Chosen):
        return {"name": f"{NAME}-{condition.question}", "is": list(condition.answers)}
    return True
