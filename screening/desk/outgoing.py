"""What leaves the screen: letters and exports, each for those who may, and each in the audit.

An export is three steps: which requests, in a reading; the event with their references, kept before a
byte is handed out; then the file, from one snapshot, while it is sent. Nobody waits for any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from screening.core.entries import FromPaper, TakenDown, Written
from screening.core.errors import Absent, CannotOpen, Refused
from screening.core.kept import KeptRequest
from screening.core.review import flag_lines, position
from screening.core.rules import RuleSet
from screening.core.stepping import Position
from screening.core.still_open import sides, still_open
from screening.desk.changes import words
from screening.desk.desk import (
    CLINICIAN,
    Desk,
    actor,
    admit,
    completed,
    sees_health,
    standing_of,
    trying,
)
from screening.desk.looked_for import wanted
from screening.desk.shapes import File, Filters, Person
from screening.desk.unreadable import as_far_as_it_opens
from screening.exports import FORMATS, Clinic, Format, Record, begun, in_pieces
from screening.exports.fhir import bundles
from screening.exports.records import StandingOnPaper
from screening.service.recording import Actor, record, recording
from screening.settings import shipped
from screening.storage import queue as rows
from screening.storage import whole
from screening.storage.database import reading, snapshot
from screening.storage.queue import Wanted
from screening.storage.standing import Standing


def letter(desk: Desk, person: Person, reference: str, *, for_patient: bool = False) -> File:
    """The request as a PDF: flags first; in the patient's copy, what the patient was told instead."""
    admit(desk, person, "letter_made", reference, CLINICIAN)
    with reading(desk.service.engine) as connection:
        found = record_of(desk, connection, reference, health=True, for_patient=for_patient)
    record(desk.service, "letter_made", actor(person), reference, format="pdf", for_patient=for_patient)
    name = f"{reference}{'-copy' if for_patient else ''}.pdf"
    return File(name, "application/pdf", begun(FORMATS["pdf"].write([found], clinic(desk))))


def formats(person: Person) -> tuple[Format, ...]:
    """What this person may export."""
    return tuple(made for made in FORMATS.values() if not person.roles.isdisjoint(made.roles))


