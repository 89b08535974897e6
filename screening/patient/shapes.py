"""What the patient's pages are made of, where a page is the same for everybody but for some holes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import cast

from flask import render_template

from screening.service.visit import Visit
from screening.web.answers_shown import AnswersUnder
from screening.web.kept_pages import Fills, Marks, Shape, keeps, kept
from screening.web.question_drawing import OVER, AskedHere
from screening.web.signing import csrf_token
from screening.web.summary_rows import filled_in

NOTICES = frozenset(
    {"restarted", "turned", "deleted", "copy_deleted", "gone", "expired", "elsewhere", OVER}
)  # any other says nothing
_CSRF, _CARRIED, _CONTROL = "csrf", "carried ", "control "
_COMMON = ("warn_before", "draft_minutes", "draft_hours", "trial", "for_another", "words_url")

Context = Mapping[str, object]  # of a template
OfMarks = Callable[[Marks], object]


def draw(name: str, visit: Visit, context: Context) -> str:
    """A page; from what is kept of it, unless there is a mistake on it, or an app that keeps none."""
    template, shape = f"patient/{name}.html", None
    if name == "check":
        context = {**context, **_written(visit, context)}
    if name in _SHAPES and keeps() and not context.get("errors"):
        shape = _SHAPES[name](visit, context)
    if shape is None:
        return render_template(template, visit=visit, rule_set=visit.rule_set, **context)
    return kept(template, shape, visit.rule_set)


def _shape(
    context: Context, facts: Mapping[str, Hashable], holes: Mapping[str, Fills], **also: OfMarks
) -> Shape:
    """With what every page has; each of `also` is made of the marks."""
    common = _facts(context, *_COMMON) | {"errors": ()}
    carried = cast(Mapping[str, str], context["carried"])
    own: dict[str, Fills] = {_CSRF: csrf_token} | {_CARRIED + name: carried[name] for name in carried}
    if context["expires_in"] is None:
        common["expires_in"] = None
    else:
        own["expires_in"] = str(context["expires_in"])

    def more(marks: Marks) -> Context:
        shown = {name: marks[_CARRIED + name] for name in carried}
        made = {name: make(marks) for name, make in also.items()}
        return {"carried": shown, "csrf_token": lambda: marks[_CSRF]} | made

    return Shape({**common, **facts}, {**own, **holes}, more)


def _facts(context: Context, *names: str) -> dict[str, Hashable]:
    return {name: context[name] for name in names}


def _holes(context: Context, *names: str) -> dict[str, Fills]:
    return {name: cast(str, context[name]) for name in names}


def _question(visit: Visit, context: Context) -> Shape | None:
    asked = cast(Collection[AskedHere], context["asked"])
    if context["retry"] or any(here.hangs for here in asked):
        return None
    ids, by_id = tuple(here.question.id for here in asked), visit.rule_set.by_id
    facts = _facts(context, "page_heading", "unfinished", "retry")
    holes = _holes(context, "under", "opened", "back", "action")
    if context["progress"] is None:
        facts["progress"] = None
    else:
        holes |= _holes(context, "progress")

    def again(marks: Marks) -> list[AskedHere]:
        return [AskedHere(by_id[question], marks[_CONTROL + question]) for question in ids]

    facts |= {"ids": ids, "notice": _notice(context)}
    holes |= {_CONTROL + here.question.id: here.control for here in asked}
    return _shape(context, facts, holes, asked=again)


def _start(_visit: Visit, context: Context) -> Shape:
    facts = _facts(context, "begun", "sent", "promise", "minutes")
    return _shape(context, facts | {"notice": _notice(context)}, {})


def _urgent(_visit: Visit, context: Context) -> Shape:
    return _shape(context, {}, _holes(context, "onward"))


def _check(_visit: Visit, context: Context) -> Shape | None:
    lists = ("unfinished", "look_again", "not_sent")
    if any(context[name] for name in lists):
        return None
    holes = _holes(context, "filled", "notes_shown", "shown", "back")
    return _shape(context, dict.fromkeys(lists, ()), holes)


def _written(visit: Visit, context: Context) -> Context:
    """Of the check page: what was filled in, and what the rules say to it."""
    notes = Shape({"notes": tuple(cast(Collection[Hashable], context["notes"]))})
    filled = filled_in(cast(Collection[AnswersUnder], context["sections"]))
    return {"filled": filled, "notes_shown": kept("patient/notes.html", notes, visit.rule_set)}


def _notice(context: Context) -> Hashable:
    return context["notice"] if context["notice"] in NOTICES else ""


_SHAPES: Mapping[str, Callable[[Visit, Context], Shape | None]] = {
    "question": _question,
    "start": _start,
    "urgent": _urgent,
    "check": _check,
}
