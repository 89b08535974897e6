"""One thing to do to a request, on a page of its own: asked, done, or refused with every word still there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core import workflow
from screening.core.entries import PatientQuestion
from screening.core.errors import Changed, Refused
from screening.core.review import QuestionToAsk
from screening.desk import alike, bookings, messages, opened_request, reception, teams
from screening.desk.desk import tried_in_vain
from screening.desk.shapes import Alike, RequestPage, Twin
from screening.staff import desk_words, refusals, time_words
from screening.staff.action_forms import (
    ActionForm,
    AlikeAgainForm,
    AskAgainForm,
    BookForm,
    CallForm,
    DuplicateForm,
    HandOverForm,
    MessageForm,
    NotSameForm,
    RaiseForm,
    UnlikeForm,
    WayForm,
)
from screening.staff.actions import ACTIONS, Action, answering, offered, sending
from screening.staff.after_sign_in import kept
from screening.staff.fields import drawn, errors_of
from screening.staff.request_page import confirmation, since_written
from screening.staff.showing import (
    address_of,
    allowed_now,
    colleagues,
    desk,
    looking_words,
    page,
    reference_of,
    since_words,
)
from screening.web.redirects import see_other
from screening.web.words import gettext as _


@staff.route("/requests/<reference>/<action>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def act(reference: str, action: str) -> ResponseReturnValue:
    """One thing to do, on a page of its own."""
    return _do(ACTIONS.get(action) or abort(404), reference_of(reference))


@staff.route("/requests/<reference>/questions/<question>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def answer(reference: str, question: str) -> ResponseReturnValue:
    """What the patient said to a clinician's question."""
    reference = reference_of(reference)
    found = opened_request.request(desk(), person(), reference)
    return _do(answering(_asked(found, question) or abort(404)), reference)


