"""The clinician's queue, and one request on one screen: each flag, and all that was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import Field

from screening.accounts.access import CLINICIAN, person, staff, who_may
from screening.core.errors import Changed, Refused
from screening.core.kept import KeptAnswer, KeptFlag
from screening.core.review import FlagLine, FlagReview, QuestionToAsk
from screening.core.still_open import ItemStanding, item_standing
from screening.desk import clinician, queues
from screening.desk.clinician import WishedDecision
from screening.desk.shapes import ReviewPage
from screening.staff import desk_words, refusals, time_words, work_lists
from screening.staff.actions import offered
from screening.staff.after_sign_in import kept
from screening.staff.fields import ChoiceField, errors_of, render
from screening.staff.many_pages import many_fields
from screening.staff.request_page import TimelineEntry, in_words, links_to, rows, since_written, timeline
from screening.staff.review_forms import DecisionForm, ReviewForm
from screening.staff.showing import (
    address_of,
    beside_list,
    desk,
    looking_in_rows,
    looking_words,
    page,
    reference_of,
    since_words,
)
from screening.web.answers_shown import in_lines, said
from screening.web.redirects import see_other
from screening.web.words import gettext as _


@staff.get("/review")
@who_may(CLINICIAN)
def reviews() -> ResponseReturnValue:
    """Requests with something that waits for a clinician, marked urgent first."""
    after, beside = request.args.get("after"), beside_list()
    found = queues.review_queue(desk(), person(), after=after)
    following = url_for("staff.reviews", after=found.next) if found.next else None
    first = url_for("staff.reviews") if after else None
    work_lists.remember()
    return page(
        "review_queue",
        rows=found.rows,
        changed=work_lists.changes_of(found, list="to_review"),
        looks=looking_in_rows(beside.looking),
        many=many_fields(),
        ticking=work_lists.ticking(),
        next=following,
        first=first,
        lists=work_lists.links(beside.counts),
    )


@staff.route("/requests/<reference>/review", methods=["GET", "POST"])
@who_may(CLINICIAN)
def review(reference: str) -> ResponseReturnValue:
    """Everything on one screen, and one save for all of it; a later decision corrects an earlier one."""
    found = clinician.review(desk(), person(), reference_of(reference), on_screen=True)
    forms = _forms(found)
    if request.method == "GET":
        return _page(found, forms)
    if not forms.valid() or not forms.does_something():
        return _page(found, forms, errors=forms.errors() or [_nothing_done()]), 422
    following = _following(found) if request.form.get("then") == "next" else None
    try:
        _settle(found, forms)
    except Changed as change:
        seen, forms.whole.version.data = forms.whole.seen, change.version
        found = clinician.review(desk(), person(), reference_of(reference), on_screen=True)
        errors, since = [{"text": refusals.words(change)}], since_written(found.request, seen)
        return _page(found, forms, errors=errors, since=since_words(change.since) + since), 409
    except Refused as refusal:
        return _page(found, forms, errors=[{"text": refusals.words(refusal)}]), 409
    return see_other(following or url_for("staff.review", reference=reference, done="saved"))


def _following(found: ReviewPage) -> str:
    """The next one to review, as the list is before this one is saved; the list, where that is the last."""
    reference = queues.next_to_review(desk(), person(), found.request.row)
    if reference is None:
        return url_for("staff.reviews")
    return url_for("staff.review", reference=reference, done="next")


@dataclass(frozen=True, slots=True)
class Forms:
    """The page's one form: what belongs to all of it, and a part for each item."""

    whole: ReviewForm
    items: Mapping[str, DecisionForm]
    labels: Mapping[str, str]  # of the items
    restored: bool

    def valid(self) -> bool:
        """Whether each part is right; all are looked at, so that every mistake shows."""
        return all([self.whole.validate_on_submit(), *(form.validate() for form in self.items.values())])

    def does_something(self) -> bool:
        """Whether anything is decided, read or sent back."""
        return bool(self.wishes() or self.whole.read.data or (self.whole.next_step.data or "").strip())

    def errors(self) -> list[dict[str, str]]:
        """For the error summary, in the order of the page."""
        of_items = [
            error for item, form in self.items.items() for error in errors_of(form, self.labels[item])
        ]
        return of_items + errors_of(self.whole)

    def wishes(self) -> list[WishedDecision]:
        """What is decided; an item without a decision is left as it is."""
        return [
            WishedDecision(item, form.decision.data, form.note.data, form.question.data)
            for item, form in self.items.items()
            if form.decision.data
        ]


def _nothing_done() -> dict[str, str]:
    told = _("Decide on something, tick that you have read it, or say what reception should do next")
    return {"text": told, "href": "#next_step"}


def _forms(found: ReviewPage) -> Forms:
    """As they were sent, or as they were typed before the session ended."""
    typed = kept() if request.method == "GET" else None
    sent = request.form if request.method == "POST" else typed
    whole = ReviewForm(typed) if typed is not None else ReviewForm()
    if not whole.version.data:
        whole.version.data = found.request.row.version
    items = {line.flag.id: DecisionForm(sent, prefix=f"{line.flag.id}-") for line in found.flags}
    labels = {line.flag.id: line.flag.label for line in found.flags}
    return Forms(whole, items, labels, typed is not None)


