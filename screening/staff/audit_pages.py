"""The auditor's pages: who saw or changed what, and whether anybody changed the record since."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from flask import request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from screening.accounts import members
from screening.accounts.access import AUDITOR, person, staff, who_may
from screening.core import references
from screening.desk import audit, audit_file
from screening.desk.shapes import Event, EventChoice
from screening.settings.clinic_time import end_of, start_of
from screening.staff import desk_words
from screening.staff.fields import ListField, MaybeDayField, drawn, errors_of, line_field
from screening.staff.owners import names_apart
from screening.staff.showing import desk, page, sent
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

SIZE = 50
LAST = 2**63 - 1  # number that an event can have
SHOWN = 25  # requests of one event; the file has all of them


class AuditForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """What is looked for; none of it is about a patient, so it may stand in the address."""

    who = ListField(_l("Who, or whose account"), default="")
    action = line_field(_l("What"), hint=_l("For example: opened, booked"))
    reference = line_field(_l("Request"), hint=_l("Its reference"))
    since = MaybeDayField(_l("From"))
    until = MaybeDayField(_l("Until"))

    def offer(self, names: dict[str, str]) -> None:
        """Whom there is to choose."""
        self.who.offered = {"": _("Anybody"), "patient": _("A patient")} | names

    @property
    def chosen(self) -> EventChoice:
        """What is asked of the audit; days are those of the clinic, the last one too."""
        settings = service().settings
        return EventChoice(
            person=self.who.data or "",
            request=references.recognise(self.reference.data) or self.reference.data,
            since=start_of(settings, self.since.data) if self.since.data is not None else None,
            until=end_of(settings, self.until.data) if self.until.data is not None else None,
        )

    def fits(self, event: Event) -> bool:
        """Whether an event is called what was typed."""
        called = desk_words.word(desk_words.HISTORY, event.action)
        return (self.action.data or "").casefold() in called.casefold()

    @property
    def looked_for(self) -> dict[str, str]:
        """The same for the event of an export; empty parts say nothing."""
        said = {field.name: str(field.data) for field in self if field.data}
        return {"person" if name == "who" else name: text for name, text in said.items()}


def _asked(names: dict[str, str]) -> AuditForm:
    form = AuditForm(request.args)
    form.offer(names)
    return form


def _number(text: str) -> int:
    """Of an event, such as there can be. Raises ValueError."""
    return max(0, min(int(text), LAST))


def _names() -> dict[str, str]:
    """Everybody who works here or did."""
    return names_apart(members.everyone(service()))


@staff.get("/audit")
@who_may(AUDITOR)
def audit_log() -> ResponseReturnValue:
    """The events, the newest first; filtered by the address."""
    names = _names()
    form = _asked(names)
    before = request.args.get("before", type=_number)
    right = form.validate()
    fitting = filter(form.fits, audit.events_before(desk(), person(), before, form.chosen)) if right else ()
    found = list(islice(fitting, SIZE + 1))
    following = found[SIZE - 1].number if len(found) > SIZE else None
    return page(
        "audit",
        fields=drawn(form),
        errors=errors_of(form),
        events=[_row(event, names) for event in found[:SIZE]],
        next=_address("audit_log", before=following) if following is not None else None,
        first=_address("audit_log") if before is not None else None,
        export=_address("export_audit"),
    ), 200 if right else 422


@staff.post("/audit/export")
@who_may(AUDITOR)
def export_audit() -> ResponseReturnValue:
    """The events that the address asks for, as a file; that it was taken is an event too."""
    form = _asked(_names())
    if not form.validate():
        return see_other(_address("audit_log"))
    made = audit_file.export(desk(), person(), form.chosen, form.fits, form.looked_for, _names())
    return sent(made, stream_with_context(made.pieces))


def _address(endpoint: str, **more: Any) -> str:
    kept = {name: text for name, text in request.args.items() if text and name != "before"}
    return url_for(f"staff.{endpoint}", **(kept | more))


class EventRow(NamedTuple):
    """An event as the page shows it; `details` but the entries, which are sealed."""

    event: Event
    who: str
    requests: tuple[str, ...]
    more: int  # requests that are not shown
    details: str


def _row(event: Event, names: Mapping[str, str]) -> EventRow:
    about = tuple(filter(references.recognise, (event.request or "", *event.named)))
    told = {key: value for key, value in event.details.items() if key not in ("entries", "requests")}
    details = ", ".join(f"{key}: {audit_file.with_names(value, names)}" for key, value in told.items())
    who = _("A patient") if event.actor == "patient" else event.actor_name or names.get(event.actor, "")
    return EventRow(event, who or event.actor, about[:SHOWN], max(0, len(about) - SHOWN), details)


@staff.post("/audit/verify")
@who_may(AUDITOR)
def verify_audit() -> ResponseReturnValue:
    """Read the whole chain again, and what it vouches for; each place where it is broken."""
    return page("audit_verified", faults=audit.verify(desk(), person()))
