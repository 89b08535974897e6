"""Answers as FHIR codes, and back: HL7's where they say just what the patient saw, else a question's own."""

from __future__ import annotations

from screening.core.answers import NOT_SURE
from screening.core.serialising import Plain
from screening.exports.fhir.names import ABSENT, YES_NO, questions_codes

_SAME = {("yes", "Yes"): (YES_NO, "Y"), ("no", "No"): (YES_NO, "N")}
_UNKNOWN = (ABSENT, "asked-unknown")
_IDS = {(YES_NO, "Y"): "yes", (YES_NO, "N"): "no", _UNKNOWN: NOT_SURE}


def coding_of(treatment: str, question: str, answer: str, label: str) -> Plain:
    """An answer as FHIR says it; `display` are the words the patient saw."""
    own = (questions_codes(treatment, question), answer)
    system, code = _UNKNOWN if answer == NOT_SURE else _SAME.get((answer, label), own)
    return {"system": system, "code": code, "display": label}


def answer_of(system: str, code: str) -> str:
    """The id of the answer that a code of ours stands for."""
    return _IDS.get((system, code), code)
