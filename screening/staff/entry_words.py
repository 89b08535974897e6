"""What staff wrote or decided, in words: a title for each kind of entry, a line for each of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from screening.core import paper_words
from screening.core.entries import Booking, Entry, FromPaper, NotSame, UnknownEntry, Unlike, Urgency
from screening.core.kept import KeptAnswer, KeptContact
from screening.staff.desk_words import (
    BOOKED_FOR,
    CALL_OUTCOMES,
    CLOSE_REASONS,
    DECISIONS,
    ENTRIES,
    MESSAGE_WAYS,
    RAISED_BECAUSE,
    UNLIKE_WHAT,
    LazyWords,
    word,
)
from screening.staff.time_words import day
from screening.web.words import gettext
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

# Fields of entries whose values are codes, and what the codes are called.
CODED: Mapping[tuple[str, str], LazyWords] = {
    ("call", "outcome"): CALL_OUTCOMES,
    ("call", "asked"): {"True": _l("We wait for the patient’s answer"), "False": ""},
    ("taken_down", "how"): {"phone": _l("In words")},
    ("taken_down", "consent"): {"spoken": _l(paper_words.AGREED_TO)},
    ("closed", "reason"): CLOSE_REASONS,
    ("decision", "decision"): DECISIONS,
    ("raised", "because"): RAISED_BECAUSE,
    ("asked_again", "changed"): {"True": _l("Something is different"), "False": _l("Nothing is different")},
    ("message", "way"): MESSAGE_WAYS,
    ("identity", "checked"): {"True": _l("Checked"), "False": _l("Not checked")},
    ("unlike", "what"): UNLIKE_WHAT,
}
# Fields that point at what the entry stands beside, or that its title says.
TOLD_ELSEWHERE = frozenset(
    {
        ("question", "flag"),
        ("decision", "flag"),
        ("answer", "question"),
        ("urgent", "on"),
        ("unlike", "on"),
        ("not_same", "on"),
        ("raised", "item"),
        ("read", "things"),
        ("message", "question"),
    }
)


def entry_title(entry: Entry) -> str:
    """What kind of entry it is."""
    if isinstance(entry, Urgency) and not entry.on:
        return _("No longer urgent")
    if isinstance(entry, Unlike | NotSame) and not entry.on:
        return _("May be the same after all")
    return word(ENTRIES, entry.written_as if isinstance(entry, UnknownEntry) else entry.kind)


def entry_lines(entry: Entry) -> list[str]:
    """Every field of an entry that says something, a line each; what two of them say stands once."""
    if isinstance(entry, Booking):
        return [booking_line(entry)]
    if isinstance(entry, FromPaper):
        return paper_lines(entry)
    if isinstance(entry, UnknownEntry):
        return [f"{name}: {value}" for name, value in entry.said]
    names = [one.name for one in fields(entry) if (entry.kind, one.name) not in TOLD_ELSEWHERE]
    return list(dict.fromkeys(line for name in names if (line := _field_words(entry, name))))


def paper_lines(paper: FromPaper) -> list[str]:
    """Its version, and where others were asked; its day; whose hand; whether somebody interpreted."""
    return [paper_words.labelled(*told) for told in paper_words.how_it_came(paper, gettext, day)]


def filled_in_by(contact: tuple[KeptAnswer, ...]) -> list[tuple[str, str]]:
    """Who filled it in for the patient, beside its label; nothing where the patient did."""
    return list(paper_words.filled_in_by(KeptContact(contact), gettext))


def _field_words(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    coded = CODED.get((entry.kind, name))
    if coded is not None:
        return word(coded, value)
    return "" if value is None else str(value)


def booking_line(booking: Booking) -> str:
    """When and where."""
    what = word(BOOKED_FOR, booking.what)
    return ", ".join(part for part in (what, day(booking.on), booking.at, booking.place) if part)
