"""What staff are filling in: whom it is for, since when, who has it; the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, request, url_for

from screening.accounts.access import person, who_asks
from screening.core.answers import show
from screening.core.errors import Unavailable
from screening.desk import forms_begun
from screening.desk.desk import actor
from screening.service.recording import record_reading
from screening.service.visit import Visit
from screening.staff.showing import desk, looking_in_rows, looking_words, name_of, page
from screening.web import draft_cookie
from screening.web.answers_shown import said
from screening.web.door import service
from screening.web.stray_forms import Stray, StrayAnswer, as_it_stands
from screening.web.words import gettext as _

MOST = 20  # of one person's, not sent: more is no list to work from


@dataclass(frozen=True, slots=True)
class BegunForm:
    """One of them, for the list; `patient` is empty before the name is known."""

    id: str
    patient: str
    title: str
    since: datetime
    until: datetime  # it is deleted then, unless somebody goes on with it
    holder: str
    mine: bool
    go_on: str  # where a colleague has it, to say that it is taken over
    hand_over: str
    delete: str


def who_it_is_for(visit: Visit) -> str:
    """Name and birth date, as far as they are known: "Ada Example, born 27 March 1950"."""
    name, born = _told(visit, "name"), _told(visit, "birth_date")
    return _("%(name)s, born %(born)s", name=name, born=born) if name and born else name


def _told(visit: Visit, kind: str) -> str:
    asked = visit.rule_set.by_contact.get(kind, "")
    if asked not in visit.path.answers:
        return ""
    question, stored = visit.rule_set.by_id[asked], visit.answers[asked]
    return " ".join(said(question.type, show(question, stored), stored))


def key_of(public_id: str) -> draft_cookie.DraftKey | None:
    """The key of a form that staff began; of an older program's too, where this browser alone has it."""
    who = who_asks()
    if who is None:
        return None
    found = forms_begun.key_of(desk(), who, public_id)
    held = draft_cookie.token_of(public_id)
    if found is not None or held is None:
        return found
    forms_begun.adopt(desk(), who, [held])
    return forms_begun.key_of(desk(), who, public_id)


def visit_of(public_id: str) -> Visit | None:
    """That form, where there is one."""
    key = key_of(public_id)
    return next(iter(service().visits([key])), None) if key is not None else None


def is_a_colleagues(visit: Visit) -> bool:
    """Whether somebody else has it, so that it must be taken over first."""
    who = who_asks()
    return visit.waits and who is not None and visit.held_by != who.id


def is_full() -> bool:
    """Whether something must be sent, deleted or handed over before another is begun."""
    return forms_begun.held_by(desk(), person()) >= MOST


def forget(response: Response, public_id: str) -> Response:
    """Take the key that an older program gave this browser."""
    if draft_cookie.token_of(public_id) is None:
        return response
    return draft_cookie.forget(response, url_for("staff.entry"), draft_cookie.name_of(public_id))


def whose_words(visit: Visit, stray: Stray) -> dict[str, object]:
    """For a form that came after a colleague had taken it over: who that is, and what they wrote there."""
    if visit.token is not None:
        record_reading(service(), "entry_read", actor(person()), [visit.token.row_id])
    answers = [
        StrayAnswer(given.question, as_it_stands(given.question, visit.answers)) for given in stray.answers
    ]
    return {"holder": name_of(visit.held_by), "stands": [given for given in answers if given.words]}


def looked_at(visit: Visit, *, typing: bool) -> dict[str, str]:
    """Notes that somebody has it open, and says who else has; after a failure, nobody knows.

    `typing`: into a form that is theirs, so that they are told when it is not any more.
    """
    who = who_asks()
    if who is None or visit.token is None:
        return {"looking": "", "looking_at": "", "left_at": ""}
    try:
        words = looking_words(forms_begun.look(desk(), who, visit.token.public_id))
    except Unavailable:
        words = ""
    return {
        "looking": words,
        "looking_at": _address("staff.entry_looking", visit, typing="y" if typing else None),
        "left_at": _address("staff.entry_left", visit),
    }


def same_person(visit: Visit, to_go_on: Callable[[Visit], str]) -> dict[str, object]:
    """Other forms and open requests of whom it is for, once that is known; after a failure, nobody knows."""
    who = who_asks()
    try:
        found = forms_begun.same_person(desk(), who, visit) if who is not None else forms_begun.SamePerson()
    except Unavailable:
        found = forms_begun.SamePerson()
    return {"other_forms": list(begun_forms(found.forms, to_go_on)), "open_requests": found.requests}


def _address(endpoint: str, visit: Visit, typing: str | None = None) -> str:
    draft = visit.token.public_id if visit.token is not None else ""
    return url_for(endpoint, treatment=visit.rule_set.id, draft=draft, typing=typing)


def list_page(to_go_on: Callable[[Visit], str], *, full: bool = False) -> Response:
    """Where all filling in begins; reading it is in the audit, on what they become. Raises Unavailable."""
    keys = draft_cookie.held()
    if keys:
        forms_begun.adopt(desk(), person(), keys)
    visits = forms_begun.waiting(desk(), person())
    _on_record(visits)
    lines = sorted(begun_forms(visits, to_go_on), key=lambda line: not line.mine)
    notice = request.args.get("notice", "")
    context = {"treatments": service().treatments(), "notice": notice, "full": full}
    shown = page("entry", lines=lines, looks=looking_in_rows(), **context)
    response = current_app.make_response(shown)
    for key in keys:
        forget(response, key.public_id)
    return response


def _on_record(visits: list[Visit]) -> None:
    read = [visit.token.row_id for visit in visits if visit.token and who_it_is_for(visit)]
    record_reading(service(), "entry_list_read", actor(person()), read)


def begun_forms(visits: Sequence[Visit], to_go_on: Callable[[Visit], str]) -> Iterator[BegunForm]:
    """For a list; whoever shows it puts it on record."""
    names = {holder: name_of(holder) for holder in {visit.held_by for visit in visits}}
    for visit in visits:
        if visit.draft is not None and visit.token is not None:
            yield BegunForm(
                id=visit.token.public_id,
                patient=who_it_is_for(visit),
                title=visit.rule_set.title,
                since=visit.draft.started_at,
                until=visit.draft.expires_at,
                holder=names[visit.held_by],
                mine=not is_a_colleagues(visit),
                go_on=to_go_on(visit),
                hand_over=_address("staff.entry_hand_over", visit),
                delete=_address("staff.entry_delete", visit),
            )
