"""What the desk's pages share: the desk itself, a page, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from screening.accounts import members
from screening.accounts.access import CLINICIAN, StaffPerson, person, staff
from screening.core import paper_words, references
from screening.core.errors import Absent, CannotOpen, Refused
from screening.desk import beside_lists, opened_request
from screening.desk.beside_lists import BesideList
from screening.desk.desk import Desk
from screening.desk.shapes import File, HistoryLine, Look
from screening.logs import log_failure
from screening.staff import desk_words, entry_words, message_words, refusals, time_words
from screening.staff.actions import ACTIONS, Action, action_for_move
from screening.web.door import service
from screening.web.words import gettext as _


def desk() -> Desk:
    """What the functions of the desk work with."""
    found: Desk = current_app.extensions["desk"]
    return found


def signed_in() -> StaffPerson | None:
    """Who is signed in, where somebody is: pages that only give typed words back do not need to know."""
    found: StaffPerson | None = g.get("person")
    return found


_WORDS = {  # what templates say things by
    "wording": desk_words,
    "time_words": time_words,
    "entry_words": entry_words,
    "message_words": message_words,
}


def page(name: str, **context: Any) -> str:
    """A page of the desk, with the words it is written in."""
    return render_template(f"staff/{name}.html", **_WORDS, sees_health=sees_health, **context)


def sent(file: File, content: bytes | Iterator[bytes]) -> Response:
    """A file to be kept and not shown, its content at once or while it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(content, content_type=file.media_type, headers=headers)


def reference_of(text: str) -> str:
    """The reference in an address, in its usual form; 404 where it is none."""
    found = references.recognise(text)
    if found is None:
        abort(404)
    return found


def sees_health() -> bool:
    """Whether the review page is theirs to open."""
    return person().has(CLINICIAN)


def colleagues() -> list[StaffPerson]:
    """Everybody who may own a request, by name; asked once for a page."""
    if "colleagues" not in g:
        g.colleagues = _at_desk()
    return list(g.colleagues)


def _at_desk() -> list[StaffPerson]:
    found = members.at_desk(service())
    return [
        StaffPerson(member.id, member.name, member.email, frozenset(member.roles), member.sites)
        for member in found
    ]


def name_of(person_id: str) -> str:
    """A member of staff by name, also one who is gone."""
    read_already = {colleague.id: colleague.name for colleague in g.get("colleagues", ())}
    return read_already.get(person_id) or members.name_of(service(), person_id)


def since_words(lines: Iterable[Any]) -> list[str]:
    """What happened since somebody opened a page, a sentence each."""
    return [history_words(line) for line in lines]


def history_words(line: HistoryLine) -> str:
    """When, who, what."""
    when, what = time_words.moment(line.at), action_words(line)
    return _("%(when)s, %(who)s: %(what)s", when=when, who=desk_words.who(line.who), what=what)


def action_words(line: HistoryLine) -> str:
    """What was done, and the status it led to; or what was only tried."""
    done = desk_words.word(desk_words.HISTORY, line.action)
    if tried := line.details.get("tried"):
        action = ACTIONS.get(str(tried))
        done = f"{done}: {action.label if action else desk_words.word(desk_words.HISTORY, tried)}"
    led_to = desk_words.status(str(line.details["status"])) if line.details.get("status") else done
    return done if led_to == done else f"{done} → {led_to}"


def looking_words(found: Iterable[Look]) -> str:
    """Who else has a request open; empty when nobody has."""
    names = ", ".join(look.name for look in found)
    return _("Also open on the screen of: %(names)s", names=names) if names else ""


def beside_list(*, searching: bool = False) -> BesideList:
    """What stands beside every list, read at once; `colleagues` among it."""
    found = beside_lists.load(desk(), person(), searching=searching)
    g.colleagues = [StaffPerson(*colleague) for colleague in found.colleagues]
    g.gone = {colleague.id: colleague.name for colleague in found.gone}
    return found


def looking_in_rows(looks: Iterable[Look] | None = None) -> dict[str, str]:
    """Who has which request open, in words, for the rows of a list."""
    found: dict[str, list[Look]] = {}
    for look in opened_request.looking(desk(), person()) if looks is None else looks:
        found.setdefault(look.reference, []).append(look)
    return {reference: looking_words(looks) for reference, looks in found.items()}


def allowed_now(refusal: Refused, reference: str) -> list[dict[str, str]]:
    """Links to what may be done instead."""
    found: list[Action] = [action for action in map(action_for_move, refusal.allowed) if action is not None]
    return [{"text": str(action.label), "href": address_of(action, reference)} for action in found]


def address_of(action: Action, reference: str) -> str:
    """Where an action is done."""
    return url_for("staff.act", reference=reference, action=action.name)


@staff.errorhandler(Absent)
@staff.errorhandler(NotFound)
def absent(_error: Exception) -> ResponseReturnValue:
    """Foreign or absent, it looks the same."""
    return page("absent"), 404


@staff.errorhandler(CannotOpen)
def unreadable(error: CannotOpen) -> ResponseReturnValue:
    """One request that does not open says so; every other goes on."""
    log_failure("request does not open", error)
    heading, why = _(paper_words.DOES_NOT_OPEN), _(paper_words.DOES_NOT_OPEN_WHY)
    about = str((request.view_args or {}).get("reference", ""))
    return page("refused", heading=heading, why=why, allowed=[], reference=about), 409


@staff.errorhandler(Refused)
def refused(error: Refused) -> ResponseReturnValue:
    """Nothing was kept; what is allowed stands beside it."""
    return page("refused", why=refusals.words(error), allowed=[]), 409
