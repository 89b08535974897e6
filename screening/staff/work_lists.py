"""The work lists beside every queue: how many are on each, and the way back to the one that was open."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from flask import request, session, url_for
from flask_babel import gettext as _

from screening.accounts.access import CLINICIAN, person
from screening.core.waiting import ALL_LISTS
from screening.desk.shapes import Counts
from screening.staff import desk_words
from screening.web.addresses import asked_for

TICKED, EVERY = "ticked", "all"  # in the address of a list whose rows all come ticked
_LAST = "desk_list"  # in the session: the list that was open last, with its filters and its place


class Ticking(NamedTuple):
    """Whether every row of the list comes ticked, and the address that turns that about, at its form."""

    all: bool
    href: str


class ListLink(NamedTuple):
    """A work list; `waits` where somebody should look, `here` for the one that is open."""

    text: str
    href: str
    number: int
    waits: bool
    here: bool


def links(counts: Counts) -> list[ListLink]:
    """Everything to do, one's own and what is late first; each list; messages that failed, if any."""
    inbox = url_for("staff.inbox")
    found = [
        _link(_("To do"), inbox, counts.to_do),
        _link(_("Mine"), url_for("staff.inbox", owner=person().id), counts.mine),
        _link(_("Late"), url_for("staff.inbox", overdue="y"), counts.overdue, waits=counts.overdue > 0),
    ]
    found += [_link(desk_words.work_list(name), address(name), counts.by_list[name]) for name in ALL_LISTS]
    if counts.undelivered:
        lost = url_for("staff.undelivered")
        found.append(_link(_("Messages not delivered or not answered"), lost, counts.undelivered, waits=True))
    if counts.begun:
        found.append(_link(_("Being filled in by me"), url_for("staff.entry"), counts.begun))
    return found


def address(name: str) -> str:
    """Where a list is; clinicians have a page of their own for what they review, with the reasons."""
    if name == "to_review" and person().has(CLINICIAN):
        return url_for("staff.reviews")
    return url_for("staff.inbox", list=name)


def _link(text: str, href: str, number: int, *, waits: bool = False) -> ListLink:
    return ListLink(text, href, number, waits, asked_for() == href)


def remember() -> None:
    """The list that is open now is where the way back leads; nothing is ticked there."""
    session[_LAST + request.script_root] = _here()


def ticking() -> Ticking:
    """Of the list that is open, without a script."""
    every = request.args.get(TICKED) == EVERY
    return Ticking(every, _here(None if every else EVERY) + "#many")


def _here(ticked: str | None = None) -> str:
    """This address, without what is only for once."""
    kept = {name: text for name, text in request.args.items() if text and name != TICKED}
    asked = urlencode(kept | ({TICKED: ticked} if ticked else {}))
    here = request.script_root + request.path
    return f"{here}?{asked}" if asked else here


def way_back(reference: str) -> str:
    """The list that was open last, at this request's row."""
    return f"{session.get(_LAST + request.script_root) or url_for('staff.inbox')}#at-{reference}"
