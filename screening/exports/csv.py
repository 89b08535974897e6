"""CSV for spreadsheets, which run a cell as a formula when it begins like one.

A cell that begins, after any blanks and invisible characters and in any width of letter, with a sign of
arithmetic, a dash or @, or with a tab or line end, is given an apostrophe in front: programs show it as text.
Numbers are not spared: a phone number that begins with + is a formula too. So is text of which they make
another day or number than it says: 7 / 10, 3-4, 007, 1E5, May 2019, (5). Days in full and plain numbers
stay as they are.

A file that could not be read to its end says so in its last row, and the download breaks off.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from screening.core.paper_words import RAISED_BECAUSE, labelled, nothing_said, remark_sentence, unread_name
from screening.core.review import NOT_OF_IT, FlagReview
from screening.core.wording import marked
from screening.exports.records import Clinic, Record, StandingOnPaper
from screening.exports.where_it_stands import how_it_came

_FORMULA = frozenset("@|%")
_SIGNS = frozenset({"Sm", "Pd"})  # categories: = + and every minus and dash, whatever it looks like
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # letters and signs that show nothing
_ENDS = frozenset("\t\r\n\v\f\x00")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_READ_ANEW = re.compile(  # as a day, a time or another number
    rf"0\d+|\d{{16,}}|\d+(\s*[-/.,:e]\s*\d+)+|\(\s*\d[\d.,]*\s*\)|\d+[-/.\s]*{_MONTH}\.?|{_MONTH}[-/.,\s]*\d+",
    re.IGNORECASE,
)
_AS_IT_IS = re.compile(r"\d{4}-\d\d-\d\d|(0|[1-9]\d*)\.\d*[1-9]")
_COLUMNS = (
    "reference", "treatment", "status", "received", "owner", "urgent", "entered by",
    "work list", "must look first", "not read yet", "does not fit", "decided not to proceed",
    "to settle before the treatment", "open at another request", "questions for the patient",
    "identity checked", "appointment", "made at", "how it came",
)  # fmt: skip
# For those who may see health answers; the first says why a request is marked urgent.
_HEALTH = (
    "urgent because", "flags", "open before a consultation", "open before the treatment", "unread",
    "what does not fit", "raised since", "asked since", "decisions",
)  # fmt: skip


NOT_WHOLE = marked("THIS FILE IS NOT WHOLE: making it failed. Export again.")


def write(records: Iterable[Record], clinic: Clinic) -> Iterator[bytes]:
    """A row for each request, a column for each question that any of them was asked; UTF-8 with a mark.

    Goes through the records twice: only then are the columns known without keeping the rows.
    """
    asked: dict[str, dict[str, None]] = {}  # question -> all words in which it was asked
    health: tuple[str, ...] = ()
    for record in records:
        for answer in record.answers:
            asked.setdefault(answer.question, {})[answer.asked] = None
        health = health or _health_columns(record)
    headings = _headings(asked, (*_COLUMNS, *health))
    # Without the mark, spreadsheets read the file in the alphabet of the machine.
    yield _line((*_COLUMNS, *headings, *health)).encode("utf-8-sig", "replace")
    rows = (
        (*_row(record, clinic, list(asked)), *(_health(record, clinic) if health else ()))
        for record in records
    )
    yield from lines(rows, clinic.translate)


def lines(rows: Iterable[Iterable[str]], translate: Callable[[str], str]) -> Iterator[bytes]:
    """Rows, and where there are to be more and they cannot be read, one that says so."""
    try:
        for row in rows:
            yield line(row)
    except Exception:
        yield line([translate(NOT_WHOLE)])
        raise


def line(cells: Iterable[str]) -> bytes:
    """A row, no cell of which is a formula."""
    return _line(cells).encode("utf-8", "replace")


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(harmless(text) for text in cells)
    return out.getvalue()


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula (OWASP), or change."""
    shown = text.lstrip()
    first = next(
        (character for character in unicodedata.normalize("NFKC", shown) if not _invisible(character)), ""
    )
    begins = text[:1] in _ENDS or any(character in _ENDS for character in text[: len(text) - len(shown)])
    formula = first in _FORMULA or unicodedata.category(first or " ") in _SIGNS
    return f"'{text}" if begins or formula or text[:1] == "'" or _read_anew(shown.rstrip()) else text


def _read_anew(text: str) -> bool:
    return bool(_READ_ANEW.fullmatch(text)) and not _AS_IT_IS.fullmatch(text)


def _invisible(character: str) -> bool:
    return (
        character.isspace()
        or character in _FILLERS
        or unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me", "Zs")
    )


def _headings(asked: Mapping[str, Iterable[str]], others: Iterable[str]) -> list[str]:
    """Each says all words in which its question was asked; two of the same words say which they are, too."""
    said = {question: " / ".join(words) for question, words in asked.items()}
    times = Counter((*said.values(), *others))
    return [f"{words} ({question})" if times[words] > 1 else words for question, words in said.items()]


def _health_columns(record: Record) -> tuple[str, ...]:
    return _HEALTH if record.health is not None else ()


def _row(record: Record, clinic: Clinic, asked: list[str]) -> list[str]:
    said = {
        answer.question: "; ".join(answer.said) or nothing_said(answer, clinic.translate)
        for answer in record.answers
    }
    clear = [
        record.reference,
        record.title,
        record.status,
        record.received_at.astimezone(clinic.zone).isoformat(timespec="minutes"),
        record.owner or "",
        "yes" if record.urgent else "no",
        record.entered_by,
        *_stands(record.stands, clinic),
        "; ".join(labelled(*told) for told in how_it_came(record, clinic)),
    ]
    return clear + [said.get(question, "") for question in asked]  # empty: it was not asked


def _stands(stands: StandingOnPaper, clinic: Clinic) -> list[str]:
    figures, booking = stands.figures, stands.booking
    numbers = (
        figures.open_flags,
        figures.unread,
        stands.does_not_fit,
        figures.stopped_flags,
        figures.unsettled,
        figures.others_open,
        figures.questions,
    )
    return [
        stands.work_list,
        *map(str, numbers),
        "yes" if stands.figures.identity_checked else "no",
        f"{booking.what} {booking.on.isoformat()} {booking.at} {booking.place}" if booking else "",
        stands.made_at.astimezone(clinic.zone).isoformat(timespec="minutes"),
    ]


def _health(record: Record, clinic: Clinic) -> list[str]:
    reviews = [line.review for line in record.flags]
    still = record.still_open
    cells: tuple[Iterable[str], ...] = (
        (line.flag.label for line in record.flags),
        (review.flag.label for review in still.consultation),
        (review.flag.label for review in still.treatment),
        (unread_name(thing, clinic.translate) for thing in still.unread),
        (remark_sentence(remark, clinic.translate, clinic.day) for remark in record.remarks),
        (told for review in reviews for told in _raised_since(review, clinic)),
        (f"{asked.words} {asked.answer or '-'}" for review in reviews for asked in review.questions),
        (
            ": ".join(filter(None, (review.flag.id, made.decision, made.note)))
            for review in reviews
            for made in review.decided
        ),
    )
    return [record.urgent_because, *map("; ".join, cells)]


def _raised_since(review: FlagReview, clinic: Clinic) -> Iterator[str]:
    """Also that it came from what is no duplicate after all."""
    for made, because in zip(review.raised_since, review.raised_because, strict=True):
        taken_back = clinic.translate(RAISED_BECAUSE[because]) if because == NOT_OF_IT else ""
        yield ": ".join(filter(None, (made.label, made.words, taken_back)))
