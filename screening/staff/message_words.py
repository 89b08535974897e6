"""What became of messages to a patient, and of the links in them, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from screening.desk.messages import KeptMessage
from screening.desk.shapes import HeldLink, HistoryLine
from screening.staff.desk_words import LazyWords, word
from screening.staff.time_words import here, moment, near, near_day
from screening.web.words import gettext
from screening.web.words import lazy_gettext as _l

MESSAGE_STATES: LazyWords = {
    "waiting": _l("Not sent yet"),
    "sent": _l("Sent"),
    "delivered": _l("Delivered"),
    "failed": _l("NOT delivered"),
    "unanswered": _l("The link ended, and NOT answered"),
}
MESSAGE_FAILED: LazyWords = {
    "locked": _l("the link is locked after too many wrong tries"),
    "too_late": _l("it could not be sent before its link ended"),
    "reported": _l("the text did not reach the telephone"),
    "came_back": _l("the email came back: there is no such address, or it takes nothing from us"),
    "came_back_for_now": _l("the email came back: the address could not take it now"),
}


def message_standing(found: KeptMessage) -> str:
    """What became of a message, and when; why, where that has words."""
    why = str(MESSAGE_FAILED.get(found.why, "")) if found.state == "failed" else ""
    when = f"{word(MESSAGE_STATES, found.state)}, {moment(found.state_at)}"
    return f"{when}: {why}" if why else when


def link_line(link: HeldLink) -> str:
    """That the patient has a link to a question, or is to get it: since when, and the last day of it."""
    since, last = (here(at).date() for at in (link.since, link.until - timedelta(seconds=1)))
    if not link.sent:
        return str(gettext("Link not sent yet, until %(day)s", day=near_day(last)))
    return str(gettext("Link sent %(since)s, until %(day)s", since=near_day(since), day=near_day(last)))


def links_of(letters: Iterable[KeptMessage], history: Iterable[HistoryLine], now: datetime) -> dict[str, str]:
    """How the newest link to each question stands, by question; nothing of one that was answered."""
    opened = {line.details.get("message"): line.at for line in history if line.action == "link_opened"}
    newest = {letter.question: letter for letter in reversed([*letters]) if letter.question}
    return {
        question: _link_standing(letter, opened.get(letter.id), now) for question, letter in newest.items()
    }


def _link_standing(letter: KeptMessage, opened: datetime | None, now: datetime) -> str:
    """Sent when and until when, or what became of it; and whether the patient got as far as the question."""
    if letter.used_at is not None:
        return ""
    seen = gettext("opened %(when)s", when=near(opened)) if opened is not None else gettext("not opened yet")
    if letter.works(now) and letter.expires_at is not None and letter.state != "failed":
        link = HeldLink(letter.created_at, letter.expires_at, sent=letter.state != "waiting")
        return f"{link_line(link)}, {seen}" if link.sent else link_line(link)
    return f"{message_standing(letter)}, {seen}" if opened is not None else message_standing(letter)