def export(
    desk: Desk,
    person: Person,
    name: str,
    filters: Filters | None = None,
    references: Sequence[str] = (),
    *,
    reason: str,
) -> File:
    """A file of the requests named by `references`, or of those in a queue; health by role only.

    `reason` is kept in the audit, and the auditors are told: each export holds contact details.
    Raises Refused for a format that is not theirs, without a reason, and when there are more than fit into
    one file. What fails later, while the pieces are read, leaves a file that is visibly not whole.
    """
    theirs = formats(person)
    made = next((format_ for format_ in theirs if format_.name == name), None)
    if made is None:
        with trying(desk, person, "exported"):
            raise Refused("not_your_export", tuple(format_.name for format_ in theirs))
    reason = words(reason, "reason")
    looked_for = Wanted(status="all", references=tuple(references)) if references else None
    looked_for = looked_for or wanted(desk, filters or Filters())
    health = sees_health(desk, person)
    with reading(desk.service.engine) as connection:
        taken = rows.references(connection, looked_for, made.largest + 1)
    if len(taken) > made.largest:
        raise Refused("too_many", largest=made.largest)
    with recording(desk.service) as recorder:
        recorder.tell_auditors("export_made")
        recorder.note(
            "exported", actor(person), format=made.name, health=health, reason=reason, requests=taken
        )
    day = desk.service.today().isoformat()
    return File(
        f"requests-{day}.{made.suffix}",
        made.media_type,
        begun(pieces_of(desk, made, tuple(taken), health=health)),
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The chosen requests, opened one at a time, each time they are gone through."""

    desk: Desk
    connection: Connection
    references: tuple[str, ...]
    health: bool

    def __iter__(self) -> Iterator[Record]:
        for reference in self.references:
            try:
                yield record_of(self.desk, self.connection, reference, health=self.health)
            except CannotOpen:  # that one says so, the rest goes on
                at = standing_of(self.connection, reference)
                found = as_far_as_it_opens(self.desk, self.connection, at)
                yield _record(self.desk, at, found.kept, found.counted, health=self.health)


def pieces_of(desk: Desk, made: Format, references: tuple[str, ...], *, health: bool) -> Iterator[bytes]:
    """The file of these requests, read while it is sent; that it is made is on record already."""
    with snapshot(desk.service.engine) as connection:
        yield from in_pieces(made.write(_Taken(desk, connection, references, health), clinic(desk)))


def as_bundle(desk: Desk, who: Actor, reference: str, kind: str, *, reason: str) -> bytes:
    """One request in FHIR, for whoever holds the private keys; in the audit before it is handed out.

    Raises Refused without a reason, Absent, CannotOpen.
    """
    reason = words(reason, "reason")
    with reading(desk.service.engine) as connection:
        found = record_of(desk, connection, reference, health=True)
    made = bundles.as_json(bundles.bundle(found, clinic(desk), kind))
    with recording(desk.service) as recorder:
        recorder.tell_auditors("export_made")
        recorder.note("exported", who, format="fhir", health=True, reason=reason, requests=[reference])
    return made


def clinic(desk: Desk) -> Clinic:
    """Whose papers these are."""
    settings = desk.settings
    return Clinic(
        settings.clinic_name,
        settings.clinic_phone,
        settings.clinic_address,
        ZoneInfo(settings.time_zone),
        settings.language,
        shipped("templates") / "letter.typ",
        settings.letter_logo,
        desk.translate,
        settings.forms_at,
    )


def record_of(
    desk: Desk, connection: Connection, reference: str, *, health: bool, for_patient: bool = False
) -> Record:
    """A request for an export, cut to what may be seen. Raises CannotOpen."""
    found = whole.load_for_paper(connection, desk.opening_keys, reference)
    if found is None:
        raise Absent(f"there is no request {reference}")
    kept = completed(desk, found.request)
    return _record(desk, found.at, kept, found.written, health=health, for_patient=for_patient)


def _record(
    desk: Desk,
    at: Standing,
    kept: KeptRequest,
    written: Sequence[Written],
    *,
    health: bool,
    for_patient: bool = False,
) -> Record:
    rule_set = desk.rule_set(at.rule_set_digest)
    remarks = desk.service.remarks(kept, rule_set, at.received_at)
    things = desk.service.things(kept, remarks, checked=rule_set is not None)
    where = position(kept, at.status, written, things)
    found = _without_health(desk, at, kept, rule_set, where, things, written)
    if not health:
        return found
    flags = flag_lines(kept, written)
    unread = [thing for thing in things if thing in where.dealings.unread]
    return replace(
        found,
        health=kept.health,
        flags=flags,
        still_open=still_open(flags, kept, unread, remarks),
        remarks=remarks,
        sides=sides(kept, rule_set),
        urgent_because=where.dealings.urgent,
        for_patient=for_patient,
        rule_set=rule_set,
    )


def _without_health(
    desk: Desk,
    at: Standing,
    kept: KeptRequest,
    rule_set: RuleSet | None,
    where: Position,
    things: Sequence[str],
    written: Sequence[Written],
) -> Record:
    """What everybody at the desk may have: whom to call, and figures and lists."""
    return Record(
        reference=at.reference,
        treatment=at.treatment,
        title=rule_set.title if rule_set is not None else at.treatment,
        status=at.status,
        received_at=at.received_at,
        owner=at.owner_name,
        urgent=at.rank == 0,
        entered_by="patient" if at.entered_by == "patient" else "staff",
        contact=kept.contact,
        came=next((line.entry for line in written if isinstance(line.entry, FromPaper | TakenDown)), None),
        stands=StandingOnPaper(
            made_at=desk.service.now(),
            figures=where.figures(at.others_open),
            work_list=at.work_list,
            booking=where.dealings.booking,
            does_not_fit=sum(thing.startswith("remark:") for thing in things),
        ),
    )
