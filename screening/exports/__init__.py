"""Ways to take requests out, one module each. A new one is a module and a line in FORMATS.

Each writes `Record`s, which hold only what the person who asked may see; imports `core` and the
standard library, and what the format itself needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from screening.core.wording import marked
from screening.core.workflow import CLINICIANS, DESK, Role
from screening.exports import csv, json, pdf
from screening.exports.fhir import bundles
from screening.exports.fhir.names import MEDIA_TYPE
from screening.exports.records import Clinic, Record, begun, in_pieces


@dataclass(frozen=True, slots=True)
class Format:
    """`write` gives the file, piece by piece; it may go through the records more than once.

    `roles` may ask for it. `health`: it is nothing without health answers. Where reading fails midway, what
    was written must not pass for the whole file.
    """

    name: str
    label: str  # marked for translators
    media_type: str
    suffix: str
    roles: tuple[Role, ...]
    health: bool
    largest: int  # requests in one file
    write: Callable[[Iterable[Record], Clinic], Iterator[bytes]]


FORMATS = {
    way.name: way
    for way in (
        Format("csv", marked("Spreadsheet (CSV)"),
               "text/csv; charset=utf-8", "csv", DESK, False, 10_000, csv.write),
        Format("json", marked("Data (JSON)"), "application/json", "json", DESK, False, 10_000, json.write),
        Format("fhir", marked("For other systems (FHIR R4)"),
               MEDIA_TYPE, "fhir.json", CLINICIANS, True, 1_000, bundles.write),
        Format("pdf", marked("Letters (PDF)"), "application/pdf", "pdf", CLINICIANS, True, 50, pdf.write),
    )
}  # fmt: skip

__all__ = ["FORMATS", "Clinic", "Format", "Record", "begun", "in_pieces"]
