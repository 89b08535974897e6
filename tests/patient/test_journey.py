"""From the start page to a kept request."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from flask import Flask

from screening.core import references
from screening.core.kept import KeptReason
from screening.core.review import position
from screening.settings import shipped
from screening.storage import requests
from screening.storage.database import reading
from screening.web.door import service_of
from screening.web.numbers import with_links
from tests.actors import Page, Patient
from tests.conftest import MakeApp
from tests.usual import TREATMENT, USUAL

Opened = Callable[[str], Any]


def count_requests(app: Flask) -> int:
    with reading(service_of(app).engine) as connection:
        return requests.count(connection)


def test_live_treatments_are_listed_and_lead_to_their_start_pages(patient: Patient) -> None:
    page = Page(patient.client.get("/"))
    assert page.elements("a", href=f"/{TREATMENT}")
    assert patient.go().status == 200


def test_a_usual_patient_sends_a_request_that_is_kept(patient: Patient, opened: Opened) -> None:
    assert patient.fill_in().name == "check-your-answers"
    sent = patient.send()
    reference = patient.reference(sent)
    assert sent.name == "request-sent"
    assert references.recognise(reference) == reference
    kept = opened(reference)
    assert kept.kept.stored == USUAL


def test_a_request_holds_the_words_the_version_and_the_assessment_as_they_were(
    patient: Patient, opened: Opened
) -> None:
    patient.fill_in({"blood_thinners": "not_sure", "which_blood_thinner": ["not_sure"]})
    kept = opened(patient.reference(patient.send()))
    rule_set = patient.rule_set
    assert (kept.rule_set_id, kept.rule_set_version, kept.rule_set_digest) == (
        rule_set.id,
        rule_set.version,
        rule_set.digest,
    )
    asked = {answer.question: answer.asked for answer in kept.kept.health.answers}
    assert asked["burning"] == rule_set.by_id["burning"].ask
    raised = {flag.id: flag.because for flag in kept.kept.health.raised}
    assert raised["blood_thinners"] == (KeptReason("blood_thinners", "not_sure", "not_sure"),)
    assert all(flag.place.count(":") >= 2 for flag in kept.kept.health.flags)
    assert position(kept.kept, "new", (), ()).figures().open_flags == 1


def test_contact_details_and_health_answers_are_kept_apart(patient: Patient, opened: Opened) -> None:
    patient.fill_in()
    kept = opened(patient.reference(patient.send()))
    contact = {answer.question for answer in kept.kept.contact.answers}
    health = {answer.question for answer in kept.kept.health.answers}
    assert {"name", "phone", "birth_date"} <= contact
    assert not contact & health


def test_who_is_younger_than_the_age_rule_says_is_asked_to_ring_and_may_send(patient: Patient) -> None:
    patient.fill_in(until="name")
    assert patient.answer("birth_date", "2012-01-01").name == "ring-us"
    assert patient.go("ring-us").elements("a", href=f"/{TREATMENT}/phone")
    patient.fill_in({"birth_date": "2012-01-01"})
    assert patient.send().name == "request-sent"


PEOPLE = {
    "me": {},
    "carer": {"for_whom": "someone_else", "representative_name": "Ali", "representative_relationship": "son"},
}


@pytest.fixture
def of_an_age(make_app: MakeApp, tmp_path: Path) -> Callable[[str, str, str], Page]:
    """The page that comes after a date of birth, under another age rule."""
    apps: dict[str, Flask] = {}

    def after(age: str, born: str, who: str) -> Page:
        if age not in apps:
            rules = copytree(shipped("rules"), tmp_path / f"rules-{len(apps)}")
            file = rules / f"{TREATMENT}.yaml"
            file.write_text(file.read_text().replace("age: {at_least: 18}", f"age: {age}"))
            apps[age] = make_app(rules=rules)
        patient = Patient(apps[age])
        patient.fill_in(PEOPLE[who], until="birth_date")
        return patient.answer("birth_date", born)

    return after


TODAY = [
    ("{at_most: 17}", "2008-11-23", True),
    ("{at_most: 17}", "2008-11-24", False),
    ("{at_most: 17}", "2026-01-01", False),
    ("{at_least: 5, at_most: 17}", "2008-11-23", True),
    ("{at_least: 5, at_most: 17}", "2008-11-24", False),
    ("{at_least: 5, at_most: 17}", "2021-11-23", False),
    ("{at_least: 5, at_most: 17}", "2021-11-24", True),
]


@pytest.mark.parametrize(("age", "born", "rings"), TODAY)
def test_who_is_outside_the_age_rule_is_asked_to_ring_and_may_go_on(
    of_an_age: Callable[[str, str, str], Page], age: str, born: str, rings: bool
) -> None:
    page = of_an_age(age, born, "me")
    assert page.name == ("ring-us" if rings else "phone")
    assert not rings or page.elements("a", href=f"/{TREATMENT}/phone")


def test_whoever_is_asked_to_ring_for_an_age_reads_on_which_side_and_whose_it_is(
    of_an_age: Callable[[str, str, str], Page],
) -> None:
    def words(age: str, born: str, who: str) -> str:
        (first, *_) = re.findall(
            r'<p class="govuk-body">(.*?)</p>', of_an_age(age, born, who).text, re.DOTALL
        )
        return str(first)

    sides = [
        ("{at_least: 18}", "2022-01-01"),
        ("{at_most: 17}", "2008-01-01"),
        ("{at_least: 5, at_most: 17}", "2022-01-01"),
        ("{at_least: 5, at_most: 17}", "2008-01-01"),
    ]
    read = {words(*side, who) for side in sides for who in PEOPLE}
    assert len(read) == len(sides) * len(PEOPLE)


def test_nobody_else_is_asked_to_ring(patient: Patient) -> None:
    patient.fill_in(until="name")
    assert patient.go("ring-us").name == "name"
    assert patient.answer("name", "A. Grown").name == "phone"


def test_a_yes_that_is_taken_back_below_is_pointed_out_before_sending(patient: Patient) -> None:
    page = patient.fill_in({"blood_thinners": "yes", "which_blood_thinner": ["none"]})
    question = "which_blood_thinner"
    mended = patient.answer(question, ["warfarin"])
    assert len(page.to_change(question)) == 1 + len(mended.to_change(question))


def test_follow_ups_appear_and_vanish(patient: Patient) -> None:
    patient.fill_in(until="blood_thinners")
    assert patient.answer("blood_thinners", "yes").name == "which_blood_thinner"
    assert patient.go("blood_thinners", change=1).checked == ["yes"]
    assert patient.answer("blood_thinners", "no").name == "bleeding"
    assert patient.go("which_blood_thinner").name == "bleeding"


def test_the_answer_of_a_vanished_follow_up_is_neither_shown_nor_sent(
    patient: Patient, opened: Opened
) -> None:
    patient.fill_in({"blood_thinners": "yes", "which_blood_thinner": ["warfarin"]})
    page = patient.answer("blood_thinners", "no")
    assert page.name == "check-your-answers"
    assert not page.elements("a", href=f"/{TREATMENT}/which_blood_thinner?change=1")
    kept = opened(patient.reference(patient.send()))
    assert "which_blood_thinner" not in {answer.question for answer in kept.kept.health.answers}
    assert position(kept.kept, "new", (), ()).figures().open_flags == 0


def test_changing_an_answer_asks_what_became_newly_needed_then_returns_to_the_check_page(
    patient: Patient,
) -> None:
    patient.fill_in()
    page = patient.go("reach_by", change=1)
    assert page.elements("a", href=f"/{TREATMENT}/check-your-answers")
    page = patient.answer("reach_by", ["phone", "email"])
    assert page.elements("input", name="answer-email")
    assert patient.answer("email", "sam@example.com").name == "check-your-answers"


def test_nothing_can_be_reached_before_the_first_answer_but_the_first_question(patient: Patient) -> None:
    assert patient.go("side").path == f"/{TREATMENT}"
    assert patient.go("check-your-answers").path == f"/{TREATMENT}"
    assert patient.go("request-sent").path == f"/{TREATMENT}"
    assert patient.go("for_whom").name == "for_whom"


def test_who_looks_for_answers_that_are_on_another_device_is_told_so(patient: Patient, app: Flask) -> None:
    patient.fill_in(until="side")
    banner = {"class": "govuk-notification-banner"}
    for elsewhere in (Patient(app).go("side"), Patient(app).go("check-your-answers")):
        assert elsewhere.elements("div", **banner)
    assert not Patient(app).go().elements("div", **banner)


def test_back_leads_through_the_questions_to_the_start(patient: Patient) -> None:
    page, seen = patient.fill_in(until="diabetes"), []
    while page.path != f"/{TREATMENT}":
        seen.append(page.name)
        back = page.elements("a", **{"class": "govuk-back-link"})[0]["href"]
        page = Page(patient.client.get(str(back)))
    assert seen == ["bleeding", "blood_thinners", "for_whom", "get-help-now"]


def test_an_optional_question_may_be_left_empty_and_is_not_asked_again(patient: Patient) -> None:
    patient.fill_in({"what_happened": None}, until="severity")
    assert patient.go("severity").name == "severity"
    page = patient.fill_in({"what_happened": None})
    assert page.name == "check-your-answers"


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("pain_where", {}),
        ("pain_where", {"answer": ["nowhere"]}),
        ("changes", {"answer": ["warmer", "none"]}),
        ("severity", {"answer": ["11"]}),
        ("what_happened", {"answer": ["x" * 501]}),
        ("birth_date", {"answer-day": ["31"], "answer-month": ["2"], "answer-year": ["1950"]}),
        ("birth_date", {"answer-day": ["1"], "answer-month": ["2"], "answer-year": ["2950"]}),
        ("phone", {"answer": ["123"]}),
    ],
)
def test_a_mistake_brings_the_page_back_with_what_was_typed_and_a_link_to_the_field(
    patient: Patient, question: str, typed: dict[str, list[str]]
) -> None:
    patient.fill_in(until=question)
    page = patient.post(question, typed)
    assert page.status == 422
    assert page.name in patient.rule_set.pages[question]
    assert page.title.startswith("Error: ")
    linked = [str(one["href"]) for one in page.elements("a") if str(one.get("href")).startswith("#answer")]
    ids = {one.get("id") for one in page.elements("input") + page.elements("textarea")}
    assert linked
    assert linked[0][1:] in ids
    for texts in typed.values():
        for text in texts:
            shown = page.checked + [one.get("value") for one in page.elements("input")]
            assert text in shown or text in page.text or text in ("nowhere", "11")


def test_a_mistake_keeps_the_answer_that_was_there(patient: Patient) -> None:
    patient.fill_in(until="severity")
    patient.post("side", {"answer": ["up"]})
    assert patient.go("severity").name == "severity"


def test_after_sending_no_answer_changes_any_more(patient: Patient, opened: Opened) -> None:
    patient.fill_in()
    reference = patient.reference(patient.send())
    assert patient.answer("side", "right").status == 409
    assert patient.go("side").name == "request-sent"
    assert opened(reference).kept.stored["side"] == "left"


def test_the_request_is_not_sent_while_a_question_is_due(patient: Patient, app: Flask) -> None:
    patient.fill_in(until="phone")
    assert patient.send().name == "phone"
    assert count_requests(app) == 0


def test_the_patient_sees_no_indicator_and_no_flag(patient: Patient) -> None:
    patient.fill_in({"blood_thinners": "yes", "which_blood_thinner": ["warfarin"]})
    pages = [
        patient.go("check-your-answers"),
        patient.send(),
        patient.go("your-copy"),
        patient.go("your-copy", save=1),
    ]
    hidden = [one.label for one in patient.rule_set.indicators]
    hidden += [one.label for one in patient.rule_set.flags]
    hidden += [flag.say.clinician for flag in patient.rule_set.flags if flag.say.clinician]
    note = next(flag.say.patient for flag in patient.rule_set.flags if flag.id == "blood_thinners")
    for page in pages:
        assert page.status == 200
        assert not [words for words in hidden if words in page.text]
        assert note is not None
        assert note in page.text


def test_the_copy_repeats_every_answer(patient: Patient) -> None:
    patient.fill_in()
    reference = patient.reference(patient.send())
    for page in (patient.go("your-copy"), patient.go("your-copy", save=1)):
        assert reference in page.text
        assert USUAL["what_happened"] in page.text
        assert USUAL["name"] in page.text


def test_urgent_notices_stand_before_the_questions_and_at_the_end(patient: Patient) -> None:
    headings = [unescape(with_links(notice.heading)) for notice in patient.rule_set.urgent]
    before = patient.go("get-help-now")
    patient.fill_in()
    after = patient.send()
    assert headings
    for heading in headings:
        assert heading in before.text
        assert heading in after.text


def test_a_second_treatment_is_rules_only(app: Flask) -> None:
    other = Patient(app, treatment="example-knee-injection")
    page = other.go(other.rule_set.questions[0].id)
    assert page.name == other.rule_set.questions[0].id


def test_unknown_treatments_and_questions_are_not_found(patient: Patient) -> None:
    for path in ("/nothing", "/nothing/here", f"/{TREATMENT}/nothing", f"/{TREATMENT}/side/more"):
        page = Page(patient.client.get(path))
        assert page.status == 404
        assert page.elements("a", href="/")


@pytest.mark.both_engines
def test_the_journey_is_the_same_on_every_database(make_app: MakeApp, database_url: str) -> None:
    app = make_app(database_url=database_url)
    patient = Patient(app)
    patient.fill_in()
    first = patient.reference(patient.send())
    assert patient.reference(patient.send()) == first
    assert count_requests(app) == 1
    assert app.test_client().get("/ready").status_code == 200
    service_of(app).engine.dispose()
