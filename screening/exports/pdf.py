"""The letter: tagged PDF/UA by typst, from templates/letter.typ and data that stays data.

Words of patients and staff reach the template as JSON and are never evaluated: what looks like markup
is printed as it stands. The template's root is an empty folder, so that nothing else can be read.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import typst

from screening.exports.records import Clinic, Record

_REASONS = {"not_sure": "not sure", "not_answered": "not answered"}
_STATES = {"matched": "Matched", "possible": "Possible"}


def write(records: Sequence[Record], clinic: Clinic) -> bytes:
    """A letter for each request, each on pages of its own."""
    data = {
        "clinic": {"name": clinic.name, "phone": clinic.phone, "address": clinic.address.splitlines()},
        "logo": _logo(clinic.logo),
        "language": clinic.language.partition("_")[0],
        "letters": [_letter(record, clinic) for record in records],
        "incomplete": False,
    }
    data = _printable(data)
    try:
        return _made(clinic.letter, data, "ua-1")
    except typst.TypstError:
        # PDF/UA has no place for a character that no font here has. The letter then says that some are
        # missing, and is the best that can be made: tagged, but not to the standard.
        return _made(clinic.letter, data | {"incomplete": True}, "1.7")


def _made(letter: Path, data: dict[str, Any], standard: Literal["ua-1", "1.7"]) -> bytes:
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
        return "".join(one if _shows(one) else "\N{REPLACEMENT CHARACTER}" for one in value)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value


def _shows(one: str) -> bool:
    return one in "\n\t\N{ZERO WIDTH JOINER}" or unicodedata.category(one) not in (
        "Cc",
        "Cf",
        "Cs",
        "Cn",
        "Co",
    )


def _logo(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    kind = {".svg": "svg", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}.get(file.suffix.lower(), "png")
    return {"kind": kind, "bytes": list(file.read_bytes())}


def _letter(record: Record, clinic: Clinic) -> dict[str, Any]:
    health = record.health or {}
    return {
        "reference": record.reference,
        "title": record.title,
        "received": record.day(clinic.zone),
        "for_patient": record.for_patient,
        "by_staff": record.entered_by != "patient",
        "urgent": record.urgent and not record.for_patient,
        "heading": health["summary"]["heading"],
        "statement": health["summary"]["statement"],
        "rule_set": f"{health['rule_set']['id']} {health['rule_set']['version']}",
        "contact": [_line(one) for one in record.contact if one["contact"] not in ("for_whom", "consent")],
        "flags": []
        if record.for_patient
        else [_flag(one, record) for one in health["flags"] if one["raised"]],
        "told": list(health["said_to_patient"]) if record.for_patient else [],
        "indicators": [] if record.for_patient else _indicators(health["indicators"]),
        "sections": _sections(health["answers"]),
    }


def _flag(flag: Mapping[str, Any], record: Record) -> dict[str, Any]:
    answers = {one["question"]: one for one in (record.health or {})["answers"]}
    return {
        "label": flag["label"],
        "says": flag["say"]["clinician"] or "",
        "because": [
            {
                "asked": answers[one["question"]]["asked"] if one["question"] in answers else one["question"],
                "said": _said(answers.get(one["question"], {"said": (), "type": "text"})),
                "reason": _REASONS.get(one["reason"], ""),
            }
            for one in flag["because"]
        ],
        "decisions": [
            {"what": one["label"], "note": one["note"], "by": one["by"], "at": one["at"]}
            for one in record.decisions
            if one["flag"] == flag["id"]
        ],
    }


def _indicators(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"label": one["label"], "state": _STATES[one["state"]]} for one in found if one["state"] in _STATES
    ]


def _sections(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = []
    for one in answers:
        heading = one["section"] or ""
        if not sections or sections[-1]["heading"] != heading:
            sections.append({"heading": heading, "lines": []})
        sections[-1]["lines"].append(_line(one))
    return sections


def _line(one: Mapping[str, Any]) -> dict[str, str]:
    return {"asked": one["asked"], "said": _said(one)}


def _said(one: Mapping[str, Any]) -> str:
    """In the patient's words; a whole date in the reader's."""
    lines = list(one["said"])
    if one["type"] == "date" and len(lines) == 1 and len(lines[0]) == 10:
        day = date.fromisoformat(lines[0])
        return f"{day.day} {day:%B %Y}"
    return ("\n" if one["type"] == "text" else ", ").join(lines) or "Not provided"
