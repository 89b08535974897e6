"""Papers of several requests at a time: labels and letters, in one file, on record before it is made."""

from __future__ import annotations

from collections.abc import Sequence

from screening.core.errors import Absent, Refused
from screening.desk.desk import CLINICIAN, EITHER, Desk, actor, admit, allow
from screening.desk.outgoing import clinic, pieces_of
from screening.desk.queues import named
from screening.desk.shapes import File, Person
from screening.exports import FORMATS, begun
from screening.exports.labels import ON_A_SHEET, Label, write_labels
from screening.exports.pdf import born
from screening.service.recording import record
from screening.settings import shipped


def labels(desk: Desk, person: Person, references: Sequence[str], first: int = 1) -> File:
    """A label for each, in this order, from the sheet's place `first` on. Raises Refused for none.

    Raises Absent where none of them is there.
    """
    allow(person, *EITHER)
    if not references:
        raise Refused("none_chosen")
    found = named(desk, references)
    if not found:
        raise Absent(references[0])
    record(desk.service, "labels_made", actor(person), requests=[row.reference for row in found])
    whose, template = clinic(desk), shipped("templates") / "labels.typ"
    made = [Label(row.name, born(row.birth_date, whose), row.reference) for row in found]
    return File("labels.pdf", "application/pdf", iter([write_labels(made, whose, template, first)]))


def letters(desk: Desk, person: Person, references: Sequence[str]) -> File:
    """The letters of these requests, each on sheets of its own. Raises Refused for none, or too many."""
    admit(desk, person, "letter_made", None, CLINICIAN)
    wanted, made = tuple(row.reference for row in named(desk, references)), FORMATS["pdf"]
    if not wanted:
        raise Refused("none_chosen")
    if len(wanted) > made.largest:
        raise Refused("too_many", largest=made.largest)
    record(desk.service, "letter_made", actor(person), requests=wanted, format="pdf")
    return File("letters.pdf", made.media_type, begun(pieces_of(desk, made, wanted, health=True)))


__all__ = ["ON_A_SHEET", "labels", "letters"]
