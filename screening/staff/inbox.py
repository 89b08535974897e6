"""Reception's queue: what waits, for how long, and what must happen first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core import references
from screening.core.errors import Absent, Refused
from screening.core.waiting import ALL_LISTS
from screening.core.workflow import STATUSES
from screening.desk import looked_for, queues, teams
from screening.desk.beside_lists import BesideList
from screening.desk.shapes import Filters, QueuePage
from screening.staff import being_filled_in, desk_words, owners, refusals, work_lists
from screening.staff.entry_pages import asking
from screening.staff.fields import ListField, render, render_list
from screening.staff.many_pages import many_fields
from screening.staff.showing import beside_list, colleagues, desk, looking_in_rows, name_of, page
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l
from screening.web.words import ngettext

WAITING = {0: _l("Any time"), 24: _l("1 day"), 48: _l("2 days"), 72: _l("3 days"), 168: _l("1 week")}
TEAM = "~team"  # no treatment is called so
TRAIL_LENGTH = 20  # pages that “previous” leads back through


class FilterForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """Read from the address, so that a queue can be kept as a bookmark; nothing personal is in it."""

    list = ListField(_l("List"), default="")
    status = ListField(_l("Status"), default="to_do")
    treatment = ListField(_l("Treatment"), default="")
    owner = ListField(_l("Owner"), default="")
    waiting = ListField(_l("Waiting over"), default="0")
    sort = ListField(_l("Sort by"), default="waiting")
    overdue = BooleanField(_l("Overdue only"))
    team: tuple[str, ...] = ()  # treatments of whoever looks

    def offer(self, team: tuple[str, ...]) -> None:
        """What can be chosen today; `team`: treatments of whoever looks."""
        self.list.offered = {"": _("Any")} | {name: desk_words.work_list(name) for name in ALL_LISTS}
        self.status.offered = statuses()
        self.team = team
        self.treatment.offered = treatments() | ({TEAM: _("Those of my team")} if self.team else {})
        others = owners.names_apart(one for one in colleagues() if one.id != person().id)
        gone = {one: owners.gone(name) for one, name in owners.no_more_here().items()}
        self.owner.offered = {"": _("Anybody"), person().id: _("Me"), "nobody": _("Nobody")} | others | gone
        asked = self.owner.data
        if asked and asked not in self.owner.offered and (name := name_of(asked)) != asked:
            self.owner.offered[asked] = owners.gone(name)
        self.waiting.offered = {str(hours): label for hours, label in WAITING.items()}
        self.sort.offered = {"waiting": _("Longest waiting"), "newest": _("Newest")}

    @property
    def filters(self) -> Filters:
        """What is asked of the desk."""
        hours, team = int(self.waiting.data), self.treatment.data == TEAM
        return Filters(
            self.status.data, "" if team else self.treatment.data, self.owner.data, hours, self.list.data,
            bool(self.overdue.data), sort=self.sort.data, treatments=self.team if team else (),
        )  # fmt: skip


def statuses() -> dict[str, str]:
    """What a list of requests may be cut to."""
    ends = {"to_do": _("To do"), "open": _("All open, booked too"), "all": _("All, finished too")}
    return ends | {name: desk_words.status(name) for name in STATUSES}


def treatments() -> dict[str, str]:
    """The treatments that requests may be for."""
    return {"": _("All")} | {one.id: one.title for one in service().treatments()}


@staff.get("/requests")
@who_may(RECEPTION, CLINICIAN)
def inbox() -> ResponseReturnValue:
    """The queue, filtered by its address."""
    words = _searched_for()
    beside = beside_list(searching=bool(words))
    form = _filter_form(request.args, beside.team)
    problem = _("Your search is too old to be shown. Please search again.") if words is None else ""
    if words and "status" not in request.args:
        form.status.data = "all"  # who calls may well ask about a finished request
    found, problem = _find(replace(form.filters, search=words or ""), problem, beside)
    work_lists.remember()
    return page(
        "inbox",
        heading=_heading(form, words or ""),
        filters=[
            render_list(field, classes="govuk-!-width-full") for field in form if field.name != "overdue"
        ],
        filtered=_is_filtered(form),
        overdue_only=render(form.overdue, classes="govuk-checkboxes--small"),
        searched=words or "",
        find=request.args.get("find", ""),
        problem=problem,
        rows=found.rows,
        looks=looking_in_rows(beside.looking),
        by_sound=found.by_sound,
        forms=list(being_filled_in.begun_forms(found.forms, asking.to_go_on)),
        not_indexed=found.not_indexed,
        refused=beside.counts.refused,
        changed=None if words else work_lists.changes_of(found),
        first=_address(after=None, trail=None) if request.args.get("after") else None,
        previous=_previous(),
        next=_next(found.next),
        many=many_fields(),
        ticking=work_lists.ticking(),
        lists=work_lists.links(beside.counts),
    ), 200 if not problem else 422


@staff.get("/requests/changed")
@who_may(RECEPTION, CLINICIAN, polls=True)
def changed() -> ResponseReturnValue:
    """How many rows of a list are new or changed, for the script to ask now and then."""
    parts = (part.partition(".") for part in request.args.get("seen", "").split("~"))
    seen = {reference: int(version) for reference, _dot, version in parts if version.isdecimal()}
    team = teams.treatments_of(desk(), person())
    after, filters = request.args.get("after"), _filter_form(request.args, team).filters
    number = queues.changed_since(desk(), person(), filters, after, seen)
    told = ngettext("%(num)s request is new or changed.", "%(num)s requests are new or changed.", number)
    return {"text": told if number else ""}


def _heading(form: FilterForm, words: str) -> str:
    if words:
        return _("Found for “%(words)s”", words=words)
    if form.list.data:
        return desk_words.work_list(form.list.data)
    if form.overdue.data:
        return _("Late")
    if form.status.data == "to_do" and form.owner.data == person().id:
        return _("Mine")
    return str(form.status.offered[form.status.data])


def _is_filtered(form: FilterForm) -> bool:
    """Whether more is set than which list it is."""
    return any(field.data != field.default for field in (form.treatment, form.owner, form.waiting, form.sort))


def _searched_for() -> str | None:
    """The words sealed in the address; empty where there are none, None where they are too old."""
    sealed = request.args.get("find", "")
    return looked_for.recall(desk(), person(), str(current_app.secret_key), sealed) if sealed else ""


def _filter_form(asked: MultiDict[str, str], team: tuple[str, ...]) -> FilterForm:
    """What the address asks for; whatever it asks that cannot be chosen is as if it were not there."""
    form = FilterForm(asked)
    form.offer(team)
    for field in form:
        if isinstance(field, ListField) and field.data not in field.offered:
            field.data = field.default
    return form


def _find(filters: Filters, problem: str, beside: BesideList) -> tuple[QueuePage, str]:
    try:
        return queues.queue(desk(), person(), filters, request.args.get("after"), beside=beside), problem
    except Refused as refusal:
        return QueuePage((), None), refusals.words(refusal)


def _address(**changed: Any) -> str:
    """This address with some of its parts changed; None takes one away."""
    here = {name: text for name, text in request.args.items() if text and name != work_lists.TICKED}
    kept: dict[str, Any] = here | changed
    return url_for("staff.inbox", **{name: text for name, text in kept.items() if text is not None})


def _next(after: str | None) -> str | None:
    if after is None:
        return None
    trail = [*_trail(), request.args.get("after", "")][-TRAIL_LENGTH:]
    return _address(after=after, trail="~".join(trail))


def _previous() -> str | None:
    """A queue is read forwards only, so the way back is remembered in the address."""
    trail = _trail()
    if not request.args.get("after") or not trail:
        return None
    return _address(after=trail[-1] or None, trail="~".join(trail[:-1]) if trail[:-1] else None)


def _trail() -> list[str]:
    return request.args["trail"].split("~") if "trail" in request.args else []


@staff.post("/requests/find")
@who_may(RECEPTION, CLINICIAN)
def find() -> ResponseReturnValue:
    """A reference leads to its request; anything else to a queue with the words sealed in its address."""
    words = request.form.get("search", "").strip()
    if not words:
        return see_other(url_for("staff.inbox"))
    reference = references.recognise(words)
    if reference is not None and _exists(reference):
        return see_other(url_for("staff.show", reference=reference))
    sealed = looked_for.remember(desk(), person(), str(current_app.secret_key), words)
    return see_other(url_for("staff.inbox", find=sealed))


def _exists(reference: str) -> bool:
    try:
        return bool(queues.queue(desk(), person(), Filters("all", search=reference), size=1).rows)
    except Absent:
        return False
