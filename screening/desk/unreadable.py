"""A request with sealed parts that do not open: what stands in their place, so that all the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import Connection

from screening.core.entries import Note, Written
from screening.core.errors import Absent, CannotOpen
from screening.core.kept import (
    KeptAnswer,
    KeptContact,
    KeptFlag,
    KeptHealth,
    KeptRequest,
    KeptRuleSet,
    KeptSay,
)
from screening.core.paper_words import DOES_NOT_OPEN, DOES_NOT_OPEN_WHY, PART_DOES_NOT_OPEN
from screening.desk.changes import keep_entries, words
from screening.desk.desk import EITHER, Desk, actor, allow, trying
from screening.desk.shapes import Person
from screening.service.recording import recording
from screening.storage import binding, entries, events, requests, standing
from screening.storage.entries import Writer
from screening.storage.standing import Standing

UNREADABLE = "unreadable"
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class AsFarAsItOpens:
    """What opens of a request; `written` are entries of staff, and `whole` whether these are all of them."""

    kept: KeptRequest = field(repr=False)
    written: tuple[Written, ...] = field(repr=False)
    whole: bool

    @property
    def counted(self) -> tuple[Written, ...]:
        """What staff wrote, for where it stands: nothing counts as dealt with where one may say otherwise."""
        return self.written if self.whole else ()


def as_far_as_it_opens(desk: Desk, connection: Connection, at: Standing) -> AsFarAsItOpens:
    """Each part stands alone. That one does not open is an open item, and stands beside whom to call."""
    keys, reference = desk.opening_keys, at.reference
    contact = _opened(lambda: requests.load_contact(connection, keys, reference))
    health = _opened(lambda: requests.load_health(connection, keys, reference))
    rows = connection.execute(entries.query(), {"reference": reference}).all()
    written = entries.by_reference(keys, [reference], rows)[reference]
    what = DOES_NOT_OPEN if contact is None and health is None else PART_DOES_NOT_OPEN
    label, why = desk.translate(what), desk.translate(DOES_NOT_OPEN_WHY)
    told = KeptAnswer(UNREADABLE, label, "text", stored=why, said=(why,))
    item = KeptFlag(UNREADABLE, label, True, "review_before_booking", KeptSay(why, why), (), "")
    health = (health or _no_health(at, label, why)).completed(desk.rule_set(at.rule_set_digest))
    kept = KeptRequest(
        KeptContact((told, *(contact.answers if contact is not None else ()))),
        replace(health, flags=(item, *health.flags)),
    )
    return AsFarAsItOpens(kept, written, len(written) == len(rows))


def note_beside(desk: Desk, person: Person, reference: str, note: str) -> None:
    """Words that are sealed beside a request without opening any of it: whoever can open it later reads them.

    What was changed there without an event stays a finding of the audit. Raises Absent, Refused.
    """
    entry = Note(words(note, "note"))
    with trying(desk, person, "noted", reference), recording(desk.service) as recorder:
        allow(person, *EITHER)
        at = standing.with_others(recorder.connection, [reference], locked=True).get(reference)
        if at is None:
            raise Absent(f"there is no request {reference}")
        was = events.last_said(recorder.connection, binding.REQUEST, reference)
        binding.leave_as_vouched(recorder.connection, binding.REQUEST, reference, was)
        version = standing.save(recorder.connection, at, {})
        writer = Writer(reference, version, person.id, person.name, recorder.now)
        kept = keep_entries(desk, recorder.connection, writer, [entry])
        recorder.note("noted", actor(person), reference, version=version, entries=kept)


def _opened(part: Callable[[], Part | None]) -> Part | None:
    with suppress(CannotOpen):
        return part()
    return None


def _no_health(at: Standing, heading: str, why: str) -> KeptHealth:
    return KeptHealth(
        rule_set=KeptRuleSet(at.treatment, "", at.rule_set_digest, at.treatment),
        heading=heading,
        statement=why,
        answers=(),
        unanswered=(),
        indicators=(),
        flags=(),
        said_to_patient=(),
    )
