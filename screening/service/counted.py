"""How patients get on, counted for a monitor: names of rule sets and questions, and no more."""

from __future__ import annotations

from prometheus_client import Counter

_BEGUN = Counter("screening_drafts_begun", "Drafts begun.", ["treatment"])
_SENT = Counter("screening_requests_sent", "Requests sent, each counted once.", ["treatment"])
_PLACE = ["treatment", "question"]
_REACHED = Counter("screening_questions_reached", "Drafts for which this question came to be next.", _PLACE)
_PASSED = Counter("screening_questions_passed", "Drafts that went on from this question.", _PLACE)


def begun(treatment: str) -> None:
    """A draft was kept."""
    _BEGUN.labels(treatment).inc()


def sent(treatment: str) -> None:
    """A request was kept."""
    _SENT.labels(treatment).inc()


def went_on(treatment: str, was: str | None, now: str | None) -> None:
    """Which question was next before an answer was kept, and which is after; None where none is due."""
    if was == now:
        return
    for counter, question in ((_PASSED, was), (_REACHED, now)):
        if question is not None:
            counter.labels(treatment, question).inc()
