"""What makes the JSON readable elsewhere: definitions of extensions and of codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.voices import VOICES
from screening.exports.fhir.codes import coding_of
from screening.exports.fhir.kinds import KINDS
from screening.exports.fhir.names import (
    ABSENT,
    EXTENSIONS,
    SPOKEN,
    YES_NO,
    Known,
    fhir_type,
    ours,
    questions_codes,
    rules_codes,
)
from screening.exports.fhir.questionnaire import resource_id
from screening.exports.fhir.read_plan import STATES

R4 = "4.0.1"
BASE = "http://hl7.org/fhir/StructureDefinition/Extension"


def bundled(resources: Iterator[Plain]) -> Plain:
    """Several resources in one file."""
    entries = [{"fullUrl": resource["url"], "resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def structure_definitions() -> Iterator[Plain]:
    """One for each extension of ours."""
    for name, known in EXTENSIONS.items():
        yield {
            "resourceType": "StructureDefinition",
            "id": name,
            "url": ours(name),
            "name": "".join(word.capitalize() for word in name.split("-")),
            "status": "active",
            "description": known.says,
            "fhirVersion": R4,
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": place} for place in known.contexts],
            "type": "Extension",
            "baseDefinition": BASE,
            "derivation": "constraint",
            "differential": {"element": list(_elements(name, known))},
        }


def _elements(name: str, known: Known) -> Iterator[Plain]:
    yield {"id": "Extension", "path": "Extension", "short": known.says, "definition": known.says}
    if known.type and known.type != SPOKEN:
        yield {"id": "Extension.extension", "path": "Extension.extension", "max": "0"}
    yield from _slices("Extension", _VOICED if known.type == SPOKEN else known.parts)
    yield {"id": "Extension.url", "path": "Extension.url", "fixedUri": ours(name)}
    value = {"id": "Extension.value[x]", "path": "Extension.value[x]"}
    yield {**value, "type": [{"code": fhir_type(known.type)}]} if known.type else {**value, "max": "0"}


_VOICED = tuple((voice, "string", "0..1") for voice in VOICES)


def _slices(above: str, parts: Sequence[tuple[str, str, str]], path: str = "Extension") -> Iterator[Plain]:
    """The extensions inside; a text that may have two voices holds a string or an extension for each."""
    inside = f"{path}.extension"
    for part, type_, many in parts:
        least, most = many.split("..")
        name = f"{above}.extension:{part}"
        yield {"id": name, "path": inside, "sliceName": part, "min": int(least), "max": most}
        if type_ == SPOKEN:
            yield from _slices(name, _VOICED, inside)
        yield {"id": f"{name}.url", "path": f"{inside}.url", "fixedUri": part}
        yield {"id": f"{name}.value[x]", "path": f"{inside}.value[x]", "type": [{"code": fhir_type(type_)}]}


def code_systems(rule_set: RuleSet) -> Iterator[Plain]:
    """The answers of each question that HL7 has no codes for, and the rules."""
    for question in rule_set.questions:
        codings = [
            coding_of(rule_set.id, question.id, answer.id, answer.label) for answer in question.answers
        ]
        own = [coding for coding in codings if coding["system"] not in (YES_NO, ABSENT)]
        if own and question.type in KINDS:
            concepts = [{"code": coding["code"], "display": coding["display"]} for coding in own]
            yield _system(rule_set, questions_codes(rule_set.id, question.id), question.ask, concepts)
    for kind, rules in (("flags", rule_set.flags), ("indicators", rule_set.indicators)):
        concepts = [{"code": rule.id, "display": rule.label} for rule in rules]
        if concepts:
            yield _system(rule_set, rules_codes(rule_set.id, kind), f"{rule_set.title}: {kind}", concepts)
    if rule_set.indicators:
        states = [{"code": state, "display": state} for state in ("matched", "possible")]
        yield _system(rule_set, STATES, "What became of an indicator", states)


def _system(rule_set: RuleSet, url: str, title: str, concepts: Sequence[Plain]) -> Plain:
    last = "-".join(url.split("/")[-2:]).replace("_", "-")
    return {
        "resourceType": "CodeSystem",
        "id": resource_id(last),
        "url": url,
        "version": rule_set.version,
        "title": title,
        "status": "active",
        "content": "complete",
        "caseSensitive": True,
        "count": len(concepts),
        "concept": concepts,
    }