@staff.route("/requests/<reference>/questions/<question>/send", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def send_question(reference: str, question: str) -> ResponseReturnValue:
    """A link to a clinician's question, for the patient to answer there."""
    reference = reference_of(reference)
    found = opened_request.request(desk(), person(), reference)
    return _do(sending(_asked(found, question) or abort(404)), reference)


def _asked(found: RequestPage, question: str) -> QuestionToAsk | None:
    """Also one whose item was decided since: what was typed for it is refused in words, and not lost."""
    dropped = (
        QuestionToAsk(line.id, line.entry.flag, line.entry.words, line.by_name, line.at)
        for line in found.entries
        if isinstance(line.entry, PatientQuestion)
    )
    return next((asked for asked in (*found.questions, *dropped) if asked.id == question), None)


def _do(wanted: Action, reference: str) -> ResponseReturnValue:
    """Refused, the page comes back with every word on it."""
    try:
        form = _form(wanted, reference)
    except Refused as refusal:  # there is nothing to choose from
        found = opened_request.request(desk(), person(), reference)
        return page("refused", why=refusals.words(refusal), row=found.row, allowed=_links(found)), 409
    if not form.validate_on_submit():
        return _asking(wanted, form, reference)
    try:
        wanted.do(desk(), person(), reference, form.seen, **form.given)
    except Changed as change:
        seen, form.version.data = form.seen, change.version  # sending it again is then a decision of its own
        found = opened_request.request(desk(), person(), reference)
        since = since_words(change.since) + since_written(found, seen)
        return _action_page(wanted, form, reference, change, since), 409
    except Refused as refusal:
        return _action_page(wanted, form, reference, refusal), 409
    return see_other(url_for("staff.show", reference=reference, done=wanted.name))


def _form(wanted: Action, reference: str) -> ActionForm:
    typed = kept() if request.method == "GET" else None
    form = wanted.form(typed) if typed is not None else wanted.form()
    form.restored = typed is not None
    if offer := _OFFERS.get(wanted.form):
        offer(form, reference)
    return form


def _offer_colleagues(form: Any, reference: str) -> None:
    others = [colleague for colleague in colleagues() if colleague.id != person().id]
    form.offer(others, teams.team_of(desk(), person(), reference))


def _offer_waiting(form: Any, reference: str) -> None:
    if not opened_request.request(desk(), person(), reference).facts.figures.questions:
        del form.asked


def _offer_flags(form: Any, reference: str) -> None:
    form.offer_flags(reception.flags_to_raise(desk(), person(), reference))


def _offer_twins(form: Any, reference: str) -> None:
    form.offer(_known(_twins(reference)), request.args.get("of", ""))


def _offer_to_repeat(form: Any, reference: str) -> None:
    twins, resembling = _twins(reference), alike.alike(desk(), person(), reference)
    known = _known([twin for twin in twins if twin.status != "duplicate"], resembling)
    form.offer(known, request.args.get("of", "") if request.method == "GET" else "")


def _offer_alike(form: Any, reference: str) -> None:
    said = not isinstance(form, UnlikeForm)
    found = [line for line in alike.alike(desk(), person(), reference, parted_too=True) if line.only is said]
    parted = _twins(reference, parted=True) if said else []
    form.offer(_known(parted, found), request.args.get("of", ""))


def _twins(reference: str, *, parted: bool = False) -> list[Twin]:
    """Of the same name and date of birth; or those of which it was said that they are another person's."""
    found = opened_request.request(desk(), person(), reference).twins
    return [twin for twin in found if twin.not_same is parted]


def _known(twins: Iterable[Twin], resembling: Iterable[Alike] = ()) -> dict[str, str]:
    """Reference and words of each."""
    return {twin.reference: _twin_words(twin) for twin in twins} | {
        line.row.reference: _alike_words(line) for line in resembling
    }


def _twin_words(twin: Twin) -> str:
    when, status = time_words.moment(twin.received_at), desk_words.status(twin.status)
    return f"{twin.reference}, {when}, {status}"


def _alike_words(line: Alike) -> str:
    row = line.row
    born, came = desk_words.birth_date(row.birth_date), time_words.moment(row.received_at)
    return ", ".join((row.reference, row.name, born, came, str(desk_words.APART_WORDS[line.apart])))


def _offer_ways(form: Any, reference: str) -> None:
    form.offer_ways(messages.ways_to_write(desk(), person(), reference))


def _offer_places(form: Any, reference: str) -> None:
    known = opened_request.request(desk(), person(), reference).identity_checked
    asks_side = bookings.asks_side(desk(), person(), reference)
    settings, form.today = desk().settings, desk().service.today()
    form.offer_places(settings.places_offered, settings.times_offered, known=known, asks_side=asks_side)


_OFFERS: Mapping[type[ActionForm], Callable[[Any, str], None]] = {
    HandOverForm: _offer_colleagues,
    CallForm: _offer_waiting,
    RaiseForm: _offer_flags,
    AskAgainForm: _offer_flags,
    NotSameForm: _offer_twins,
    DuplicateForm: _offer_to_repeat,
    UnlikeForm: _offer_alike,
    AlikeAgainForm: _offer_alike,
    BookForm: _offer_places,
    WayForm: _offer_ways,
    MessageForm: _offer_ways,
}


def _asking(wanted: Action, form: ActionForm, reference: str) -> ResponseReturnValue:
    found = opened_request.request(desk(), person(), reference)
    if request.method == "GET" and not wanted.offered(found, person()):
        tried_in_vain(desk(), person(), reference, wanted.name)
        return page("refused", why=_why_not(wanted, found), row=found.row, allowed=_links(found)), 409
    if request.method == "GET" and not form.restored:  # restored words are as old as they were
        form.version.data = found.row.version
    return _render(wanted, form, found), 422 if form.errors else 200


def _why_not(wanted: Action, found: RequestPage) -> str:
    """What stands in the way, where the workflow can tell."""
    facts = replace(found.facts, given=workflow.GIVEN)
    try:
        for move in wanted.moves[:1]:
            workflow.check(move, found.row.status, person().roles, facts)
    except Refused as refusal:
        return refusals.words(refusal)
    return _("“%(action)s” is not possible now.", action=wanted.label)


def _links(found: RequestPage) -> list[dict[str, str]]:
    buttons = offered(found, person())
    return [{"text": str(one.label), "href": address_of(one, found.row.reference)} for one in buttons]


def _action_page(
    wanted: Action, form: ActionForm, reference: str, refusal: Refused, since: list[str] | None = None
) -> str:
    found = opened_request.request(desk(), person(), reference)
    allowed = allowed_now(refusal, reference) or _links(found)
    errors = [{"text": refusals.words(refusal)}]
    return _render(wanted, form, found, errors=errors, since=since or [], allowed=allowed)


def _render(wanted: Action, form: ActionForm, found: RequestPage, **more: Any) -> str:
    context = {
        "heading": wanted.label,
        "row": found.row,
        "looking": looking_words(opened_request.look(desk(), person(), found.row.reference)),
        "about": wanted.about,
        "fields": drawn(form),
        "seen": form.version.data,
        "restored": form.restored,
        "errors": errors_of(form),
        "since": [],
        "allowed": [],
        "booking": found.booking if wanted.name == "book" else None,
        "confirmation": confirmation(found, wanted.name),
        "twins": found.twins if wanted.name == "not-same" else (),
    }
    return page("action", **(context | more))
