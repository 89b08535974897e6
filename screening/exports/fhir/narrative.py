"""A document in words, for whoever is shown it by a program that knows nothing of its resources.

FHIR has such a program show the narrative of a document and of its sections, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from screening.core.paper_words import labelled, nothing_said
from screening.core.serialising import Plain
from screening.exports.records import Clinic, Record


def narrative(lines: Iterable[str]) -> Plain:
    """A paragraph for each line, in XHTML; what looks like markup stays words."""
    told = "".join(f"<p>{'<br/>'.join(map(escape, line.splitlines()))}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{told}</div>'}


def in_words(resource: Plain, record: Record, clinic: Clinic) -> Iterator[str]:
    """All that a resource of a request says to a reader."""
    if resource["resourceType"] == "QuestionnaireResponse":
        for answer in record.answers:
            yield labelled(answer.asked, "\n".join(answer.said) or nothing_said(answer, clinic.translate))
    yield from filter(None, [resource.get("code", {}).get("text")])
    for note in resource.get("note", ()):
        by = f" ({note['authorString']}, {note['time']})" if "authorString" in note else ""
        yield f"{note['text']}{by}"
    yield from (each["contentString"] for each in resource.get("payload", ()))
