"""What leaves the screen: letters and exports, each for those who may, and each in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from screening.core.errors import Refused
from screening.desk.changes import CLINICIAN
from screening.desk.clinician import Review
from screening.desk.shapes import File, Filters, Person
from screening.exports import FORMATS, Clinic, Format, Record
from screening.settings import shipped
from screening.storage import entries
from screening.storage import queue as stored
from screening.storage.queue import Wanted

DECIDED = {
    "proceed": "Noted, proceed to booking",
    "ask_patient": "Ask the patient",
    "discuss": "Discuss at consultation",
    "do_not_proceed": "Do not proceed",
}


class Papers(Review):
    """Letters and exports."""

    def letter(self, person: Person, reference: str, *, for_patient: bool = False) -> File:
        """The request as a PDF: flags first; in the patient's copy, what the patient was told instead."""
        self.allow(person, *CLINICIAN)
        details = {"format": "pdf", "for_patient": for_patient}
        with self.viewing(person, "letter_made", reference, details) as connection:
            record = replace(self.record_of(connection, reference, health=True), for_patient=for_patient)
        content = FORMATS["pdf"].write([record], self.clinic())
        return File(f"{reference}{'-copy' if for_patient else ''}.pdf", "application/pdf", content)

    def formats(self, person: Person) -> tuple[Format, ...]:
        """What this person may export."""
        return tuple(one for one in FORMATS.values() if not one.roles.isdisjoint(person.roles))

    def export(
        self,
        person: Person,
        name: str,
        filters: Filters | None = None,
        references: Sequence[str] = (),
    ) -> File:
        """A file of the requests named by `references`, or of those in a queue; health by role only.

        Raises Refused for a format that is not theirs, and when there are more than fit into one file.
        """
        made = next((one for one in self.formats(person) if one.name == name), None)
        if made is None:
            raise Refused("not_your_export", tuple(one.name for one in self.formats(person)))
        wanted = Wanted(status="all", references=tuple(references)) if references else None
        wanted = wanted or self.wanted(filters or Filters())
        health = self.settings.reception_sees_health or "clinician" in person.roles
        details = {"format": made.name, "health": health}
        with self.viewing(person, "exported", None, details) as connection:
            found = stored.page(connection, wanted, None, made.largest + 1)
            if len(found) > made.largest:
                raise Refused("too_many", largest=made.largest)
            each = [one.standing.reference for one in found]
            details["requests"] = each
            records = [self.record_of(connection, reference, health=health) for reference in each]
        day = self.service.today().isoformat()
        return File(f"requests-{day}.{made.suffix}", made.media_type, made.write(records, self.clinic()))

    def clinic(self) -> Clinic:
        """Whose papers these are."""
        settings = self.settings
        return Clinic(
            settings.clinic_name,
            settings.clinic_phone,
            settings.clinic_address,
            ZoneInfo(settings.time_zone),
            settings.language,
            shipped("templates") / "letter.typ",
            settings.letter_logo,
        )

    def record_of(self, connection: Connection, reference: str, *, health: bool) -> Record:
        """A request for an export, cut to what may be seen."""
        at = self.standing(connection, reference)
        opened = self.opened(connection, reference)
        answers = opened.contact.get("answers", [])
        record = Record(
            reference=reference,
            treatment=at.treatment,
            title=str(self.row_of(at, opened.contact).title),
            status=at.status,
            received_at=at.received_at,
            owner=at.owner_name,
            urgent=at.rank == 0,
            entered_by="patient" if at.entered_by == "patient" else "staff",
            contact=tuple(answers) if isinstance(answers, list) else (),
        )
        if not health:
            return record
        zone = ZoneInfo(self.settings.time_zone)
        decisions = tuple(
            {
                "flag": str(one.words["flag"]),
                "decision": str(one.words["decision"]),
                "label": DECIDED[str(one.words["decision"])],
                "note": str(one.words["note"]),
                "by": one.by_name,
                "at": f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
            }
            for one in entries.load(connection, self.opening_keys, reference)
            if one.kind == "decision"
        )
        return replace(record, health=opened.health, decisions=decisions)
