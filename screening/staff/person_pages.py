"""One person at the desk: all their requests, who read what of them, and two requests side by side."""

from __future__ import annotations

from typing import NamedTuple

from flask.typing import ResponseReturnValue

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.desk import alike, opened_request
from screening.desk.shapes import RequestPage
from screening.staff import desk_words, entry_words, time_words
from screening.staff.actions import ACTIONS, Action
from screening.staff.showing import action_words, desk, page, reference_of
from screening.web.answers_shown import said
from screening.web.words import gettext as _


class SideBySide(NamedTuple):
    """What two requests say of one thing."""

    asked: str
    here: str
    there: str

    @property
    def differs(self) -> bool:
        """Whether somebody should look."""
        return self.here != self.there


@staff.get("/requests/<reference>/person")
@who_may(RECEPTION, CLINICIAN)
def whole_person(reference: str) -> ResponseReturnValue:
    """All requests with this name and date of birth, those that may be theirs too, and who read any."""
    found = opened_request.request(desk(), person(), reference_of(reference))
    mine = [found.row.reference, *(twin.reference for twin in found.twins if not twin.not_same)]
    pages = [found, *(opened_request.request(desk(), person(), other) for other in mine[1:])]
    lines = [(line, one.row.reference) for one in pages for line in one.history]
    lines.sort(key=lambda line: line[0].at, reverse=True)
    resembling = alike.alike(desk(), person(), found.row.reference, parted_too=True)
    return page(
        "whole_person",
        row=found.row,
        requests=[one.row for one in pages],
        alike=[line for line in resembling if not line.only],
        apart=[line for line in resembling if line.only],
        parted=[twin for twin in found.twins if twin.not_same],
        history=[
            (time_words.moment(line.at), desk_words.who(line.who), action_words(line), other)
            for line, other in lines
        ],
    )


@staff.get("/requests/<reference>/beside/<other>")
@who_may(RECEPTION, CLINICIAN)
def beside(reference: str, other: str) -> ResponseReturnValue:
    """Who each of two requests is for, with the differences marked; nothing of health."""
    here = opened_request.request(desk(), person(), reference_of(reference))
    there = opened_request.request(desk(), person(), reference_of(other))
    return page(
        "beside",
        here=here.row,
        there=there.row,
        lines=_lines(here, there),
        action=_telling_apart(here, there),
    )


def _telling_apart(here: RequestPage, there: RequestPage) -> Action | None:
    """What may be said of these two: that they are not the same, or that it was said wrongly."""
    other = there.row.reference
    if any(twin.reference == other for twin in here.twins):
        parted = any(twin.reference == other and twin.not_same for twin in here.twins)
        return ACTIONS["alike-again" if parted else "not-same"]
    found = alike.alike(desk(), person(), here.row.reference, parted_too=True)
    line = next((line for line in found if line.row.reference == other), None)
    return None if line is None else ACTIONS["alike-again" if line.only else "unlike"]


def _lines(here: RequestPage, there: RequestPage) -> list[SideBySide]:
    """Question by question, in whichever words each was asked: of the patient, or of somebody for them."""
    mine, theirs = _told(here), _told(there)
    nothing = Told("", "")
    return [
        SideBySide(
            (mine.get(thing) or theirs[thing]).asked,
            mine.get(thing, nothing).said,
            theirs.get(thing, nothing).said,
        )
        for thing in {**mine, **theirs}
    ]


class Told(NamedTuple):
    """What a request says of one thing, and in which words that was asked."""

    asked: str
    said: str


def _told(found: RequestPage) -> dict[str, Told]:
    """By question, as far as it says who somebody is; then what the request is."""
    row = found.row
    told = {
        answer.question: Told(answer.asked, ", ".join(said(answer.type, answer.said, answer.stored)))
        for answer in found.contact
    }
    appointment = entry_words.booking_line(found.booking) if found.booking is not None else _("None")
    return told | {
        "/treatment": Told(_("Treatment"), row.title),
        "/received": Told(_("Received"), time_words.moment(row.received_at)),
        "/status": Told(_("Status"), desk_words.status(row.status)),
        "/appointment": Told(_("Appointment"), appointment),
    }
