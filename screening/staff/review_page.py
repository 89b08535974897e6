"""The clinician's queue, and one request on one screen: each flag, and all that was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from screening.accounts.access import CLINICIAN, person, staff, who_may
from screening.core.errors import Changed, Refused
from screening.core.kept import KeptAnswer, KeptFlag
from screening.core.review import FlagLine, QuestionToAsk
from screening.desk import clinician, queues, reception
from screening.desk.shapes import ReviewPage
from screening.staff import refusals
from screening.staff.action_forms import HIDDEN, DecisionForm
from screening.staff.actions import ACTIONS
from screening.staff.after_sign_in import kept
from screening.staff.fields import errors_of, render
from screening.staff.request_page import TimelineEntry, in_words, timeline
from screening.staff.showing import address_of, desk, looking_words, page, reference_of, since_words
from screening.web.answers_shown import answer_row, said
from screening.web.components import Parameters
from screening.web.redirects import see_other


@staff.get("/review")
@who_may(CLINICIAN)
def reviews() -> ResponseReturnValue:
    """Requests with a flag that waits for a clinician, the longest waiting first."""
    after = request.args.get("after")
    found = queues.review_queue(desk(), person(), after=after)
    following = url_for("staff.reviews", after=found.next) if found.next else None
    first = url_for("staff.reviews") if after else None
    return page("review_queue", rows=found.rows, next=following, first=first)


@staff.get("/requests/<reference>/review")
@who_may(CLINICIAN)
def review(reference: str) -> ResponseReturnValue:
    """Everything on one screen."""
    return _page(clinician.review(desk(), person(), reference_of(reference)))


@staff.route("/requests/<reference>/flags/<flag>", methods=["GET", "POST"])
@who_may(CLINICIAN)
def decide(reference: str, flag: str) -> ResponseReturnValue:
    """Deal with one flag; a later decision corrects an earlier one, and both stay."""
    reference = reference_of(reference)
    form = _form()
    if not form.validate_on_submit():
        return _again(reference, flag, form), 422 if form.errors else 200
    words = {"note": form.note.data, "question": form.question.data}
    try:
        clinician.decide(desk(), person(), reference, form.seen, flag, form.decision.data, **words)
    except Changed as change:
        form.version.data = change.version
        return _again(reference, flag, form, refusals.words(change), since_words(change.since)), 409
    except Refused as refusal:
        return _again(reference, flag, form, refusals.words(refusal)), 409
    return see_other(url_for("staff.review", reference=reference, done=flag, _anchor=f"flag-{flag}"))


def _form() -> DecisionForm:
    typed = kept() if request.method == "GET" else None
    form = DecisionForm(typed) if typed is not None else DecisionForm()
    form.restored = typed is not None
    return form


def _again(
    reference: str, flag: str, form: DecisionForm, why: str = "", since: list[str] | None = None
) -> str:
    """The review page with one flag's form as it was typed."""
    found = clinician.review(desk(), person(), reference)
    if flag not in {line.flag.id for line in found.flags}:
        abort(404)
    errors = [{"text": why, "href": f"#flag-{flag}"}] if why else errors_of(form)
    return _page(found, flag, form, errors=errors, since=since or [])


def _page(found: ReviewPage, flag: str = "", form: DecisionForm | None = None, **more: Any) -> str:
    row = found.request.row
    context = {"errors": [], "since": [], "restored": form is not None and form.restored}
    return page(
        "review",
        found=found,
        row=row,
        flags=flags_of(found, flag, form),
        sections=sections_of(found),
        looking=looking_words(reception.look(desk(), person(), row.reference)),
        timeline=timeline(found.request),
        offered=[one for one in ACTIONS.values() if one.offered(found.request, person())],
        address_of=address_of,
        done=request.args.get("done", ""),
        **(context | more),
    )


class Line(NamedTuple):
    """An answer as a row, and in which way it counted; "" for one that was asked further."""

    row: Parameters
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """A raised flag with everything beside it, and its form."""

    rule: KeptFlag
    open: bool
    form_open: bool
    because: tuple[Line, ...]
    more: tuple[Line, ...]
    asked: tuple[QuestionToAsk, ...]
    decisions: tuple[TimelineEntry, ...]  # the newest first
    fields: tuple[Markup, ...]
    seen: str


def flags_of(found: ReviewPage, sent: str = "", form: DecisionForm | None = None) -> list[ShownFlag]:
    """The raised flags, each with its form; `sent` is the one whose form was sent."""
    version = found.request.row.version
    return [_flag(line, version, form if line.flag.id == sent else None) for line in found.flags]


def _line(answer: KeptAnswer, reason: str = "") -> Line:
    return Line(answer_row(answer.asked, said(answer.type, answer.said, answer.stored)), reason)


def _flag(line: FlagLine, version: int, typed: DecisionForm | None) -> ShownFlag:
    """A flag with its form; only the form that was sent holds what was typed."""
    form = typed if typed is not None else DecisionForm(formdata=None)
    if not form.version.data:
        form.version.data = version
    return ShownFlag(
        rule=line.flag,
        open=line.review.open,
        form_open=line.review.open or typed is not None,
        because=tuple(_line(answer, reason) for answer, reason in line.because),
        more=tuple(map(_line, line.follow_ups)),
        asked=line.review.questions,
        decisions=tuple(in_words(made) for made in reversed(line.review.decisions)),
        fields=tuple(_field(field, line.flag.id) for field in form if field.name not in HIDDEN),
        seen=str(form.version.data),
    )


def _field(field: Any, flag: str) -> Any:
    """Ids differ from flag to flag; the field that was sent keeps its own, for the error summary."""
    radios = field.name == "decision"
    more: dict[str, Any] = {"classes": "govuk-radios--small"} if radios else {"rows": 2}
    if not field.errors:
        more["idPrefix" if radios else "id"] = f"{flag}-{field.id}"
    return render(field, **more)


class AnswerSection(NamedTuple):
    """Neighbouring answers under one heading."""

    heading: str
    rows: list[Parameters]


def sections_of(found: ReviewPage) -> list[AnswerSection]:
    """Everything that was asked, in order, under its headings."""
    sections: list[AnswerSection] = []
    for answer in found.health.answers:
        if not sections or (answer.section and answer.section != sections[-1].heading):
            sections.append(AnswerSection(answer.section, []))
        sections[-1].rows.append(_line(answer).row)
    return sections
