"""Who a request is about and who gave it, and what made it: Patient, RelatedPerson, Device."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from screening import __version__
from screening.core.answers import date_span, normal_parts
from screening.core.kept import WHOM_TO_RING, KeptContact, KeptRuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.names import HOME

OURS = UUID("1f0c8c1a-6f0e-5b0c-9d5a-6d1f4b7f2a11")  # the namespace of the ids below
REQUESTS = f"{HOME}/request"


class Links:
    """The ids of all that is made of one request: the same each time."""

    def __init__(self, reference: str) -> None:
        self.reference = reference

    def id(self, part: str) -> str:
        """The id of a part, such as `flag/pregnancy`."""
        return str(uuid5(OURS, f"{self.reference}/{part}"))

    def to(self, kind: str, part: str = "") -> Plain:
        """A reference to a part."""
        return {"reference": f"{kind}/{self.id(f'{kind}/{part}')}"}

    def head(self, kind: str, part: str = "") -> Plain:
        """What every resource begins with."""
        identifier = {"system": REQUESTS, "value": f"{self.reference}/{part}" if part else self.reference}
        several = kind not in ("QuestionnaireResponse", "Provenance")
        return {
            "resourceType": kind,
            "id": self.id(f"{kind}/{part}"),
            **({"identifier": [identifier] if several else identifier} if kind != "Provenance" else {}),
        }


def filled(resource: Plain) -> Plain:
    """Without what is empty, which FHIR does not allow."""
    return {key: value for key, value in resource.items() if value not in ("", None, [], {})}


def patient(links: Links, contact: KeptContact) -> Plain:
    """Whom the request is about, as they gave it; nobody has checked who they are."""
    born = contact.stored("birth_date")
    theirs = not contact.by_another or contact.stored(WHOM_TO_RING) in ("patient", "both")
    return filled(
        {
            **links.head("Patient"),
            "name": [{"text": name}] if (name := contact.stored("name")) else [],
            "birthDate": born if date_span(born) is not None else "",
            "telecom": list(_telecom(contact)) if theirs else [],
        }
    )


def related_person(links: Links, contact: KeptContact) -> Plain | None:
    """Who filled it in for them; with how to reach them, unless the patient is to be rung."""
    if not contact.by_another:
        return None
    name, relationship = (
        contact.stored(kind) for kind in ("representative_name", "representative_relationship")
    )
    return filled(
        {
            **links.head("RelatedPerson"),
            "patient": links.to("Patient"),
            "relationship": [{"text": relationship}] if relationship else [],
            "name": [{"text": name}] if name else [],
            "telecom": [] if contact.stored(WHOM_TO_RING) == "patient" else list(_telecom(contact)),
        }
    )


def _telecom(contact: KeptContact) -> Iterator[Plain]:
    for system in ("phone", "email"):
        for value in filter(None, normal_parts(contact.stored(system))):
            yield {"system": system, "value": value}


def giver(links: Links, contact: KeptContact) -> Plain:
    """A reference to who gave the answers."""
    return links.to("RelatedPerson" if contact.by_another else "Patient")


def device(links: Links, rules: KeptRuleSet) -> Plain:
    """The program, and the rules of that day."""
    versions = (
        ("program", __version__),
        ("rule set", f"{rules.id} {rules.version}"),
        ("rule set digest", rules.digest),
    )
    return {
        **links.head("Device"),
        "status": "active",
        "deviceName": [{"name": "screening", "type": "model-name"}],
        "version": [{"type": {"text": name}, "value": value} for name, value in versions],
    }
