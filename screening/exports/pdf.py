"""The letter: tagged PDF/UA by typst, from templates/letter.typ and data that stays data.

Words of patients and staff reach the template as JSON and are never evaluated: what looks like markup
is printed as it stands. The template's root is an empty folder, so that nothing else can be read.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import typst
from babel.dates import format_date

from screening.core.answers import reads_as
from screening.core.entries import Raised
from screening.core.kept import KeptAnswer, KeptIndicator
from screening.core.review import FlagLine
from screening.core.serialising import Plain
from screening.core.wording import marked
from screening.core.workflow import DECISION_LABELS
from screening.exports.records import Clinic, Record, StandingOnPaper

# Marked for translators; the template is given them in the clinic's language.
WORDS: Mapping[str, str] = {
    "requests": marked("Consultation requests"),
    "page": marked("Page"),
    "reference": marked("Reference"),
    "received": marked("Received"),
    "by_staff": marked("Filled in by our staff with the patient"),
    "urgent": marked("Marked urgent by our staff"),
    "to_look_at": marked("For a doctor or nurse to look at"),
    "no_flag": marked(
        "No rule raised anything from these answers. That does not say that anything is clear."
    ),
    "of": marked("of"),
    "born": marked("born"),
    "stands": marked("How it stood when this was made"),
    "raised_since": marked("Raised since"),
    "note": marked("Please note"),
    "patient": marked("The patient"),
    "mentioned": marked("What the treatment page mentions"),
    "asked_patient": marked("Asked the patient"),
    "incomplete": marked("Some characters cannot be printed here. Read this request on the screen."),
    "rule_set": marked("Rule set"),
}
_REASONS = {"not_sure": marked("not sure"), "not_answered": marked("not answered")}
_STATES = {"matched": marked("Matched"), "possible": marked("Possible")}
NOT_PROVIDED = marked("Not provided")
NOT_ANSWERED_YET = marked("no answer yet")
NOT_PRINTED = ("for_whom", "consent")  # kinds of contact answers


def write(records: Iterable[Record], clinic: Clinic) -> Iterator[bytes]:
    """A letter (A4) for each request, on pages of its own; made whole before it begins.

    Raises ValueError without health answers.
    """
    data = {
        "clinic": {"name": clinic.name, "phone": clinic.phone, "address": clinic.address.splitlines()},
        "logo": _logo(clinic.logo),
        "language": clinic.language.partition("_")[0],
        "letters": [_letter(record, clinic) for record in records],
        "words": {name: clinic.translate(words) for name, words in WORDS.items()},
        "incomplete": False,
    }
    data = _printable(data)
    try:
        yield _made(clinic.letter, data, "ua-1")
    except typst.TypstError:
        # PDF/UA has no place for a character that no font here has. The letter then says that some are
        # missing, and is the best that can be made: tagged, but not to the standard.
        yield _made(clinic.letter, data | {"incomplete": True}, "1.7")


def _made(letter: Path, data: Plain, standard: Literal["ua-1", "1.7"]) -> bytes:
    template = letter.read_bytes()
    with tempfile.TemporaryDirectory() as empty:
        compiler = typst.Compiler(template, root=empty, sys_inputs={"data": json.dumps(data)})
        made = compiler.compile(format="pdf", pdf_standards=standard)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    return made


def _printable(value: Any) -> Any:
    """The same data without characters that no paper can show: controls, and what turns text around."""
    if isinstance(value, str):
        return "".join(character if _shows(character) else "\N{REPLACEMENT CHARACTER}" for character in value)
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list) else value


def _shows(character: str) -> bool:
    return character in "\n\t\N{ZERO WIDTH JOINER}" or unicodedata.category(character) not in (
        "Cc",
        "Cf",
        "Cs",
        "Cn",
        "Co",
    )


def _logo(file: Path | None) -> dict[str, str | list[int]] | None:
    if file is None:
        return None
    kind = {".svg": "svg", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}.get(file.suffix.lower(), "png")
    return {"kind": kind, "bytes": list(file.read_bytes())}


def _letter(record: Record, clinic: Clinic) -> Plain:
    health = record.health
    if health is None:
        raise ValueError("a letter is nothing without health answers")
    contact = [answer for answer in record.contact.answers if answer.contact not in NOT_PRINTED]
    return {
        "reference": record.reference,
        "title": record.title,
        "received": _day(record.received_at.astimezone(clinic.zone), clinic),
        "for_patient": record.for_patient,
        "by_staff": record.entered_by != "patient",
        "urgent": record.urgent and not record.for_patient,
        "heading": health.heading,
        "statement": health.statement,
        "rule_set": f"{health.rule_set.id} {health.rule_set.version}",
        "contact": [_line(answer, clinic) for answer in contact],
        "flags": [] if record.for_patient else [_flag(line, clinic) for line in record.flags],
        "told": list(health.said_to_patient) if record.for_patient else [],
        "indicators": [] if record.for_patient else _indicators(health.indicators, clinic),
        "sections": _sections(health.answers, clinic),
        "on_each_page": _on_each_page(record, clinic),
        "stands": [] if record.for_patient else _stands(record.stands, clinic),
        "made_at": _moment(record.stands.made_at.astimezone(clinic.zone), clinic),
    }


def _on_each_page(record: Record, clinic: Clinic) -> str:
    """Whose sheet it is: name, date of birth, reference."""
    born = record.contact.stored("birth_date")
    try:
        day = str(format_date(date.fromisoformat(born), "d MMMM y", locale=clinic.language))
    except ValueError:
        day = born
    words = clinic.translate(WORDS["born"])
    return ", ".join(filter(None, (record.contact.stored("name"), f"{words} {day}", record.reference)))


# What stands on paper of where a request stood, and what is said where there is nothing of it.
STANDS: tuple[tuple[Callable[[StandingOnPaper], int], str], ...] = (
    (lambda stands: stands.figures.open_flags, marked("To deal with before a consultation is booked: %s")),
    (lambda stands: stands.figures.unread, marked("Not read yet by a doctor or nurse: %s")),
    (lambda stands: stands.figures.stopped_flags, marked("Decided not to proceed: %s")),
    (lambda stands: stands.figures.unsettled, marked("To settle before the treatment: %s")),
    (lambda stands: stands.figures.questions, marked("To ask the patient: %s")),
    (lambda stands: stands.figures.others_open, marked("Open at another request of this person: %s")),
)
IDENTITY = {True: marked("Identity checked"), False: marked("Identity not checked")}
BOOKED_FOR = {"consultation": marked("Consultation"), "treatment": marked("Treatment")}


def _stands(stands: StandingOnPaper, clinic: Clinic) -> list[str]:
    """What is still open before which of the two, and never that something is clear."""
    lines = [clinic.translate(words) % number(stands) for number, words in STANDS if number(stands)]
    lines.append(clinic.translate(IDENTITY[stands.identity_checked]))
    if (booking := stands.booking) is not None:
        day = str(format_date(booking.on, "d MMMM y", locale=clinic.language))
        what = clinic.translate(BOOKED_FOR[booking.what])
        lines.append(", ".join(filter(None, (what, day, booking.at, booking.place))))
    return lines


def _flag(line: FlagLine, clinic: Clinic) -> Plain:
    made = zip(line.review.decisions, line.review.decided, strict=True)
    return {
        "label": line.flag.label,
        "says": line.flag.say.clinician or "",
        "because": [
            {
                **_line(answer, clinic),
                "reason": clinic.translate(_REASONS[reason]) if reason in _REASONS else "",
            }
            for answer, reason in line.because
        ]
        + [{**_line(answer, clinic), "reason": ""} for answer in line.follow_ups],
        "raised": [
            {
                "words": entry.words,
                "by": written.by_name,
                "at": _moment(written.at.astimezone(clinic.zone), clinic),
            }
            for written in line.review.raised
            if isinstance(entry := written.entry, Raised)
        ],
        "decisions": [
            {
                "what": clinic.translate(DECISION_LABELS[decided.decision]),
                "note": decided.note,
                "by": written.by_name,
                "at": _moment(written.at.astimezone(clinic.zone), clinic),
            }
            for written, decided in made
        ],
        "asked": [
            {"words": asked.words, "answer": asked.answer or clinic.translate(NOT_ANSWERED_YET)}
            for asked in line.review.questions
        ],
    }


def _indicators(found: Sequence[KeptIndicator], clinic: Clinic) -> list[dict[str, str]]:
    return [
        {"label": indicator.label, "state": clinic.translate(_STATES[indicator.state])}
        for indicator in found
        if indicator.state in _STATES
    ]


def _sections(answers: Sequence[KeptAnswer], clinic: Clinic) -> list[Plain]:
    return [
        {"heading": heading, "lines": [_line(answer, clinic) for answer in under]}
        for heading, under in groupby(answers, key=lambda answer: answer.section)
    ]


def _line(answer: KeptAnswer, clinic: Clinic) -> dict[str, str]:
    return {"asked": answer.asked, "said": _said(answer, clinic)}


def _said(answer: KeptAnswer, clinic: Clinic) -> str:
    """In the patient's words; a date, and nothing that only looks like one, in the reader's."""
    if not answer.said:
        return clinic.translate(NOT_PROVIDED)
    lines = reads_as(answer.type, answer.said, answer.stored, clinic.language)
    return (", " if isinstance(answer.stored, list) else "\n").join(lines)


def _day(at: datetime, clinic: Clinic) -> str:
    return str(format_date(at.date(), "d MMMM y", locale=clinic.language))


def _moment(at: datetime, clinic: Clinic) -> str:
    return f"{_day(at, clinic)}, {at:%H:%M}"
