"""Whom a request in FHIR is about, who gave it, and how each of them is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from screening.core.entries import FromPaper
from screening.core.rules import RuleSet
from screening.exports import Record
from screening.exports.fhir.bundles import bundle
from tests.usual import USUAL, whole

from .partners import validated
from .test_fhir_requests import CLINIC, FLAGGED, flagged, record, resources_of, shipped
from .test_fhir_shapes import holds

__all__ = ["flagged", "shipped"]


def test_two_numbers_of_one_answer_are_two_that_can_be_rung(shipped: RuleSet) -> None:
    phones = "07911 123456 or at work 020 7946 0018\n+44 7911 123456, +44 20 7946 0018"
    found = bundle(record(shipped, whole(shipped, FLAGGED | {"phone": phones})), CLINIC)
    (patient,) = resources_of(found, "Patient")
    numbers = [each["value"] for each in patient["telecom"] if each["system"] == "phone"]
    assert numbers == ["+44 7911 123456", "+44 20 7946 0018"]


def test_who_filled_it_in_for_another_is_not_the_patient(shipped: RuleSet) -> None:
    theirs = {
        "for_whom": "someone_else", "representative_name": "Ann", "representative_relationship": "daughter",
        "name": "Sam",
    }  # fmt: skip
    found = bundle(record(shipped, whole(shipped, USUAL | theirs)), CLINIC)
    (patient,), (carer,) = resources_of(found, "Patient"), resources_of(found, "RelatedPerson")
    assert (patient["name"], carer["name"]) == ([{"text": "Sam"}], [{"text": "Ann"}])
    assert "telecom" not in patient
    (response,) = resources_of(found, "QuestionnaireResponse")
    assert response["source"]["reference"].startswith("RelatedPerson/")
    holds(found)


@pytest.mark.parametrize(
    ("whom", "reached"),
    [("me", {"RelatedPerson"}), ("patient", {"Patient"}), ("both", {"Patient", "RelatedPerson"})],
)
def test_the_number_is_of_whom_the_carer_wants_rung(shipped: RuleSet, whom: str, reached: set[str]) -> None:
    theirs = {"for_whom": "someone_else", "representative_name": "Ann", "whom_to_ring": whom}
    found = bundle(record(shipped, whole(shipped, USUAL | theirs)), CLINIC)
    people = [one for kind in ("Patient", "RelatedPerson") for one in resources_of(found, kind)]
    assert {one["resourceType"] for one in people if "telecom" in one} == reached
    holds(found)


def test_whose_hand_a_paper_is_in_and_who_interpreted_stands_with_where_it_came_from(flagged: Record) -> None:
    paper = FromPaper("2.1.0", "3.0.0", date(2026, 1, 3), "other", "Dr Gill", "yes", "Ines")
    found = bundle(replace(flagged, came=paper, entered_by="staff"), CLINIC)
    (provenance,), (task,) = resources_of(found, "Provenance"), resources_of(found, "Task")
    named = {each["who"].get("display"): each["type"] for each in provenance["agent"]}
    assert named["Dr Gill"]["coding"][0]["code"] == "author"
    assert "interpreter" in named["Ines"].values()
    assert provenance["occurredDateTime"] == "2026-01-03"
    assert any("2.1.0" in each["what"]["display"] for each in provenance["entity"])
    for said in ("Dr Gill", "Ines"):
        assert any(said in note["text"] for note in task["note"])
    holds(found)
    assert validated([found]).wrong == []
