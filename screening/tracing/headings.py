"""What a heading of a treatment page is read as."""

from __future__ import annotations

import re

WHO = re.compile(
    r"\bwho\b.*\b(helps?|benefits?|for|suits?)\b|\bconditions? (?:we )?treat|\bindications?\b"
    r"|\bwho can (?:come|get|have|join|use)\b"
    r"|\b(?:may|can|could|might) benefit\b|\bright for (?:me|my|you|your)\b",
    re.I,
)
SAFETY = re.compile(
    r"\bsafety\b|\bbefore (?:you|your) (?:come|treatment|appointment)\b|^before (?:you|your|the|we)\b"
    r"|\btell (?:us|your doctor|the doctor)\b|contra-?\s?indicat"
    r"|\bprecautions?\b|\bwarnings?\b|\bwho\b.*\b(?:not|cannot|can.t|avoid)\b"
    r"|\bnot (?:right|suitable|for everyone|for you|recommended)\b"
    r"|\bunsuitable\b|\blet us know\b|\bbe careful\b|\bspecial care\b|\bmedical conditions\b"
    r"|\bwe (?:have to|must|need to|should) know\b",
    re.I,
)
PAYS = re.compile(
    r"\bpays?\b|\bcosts?\b|\bprices?\b|\bwho (?:we are|is who|will|performs?|does|carries)\b", re.I
)


NO_BULLETS = 'Where it is a list without bullets, write "- " before each item.'


def taken_as(heading: str) -> str:
    """What a heading is read as: whom it helps, safety, or nothing; one that excludes is safety."""
    if PAYS.search(heading):
        return "unread"
    return "safety" if SAFETY.search(heading) else "who" if WHO.search(heading) else "unread"
