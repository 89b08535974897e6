"""A request in FHIR says what was said, flags what was raised, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from screening.core.assessment import assess
from screening.core.entries import (
    Booking,
    Entry,
    FlagDecision,
    PatientAnswer,
    PatientQuestion,
    Raised,
    Written,
)
from screening.core.journey import voice_of
from screening.core.kept import KeptAnswer, KeptRequest, keep
from screening.core.loading import load
from screening.core.paper_words import NEVER_CLEAR, NOT_ANSWERED_YET, remark_sentence
from screening.core.remarks import Remark
from screening.core.review import flag_lines
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.still_open import still_open
from screening.core.stored import Stored
from screening.core.workflow import Figures
from screening.exports import FORMATS, Clinic, Record
from screening.exports.fhir.bundles import KINDS_OF_BUNDLES, bundle
from screening.exports.fhir.names import HOME, YES_NO
from screening.exports.fhir.questionnaire import questionnaire
from screening.exports.fhir.responses import read_back
from screening.exports.records import StandingOnPaper
from screening.exports.where_it_stands import IDENTITIES
from tests.core.making import SHIPPED, load_data, question, rule_set
from tests.usual import USUAL, whole

from .conftest import THOROUGH, Reached
from .making import FOR_WHOM, dressed_and_answered, every
from .partners import sent_to_a_server, validated
from .test_fhir_shapes import holds

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
CLINIC = Clinic("The clinic", "01632 960 000", "", ZoneInfo("Europe/London"), "en_GB", Path())
NEVER = {"DetectedIssue", "Condition", "AllergyIntolerance", "Observation", "RiskAssessment"}
FLAGGED = USUAL | {"blood_thinners": "yes", "which_blood_thinner": ["apixaban"], "pregnancy": "not_sure"}


def kept(rule_set: RuleSet, stored: Stored) -> KeptRequest:
    """As it is kept: in the words of whoever filled it in."""
    seen = rule_set.speaking(voice_of(rule_set, stored))
    return keep(seen, assess(seen, stored), stored)


def record(rule_set: RuleSet, stored: Stored, written: tuple[Written, ...] = (), **more: Any) -> Record:
    request = kept(rule_set, stored)
    made = Record(
        "ABC-DEF-GHJK", rule_set.id, rule_set.title, "needs_review", NOW, None, False, "patient",
        request.contact, StandingOnPaper(NOW, Figures()), request.health, flag_lines(request, written),
        rule_set=rule_set,
    )  # fmt: skip
    return replace(made, **more)


def resources_of(found: Plain, kind: str) -> list[Plain]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


@pytest.fixture(scope="module")
def shipped() -> RuleSet:
    return load(SHIPPED)


@pytest.fixture(scope="module")
def flagged(shipped: RuleSet) -> Record:
    """The usual patient, with two flags."""
    return record(shipped, whole(shipped, FLAGGED))


def agrees(made: Record, request: KeptRequest, types: dict[str, str]) -> None:
    """What is read back is what was kept: no answer more, none less, and just the raised flags."""
    found = bundle(made, CLINIC)
    (response,) = resources_of(found, "QuestionnaireResponse")
    several = {name for name, type_ in types.items() if type_ == "choose_many"}  # one alone may be kept bare
    stored = {
        name: [held] if name in several and isinstance(held, str) else held
        for name, held in request.stored.items()
    }
    assert read_back(response["item"], types) == stored
    told = every(response["item"], lambda each: "linkId" in each and "item" not in each)
    asked = [answer.question for answer in (*request.contact.answers, *request.health.answers)]
    assert sorted(each["linkId"] for each in told) == sorted(asked)
    codes = [each["code"]["coding"][0]["code"] for each in resources_of(found, "Flag")]
    assert codes == [flag.id for flag in request.health.raised]


def test_every_answer_of_random_requests_is_read_back_equal_and_no_other_flag_stands(
    reached: Reached,
) -> None:
    many = [0]

    @settings(max_examples=THOROUGH // 4 or 25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(dressed_and_answered())
    def is_read_back(drawn: tuple[Plain, list[Stored]]) -> None:
        rule_set = load_data(drawn[0])
        types = {question.id: question.type for question in rule_set.questions}
        for stored in drawn[1]:
            request = kept(rule_set, stored)
            agrees(record(rule_set, stored), request, types)
            agrees(replace(record(rule_set, stored), rule_set=None), request, types)
            many[0] += 1

    is_read_back()
    reached("requests whose every answer and flag is read back equal", "1,000", f"{many[0]:,}")


@pytest.mark.parametrize("kind", KINDS_OF_BUNDLES)
def test_each_kind_of_bundle_is_valid_fhir(flagged: Record, kind: str) -> None:
    found = bundle(flagged, CLINIC, kind)
    assert found["type"] == kind
    holds(found)


def test_a_validator_of_other_people_finds_nothing_wrong_in_a_request(flagged: Record) -> None:
    assert validated([bundle(flagged, CLINIC, kind) for kind in KINDS_OF_BUNDLES]).wrong == []


def test_every_reference_leads_to_a_resource_of_the_bundle(flagged: Record) -> None:
    for kind in KINDS_OF_BUNDLES:
        found = bundle(flagged, CLINIC, kind)
        there = {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in found["entry"]}
        assert len(there) == len(found["entry"])
        assert {each["reference"] for each in every(found, lambda each: "reference" in each)} <= there


def test_what_is_sent_twice_has_the_same_ids_and_is_put(flagged: Record) -> None:
    later = replace(flagged, stands=StandingOnPaper(NOW.replace(year=2027), Figures()))
    first, second = (
        [entry["request"] for entry in bundle(made, CLINIC, "transaction")["entry"]]
        for made in (flagged, later)
    )
    assert first == second
    assert {each["method"] for each in first} == {"PUT"}
    other = bundle(replace(flagged, reference="ABC-DEF-GHJM"), CLINIC, "transaction")["entry"]
    assert {each["url"] for each in first}.isdisjoint(entry["request"]["url"] for entry in other)


def test_a_server_of_other_people_holds_once_what_is_sent_twice(flagged: Record, reached: Reached) -> None:
    references = ("ABC-DEF-GHJK", "ABC-DEF-GHJM", "ABC-DEF-GHJN")
    sent = [bundle(replace(flagged, reference=reference), CLINIC, "transaction") for reference in references]
    mine = [entry["resource"] for made in sent for entry in made["entry"]]
    kinds = sorted({resource["resourceType"] for resource in mine})
    subject = next(resource for resource in mine if resource["resourceType"] == "Patient")["id"]
    searches = [*(f"/{kind}?_count=100" for kind in kinds), f"/Flag?subject=Patient/{subject}"]
    held = sent_to_a_server([*sent, *sent], searches)
    assert {status[:1] for statuses in held.statuses for status in statuses} == {"2"}
    there = {each["id"]: {**each, "meta": None} for found in held.found[:-1] for each in found}
    assert there == {resource["id"]: {**resource, "meta": None} for resource in mine}
    assert [each["code"]["text"] for each in held.found[-1]] == [line.flag.label for line in flagged.flags]
    reached("resources doubled in a server that took each request twice", "0", f"0 of {len(mine)}")


def test_a_flag_is_no_finding_and_nothing_is_urgent_unless_staff_said_so(flagged: Record) -> None:
    found = bundle(flagged, CLINIC)
    assert {entry["resource"]["resourceType"] for entry in found["entry"]}.isdisjoint(NEVER)
    assert every(found, lambda each: "priority" in each or "severity" in each) == []
    urgent = bundle(replace(flagged, urgent=True, urgent_because="why"), CLINIC)
    told = every(urgent, lambda each: "priority" in each)
    assert {each["resourceType"] for each in told} == {"ServiceRequest", "Task"}
    assert [each["intent"] for each in resources_of(found, "ServiceRequest")] == ["proposal"]


def test_decisions_on_flags_are_told_with_who_and_when(shipped: RuleSet) -> None:
    entry = FlagDecision("pregnancy", "discuss", "ring first")
    made = record(shipped, whole(shipped, FLAGGED), (Written("e", 2, "p", "Clara", NOW, entry),))
    (task,) = resources_of(bundle(made, CLINIC), "Task")
    (note,) = [note for note in task["note"] if "authorString" in note]
    assert note["authorString"] == "Clara"
    assert note["time"].startswith("2026-11-25")
    assert "ring first" in note["text"]


def test_what_was_raised_and_asked_since_is_told_with_the_words_of_the_patient(shipped: RuleSet) -> None:
    later = NOW + timedelta(days=1)
    since: tuple[Entry, ...] = (
        Raised("by-desk", "Told by phone", "a fall last week"),
        Raised("diabetes", "Diabetes", "tablets since May", "duplicate", "ABC-DEF-GHJM"),
        PatientQuestion("Which dose?", "pregnancy"),
        PatientAnswer("2", "5 mg,\nsince May"),
        PatientQuestion("Since when?", "pregnancy"),
    )
    written = tuple(Written(str(n), n + 2, "p", "Clara", later, each) for n, each in enumerate(since))
    found = bundle(record(shipped, whole(shipped, FLAGGED), written), CLINIC)
    (task,) = resources_of(found, "Task")
    told = [note["text"] for note in task["note"] if note["time"].startswith("2026-11-26")]
    for said in (
        ("a fall last week",),
        ("tablets since May", "ABC-DEF-GHJM"),
        ("Which dose?", "5 mg,\nsince May"),
    ):
        assert any(all(part in text for part in said) for text in told), said
    assert any("Since when?" in text and NOT_ANSWERED_YET in text for text in told)
    begun = {flag["code"]["coding"][0]["code"]: flag for flag in resources_of(found, "Flag")}
    for code, day, by_program in (("by-desk", 26, False), ("diabetes", 26, False), ("pregnancy", 25, True)):
        assert begun[code]["period"]["start"].startswith(f"2026-11-{day}")
        assert ("author" in begun[code]) is by_program
    holds(found)


def test_what_is_open_unread_and_does_not_fit_is_told_with_identity_and_appointment(shipped: RuleSet) -> None:
    made = record(shipped, whole(shipped, FLAGGED))
    remark = Remark("open_answer", "side", "side", "Which side?", ("Not sure",))
    still = still_open(made.flags, kept(shipped, whole(shipped, FLAGGED)), [f"remark:{remark.id}"], [remark])
    booking = Booking(NOW.date(), "10:00", "Room 7")
    figures = replace(made.stands.figures, identity_checked=1)
    stands = replace(made.stands, figures=figures, booking=booking, work_list="to_review")
    (task,) = resources_of(
        bundle(replace(made, still_open=still, remarks=(remark,), stands=stands), CLINIC), "Task"
    )
    told = [note["text"] for note in task["note"]]
    assert {note["time"] for note in task["note"]} == {task["lastModified"]}
    for said in (*(line.flag.label for line in made.flags), "Room 7", IDENTITIES[True], NEVER_CLEAR):
        assert any(said in text for text in told), said
    assert any(remark_sentence(remark, str, CLINIC.day) in text for text in told)


def test_a_code_is_the_same_in_whichever_voice_the_words_were_seen() -> None:
    labels = {"yes": "Yes", "no": {"me": "No", "other": "No, they do not"}}
    asked = question("a", answers=[{"id": name, "label": label} for name, label in labels.items()])
    made = load_data(rule_set([FOR_WHOM, asked]))
    for whom, seen in (("me", "No"), ("someone_else", "No, they do not")):
        found = bundle(record(made, {"for_whom": whom, "a": "no"}), CLINIC)
        (item,) = every(found, lambda each: each.get("linkId") == "a")
        assert item["answer"] == [{"valueCoding": {"system": YES_NO, "code": "N", "display": seen}}]


def test_the_form_that_was_answered_has_the_address_at_which_the_clinic_gives_it(flagged: Record) -> None:
    rules = flagged.rule_set
    assert rules is not None
    own = "https://c.example/fhir"
    for clinic, base in ((CLINIC, HOME), (replace(CLINIC, forms_at=own), own)):
        (response,) = resources_of(bundle(flagged, clinic), "QuestionnaireResponse")
        assert response["questionnaire"] == f"{questionnaire(rules, base)['url']}|{rules.version}"


@pytest.mark.parametrize(
    ("question", "stored", "kept_as"),
    [
        ("birth_date", "31 Feb 1950", "31 Feb 1950"),
        ("severity", "very bad", "very bad"),
        ("severity", 7.5, "7.5"),
        ("pregnancy", 5, "5"),
    ],
)
def test_what_cannot_be_read_as_its_question_asks_is_told_as_it_is(
    flagged: Record, question: str, stored: Any, kept_as: str
) -> None:
    """No server takes half a date, and one such answer must not keep the others back."""
    assert flagged.health is not None

    def unread(answers: tuple[KeptAnswer, ...]) -> tuple[KeptAnswer, ...]:
        return tuple(
            replace(each, stored=stored, said=()) if each.question == question else each for each in answers
        )

    contact = replace(flagged.contact, answers=unread(flagged.contact.answers))
    health = replace(flagged.health, answers=unread(flagged.health.answers))
    found = bundle(replace(flagged, contact=contact, health=health), CLINIC)
    (item,) = every(found, lambda each: each.get("linkId") == question)
    assert item["answer"] == [{"valueString": kept_as}]
    holds(found)


def test_what_the_patient_was_told_is_a_communication(flagged: Record) -> None:
    assert flagged.health is not None
    (told,) = resources_of(bundle(flagged, CLINIC), "Communication")
    assert [each["contentString"] for each in told["payload"]] == list(flagged.health.said_to_patient)


def test_a_download_of_several_is_one_valid_collection(flagged: Record) -> None:
    second = replace(flagged, reference="ABC-DEF-GHJM")
    found = _read(FORMATS["fhir"].write([flagged, second], CLINIC))
    assert len(resources_of(found, "Patient")) == 2
    holds(found)
    holds(_read(FORMATS["fhir"].write([], CLINIC)))


def test_no_text_holds_what_fhir_takes_none_with_and_every_other_character_stays(shipped: RuleSet) -> None:
    typed = "".join(map(chr, range(0x20))) + "\\u0000 \\b"  # the last two are what a patient might well write
    sent = _read(FORMATS["fhir"].write([record(shipped, whole(shipped, FLAGGED | {"name": typed}))], CLINIC))
    (patient,) = resources_of(sent, "Patient")
    told = patient["name"][0]["text"]
    assert {each for each in told if each < " "} == {"\t", "\n", "\r"}
    assert told.endswith("\\u0000 \\b")
    holds(sent)


def _read(pieces: Iterator[bytes]) -> Plain:
    found: Plain = json.loads(b"".join(pieces))
    return found


def test_without_health_answers_there_is_nothing_to_take(flagged: Record) -> None:
    with pytest.raises(ValueError, match="health"):
        list(FORMATS["fhir"].write([replace(flagged, health=None)], CLINIC))


def test_the_codes_are_those_that_were_agreed(shipped: RuleSet) -> None:
    """Fixed here: what another system has stored under a code must keep its meaning."""
    home = "https://screening.example/fhir/CodeSystem/lumbar-sympathetic-block"
    answers = {"pregnancy": "not_sure", "blood_thinners": "yes", "diabetes": "no", "side": "left"}
    (response,) = resources_of(
        bundle(record(shipped, whole(shipped, FLAGGED | answers)), CLINIC), "QuestionnaireResponse"
    )
    given_answers = every(response["item"], lambda each: each.get("linkId") in answers)
    codings = {each["linkId"]: each["answer"][0]["valueCoding"] for each in given_answers}
    assert {name: (coding["system"], coding["code"]) for name, coding in codings.items()} == {
        "pregnancy": ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-unknown"),
        "blood_thinners": ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"),
        "diabetes": ("http://terminology.hl7.org/CodeSystem/v2-0136", "N"),
        "side": (f"{home}/side", "left"),
    }
