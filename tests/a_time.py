"""A question type that the service does not have: a time of day, and a small rule set that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from screening.core.answers import AnswerType, Bounds, Circumstances, Mistake, Reader, Typed
from screening.core.answers.answer_type import as_kept, as_typed, no_faults, no_wish, text_of
from screening.core.answers.controls import Box
from screening.core.questions import QuestionShape
from tests.authoring.writing import accepted, flag, question

ONE_MINUTE = timedelta(minutes=1)


def _time(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), "%H:%M") if len(str(text)) == 5 else None  # noqa: DTZ007 - no day
    except ValueError:
        return None


def _read(_question: QuestionShape) -> Reader:
    return lambda stored: stored if isinstance(stored, str) and _time(stored) else None


def _understand(_question: QuestionShape, typed: Typed, _: Circumstances) -> str:
    time = _time(text_of(typed).replace(".", ":").zfill(5))
    if time is None:
        raise Mistake("not_a_time")
    return f"{time:%H:%M}"


def _show(_question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return (f"{stored} o’clock",)


def _beside(_question: QuestionShape, bound: str) -> Iterator[str]:
    time = _time(bound)
    near = (time - ONE_MINUTE, time + ONE_MINUTE) if time else ()
    yield from (f"{other:%H:%M}" for other in near if time and other.date() == time.date())


def _candidates(question: QuestionShape, cuts: Iterable[str]) -> Iterator[str]:
    for cut in cuts:
        yield from (cut, *_beside(question, cut))
    yield "12:00"


TIME = AnswerType(
    keys=frozenset(),
    needs=frozenset(),
    faults=no_faults,
    wish=no_wish,
    possible=lambda _: "Write a time as HH:MM, in quotes.",
    example=lambda _: "09:30",
    control=lambda _: Box(longest=5, width=5, keyboard="numeric"),
    missing=lambda _: "time",
    understand=_understand,
    typed_of=as_typed,
    reader=_read,
    show=_show,
    reads_as=as_kept,
    own_words=False,
    comparison=Bounds(
        fits=lambda _, bound: isinstance(bound, str) and _time(bound) is not None,
        fitting="Write a time as HH:MM.",
        schema={"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"},
        beside=_beside,
        ends=lambda _: (),
        candidates=_candidates,
    ),
)

TREATMENT = "thumb"
BAD = {"fever": ["yes", "not_sure"]}


def rule_set() -> Mapping[str, Any]:
    """A safety question with a time as its follow-up, flags and an indicator that look at times."""
    fever = {"id": "fever_since", "ask": "When did the fever begin?", "type": "time", "ask_when": BAD}
    return {
        "schema": "screening/1",
        "id": TREATMENT,
        "version": "1.0.0",
        "title": "Thumb injection",
        "status": "live",
        "accept": accepted(("unguarded-flag", "flags.fresh")),
        "page": {"sections": {"who": "Who this helps", "safety": "Safety note"}},
        "questions": [
            question("fever", ask="Are you hot?", safety=True),
            fever,
            {"id": "wakes", "ask": "When does the pain wake you?", "type": "time", "required": False},
            {"id": "name", "ask": "What is your name?", "type": "text", "contact": "name"},
        ],
        "indicators": [
            {
                "id": "pain",
                "label": "Pain in the thumb",
                "matched_when": {"wakes": {"at_least": "01:00", "at_most": "05:00"}},
                "source": {"section": "who", "phrase": "sore thumb"},
            }
        ],
        "flags": [
            flag("fever", BAD),
            flag("fresh", {"fever_since": {"at_least": "06:30"}}, handling="discuss_at_consultation"),
        ],
    }


USUAL: Mapping[str, Any] = {"fever": "no", "wakes": "03:15", "name": "Sam Example"}
FEVERISH: Mapping[str, Any] = {**USUAL, "fever": "yes", "fever_since": "07:45"}
