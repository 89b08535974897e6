"""The one thing that comes next at a request: a large button, and why."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for

from screening.desk.shapes import Person, RequestPage
from screening.staff import desk_words
from screening.staff.actions import Action, action_for_move
from screening.staff.showing import address_of
from screening.web.words import gettext as _


class StepButton(NamedTuple):
    """`href` is empty where somebody else is to do it, or nobody; `action` is None for what is no action."""

    words: str
    because: str
    href: str = ""
    action: Action | None = None


def next_step(found: RequestPage, who: Person, *, sees_health: bool) -> StepButton:
    """What comes next, and where this person does it."""
    due, reference = found.row.due, found.row.reference
    words, because = _(due.words), desk_words.due_because(found.row)
    if due.act == "decide":
        if not sees_health:
            return StepButton(words, _theirs(because))
        return StepButton(words, because, url_for("staff.review", reference=reference))
    if due.act == "answer":
        asked = next((asked.id for asked in found.questions if asked.answer is None), None)
        href = url_for("staff.answer", reference=reference, question=asked) if asked else ""
        return StepButton(words, because, href)
    if not due.act:
        other = next((twin.reference for twin in found.twins if twin.in_the_way), None)
        return StepButton(words, because, url_for("staff.show", reference=other) if other else "")
    action = action_for_move(due.act)
    if action is None or not action.offered(found, who):
        return StepButton(words, _theirs(because))
    return StepButton(words, because or _("Nothing stands in the way"), address_of(action, reference), action)


def _theirs(because: str) -> str:
    """That a clinician is to do it, and why."""
    return _("A doctor or nurse does it: %(why)s", why=because) if because else _("A doctor or nurse does it")
