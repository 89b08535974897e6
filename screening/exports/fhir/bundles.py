"""Requests as Bundles: a collection to download, a document to read, a transaction to send.

A transaction puts each resource under an id made of the request's reference: sent twice, it is there once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from screening.core.serialising import Plain
from screening.exports.fhir.names import HOME
from screening.exports.fhir.people import REQUESTS, Links
from screening.exports.fhir.request import FormsByDigest, at, resources
from screening.exports.records import Clinic, Record

# Control characters, as JSON escapes them, that no string of FHIR may hold; tabs and ends of lines it may.
_UNFIT = re.compile(rb"(?<!\\)((?:\\\\)*)\\(?:u00[01][0-9a-f]|b|f)")
KINDS_OF_BUNDLES = ("collection", "document", "transaction")


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
    """In ASCII: half a surrogate pair, which a patient can send, is not UTF-8.

    A mark stands for each character with which FHIR takes no text: no server is to refuse a request for it.
    """
    return _UNFIT.sub(rb"\1\\ufffd", json.dumps(found, ensure_ascii=True, allow_nan=False).encode())


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
    """What makes a document of it: a title, and flags first."""
    order = ("Flag", "QuestionnaireResponse", "ServiceRequest", "Task", "Communication")
    sections = [(kind, [each for each in found if each["resourceType"] == kind]) for kind in order]
    return {
        "resourceType": "Composition",
        "id": links.id("Composition/"),
        "identifier": {"system": REQUESTS, "value": record.reference},
        "status": "final",
        "type": {"text": "Consultation request"},
        "subject": links.to("Patient"),
        "date": at(record.stands.made_at),
        "author": [links.to("Device")],
        "title": f"{record.title} {record.reference}".strip(),
        "section": [
            {"title": kind, "entry": [{"reference": f"{kind}/{each['id']}"} for each in held]}
            for kind, held in sections
            if held
        ],
        **({"custodian": {"display": clinic.name}} if clinic.name else {}),
    }
