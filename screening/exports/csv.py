"""CSV for spreadsheets, which run a cell as a formula when it begins like one.

A cell that begins, after any blanks and invisible characters and in any width of letter, with one of
= + - @ or with a tab or line end, is given an apostrophe in front: programs show it as text. Numbers
are not spared: a phone number that begins with + is a formula too.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence

from screening.exports.records import Clinic, Record

_FORMULA = frozenset("=+-@|%")
_ENDS = frozenset("\t\r\n\v\f\x00")
_COLUMNS = ("reference", "treatment", "status", "received", "owner", "urgent", "entered by")


def write(records: Sequence[Record], clinic: Clinic) -> bytes:
    """A row for each request, a column for each question that any was asked; UTF-8 with a byte order mark."""
    asked: dict[str, str] = {}
    for record in records:
        asked |= {answer.question: answer.asked for answer in record.answers}
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(harmless(text) for text in (*_COLUMNS, *asked.values(), *_health_columns(records)))
    for record in records:
        writer.writerow(harmless(text) for text in _row(record, clinic, list(asked), records))
    # Without the mark, spreadsheets read the file in the alphabet of the machine.
    return out.getvalue().encode("utf-8-sig", "replace")


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection)."""
    shown = text.lstrip()
    first = next(
        (character for character in unicodedata.normalize("NFKC", shown) if not _invisible(character)), ""
    )
    begins = text[:1] in _ENDS or any(character in _ENDS for character in text[: len(text) - len(shown)])
    return f"'{text}" if begins or first in _FORMULA or text[:1] == "'" else text


def _invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me", "Zs")


def _health_columns(records: Sequence[Record]) -> tuple[str, ...]:
    return ("flags", "decisions") if any(record.health is not None for record in records) else ()


def _row(record: Record, clinic: Clinic, asked: list[str], records: Sequence[Record]) -> list[str]:
    said = {answer.question: answer.said for answer in record.answers}
    clear = [
        record.reference,
        record.title,
        record.status,
        record.received_at.astimezone(clinic.zone).isoformat(timespec="minutes"),
        record.owner or "",
        "yes" if record.urgent else "no",
        record.entered_by,
    ]
    return clear + ["; ".join(said.get(question, ())) for question in asked] + _health(record, records)


def _health(record: Record, records: Sequence[Record]) -> list[str]:
    if not _health_columns(records):
        return []
    raised = [line.flag.label for line in record.flags]
    decided = [f"{line.flag.id}: {made.decision}" for line in record.flags for made in line.review.decided]
    return ["; ".join(raised), "; ".join(decided)]
