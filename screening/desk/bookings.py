"""Appointments: what is booked, in one press or after all else, and what does not stand any more."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from screening.core import workflow
from screening.core.entries import Booking, IdentityCheck, Note, Unbooking
from screening.core.errors import Refused
from screening.core.still_open import side_questions
from screening.core.wording import marked
from screening.desk.changes import Change, change, words
from screening.desk.desk import EITHER, Desk, allow, standing_of
from screening.desk.shapes import Person
from screening.service.messaging import CANCELLED, CONFIRMED
from screening.storage.database import reading
from screening.storage.standing import Standing

SIDE_CONFIRMED = marked("The side was confirmed with the patient.")


def book(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    booking: Booking,
    *,
    identity: bool = False,
    side: bool = False,
) -> int:
    """Keep the appointment; booking again replaces it. What has nothing in the way is made ready by it.

    `identity`: they know who it is. `side`: they confirmed with the patient which side, where its rules ask
    for it, which is noted. Raises Refused while something is in the way.
    """
    entry = _to_book(desk, booking)
    with change(desk, person, reference, version, "booked", *EITHER) as made:
        facts = made.position.facts(made.others_open, _given_to_book(made, entry, side))
        for name in workflow.way_to_book(made.status, person.roles, facts, identity=identity)[:-1]:
            made.act(name, *([IdentityCheck(True)] if name == "check_identity" else []))
        if side:
            made.act("note", Note(made.desk.translate(SIDE_CONFIRMED)))
        made.act("book", entry, given=_given_to_book(made, entry, side))
        arrival = desk.service.arrival
        arrival.tell_patient(made.connection, CONFIRMED, reference, made.kept.contact, made.now)
    return made.version


def _given_to_book(made: Change, entry: Booking, side: bool) -> frozenset[str]:
    """What the table asks of a booking; a side is given where its rules ask for none, too."""
    settled = {"side"} if side or not _asks_side(made.desk, made.standing) else set[str]()
    treatment = {"treatment"} if entry.what == "treatment" else set[str]()
    return frozenset({"appointment"} | settled | treatment)


def _to_book(desk: Desk, booking: Booking) -> Booking:
    """The entry. Raises Refused for a day or a time that is over."""
    place, at = words(booking.place, "place"), words(booking.at, "time", needed=False)
    now = desk.service.now().astimezone(ZoneInfo(desk.settings.time_zone))
    if booking.on < now.date() or (booking.on == now.date() and at and at < f"{now:%H:%M}"):
        raise Refused("is_over")
    return Booking(booking.on, at, place, booking.what)


def unbook(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """The appointment does not stand any more, whatever the status; a new promise begins."""
    entry = Unbooking(words(reason, "reason"))
    with change(desk, person, reference, version, "unbooked", *EITHER) as made:
        made.act("unbook" if made.status == "booked" else "cancel", entry, given={"reason"})
        arrival = desk.service.arrival  # who has a confirmation would come
        arrival.tell_patient(made.connection, CANCELLED, reference, made.kept.contact, made.now)
    return made.version


def asks_side(desk: Desk, person: Person, reference: str) -> bool:
    """Whether its rules ask which side, whatever this patient said."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        return _asks_side(desk, standing_of(connection, reference))


def _asks_side(desk: Desk, at: Standing) -> bool:
    """Rules that cannot be read any more may have asked."""
    rule_set = desk.rule_set(at.rule_set_digest)
    return rule_set is None or bool(side_questions(rule_set))
