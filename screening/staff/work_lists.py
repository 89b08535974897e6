"""The work lists beside every queue: how many are on each, and the way back to the one that was open."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from flask import g, request, session, url_for

from screening.accounts.access import CLINICIAN, is_open, person
from screening.core.waiting import ALL_LISTS
from screening.desk.shapes import Counts, QueuePage
from screening.staff import desk_words
from screening.web.addresses import asked_for
from screening.web.words import gettext as _

TICKED, EVERY = "ticked", "all"  # in the address of a list whose rows all come ticked
_LAST = "desk_list"  # in the session: the list that was open last, with its filters and its place


class Ticking(NamedTuple):
    """Whether every row of the list comes ticked, and the address that turns that about, at its form."""

    all: bool
    href: str


class KeyedList(NamedTuple):
    """A list, the two keys that open it after g, how many are on it; `waits`: then somebody should look."""

    keys: str
    text: str
    href: str
    counted: Callable[[Counts], int]
    waits: bool = False
    always: bool = True  # shown beside a queue with nothing on it too


class ListLink(NamedTuple):
    """A work list; `waits` where somebody should look, `here` for the one that is open."""

    text: str
    href: str
    number: int
    waits: bool
    here: bool


def keyed() -> list[KeyedList]:
    """Every list there may be, each always under the same keys; none for who has no desk.

    Made once for a page, which has them on top and beside its list.
    """
    if "keyed_lists" not in g:
        g.keyed_lists = _keyed() if is_open("staff.inbox") else []
    found: list[KeyedList] = g.keyed_lists
    return found


def _keyed() -> list[KeyedList]:
    inbox = url_for("staff.inbox")
    mine, late = _of(inbox, owner=person().id), _of(inbox, overdue="y")
    lost = _("Messages not delivered or not answered")
    found = [
        KeyedList("", _("To do"), inbox, lambda counts: counts.to_do),
        KeyedList("", _("Mine"), mine, lambda counts: counts.mine),
        KeyedList("", _("Late"), late, lambda counts: counts.overdue, waits=True),
        *(_by_name(name, inbox) for name in ALL_LISTS),
        KeyedList("", lost, url_for("staff.undelivered"), lambda counts: counts.undelivered, True, False),
        KeyedList(
            "", _("Being filled in by me"), url_for("staff.entry"), lambda counts: counts.begun, False, False
        ),
    ]
    return [one._replace(keys=f"{number:02}") for number, one in enumerate(found, 1)]


def _of(inbox: str, **asked: str) -> str:
    """Of the queue, of which a page links a dozen lists."""
    return f"{inbox}?{urlencode(asked)}"


def _by_name(name: str, inbox: str) -> KeyedList:
    """Clinicians have a page of their own for what they review, with the reasons."""
    reviewed = name == "to_review" and person().has(CLINICIAN)
    to = url_for("staff.reviews") if reviewed else _of(inbox, list=name)
    return KeyedList("", desk_words.work_list(name), to, lambda counts: counts.by_list[name])


def links(counts: Counts) -> list[ListLink]:
    """Everything to do, one's own and what is late first; each list; messages that failed, if any."""
    here = asked_for()
    found = ((one, one.counted(counts)) for one in keyed())
    return [
        ListLink(one.text, one.href, number, one.waits and number > 0, here == one.href)
        for one, number in found
        if number or one.always
    ]


def remember() -> None:
    """The list that is open now is where the way back leads; nothing is ticked there."""
    session[_LAST + request.script_root] = _here()


def changes_of(found: QueuePage, **list_of: str) -> str:
    """Where the script asks what changed since: this list, and the rows of this page with their versions."""
    asked = {name: text for name, text in request.args.items() if text and name not in ("trail", TICKED)}
    seen = "~".join(f"{row.reference}.{row.version}" for row in found.rows)
    return f"{url_for('staff.changed')}?{urlencode(asked | list_of | {'seen': seen})}"


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
