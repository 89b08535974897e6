"""What things are called in FHIR: addresses of ours and of HL7, and every extension with its type.

No address of ours needs to answer: they are names, below a domain that is kept for examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MEDIA_TYPE = "application/fhir+json"
HOME = "https://screening.example/fhir"
RULE_SETS = f"{HOME}/rule-set"  # names a rule set by its id
HL7 = "http://hl7.org/fhir/StructureDefinition"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ITEM_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
DISPLAYS = "http://hl7.org/fhir/questionnaire-display-category"
UNITS = "http://unitsofmeasure.org"
PLAN_TYPES = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
AGENTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

ITEM_CONTROL = f"{HL7}/questionnaire-itemControl"
DISPLAY_CATEGORY = f"{HL7}/questionnaire-displayCategory"
EXCLUSIVE = f"{HL7}/questionnaire-optionExclusive"
MIN, MAX = f"{HL7}/minValue", f"{HL7}/maxValue"
DECIMALS = f"{HL7}/maxDecimalPlaces"
UNIT = f"{HL7}/questionnaire-unit"
HIDDEN = f"{HL7}/questionnaire-hidden"

VERSIONS = f"{HL7}/artifact-versionAlgorithm"
HL7_EXTENSIONS = (ITEM_CONTROL, DISPLAY_CATEGORY, EXCLUSIVE, MIN, MAX, DECIMALS, UNIT, VERSIONS)

OTHER_VOICE = "other-voice"
STATUSES = {"draft": "draft", "live": "active", "retired": "retired"}


SPOKEN = "spoken"  # a type of ours: a string, or the extensions `me` and `other`, which hold its two voices


class Known(NamedTuple):
    """An extension of ours: its type (empty: it holds others), where it stands, and what it says."""

    type: str
    contexts: tuple[str, ...]
    says: str
    parts: tuple[tuple[str, str, str], ...] = ()  # name, type, how many ("0..1")


_WORDS = ("Questionnaire.item.text", "Coding.display")
_FORM, _ITEM, _OPTION = "Questionnaire", "Questionnaire.item", "Questionnaire.item.answerOption"
_ACTION = "PlanDefinition.action"

EXTENSIONS: Mapping[str, Known] = {
    "schema": Known("code", (_FORM,), "the format of rule sets that this was written in"),
    "digest": Known("string", (_FORM, "PlanDefinition"), "SHA-256 of the rule set's content"),
    "category": Known("string", (_FORM,), "the group of treatments it is listed under"),
    "review-by": Known("date", (_FORM,), "the day by which a clinician looks at it again"),
    "age": Known(
        "",
        (_FORM,),
        "for whom the treatment is, in full years; who is outside is asked to ring",
        (("at_least", "integer", "0..1"), ("at_most", "integer", "0..1"), ("source", "string", "0..*")),
    ),
    "start": Known(
        "",
        (_FORM,),
        "what stands before the first question",
        (("about", SPOKEN, "0..*"), ("minutes", "integer", "0..1"), ("have_ready", SPOKEN, "0..*")),
    ),
    "summary": Known(
        "",
        (_FORM,),
        "the words above the finished request",
        (("heading", "string", "0..1"), ("statement", "string", "0..1")),
    ),
    "allow": Known(
        "",
        (_FORM,),
        "a word of decision or advice that stands, and why",
        (("word", "string", "1..1"), ("where", "string", "1..1"), ("reason", "string", "1..1")),
    ),
    "ban": Known("string", (_FORM,), "a further word that must not stand"),
    "accept": Known(
        "",
        (_FORM,),
        "a doubt of a check that stands, and why",
        (("code", "code", "1..1"), ("where", "string", "0..1"), ("reason", "string", "1..1")),
    ),
    "urgent": Known(
        "",
        (_FORM,),
        "a notice to get help now, on a page of its own and never scored",
        (
            ("id", "code", "1..1"),
            ("level", "code", "1..1"),
            ("heading", SPOKEN, "1..1"),
            ("items", SPOKEN, "1..*"),
            ("after", SPOKEN, "0..1"),
            ("source", "string", "0..*"),
        ),
    ),
    "set-aside": Known(
        "",
        ("PlanDefinition",),
        "a statement of the treatment page that no rule needs, and why",
        (
            ("section", "string", "1..1"),
            ("phrase", "string", "0..1"),
            ("under", "string", "0..1"),
            ("because", "string", "1..1"),
        ),
    ),
    "written": Known(
        "string",
        (_FORM, _ITEM, _OPTION, "PlanDefinition", _ACTION),
        "a key that was written although it says what holds without it, as key=JSON",
    ),
    OTHER_VOICE: Known("string", _WORDS, "the same words for somebody who fills in for the patient"),
    "page": Known("boolean", (_ITEM,), "its questions share a page, of which this is the heading"),
    "missing": Known(SPOKEN, (_ITEM,), "what to do where no answer was given"),
    "scale": Known("boolean", (_ITEM,), "the whole number is a point on a scale from 0 to 10"),
    "safety": Known("boolean", (_ITEM,), "unanswered or not sure, it raises its flags"),
    "contact": Known("code", (_ITEM,), "it says who the patient is or how to reach them"),
    "about": Known("code", (_ITEM,), "the subject of the word lists that the answer belongs to"),
    "coding": Known(
        "",
        (_ITEM,),
        "what the question asks, as a terminology calls it, and where that was found",
        (
            ("system", "code", "1..1"),
            ("code", "code", "1..1"),
            ("display", "string", "1..1"),
            ("source", "string", "1..1"),
        ),
    ),
    "codings-open": Known("string", (_ITEM,), "that nobody has looked up its codes yet"),
    "fresh-for": Known("Duration", (_ITEM,), "how long an answer holds before it is asked again"),
    "format": Known("code", (_ITEM,), "the text is an email address or a phone number"),
    "partial": Known("boolean", (_ITEM,), "a year, or a month of a year, is enough"),
    "past": Known("boolean", (_ITEM,), "the day is not in the future"),
    "clears": Known("boolean", (_OPTION,), "this answer says that the thing is not there"),
    "answer-hint": Known(SPOKEN, (_OPTION,), "what is said under the answer"),
    "condition": Known("string", (_ITEM, _ACTION), "the condition as it was written, as JSON"),
    "handling": Known("code", (_ACTION,), "when somebody looks at the flag"),
    "say": Known(
        "",
        (_ACTION,),
        "who is told what when the flag is raised; absent: not told",
        (
            ("clinician", "string", "0..1"),
            ("reception", "string", "0..1"),
            ("patient", SPOKEN, "0..1"),
        ),
    ),
    "no-source": Known("string", (_ACTION,), "why it stands for no statement of the treatment page"),
    "guidance": Known(
        "",
        (_ACTION,),
        "the guidance that asks for it, where the treatment page does not, and why here",
        (("guidance", "string", "1..1"), ("reason", "string", "1..1")),
    ),
    "reason": Known(
        "",
        ("Flag",),
        "an answer that raised the flag, and in which way it counted",
        (("question", "code", "1..1"), ("counted", "code", "1..1")),
    ),
}


def fhir_type(type_: str) -> str:
    """The type as FHIR knows it."""
    return "string" if type_ == SPOKEN else type_


def ours(name: str) -> str:
    """The address of an extension of ours."""
    return f"{HOME}/StructureDefinition/{name}"


NAMES: Mapping[str, str] = {ours(name): name for name in EXTENSIONS}


def questions_codes(treatment: str, question: str) -> str:
    """The code system of the answers that one question offers."""
    return f"{HOME}/CodeSystem/{treatment}/{question}"


def rules_codes(treatment: str, kind: str) -> str:
    """The code system of a treatment's `flags` or `indicators`."""
    return f"{HOME}/CodeSystem/{treatment}/{kind}"
