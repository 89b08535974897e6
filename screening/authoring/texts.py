"""Every text of a rule set, with who reads it and the place of its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.core import voices
from screening.core.findings import Place
from screening.core.nodes import Node

PATIENT, STAFF = "patient", "staff"
_SOURCES = ("source.none", "source.guidance", "source.reason")

# what stands in each kind of entry: key -> reader; dots lead inwards, * stands for every entry of a list
_READERS = {
    "": {
        "title": PATIENT,
        "category": PATIENT,
        "start.about.*": PATIENT,
        "start.have_ready.*": PATIENT,
        "summary.heading": STAFF,
        "summary.statement": STAFF,
        "page.set_aside.*.because": STAFF,
    },
    "questions": {
        **dict.fromkeys(("section", "page", "ask", "hint", "why", "missing", "low", "high", "unit"), PATIENT),
        "answers.*.label": PATIENT,
        "answers.*.hint": PATIENT,
    },
    "indicators": {"label": STAFF, **dict.fromkeys(_SOURCES, STAFF)},
    "flags": {
        "label": STAFF,
        **dict.fromkeys(_SOURCES, STAFF),
        "say.clinician": STAFF,
        "say.reception": STAFF,
        "say.patient": PATIENT,
    },
    "urgent": {"heading": PATIENT, "items.*": PATIENT, "after": PATIENT},
}


@dataclass(frozen=True, slots=True)
class WordsForReader:
    """One text: `where` is its address, such as `flags.pregnancy.say.clinician`."""

    where: str
    text: str
    reader: str
    place: Place
    voice: str = ""  # the one of two voices that says it; empty for a text that both say

    @property
    def owner(self) -> str:
        """The entry it belongs to, such as `flags.pregnancy`."""
        return ".".join(self.where.split(".")[:2])


def texts(node: Node) -> Iterator[WordsForReader]:
    """Every text in a rule set as `loading.written_out` gives it, broken parts left out."""
    for kind, keys in _READERS.items():
        holders = [("", node)] if not kind else _entries(kind, node)
        for name, holder in holders:
            for key, reader in keys.items():
                for where, found in _at(holder, key.split("."), name):
                    yield from _said(where, found, reader)


def _said(where: str, node: Node, reader: str) -> Iterator[WordsForReader]:
    two = voices.both(node)
    for voice, found in zip(voices.VOICES, two, strict=True) if two else (("", node),):
        if isinstance(found.value, str) and found.value.strip():
            yield WordsForReader(where, found.value, reader, found.place, voice)


def _entries(kind: str, node: Node) -> Iterator[tuple[str, Node]]:
    listed = node.get(kind)
    for entry in listed.items() if listed is not None else ():
        name = entry.get("id")
        if name is not None:
            yield f"{kind}.{name.value}", entry


def _at(node: Node, steps: list[str], where: str) -> Iterator[tuple[str, Node]]:
    if not steps:
        yield where, node
    elif steps[0] == "*":
        for number, entry in enumerate(node.items(), 1):
            name = entry.get("id")
            yield from _at(entry, steps[1:], f"{where}.{name.value if name is not None else number}")
    elif (inner := node.get(steps[0])) is not None:
        yield from _at(inner, steps[1:], f"{where}.{steps[0]}".lstrip("."))