def _settle(found: ReviewPage, forms: Forms) -> None:
    """Only what stood on the page counts as read: `seen` says what that was."""
    read = request.form.getlist("seen") if forms.whole.read.data else ()
    clinician.settle(
        desk(),
        person(),
        found.request.row.reference,
        forms.whole.seen,
        forms.wishes(),
        read,
        forms.whole.next_step.data,
    )


def _page(
    found: ReviewPage,
    forms: Forms,
    errors: Sequence[Mapping[str, str]] = (),
    since: Sequence[str] = (),
) -> str:
    row = found.request.row
    return page(
        "review",
        found=found,
        row=row,
        flags=flags_of(found, forms),
        to_read=to_read(found),
        read_field=render(forms.whole.read, classes="govuk-checkboxes--small"),
        next_step_field=render(forms.whole.next_step, rows=2),
        seen=forms.whole.version.data,
        sections=sections_of(found),
        links=links_to(found.request),
        looking=looking_words(found.request.looking),
        timeline=timeline(found.request),
        offered=offered(found.request, person()),
        address_of=address_of,
        back=work_lists.way_back(row.reference),
        following=_following(found).replace("?done=next", ""),
        done=request.args.get("done", ""),
        restored=forms.restored,
        errors=errors,
        since=since,
    )


class ToRead(NamedTuple):
    """Something that a clinician has not read yet: its id, what kind of thing it is, and the words."""

    id: str
    what: str
    asked: str
    words: Sequence[str]


def to_read(found: ReviewPage) -> list[ToRead]:
    """The patient's own words and what does not fit, as long as nobody has read them."""
    return [
        ToRead(
            thing.id,
            desk_words.word(desk_words.THINGS, thing.kind),
            thing.answer.asked if thing.answer is not None else "",
            desk_words.unread(thing),
        )
        for thing in found.still_open.unread
    ]


class Line(NamedTuple):
    """An answer, and in which way it counted; "" for one that was asked further."""

    asked: str
    value: Markup
    reason: str = ""


class RaisedLine(NamedTuple):
    """What came later than the answers: because of what, the words, the version or request it came `of`."""

    title: str
    words: str
    of: str
    duplicate: str  # where `of` is one: its reference, to be read there
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """A safety item with everything beside it, and its part of the form."""

    rule: KeptFlag
    standing: ItemStanding
    open: bool
    form_open: bool
    because: tuple[Line, ...]
    more: tuple[Line, ...]
    raised: tuple[RaisedLine, ...]  # by the desk since, the newest first
    asked: tuple[QuestionToAsk, ...]
    decisions: tuple[TimelineEntry, ...]  # the newest first
    fields: tuple[Markup, ...]


def flags_of(found: ReviewPage, forms: Forms | None = None) -> list[ShownFlag]:
    """The items; on paper there are no forms."""
    return [_flag(line, forms.items.get(line.flag.id) if forms is not None else None) for line in found.flags]


def _line(answer: KeptAnswer, reason: str = "") -> Line:
    return Line(answer.asked, in_lines(said(answer.type, answer.said, answer.stored)), reason)


def _flag(line: FlagLine, form: DecisionForm | None) -> ShownFlag:
    typed = form is not None and any(field.data or field.errors for field in form)
    return ShownFlag(
        rule=line.flag,
        standing=item_standing(line.review),
        open=line.review.open,
        form_open=line.review.open or typed,
        because=tuple(_line(answer, reason) for answer, reason in line.because),
        more=tuple(map(_line, line.follow_ups)),
        raised=_raised(line.review),
        asked=line.review.questions,
        decisions=tuple(in_words(made) for made in reversed(line.review.decisions)),
        fields=tuple(_field(field) for field in form) if form is not None else (),
    )


def _raised(review: FlagReview) -> tuple[RaisedLine, ...]:
    made = zip(review.raised, review.raised_since, review.raised_because, strict=True)
    shown = [
        RaisedLine(
            desk_words.word(desk_words.RAISED_BECAUSE, because),
            entry.words,
            entry.of,
            entry.of if entry.because == "duplicate" else "",
            written.by_name,
            time_words.moment(written.at),
        )
        for written, entry, because in made
    ]
    return tuple(reversed(shown))


def _field(field: Field) -> Markup:
    more = {"classes": "govuk-radios--small"} if isinstance(field, ChoiceField) else {"rows": 2}
    return render(field, **more)


class AnswerSection(NamedTuple):
    """Neighbouring answers under one heading."""

    heading: str
    rows: list[Markup]


def sections_of(found: ReviewPage) -> list[AnswerSection]:
    """Everything that was asked, in order, under its headings."""
    sections: list[AnswerSection] = []
    for answer in found.health.answers:
        if not sections or (answer.section and answer.section != sections[-1].heading):
            sections.append(AnswerSection(answer.section, []))
        sections[-1].rows.extend(rows([answer]))
    return sections
