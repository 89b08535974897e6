"""The clinician's queue, and one request on one screen: each flag, and all that was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from screening.accounts.access import CLINICIAN, person, staff, who_may
from screening.core.conditions import leaves
from screening.core.errors import Changed, Refused
from screening.desk import Flag, ReviewPage, Said
from screening.staff import desk_words, refusals
from screening.staff.action_forms import HIDDEN, DecisionForm
from screening.staff.actions import ACTIONS
from screening.staff.fields import errors_of, render
from screening.staff.request_page import timeline
from screening.staff.showing import address_of, desk, looking_words, page, reference_of, since_words
from screening.staff.typed_words import kept
from screening.web.answers_shown import answer_row, written_date
from screening.web.door import service
from screening.web.question_pages import see_other


@staff.get("/review")
@who_may(CLINICIAN)
def reviews() -> ResponseReturnValue:
    """Requests with a flag that waits for a clinician, the longest waiting first."""
    after = request.args.get("after")
    found = desk().review_queue(person(), after=after)
    following = url_for("staff.reviews", after=found.next) if found.next else None
    first = url_for("staff.reviews") if after else None
    return page("review_queue", rows=found.rows, next=following, first=first)


@staff.get("/requests/<reference>/review")
@who_may(CLINICIAN)
def review(reference: str) -> ResponseReturnValue:
    """Everything on one screen."""
    return _page(desk().review(person(), reference_of(reference)))


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
        desk().decide(person(), reference, form.seen, flag, form.decision.data, **words)
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
    found = desk().review(person(), reference)
    if flag not in {one.id for one in found.flags}:
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
        looking=looking_words(desk().look(person(), row.reference)),
        timeline=timeline(found.request),
        offered=[one for one in ACTIONS.values() if one.offered(found.request, person())],
        address_of=address_of,
        done=request.args.get("done", ""),
        **(context | more),
    )


def flags_of(found: ReviewPage, sent: str = "", form: DecisionForm | None = None) -> list[dict[str, Any]]:
    """The raised flags, each with its form; `sent` is the one whose form was sent."""
    version = found.request.row.version
    return [
        _flag(one, version, form if one.id == sent else None, _follow_ups(found, one)) for one in found.flags
    ]


def _follow_ups(found: ReviewPage, flag: Flag) -> list[Said]:
    """What was asked further because of the answers that raised a flag: the words that matter most."""
    rule_set = service().library.pinned(found.rule_set["digest"])
    asked = {one.question for one in flag.because}
    family = set(asked)
    for question in rule_set.questions if rule_set is not None else ():
        if any(leaf.question in family for leaf in leaves(question.ask_when)):
            family.add(question.id)
    return [one for one in found.answers if one.question in family - asked]


def _line(one: Said) -> dict[str, Any]:
    row = answer_row(one.asked, [written_date(words) for words in one.said])
    return {"row": row, "reason": one.reason}


def _flag(flag: Flag, version: int, typed: DecisionForm | None, more: Sequence[Said]) -> dict[str, Any]:
    """A flag with its form; only the form that was sent holds what was typed."""
    form = typed if typed is not None else DecisionForm(formdata=None)
    if not form.version.data:
        form.version.data = version
    fields = [_field(field, flag.id) for field in form if field.name not in HIDDEN]
    return {
        "rule": flag,
        "because": [_line(one) for one in flag.because],
        "more": [_line(one) for one in more],
        "decisions": [
            {
                "at": desk_words.moment(one.at),
                "who": one.who,
                "lines": desk_words.entry_lines("decision", one.words),
            }
            for one in reversed(flag.decisions)
        ],
        "fields": fields,
        "seen": form.version.data,
        "open": flag.open or typed is not None,
    }


def _field(field: Any, flag: str) -> Any:
    """Ids differ from flag to flag; the field that was sent keeps its own, for the error summary."""
    radios = field.name == "decision"
    more: dict[str, Any] = {"classes": "govuk-radios--small"} if radios else {"rows": 2}
    if not field.errors:
        more["idPrefix" if radios else "id"] = f"{flag}-{field.id}"
    return render(field, **more)


def sections_of(found: ReviewPage) -> list[dict[str, Any]]:
    """Everything that was asked, in order, under its headings."""
    sections: list[dict[str, Any]] = []
    for one in found.answers:
        if not sections or (one.section and one.section != sections[-1]["heading"]):
            sections.append({"heading": one.section, "rows": []})
        sections[-1]["rows"].append(answer_row(one.asked, [written_date(words) for words in one.said]))
    return sections
