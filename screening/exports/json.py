"""JSON for programs, as docs/export.schema.json describes it; broken off, it is no JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from screening.core.kept import KeptAnswer, KeptFlag, KeptHealth, KeptIndicator, KeptReason
from screening.core.paper_words import remark_sentence, unread_name
from screening.core.remarks import Remark
from screening.core.review import FlagLine
from screening.core.serialising import Plain, to_plain
from screening.core.still_open import item_standing
from screening.core.workflow import DECISION_LABELS
from screening.exports.records import Clinic, Record, StandingOnPaper

SCHEMA = "screening/export/3"


def write(records: Iterable[Record], clinic: Clinic) -> Iterator[bytes]:
    """ASCII, as docs/export.schema.json describes it; `received_at` is UTC, the rest the clinic's time."""
    yield _text({"schema": SCHEMA, "clinic": clinic.name}).removesuffix(b"}") + b', "requests": ['
    between = b"\n"
    for record in records:  # each a line of its own
        yield between + _text(_request(record, clinic))
        between = b",\n"
    yield b"\n]}\n"


def _text(found: Plain) -> bytes:
    # Half a surrogate pair, which a patient can send, is not UTF-8: it is written as an escape.
    return json.dumps(found, ensure_ascii=True, allow_nan=False).encode()


def _request(record: Record, clinic: Clinic) -> Plain:
    found = {
        "reference": record.reference,
        "treatment": record.treatment,
        "title": record.title,
        "status": record.status,
        "received_at": record.received_at.astimezone(UTC).isoformat(),
        "owner": record.owner,
        "urgent": record.urgent,
        "entered_by": record.entered_by,
        "came": _came(record),
        "stands": _stands(record.stands, clinic),
        "contact": [_answer(answer) for answer in record.contact.answers],
    }
    if record.health is None:
        return found
    return {**found, "health": _health(record.health, record, clinic)}


def _came(record: Record) -> Plain | None:
    if record.came is None:
        return None
    return {"as": record.came.kind, **to_plain(record.came)}


def _stands(stands: StandingOnPaper, clinic: Clinic) -> Plain:
    return {
        "made_at": _local(stands.made_at, clinic.zone),
        "work_list": stands.work_list,
        "does_not_fit": stands.does_not_fit,
        **to_plain(stands.figures),
        "identity_checked": bool(stands.figures.identity_checked),
        "appointment": to_plain(stands.booking),
    }


def _health(health: KeptHealth, record: Record, clinic: Clinic) -> Plain:
    return {
        "urgent_because": record.urgent_because,
        "unread": [
            {"id": thing.id, "called": unread_name(thing, clinic.translate)}
            for thing in record.still_open.unread
        ],
        "does_not_fit": [_remark(remark, clinic) for remark in record.remarks],
        "rule_set": to_plain(health.rule_set),
        "statement": health.statement,
        "answers": [_answer(answer) for answer in health.answers],
        "flags": [_item(line, clinic) for line in record.flags],
        "indicators": [{**_rule(found), "state": found.state} for found in health.indicators],
        "decisions": _decisions(record.flags, clinic),
    }


def _remark(remark: Remark, clinic: Clinic) -> Plain:
    return {**to_plain(remark), "sentence": remark_sentence(remark, clinic.translate, clinic.day)}


def _item(line: FlagLine, clinic: Clinic) -> Plain:
    """A flag with where it stands, what was asked further, and what came since."""
    made = zip(line.review.raised, line.review.raised_since, line.review.raised_because, strict=True)
    return {
        **_rule(line.flag),
        "handling": line.flag.handling,
        "stands": item_standing(line.review),
        "follow_ups": [_answer(answer) for answer in line.follow_ups],
        "raised_since": [
            {
                "because": because,
                "of": entry.of,
                "words": entry.words,
                "by": written.by_name,
                "at": _local(written.at, clinic.zone),
            }
            for written, entry, because in made
        ],
        "asked": [
            {
                "words": asked.words,
                "by": asked.asked_by,
                "at": _local(asked.at, clinic.zone),
                "answer": asked.answer,
                "answered_by": asked.answered_by,
            }
            for asked in line.review.questions
        ],
    }


def _decisions(flags: Sequence[FlagLine], clinic: Clinic) -> list[Plain]:
    """All decisions on all flags, oldest first."""
    made = [
        (made.at, made.by_name, decided)
        for line in flags
        for made, decided in zip(line.review.decisions, line.review.decided, strict=True)
    ]
    return [
        {
            "flag": decided.flag,
            "decision": decided.decision,
            "label": clinic.translate(DECISION_LABELS[decided.decision]),
            "note": decided.note,
            "by": by_name,
            "at": _local(at, clinic.zone),
        }
        for at, by_name, decided in sorted(made, key=itemgetter(0))
    ]


def _local(at: datetime, zone: ZoneInfo) -> str:
    """The clinic's time with its offset of that day, without which nobody elsewhere knows when it was."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def _answer(answer: KeptAnswer) -> Plain:
    names = {"question": answer.question, "asked": answer.asked, "type": answer.type}
    return {**names, "answer": answer.stored, "said": list(answer.said)}


def _rule(found: KeptFlag | KeptIndicator) -> Plain:
    because = [_reason(why) for why in found.because]
    return {"id": found.id, "label": found.label, "because": because, "place": found.place}


def _reason(why: KeptReason) -> Plain:
    return {"question": why.question, "answer": why.stored, "reason": why.reason}
