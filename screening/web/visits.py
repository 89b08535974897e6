"""What the pages of both doors ask of a visit."""

from __future__ import annotations

from flask import abort

from screening.core.rules import Question, RuleSet
from screening.service.sending import Promise
from screening.service.visit import Visit
from screening.web.door import service


def promise_to(visit: Visit) -> Promise:
    """What happens next and by which day: from when it was sent, or as if it were sent now."""
    sent = visit.draft.changed_at if visit.reference is not None and visit.draft is not None else None
    return service().arrival.promise(sent or service().now(), visit.promised_at)


def question_of(rule_set: RuleSet, question: str) -> Question:
    """The question of an address; 404 where there is none."""
    found = rule_set.by_id.get(question)
    if found is None:
        abort(404)
    return found


def is_complete(visit: Visit) -> bool:
    """Whether it can be sent: nothing is due, it is not sent yet, and its questions were not taken back."""
    return visit.waits and not visit.withdrawn and visit.next_question is None
