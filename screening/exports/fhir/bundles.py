"""Requests as Bundles: a collection to download, a document to read, a transaction to send.

A transaction puts each resource under an id made of the request's reference: sent twice, it is there once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from screening.core.paper_words import NO_RULE
from screening.core.serialising import Plain
from screening.core.wording import marked
from screening.exports.fhir.names import HOME
from screening.exports.fhir.narrative import in_words, narrative
from screening.exports.fhir.people import REQUESTS, Links
from screening.exports.fhir.request import FormsByDigest, at, resources
from screening.exports.records import Clinic, Record

KINDS_OF_BUNDLES = ("collection", "document", "transaction")

_SECTIONS = {  # of a document, in their order -> what they are called; marked for translators
    "Flag": marked("For a doctor or nurse to look at"),
    "QuestionnaireResponse": marked("What the patient said"),
    "ServiceRequest": marked("What is asked for"),
    "Task": marked("Where it stands"),
    "Communication": marked("What the patient was told"),
}
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_MAY_BE_REFUSED = re.compile(r"\\(u00[01]|ud[89a-f]|b|f)")  # of these, those that need a closer look


def write(records: Iterable[Record], clinic: Clinic) -> Iterator[bytes]:
    """One collection of all requests, ASCII; broken off, it is no JSON."""
    yield b'{"resourceType": "Bundle", "type": "collection"'
    between, end, forms = b', "entry": [\n', b"}\n", FormsByDigest()  # FHIR knows no empty lists
    for record in records:
        for resource in resources(record, clinic, forms):
            yield between + as_json(_entry(resource))
            between, end = b",\n", b"\n]}\n"
    yield end


def as_json(found: Plain) -> bytes:
    """In ASCII, without what FHIR has no place for and servers refuse for good: controls, halves of pairs."""
    made = json.dumps(found, ensure_ascii=True, allow_nan=False)
    if _MAY_BE_REFUSED.search(made):
        made = json.dumps(_without_refused(found), ensure_ascii=True, allow_nan=False)
    return made.encode()


def _without_refused(value: Plain) -> Plain:
    if isinstance(value, str):
        return _REFUSED.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {key: _without_refused(inner) for key, inner in value.items()}
    return [_without_refused(inner) for inner in value] if isinstance(value, list | tuple) else value


def bundle(record: Record, clinic: Clinic, kind: str = "collection") -> Plain:
    """One request as a Bundle of this kind."""
    found = list(resources(record, clinic, FormsByDigest()))
    links = Links(record.reference)
    if kind == "document":
        found.insert(0, _composition(links, record, clinic, found))
    entries = [_entry(resource, put=kind == "transaction") for resource in found]
    own = {"id": links.id(f"Bundle/{kind}"), "identifier": {"system": REQUESTS, "value": record.reference}}
    stamp = {"timestamp": at(record.stands.made_at)}
    return {"resourceType": "Bundle", **own, "type": kind, **stamp, "entry": entries}


def _entry(resource: Plain, *, put: bool = False) -> Plain:
    where = f"{resource['resourceType']}/{resource['id']}"
    entry = {"fullUrl": f"{HOME}/{where}", "resource": resource}
    return {**entry, "request": {"method": "PUT", "url": where}} if put else entry


def _composition(links: Links, record: Record, clinic: Clinic, found: Sequence[Plain]) -> Plain:
    """What makes a document of it: a title, and flags first; all of it in words, too."""
    whose = (record.contact.stored("name"), record.contact.stored("birth_date"), record.reference)
    return {
        "resourceType": "Composition",
        "id": links.id("Composition/"),
        "text": narrative([", ".join(filter(None, whose)), clinic.moment(record.stands.made_at)]),
        "identifier": {"system": REQUESTS, "value": record.reference},
        "status": "final",
        "type": {"text": "Consultation request"},
        "subject": links.to("Patient"),
        "date": at(record.stands.made_at),
        "author": [links.to("Device")],
        "title": f"{record.title} {record.reference}".strip(),
        "section": list(_sections(found, record, clinic)),
        **({"custodian": {"display": clinic.name}} if clinic.name else {}),
    }


def _sections(found: Sequence[Plain], record: Record, clinic: Clinic) -> Iterator[Plain]:
    """Where nothing was raised, that says nothing of what is clear."""
    for kind, title in _SECTIONS.items():
        held = [each for each in found if each["resourceType"] == kind]
        lines = [line for each in held for line in in_words(each, record, clinic)]
        if kind == "Flag" and not held:
            lines = [clinic.translate(NO_RULE)]
        if lines:
            entries = [{"reference": f"{kind}/{each['id']}"} for each in held]
            told = {"title": clinic.translate(title), "text": narrative(lines)}
            yield {**told, "entry": entries} if entries else told
