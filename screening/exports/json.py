"""JSON for programs, as docs/export.schema.json describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from screening.exports.records import Clinic, Record

SCHEMA = "screening/export/1"


def write(records: Sequence[Record], clinic: Clinic) -> bytes:
    """One object: the schema's name, the clinic, and the requests."""
    whole = {"schema": SCHEMA, "clinic": clinic.name, "requests": [_request(record) for record in records]}
    # Half a surrogate pair, which a patient can send, is not UTF-8: it is written as an escape.
    return json.dumps(whole, ensure_ascii=True, allow_nan=False, indent=2).encode()


def _request(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "reference": record.reference,
        "treatment": record.treatment,
        "title": record.title,
        "status": record.status,
        "received_at": record.received_at.astimezone(UTC).isoformat(),
        "owner": record.owner,
        "urgent": record.urgent,
        "entered_by": record.entered_by,
        "contact": [_answer(one) for one in record.contact],
    }
    if record.health is not None:
        found["health"] = _health(record.health, record.decisions)
    return found


def _health(health: Mapping[str, Any], decisions: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "rule_set": health["rule_set"],
        "statement": health["summary"]["statement"],
        "answers": [_answer(one) for one in health["answers"]],
        "flags": [_finding(one, "handling") for one in health["flags"] if one["raised"]],
        "indicators": [_finding(one, "state") for one in health["indicators"]],
        "decisions": [dict(one) for one in decisions],
    }


def _answer(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("question", "asked", "type", "answer", "said")}


def _finding(one: Mapping[str, Any], how: str) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "label", how, "because", "place")}
