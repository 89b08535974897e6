"""The auditor's pages: who saw or changed what, and whether anybody changed the record since."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form

from screening.accounts.access import AUDITOR, person, staff, who_may
from screening.core import references
from screening.desk import audit
from screening.desk.shapes import Event
from screening.staff import desk_words
from screening.staff.fields import line_field, render
from screening.staff.showing import desk, page

SIZE = 50
FILTERS = ("who", "action", "reference")


class AuditForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """What is looked for; none of it is about a patient, so it may stand in the address."""

    who = line_field(_l("Who"), hint=_l("Part of a name"))
    action = line_field(_l("What"), hint=_l("For example: opened, booked"))
    reference = line_field(_l("Reference"))

    def fits(self, event: Event) -> bool:
        """Whether an event is what is looked for."""
        wanted = references.recognise(self.reference.data or "") or self.reference.data
        return (
            (self.who.data or "").casefold() in (event.actor_name or event.actor).casefold()
            and (self.action.data or "").casefold()
            in desk_words.word(desk_words.HISTORY, event.action).casefold()
            and (not wanted or event.request == wanted)
        )


@staff.get("/audit")
@who_may(AUDITOR)
def audit_log() -> ResponseReturnValue:
    """The events, the newest first; filtered by the address."""
    form = AuditForm(request.args)
    before = request.args.get("before", type=int)
    fitting = filter(form.fits, audit.events_before(desk(), person(), before))
    found = list(islice(fitting, SIZE + 1))
    following = found[SIZE - 1].number if len(found) > SIZE else None
    return page(
        "audit",
        fields=[render(field) for field in form],
        events=[_row(event) for event in found[:SIZE]],
        next=_address(before=following) if following is not None else None,
        first=_address() if before is not None else None,
    )


def _address(**more: Any) -> str:
    kept = {name: text for name in FILTERS if (text := request.args.get(name))}
    return url_for("staff.audit_log", **(kept | more))


class EventRow(NamedTuple):
    """An event as the page shows it; `details` but the entries, which are sealed."""

    event: Event
    who: str
    details: str


def _row(event: Event) -> EventRow:
    details = ", ".join(f"{key}: {value}" for key, value in event.details.items() if key != "entries")
    return EventRow(event, event.actor_name or event.actor, details)


@staff.post("/audit/verify")
@who_may(AUDITOR)
def verify_audit() -> ResponseReturnValue:
    """Read the whole chain again; each place where it is broken."""
    try:
        faults = audit.verify(desk(), person())
    except (OSError, ValueError):
        faults = [_("The file that remembers the last event cannot be read.")]
    return page("audit_verified", faults=faults)
