"""The letter: tagged PDF/UA by typst, from templates/letter.typ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from screening.core.answers import reads_as
from screening.core.entries import Written
from screening.core.kept import KeptAnswer, KeptHealth, KeptIndicator
from screening.core.paper_words import (
    ASKED_PATIENT,
    CAME,
    ITEM_STANDINGS,
    NEVER_CLEAR,
    NO_RULE,
    NOT_ANSWERED_YET,
    RAISED_BECAUSE,
    THINGS,
    nothing_said,
)
from screening.core.review import FlagLine, QuestionToAsk
from screening.core.serialising import Plain
from screening.core.still_open import item_standing
from screening.core.wording import marked
from screening.core.workflow import DECISION_LABELS
from screening.exports.pictures import NotPrintable, picture
from screening.exports.records import Clinic, Record
from screening.exports.typesetting import typeset
from screening.exports.where_it_stands import (
    at_the_desk,
    filled_in_by,
    how_it_came,
    still_to_do,
    what_does_not_fit,
)

# Marked for translators; the template is given them in the clinic's language.
WORDS: Mapping[str, str] = {
    "requests": marked("Consultation requests"),
    "page": marked("Page %(number)s of %(count)s"),
    "made": marked("Made on %(when)s"),
    "reference": marked("Reference"),
    "received": marked("Received"),
    "to_look_at": marked("For a doctor or nurse to look at"),
    "no_flag": NO_RULE,
    "open": marked("What is still open"),
    "never_clear": NEVER_CLEAR,
    "does_not_fit": THINGS["remark"],
    "note": marked("Please note"),
    "patient": marked("The patient"),
    "mentioned": marked("What the treatment page mentions"),
    "asked_patient": ASKED_PATIENT,
    "incomplete": marked("Some characters cannot be printed here. Read this request on the screen."),
    "rule_set": marked("Rule set"),
    "rule": marked("Rule"),
}
_REASONS = {"not_sure": marked("not sure"), "not_answered": marked("not answered")}
_STATES = {"matched": marked("Reported"), "possible": marked("Possible")}
BORN = marked("born %(day)s")
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
    }
    yield typeset(clinic.letter, data, "letters")


def _logo(file: Path | None) -> dict[str, str | list[int]] | None:
    """None also for one that cannot be printed: the operator was told at the start, and letters go on."""
    try:
        found = picture(file) if file is not None else None
    except NotPrintable:
        return None
    return {"kind": found.kind, "bytes": list(found.content)} if found is not None else None


def _letter(record: Record, clinic: Clinic) -> Plain:
    health = record.health
    if health is None:
        raise ValueError("a letter is nothing without health answers")
    contact = [answer for answer in record.contact.answers if answer.contact not in NOT_PRINTED]
    return {
        "reference": record.reference,
        "title": record.title,
        "received": clinic.day(record.received_at.astimezone(clinic.zone).date()),
        "for_patient": record.for_patient,
        "came": _came(record, clinic),
        "heading": health.heading,
        "statement": health.statement,
        "rule_set": f"{health.rule_set.id} {health.rule_set.version}",
        "contact": [_line(answer, clinic) for answer in contact],
        "flags": [] if record.for_patient else [_flag(line, clinic) for line in record.flags],
        "told": _told(health) if record.for_patient else [],
        "indicators": [] if record.for_patient else _indicators(health.indicators, clinic),
        "sections": _sections(health.answers, clinic),
        "whose": _whose(record, clinic),
        "made_at": clinic.moment(record.stands.made_at),
        "stands": _stands(record, clinic),
        "open": [] if record.for_patient else _lines(still_to_do(record, clinic)),
        "does_not_fit": [] if record.for_patient else what_does_not_fit(record, clinic),
    }


def _told(health: KeptHealth) -> list[Plain]:
    """Each note as the page shows it: a list of what it speaks of only where that is several things."""
    return [
        {"words": note.words, "about": list(note.about)}
        if note.about[1:]
        else {"words": str(note), "about": []}
        for note in health.notes
    ]


def _came(record: Record, clinic: Clinic) -> str:
    """How, where staff entered it; before that was asked, they filled it in with the patient."""
    if record.came is None and record.entered_by == "patient":
        return ""
    return clinic.translate(CAME[record.came.kind if record.came is not None else "taken_down"])


def _whose(record: Record, clinic: Clinic) -> list[str]:
    """Whose sheet it is: name, date of birth, reference."""
    name, birth_date = record.contact.stored("name"), record.contact.stored("birth_date")
    return list(filter(None, (name, born(birth_date, clinic), record.reference)))


def born(stored: str, clinic: Clinic) -> str:
    """A date of birth beside a name; as it is where only a part was given."""
    try:
        return clinic.translate(BORN) % {"day": clinic.day(date.fromisoformat(stored))}
    except ValueError:
        return stored


def _stands(record: Record, clinic: Clinic) -> list[dict[str, str]]:
    """Who filled it in, side, how it came, identity, appointment and work list, in a line at the head.

    In the patient's copy, who filled it in.
    """
    if record.for_patient:
        return _lines(filled_in_by(record, clinic))
    told = (
        *filled_in_by(record, clinic),
        *how_it_came(record, clinic),
        *at_the_desk(record, clinic),
    )
    return [_line(answer, clinic) for answer in record.sides] + _lines(told)


def _lines(lines: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """A label and what is said beside it."""
    return [{"asked": label, "said": said} for label, said in lines]


def _flag(line: FlagLine, clinic: Clinic) -> Plain:
    review = line.review
    answers = [*line.because, *((answer, "") for answer in line.follow_ups)]
    return {
        "label": line.flag.label,
        "stands": clinic.translate(ITEM_STANDINGS[item_standing(review)]),
        "says": line.flag.say.clinician or "",
        "rule": ", ".join((line.flag.id, line.flag.place)) if line.flag.place else "",
        "because": [
            {**_line(answer, clinic), "reason": clinic.translate(_REASONS.get(reason, ""))}
            for answer, reason in answers
        ],
        "raised": [
            _signed(
                written,
                clinic,
                what=clinic.translate(RAISED_BECAUSE.get(because, because)),
                words=" – ".join(filter(None, (entry.words, entry.of))),
            )
            for written, entry, because in zip(
                review.raised, review.raised_since, review.raised_because, strict=True
            )
        ],
        "decisions": [
            _signed(
                written, clinic, what=clinic.translate(DECISION_LABELS[decided.decision]), words=decided.note
            )
            for written, decided in zip(review.decisions, review.decided, strict=True)
        ],
        "asked": [_asked(question, clinic) for question in review.questions],
    }


def _signed(written: Written, clinic: Clinic, *, what: str, words: str) -> dict[str, str]:
    """What was done, with who did it and when."""
    return {"what": what, "words": words, "by": written.by_name, "at": clinic.moment(written.at)}


def _asked(question: QuestionToAsk, clinic: Clinic) -> dict[str, str]:
    answer = clinic.translate(NOT_ANSWERED_YET) if question.answer is None else question.answer
    who = ", ".join(filter(None, (question.asked_by, clinic.moment(question.at))))
    return {"words": question.words, "by": who, "answer": answer, "answered_by": question.answered_by or ""}


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
        return nothing_said(answer, clinic.translate)
    lines = reads_as(answer.type, answer.said, answer.stored, clinic.language)
    return (", " if isinstance(answer.stored, list) else "\n").join(lines)
