"""One request at the desk: who to call and how, what was done, and what may be done now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from screening.accounts.access import AUDITOR, CLINICIAN, RECEPTION, person, staff, who_may
from screening.core.entries import FlagDecision, PatientQuestion, Raised, Written
from screening.core.kept import KeptAnswer
from screening.core.paper_words import FILLED_IN_BY
from screening.desk import audit, opened_request
from screening.desk.shapes import RequestPage
from screening.service.appointment_file import appointment_file
from screening.staff import desk_words, entry_words, message_words, time_words, work_lists
from screening.staff.actions import offered
from screening.staff.next_step import next_step
from screening.staff.showing import (
    action_words,
    address_of,
    desk,
    looking_in_rows,
    looking_words,
    page,
    reference_of,
    sees_health,
)
from screening.web.answers_shown import in_lines, said
from screening.web.summary_rows import summary_row
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

CONFIRMED = _l("The patient gets a confirmation by email, with a file for their calendar.")
TELL_THEM = _l("No confirmation can be sent: tell the patient the day, the time and the place.")
CANCELLED = _l("The patient gets an email that says so.")
TELL_THEM_NOT_TO_COME = _l("No email can be sent: tell the patient that it is cancelled.")
DEALT_WITH = _l("A doctor or nurse has dealt with this.")
WAITS = _l("It waits for a doctor or nurse.")
FIRST = ("call", "note")  # what is done most, beside the next step; the rest is behind “More”


@staff.get("/requests/<reference>")
@who_may(RECEPTION, CLINICIAN)
def show(reference: str) -> ResponseReturnValue:
    """Everything reception may know of a request."""
    found = opened_request.request(desk(), person(), reference_of(reference), on_screen=True)
    buttons = offered(found, person())
    return page(
        "request",
        found=found,
        row=found.row,
        contact=rows(found.contact),
        health=rows(found.health),
        timeline=timeline(found),
        letters=found.letters,
        links=message_words.links_of(found.letters, found.history, desk().service.now()),
        alike=found.alike,
        looking=looking_words(found.looking),
        first=[one for one in buttons if one.name in FIRST],
        more=[one for one in buttons if one.name not in FIRST],
        next_step=next_step(found, person(), sees_health=sees_health()),
        address_of=address_of,
        review=url_for("staff.review", reference=found.row.reference) if sees_health() else None,
        filled_in=filled_in(found),
        back=work_lists.way_back(found.row.reference),
        done=request.args.get("done", ""),
        confirmation=confirmation(found, request.args.get("done", "")),
    )


def filled_in(found: RequestPage) -> tuple[str, str]:
    """A label and who, beside it: of staff, or the patient, or whoever said that they fill it in for them."""
    if found.row.entered_by != "patient":
        return _(FILLED_IN_BY), found.entered_by or found.row.entered_by
    return next(iter(entry_words.filled_in_by(found.contact)), (_("Filled in by"), _("The patient")))


def confirmation(found: RequestPage, action: str) -> str:
    """How the patient hears of what is done with the appointment; empty for other actions."""
    mailed = desk().settings.smtp_host and any(one.contact == "email" and one.stored for one in found.contact)
    if action == "book":
        return str(CONFIRMED if mailed else TELL_THEM)
    if action == "unbook":
        return str(CANCELLED if mailed else TELL_THEM_NOT_TO_COME)
    return ""


def links_to(found: RequestPage) -> dict[str, str]:
    """How the link to each question stands that nobody has answered yet."""
    if all(question.answer is not None for question in found.questions):
        return {}
    return message_words.links_of(found.letters, found.history, desk().service.now())


def rows(answers: Iterable[KeptAnswer]) -> list[Markup]:
    """Questions and answers for a summary list; dates as the language writes them."""
    return [
        summary_row(answer.asked, in_lines(said(answer.type, answer.said, answer.stored)))
        for answer in answers
    ]


class TimelineEntry(NamedTuple):
    """What somebody wrote or did, in words."""

    title: str
    lines: list[str]
    who: str
    at: str


def timeline(found: RequestPage) -> list[TimelineEntry]:
    """What staff wrote and did, the newest first."""
    return [_where_it_stands(found, written) for written in reversed(found.entries)]


def _where_it_stands(found: RequestPage, written: Written) -> TimelineEntry:
    """With what became of something that was raised, for whoever cannot see the item itself."""
    entry = in_words(written, found.items)
    if not isinstance(written.entry, Raised):
        return entry
    return entry._replace(lines=[*entry.lines, str(DEALT_WITH if written.id in found.dealt_with else WAITS)])


def in_words(written: Written, items: Mapping[str, str] | None = None) -> TimelineEntry:
    """An entry as the timeline shows it; away from its item, by what `items` calls it."""
    entry = written.entry
    title, lines = entry_words.entry_title(entry), entry_words.entry_lines(entry)
    if items and isinstance(entry, FlagDecision | PatientQuestion) and entry.flag in items:
        title = f"{title}: {items[entry.flag]}"
    return TimelineEntry(title, lines, desk_words.who(written.by_name), time_words.moment(written.at))


def since_written(found: RequestPage, seen: int) -> list[str]:
    """What colleagues wrote since somebody opened a page, in their words."""
    since = [in_words(line, found.items) for line in found.entries if line.version > seen > 0]
    return [": ".join((f"{entry.who}, {entry.title}", *entry.lines)) for entry in since]


@staff.get("/requests/<reference>/appointment.ics")
@who_may(RECEPTION, CLINICIAN)
def appointment(reference: str) -> ResponseReturnValue:
    """The appointment for a calendar, to send to the patient: day, time, place, and nothing about health."""
    found = opened_request.request(desk(), person(), reference_of(reference))
    if found.booking is None:
        abort(404)
    row, now = found.row, desk().service.now()
    written = appointment_file(desk().settings, found.booking, row.reference, row.version, now)
    headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return Response(written, mimetype="text/calendar", headers=headers)


@staff.get("/requests/<reference>/history")
@who_may(RECEPTION, CLINICIAN, AUDITOR)
def history(reference: str) -> ResponseReturnValue:
    """Who saw or changed it, and when."""
    reference = reference_of(reference)
    lines = audit.history(desk(), person(), reference)
    rows = [(time_words.moment(one.at), desk_words.who(one.who), action_words(one)) for one in lines]
    return page("history", reference=reference, rows=rows)


@staff.get("/requests/<reference>/looking")
@who_may(RECEPTION, CLINICIAN, polls=True)
def looking(reference: str) -> ResponseReturnValue:
    """Who else has it open; the script of a page that is open asks every few seconds."""
    found = opened_request.look(desk(), person(), reference_of(reference), goes_on=True)
    return {"text": looking_words(found)}


@staff.get("/requests/looking")
@who_may(RECEPTION, CLINICIAN, polls=True)
def looking_at_rows() -> ResponseReturnValue:
    """Who has which request open, for the rows of a list."""
    return {"rows": looking_in_rows()}


@staff.post("/requests/<reference>/left")
@who_may(RECEPTION, CLINICIAN, polls=True)
def left(reference: str) -> ResponseReturnValue:
    """The script of a page says that it was closed."""
    opened_request.leave(desk(), person(), reference_of(reference))
    return "", 204
