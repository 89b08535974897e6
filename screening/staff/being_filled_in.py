"""What this browser can open of what staff are filling in: whom it is for, since when, by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from screening.accounts.access import person
from screening.core.answers import show
from screening.service.patient import Visit
from screening.service.recording import record_reading
from screening.staff.showing import name_of, page
from screening.web import draft_cookie
from screening.web.answers_shown import said
from screening.web.door import service

MOST = 20  # of those not sent: a browser sends all their keys with each page of the entry
SENT = 5  # the newest that were sent, whose pages still lead to the reference


@dataclass(frozen=True, slots=True)
class BegunForm:
    """One of them, for the list; `patient` is empty before the name is known."""

    patient: str
    title: str
    since: datetime
    by: str
    go_on: str
    delete: str


def who_it_is_for(visit: Visit) -> str:
    """Name and birth date, as far as they are known: "Ada Example, born 27 March 1950"."""
    name, born = _told(visit, "name"), _told(visit, "birth_date")
    return _("%(name)s, born %(born)s", name=name, born=born) if name and born else name


def _told(visit: Visit, kind: str) -> str:
    for question in map(visit.rule_set.by_id.__getitem__, visit.path.answers):
        if question.contact == kind:
            stored = visit.answers[question.id]
            return " ".join(said(question.type, show(question, stored), stored))
    return ""


def visit_of(public_id: str) -> Visit | None:
    """That draft, where this browser can open it."""
    key = draft_cookie.token_of(public_id)
    return next(iter(service().visits([key])), None) if key is not None else None


def is_full() -> bool:
    """Whether something must be sent or deleted before another is begun."""
    return len(_unsent(service().visits(draft_cookie.held()))) >= MOST


def _unsent(visits: list[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.reference is None]


def give(response: Response, begun: Visit) -> Response:
    """The key of a draft to this browser, and from it those of drafts that were sent long before."""
    if begun.token is None:
        return response
    sent = [visit for visit in service().visits(draft_cookie.held()) if visit.reference is not None]
    for visit in sent[:-SENT]:
        if visit.token is not None:
            forget(response, visit.token.public_id)
    name = draft_cookie.name_of(begun.token.public_id)
    return draft_cookie.give(response, begun.token, _path(), name)


def forget(response: Response, public_id: str) -> Response:
    """Take the key of a draft from this browser."""
    return draft_cookie.forget(response, _path(), draft_cookie.name_of(public_id))


def _path() -> str:
    return url_for("staff.entry")  # and no narrower: the list opens them all


def list_page(to_go_on: Callable[[Visit], str], *, full: bool = False) -> Response:
    """Where all filling in begins; reading it is in the audit, on what they become. Raises Unavailable."""
    keys = draft_cookie.held()
    visits = service().visits(keys)
    read = [visit.token.row_id for visit in _unsent(visits) if visit.token and who_it_is_for(visit)]
    record_reading(service(), "entry_list_read", (person().id, person().name), read)
    lines = list(_lines(_unsent(visits), to_go_on))
    notice = request.args.get("notice", "")
    context = {"lines": lines, "treatments": service().treatments(), "notice": notice, "full": full}
    response = current_app.make_response(page("entry", **context))
    for key in set(keys) - {visit.token for visit in visits}:
        forget(response, key.public_id)
    return response


def _lines(visits: list[Visit], to_go_on: Callable[[Visit], str]) -> Iterator[BegunForm]:
    for visit in visits:
        if visit.draft is not None and visit.token is not None:
            who, by, since = who_it_is_for(visit), name_of(visit.draft.begun_by), visit.draft.started_at
            draft = visit.token.public_id
            delete = url_for("staff.entry_delete", treatment=visit.rule_set.id, draft=draft)
            yield BegunForm(who, visit.rule_set.title, since, by, to_go_on(visit), delete)
