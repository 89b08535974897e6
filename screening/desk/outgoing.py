"""What leaves the screen: letters and exports, each for those who may, and each in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from screening.core.errors import Refused
from screening.core.review import flag_lines
from screening.desk.desk import CLINICIAN, Desk, allow, opened, sees_health, standing_of, viewing
from screening.desk.queues import row_of, wanted
from screening.desk.shapes import File, Filters, Person
from screening.exports import FORMATS, Clinic, Format, Record
from screening.settings import shipped
from screening.storage import entries
from screening.storage import queue as rows
from screening.storage.queue import Wanted


def letter(desk: Desk, person: Person, reference: str, *, for_patient: bool = False) -> File:
    """The request as a PDF: flags first; in the patient's copy, what the patient was told instead."""
    allow(person, CLINICIAN)
    with viewing(desk, person, "letter_made", reference, format="pdf", for_patient=for_patient) as connection:
        record = record_of(desk, connection, reference, health=True, for_patient=for_patient)
    content = FORMATS["pdf"].write([record], clinic(desk))
    return File(f"{reference}{'-copy' if for_patient else ''}.pdf", "application/pdf", content)


def formats(person: Person) -> tuple[Format, ...]:
    """What this person may export."""
    return tuple(made for made in FORMATS.values() if not made.roles.isdisjoint(person.roles))


def export(
    desk: Desk,
    person: Person,
    name: str,
    filters: Filters | None = None,
    references: Sequence[str] = (),
) -> File:
    """A file of the requests named by `references`, or of those in a queue; health by role only.

    Raises Refused for a format that is not theirs, and when there are more than fit into one file.
    """
    theirs = formats(person)
    made = next((format_ for format_ in theirs if format_.name == name), None)
    if made is None:
        raise Refused("not_your_export", tuple(format_.name for format_ in theirs))
    looked_for = Wanted(status="all", references=tuple(references)) if references else None
    looked_for = looked_for or wanted(desk, filters or Filters())
    health = sees_health(desk, person)
    taken: list[str] = []
    with viewing(desk, person, "exported", format=made.name, health=health, requests=taken) as connection:
        found = rows.page(connection, looked_for, None, made.largest + 1)
        if len(found) > made.largest:
            raise Refused("too_many", largest=made.largest)
        taken += [listed.standing.reference for listed in found]
        records = [record_of(desk, connection, reference, health=health) for reference in taken]
    day = desk.service.today().isoformat()
    return File(f"requests-{day}.{made.suffix}", made.media_type, made.write(records, clinic(desk)))


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
    )


def record_of(
    desk: Desk, connection: Connection, reference: str, *, health: bool, for_patient: bool = False
) -> Record:
    """A request for an export, cut to what may be seen."""
    at = standing_of(connection, reference)
    kept = opened(desk, connection, reference)
    written = entries.load(connection, desk.opening_keys, reference) if health else ()
    return Record(
        reference=reference,
        treatment=at.treatment,
        title=row_of(desk, at, kept.contact).title,
        status=at.status,
        received_at=at.received_at,
        owner=at.owner_name,
        urgent=at.rank == 0,
        entered_by="patient" if at.entered_by == "patient" else "staff",
        contact=kept.contact,
        health=kept.health if health else None,
        flags=flag_lines(kept, written) if health else (),
        for_patient=for_patient,
    )
