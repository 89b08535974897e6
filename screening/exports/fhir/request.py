"""A kept request in FHIR R4: what was said, what was raised, where it stands, what the patient was told.

A raised flag is a Flag, and never a finding about the patient (DetectedIssue, Condition, AllergyIntolerance);
urgency is there only where staff set it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from screening.core.entries import FromPaper
from screening.core.errors import RuleSetError
from screening.core.kept import KeptHealth
from screening.core.paper_words import (
    ASKED_PATIENT,
    NEVER_CLEAR,
    NOT_ANSWERED_YET,
    RAISED_BECAUSE,
    THINGS,
    labelled,
)
from screening.core.review import FlagLine, FlagReview
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.workflow import DECISION_LABELS, STATUSES, is_finished
from screening.exports.fhir.elements import extension
from screening.exports.fhir.names import AGENTS, HOME, rules_codes
from screening.exports.fhir.people import Links, device, filled, giver, patient, related_person
from screening.exports.fhir.questionnaire import questionnaire
from screening.exports.fhir.responses import answered, by_section, canonical_of, placed
from screening.exports.records import Clinic, Record
from screening.exports.where_it_stands import at_the_desk, how_it_came, still_to_do, what_does_not_fit

BY_STAFF = f"{HOME}/CodeSystem/raised-by-staff"
_TASKS = {  # what becomes of a request -> how FHIR says it; of another status, somebody is at it
    "new": "requested",
    "ready_to_book": "ready",
    "closed": "completed",
    "withdrawn": "cancelled",
    "duplicate": "cancelled",
}


def resources(record: Record, clinic: Clinic, forms: FormsByDigest) -> Iterator[Plain]:
    """All of one request, the same ids each time. Raises ValueError without health answers."""
    health = record.health
    if health is None:
        raise ValueError("a request in FHIR is nothing without health answers")
    links = Links(record.reference)
    found = [
        patient(links, record.contact),
        *filter(None, [related_person(links, record.contact)]),
        device(links, health.rule_set),
        _response(links, record, health, forms, clinic.forms_at or HOME),
        *(_flag(links, record, health, line) for line in record.flags),
        _service_request(links, record, health, clinic),
        _task(links, record, clinic),
        *filter(None, [_communication(links, record, health)]),
    ]
    yield from found
    yield _provenance(links, record, health, found)


def at(when: datetime) -> str:
    """A time with its zone, UTC."""
    return when.astimezone(UTC).isoformat()


def _response(links: Links, record: Record, health: KeptHealth, forms: FormsByDigest, base: str) -> Plain:
    """Every question that was asked, in the words and at the place where it was."""
    rules = health.rule_set
    given = {answer.question: answered(rules.id, answer, record.rule_set) for answer in record.answers}
    form = forms.items(record.rule_set)
    items = placed(form, given) if form is not None else by_section(record.answers, given)
    return {
        **links.head("QuestionnaireResponse"),
        "questionnaire": canonical_of(rules.id, rules.version, base),
        "status": "completed",
        "subject": links.to("Patient"),
        "authored": at(record.received_at),
        "author": giver(links, record.contact),
        "source": giver(links, record.contact),
        "item": list(items),
    }


class FormsByDigest:
    """Where each question stands, by the digest of its rules: made once for all requests that answer them."""

    def __init__(self) -> None:
        self._made: dict[str, Sequence[Plain] | None] = {}

    def items(self, rule_set: RuleSet | None) -> Sequence[Plain] | None:
        """None where the rules of that day cannot be read any more, or have no place in FHIR."""
        if rule_set is None:
            return None
        if rule_set.digest not in self._made:
            self._made[rule_set.digest] = _items(rule_set)
        return self._made[rule_set.digest]


def _items(rule_set: RuleSet) -> Sequence[Plain] | None:
    try:
        found: Sequence[Plain] = questionnaire(rule_set)["item"]
    except RuleSetError:
        return None
    return found


def _flag(links: Links, record: Record, health: KeptHealth, line: FlagLine) -> Plain:
    flag = line.flag
    ruled = any(each.id == flag.id for each in health.flags)
    system = rules_codes(health.rule_set.id, "flags") if ruled else BY_STAFF
    by_answers = any(each.id == flag.id for each in health.raised)
    came = record.received_at if by_answers else min(written.at for written in line.review.raised)
    reasons = [{"question": why.question, "counted": why.reason} for why in flag.because]
    return filled(
        {
            **links.head("Flag", flag.id),
            "extension": [extension("reason", reason) for reason in reasons],
            "status": "active",
            "code": {"coding": [{"system": system, "code": flag.id}], "text": flag.label},
            "subject": links.to("Patient"),
            "period": {"start": at(came)},
            "author": links.to("Device") if by_answers else {},
        }
    )


def _service_request(links: Links, record: Record, health: KeptHealth, clinic: Clinic) -> Plain:
    done = "completed" if record.status == "closed" else "revoked"
    notes = [health.statement, record.urgent_because if record.urgent else ""]
    return filled(
        {
            **links.head("ServiceRequest"),
            "status": done if is_finished(record.status) else "active",
            "intent": "proposal",
            "priority": "urgent" if record.urgent else "",
            "code": {"text": record.title or health.rule_set.title},
            "subject": links.to("Patient"),
            "authoredOn": at(record.received_at),
            "requester": giver(links, record.contact),
            "performer": [{"display": clinic.name}] if clinic.name else [],
            "supportingInfo": [
                links.to("QuestionnaireResponse"),
                *(links.to("Flag", line.flag.id) for line in record.flags),
            ],
            "note": [{"text": text} for text in notes if text],
        }
    )


def _task(links: Links, record: Record, clinic: Clinic) -> Plain:
    known = STATUSES.get(record.status)
    label = clinic.translate(known.label) if known is not None else record.status
    return filled(
        {
            **links.head("Task"),
            "status": _TASKS.get(record.status, "in-progress"),
            "businessStatus": {
                "coding": [{"system": f"{HOME}/CodeSystem/statuses", "code": record.status}],
                "text": label,
            },
            "intent": "proposal",
            "priority": "urgent" if record.urgent else "",
            "focus": links.to("ServiceRequest"),
            "for": links.to("Patient"),
            "authoredOn": at(record.received_at),
            "lastModified": at(record.stands.made_at),
            "owner": {"display": record.owner} if record.owner else {},
            "note": [*_standing(record, clinic), *_on_flags(record, clinic)],
        }
    )


def _standing(record: Record, clinic: Clinic) -> Iterator[Plain]:
    """For whoever acts on it: what is open, unread and does not fit, identity, appointment."""
    lines = (*how_it_came(record, clinic), *at_the_desk(record, clinic), *still_to_do(record, clinic))
    doubts = ((clinic.translate(THINGS["remark"]), said) for said in what_does_not_fit(record, clinic))
    told = (*(labelled(*line) for line in (*lines, *doubts)), clinic.translate(NEVER_CLEAR))
    return ({"time": at(record.stands.made_at), "text": text} for text in told)


def _on_flags(record: Record, clinic: Clinic) -> Iterator[Plain]:
    """What was raised, asked and decided on which flag since, by whom and when, oldest first."""
    told = [
        (when, by_name, labelled(line.flag.label, text))
        for line in record.flags
        for when, by_name, text in _since(line.review, clinic.translate)
    ]
    for when, by_name, text in sorted(told, key=lambda each: each[0]):
        yield filled({"authorString": by_name, "time": at(when), "text": text})


def _since(review: FlagReview, translate: Callable[[str], str]) -> Iterator[tuple[datetime, str, str]]:
    """When, who, and what."""
    for written, entry, because in zip(
        review.raised, review.raised_since, review.raised_because, strict=True
    ):
        how = translate(RAISED_BECAUSE.get(because, because))
        yield written.at, written.by_name, ". ".join(filter(None, (how, entry.of, entry.words)))
    for asked in review.questions:
        answer = translate(NOT_ANSWERED_YET) if asked.answer is None else asked.answer
        by = f" ({asked.answered_by})" if asked.answered_by else ""
        yield asked.at, asked.asked_by, f"{translate(ASKED_PATIENT)}: {asked.words}\n{answer}{by}"
    for written, decided in zip(review.decisions, review.decided, strict=True):
        said = translate(DECISION_LABELS[decided.decision])
        yield written.at, written.by_name, ". ".join(filter(None, (said, decided.note)))


def _communication(links: Links, record: Record, health: KeptHealth) -> Plain | None:
    """What the patient was told when the request was sent."""
    if not health.said_to_patient:
        return None
    return {
        **links.head("Communication"),
        "status": "completed",
        "about": [links.to("ServiceRequest")],
        "subject": links.to("Patient"),
        "recipient": [giver(links, record.contact)],
        "sender": links.to("Device"),
        "sent": at(record.received_at),
        "payload": [{"contentString": text} for text in health.said_to_patient],
    }


def _provenance(links: Links, record: Record, health: KeptHealth, made: list[Plain]) -> Plain:
    """The patient told it, the program put it together, by rules; paper has its own hand."""
    rules, paper = health.rule_set, record.came if isinstance(record.came, FromPaper) else None
    what = {"identifier": {"system": f"{HOME}/rule-set-digest", "value": rules.digest}}
    sources = [{**what, "display": f"{rules.id} {rules.version}"}]
    if paper is not None:
        sources.append({"display": f"form on paper, version {paper.version}"})
    return filled(
        {
            **links.head("Provenance"),
            "target": [{"reference": f"{each['resourceType']}/{each['id']}"} for each in made],
            "occurredDateTime": paper.written_on.isoformat() if paper and paper.written_on else "",
            "recorded": at(record.stands.made_at),
            "agent": list(_agents(links, record, paper)),
            "entity": [{"role": "source", "what": source} for source in sources],
        }
    )


def _agents(links: Links, record: Record, paper: FromPaper | None) -> Iterator[Plain]:
    """Who told it, put it together and entered it; whose hand a paper is in, and who interpreted."""

    def agent(code: str, who: Plain) -> Plain:
        return {"type": {"coding": [{"system": AGENTS, "code": code}]}, "who": who}

    yield agent("informant", giver(links, record.contact))
    yield agent("assembler", links.to("Device"))
    if record.entered_by != "patient":
        yield agent("enterer", {"display": "staff"})
    if paper is not None:
        yield agent("author", links.to("Patient") if paper.by == "patient" else {"display": paper.by_name})
        if paper.interpreted == "yes":  # the code system has no word for it
            named = {"display": paper.interpreter or "not named"}
            yield {"type": {"text": "interpreter"}, "who": named}
