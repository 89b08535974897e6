"""Whatever fails, a patient never loses what they typed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import text

from screening.core.voices import OTHER
from screening.service.visit import Visit
from screening.settings import shipped
from screening.storage.database import reading
from screening.web import question_drawing
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.breaking import locked, missing_table
from tests.conftest import MakeApp
from tests.kept import drafts_kept
from tests.sending import filled_in
from tests.thorough import asked
from tests.usual import TREATMENT, page_sent

CANARY = "Canary-91827"


def test_a_database_that_cannot_even_be_read_gives_back_what_was_typed(patient: Patient, app: Flask) -> None:
    patient.fill_in(until="what_happened")
    token = patient.go("delete-my-answers").token
    data = {"csrf_token": token} | page_sent(patient.rule_set, "what_happened", {"answer": CANARY})
    with missing_table(app, "drafts"):
        page = Page(patient.client.post(f"/{TREATMENT}/what_happened", data=data))
        assert page.status == 503
        assert CANARY in page.text
        assert patient.go("what_happened").status == 503
    assert patient.post("what_happened", data).name == "severity"


def test_a_page_of_a_draft_that_cannot_be_read_does_not_say_how_many_may_still_come(
    patient: Patient, app: Flask
) -> None:
    patient.fill_in(until="what_happened")
    opened = patient.go("what_happened")
    mark = 'class="clinic-progress'
    assert mark in opened.text
    with missing_table(app, "drafts"):
        sent = page_sent(patient.rule_set, "what_happened", form(opened, answer=CANARY))
        page = Page(patient.client.post(f"/{TREATMENT}/what_happened", data=sent))
    assert (page.status, CANARY in page.text, mark in page.text) == (503, True, False)


def test_a_carers_page_is_shown_again_as_theirs_while_the_draft_cannot_be_read(
    patient: Patient, app: Flask
) -> None:
    carer = {"for_whom": "someone_else", "representative_name": "Ali", "representative_relationship": "son"}
    theirs = patient.rule_set.speaking(OTHER).by_id["blood_thinners"].ask
    assert theirs != patient.rule_set.by_id["blood_thinners"].ask
    patient.fill_in(carer, until="blood_thinners")
    sent = form(patient.go("blood_thinners"), answer="yes")
    with missing_table(app, "drafts"):
        url, data = f"/{TREATMENT}/blood_thinners", page_sent(patient.rule_set, "blood_thinners", sent)
        once = Page(patient.client.post(url, data=data))
        again = Page(patient.client.post(url, data=data | form(once)))  # of the page that was shown again
    patient.client = app.test_client()  # and where cookies are gone
    stray = Page(patient.client.post(url, data=data))
    assert [page.status for page in (once, again, stray)] == [503, 503, 409]
    assert [escape(theirs) in page.text for page in (once, again, stray)] == [True] * 3


def test_a_carers_page_with_a_mistake_on_it_is_theirs_also_once_the_draft_is_gone(
    patient: Patient, clock: Clock
) -> None:
    carer = {"for_whom": "someone_else", "representative_name": "Ali", "representative_relationship": "son"}
    patient.fill_in(carer, until="blood_thinners")
    sent = form(patient.go("blood_thinners"))
    clock.forward(days=2)
    page = patient.post("blood_thinners", sent)
    assert page.status == 422
    assert escape(patient.rule_set.speaking(OTHER).by_id["blood_thinners"].ask) in page.text


def test_a_failure_in_the_page_itself_still_shows_what_was_typed(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.fill_in(until="what_happened")
    token = patient.go("delete-my-answers").token

    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(question_drawing, "page_form", broken)
    data = {"csrf_token": token} | page_sent(patient.rule_set, "what_happened", {"answer": CANARY})
    page = Page(patient.client.post(f"/{TREATMENT}/what_happened", data=data))
    assert page.status == 500
    assert CANARY in page.text


def test_two_tabs_that_answer_different_questions_lose_nothing(
    patient: Patient, app: Flask, record_property: Callable[[str, object], None]
) -> None:
    patient.fill_in()
    token = patient.go("delete-my-answers").token
    cookies = patient.cookies

    def tab(change: tuple[str, str]) -> int:
        question, answer = change
        client = app.test_client(use_cookies=False)
        data = {"csrf_token": token} | page_sent(patient.rule_set, question, {"answer": answer})
        return client.post(f"/{TREATMENT}/{question}", data=data, headers={"Cookie": cookies}).status_code

    changes = {
        "side": "right",
        "pregnancy": "yes",
        "burning": "no",
        "crps": "yes",
        "diabetes": "not_sure",
    }
    rounds, others = asked(1, 30), {"side": "left", "pregnancy": "no", "burning": "yes", "crps": "no"}
    for number in range(rounds):
        now = changes | (others if number % 2 else {})
        with ThreadPoolExecutor(len(now)) as tabs:
            assert set(tabs.map(tab, now.items())) == {303}
        for question, answer in now.items():
            assert answer in patient.go(question, change=1).checked
    record_property("reached", f"{rounds} rounds of {len(changes)} tabs, 0 answers lost")


def test_a_double_click_on_send_gives_one_request(patient: Patient, app: Flask) -> None:
    shown = patient.fill_in().value("shown")
    token = patient.go("delete-my-answers").token
    cookies = patient.cookies

    def click(_number: int) -> int:
        client = app.test_client(use_cookies=False)
        address = f"/{TREATMENT}/check-your-answers"
        return client.post(
            address, data={"csrf_token": token, "shown": shown}, headers={"Cookie": cookies}
        ).status_code

    with ThreadPoolExecutor(4) as clicks:
        assert set(clicks.map(click, range(8))) == {303}
    with reading(service_of(app).engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM requests")) == 1


@pytest.mark.slow
def test_three_clicks_at_once_again_and_again_make_one_request_each(
    make_app: MakeApp, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    app, triples = make_app(database_url=database_url), asked(5, 150)
    patient, path = Patient(app), f"/{TREATMENT}/check-your-answers"
    token, form = patient.go("delete-my-answers").token, patient.cookies

    def click(draft: Visit) -> int:
        assert draft.token is not None
        cookies = f"{form}; draft={draft.token.encode()}"
        data = {"csrf_token": token, "shown": draft.shown}
        client = app.test_client(use_cookies=False)
        return client.post(path, data=data, headers={"Cookie": cookies}).status_code

    drafts = [filled_in(service_of(app)) for _ in range(triples)]
    with ThreadPoolExecutor(3) as clicks:
        for draft in drafts:
            statuses = set(clicks.map(click, [draft] * 3))
            while statuses - {303}:  # SQLite's lock was held too long: they try again
                assert statuses <= {303, 503}
                statuses = {click(draft)}
    with reading(service_of(app).engine) as connection:
        kept = connection.scalar(text("SELECT count(*) FROM requests"))
    record_property("reached", f"{triples} triples, {kept} requests")
    assert kept == triples


def test_a_draft_goes_on_with_its_version_when_that_version_is_retired(
    make_app: MakeApp, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    copytree(shipped("rules"), rules)
    first = Patient(make_app(rules=rules))
    first.fill_in(until="side")
    file = rules / f"{TREATMENT}.yaml"
    words = "Which side is it, in the new version?"
    changed = file.read_text().replace("status: live", "status: retired").replace("Which side hurts?", words)
    file.write_text(changed)
    restarted = make_app(rules=rules)
    later = Patient(restarted)
    later.take_cookies(first)
    assert later.go("side").name == "side"
    assert words not in later.go("side").text
    assert later.answer("side", "left").name == "severity"
    assert Page(restarted.test_client().get(f"/{TREATMENT}")).status == 404


def test_an_expired_draft_is_told_and_the_answer_just_given_is_kept(patient: Patient, clock: Clock) -> None:
    patient.fill_in(until="severity")
    clock.forward(hours=2)
    page = patient.post("severity", {"answer": "4"})
    assert page.name == "for_whom"
    assert page.elements("div", **{"class": "govuk-notification-banner"})
    patient.fill_in({"severity": 9}, until="severity")
    assert "4" in patient.go("severity").checked


def test_who_answers_the_first_question_after_an_expired_draft_goes_on_and_is_told_nothing(
    patient: Patient, clock: Clock
) -> None:
    patient.fill_in(until="severity")
    clock.forward(hours=2)
    page = patient.post("for_whom", {"answer": "me"})
    assert page.name != "for_whom"
    assert not page.elements("div", **{"class": "govuk-notification-banner"})


def test_with_a_mistake_too_that_a_draft_is_over_is_told_at_once(patient: Patient, clock: Clock) -> None:
    def told(page: Page) -> bool:
        return bool(page.elements("div", **{"class": "govuk-notification-banner"}))

    patient.fill_in(until="phone")
    assert not told(patient.post("phone", {"answer": "no number"}))
    clock.forward(hours=2)
    mistaken = patient.post("phone", {"answer": "no number"})
    assert (mistaken.status, told(mistaken)) == (422, True)
    assert mistaken.value("answer-phone") == "no number"
    assert patient.post("phone", {"answer": "07911 123456"}).name == "for_whom"


def test_answering_and_keeping_put_off_the_expiry_until_the_longest_time(
    patient: Patient, clock: Clock
) -> None:
    patient.fill_in(until="severity")
    for _ in range(12):
        clock.forward(minutes=55)
        assert patient.post("keep-my-answers").status == 200
    assert patient.go("severity").name == "severity"
    clock.forward(minutes=59)
    assert patient.post("keep-my-answers").status == 200
    clock.forward(minutes=2)
    assert patient.post("keep-my-answers").status == 410


def test_deleted_answers_are_gone_at_once(patient: Patient, app: Flask) -> None:
    patient.fill_in(until="severity")
    thief = Patient(app)
    thief.take_cookies(patient)
    assert patient.post("delete-my-answers").path == f"/{TREATMENT}"
    assert patient.go("severity").path == f"/{TREATMENT}"
    assert thief.go("severity").path == f"/{TREATMENT}"
    with reading(service_of(app).engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM drafts")) == 0


def test_the_cookie_is_for_the_server_and_this_treatment_only(patient: Patient) -> None:
    patient.fill_in(until="side")
    response = patient.client.post(
        f"/{TREATMENT}/side",
        data={"csrf_token": patient.go("delete-my-answers").token, "answer": "left"},
        base_url="https://clinic.example",
    )
    header = next(value for value in response.headers.getlist("Set-Cookie") if value.startswith("form="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(re.split("; ", header))
    cookie = patient.client.get_cookie("draft", path=f"/{TREATMENT}")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.path == f"/{TREATMENT}"
    assert not cookie.secure


# A form for other answers


def begun_again(patient: Patient) -> Page:
    """Delete the answers in another tab, and begin for somebody else; the page that was open before."""
    patient.fill_in(until="blood_thinners")
    before = patient.go("blood_thinners")
    patient.post("delete-my-answers")
    patient.fill_in(until="blood_thinners")
    return before


def form(page: Page, **typed: str) -> dict[str, str]:
    """What a page sends."""
    carried = {name: page.elements("input", name=name) for name in ("csrf_token", "draft", "shown", "voice")}
    return {name: str(fields[-1]["value"]) for name, fields in carried.items() if fields} | typed


def test_a_form_of_deleted_answers_is_not_mixed_with_those_begun_since(patient: Patient) -> None:
    before = begun_again(patient)
    page = patient.post("blood_thinners", form(before, answer="yes"))
    assert page.status == 409
    assert "Yes" in page.text
    assert patient.go("blood_thinners").checked == []


def test_a_form_of_deleted_answers_begins_no_new_ones(patient: Patient, app: Flask) -> None:
    patient.fill_in(until="blood_thinners")
    before = patient.go("blood_thinners")
    patient.post("delete-my-answers")
    page = patient.post("blood_thinners", form(before, answer="yes"))
    assert page.status == 409
    assert "Yes" in page.text
    assert drafts_kept(app) == 0


def test_a_page_of_deleted_answers_deletes_no_others_and_sends_none(patient: Patient, app: Flask) -> None:
    patient.fill_in()
    check, delete = patient.go("check-your-answers"), patient.go("delete-my-answers")
    patient.post("delete-my-answers")
    patient.fill_in()
    assert patient.post("check-your-answers", form(check)).status == 409
    assert patient.post("delete-my-answers", form(delete)).status == 409
    assert patient.go("check-your-answers").name == "check-your-answers"
    assert drafts_kept(app) == 1


def test_a_form_for_other_answers_stays_so_when_it_failed_first(patient: Patient, app: Flask) -> None:
    before = begun_again(patient)
    with missing_table(app, "drafts"):
        failed = patient.client.post(f"/{TREATMENT}/blood_thinners", data=form(before, answer="yes"))
        assert failed.status_code >= 500
    assert patient.post("blood_thinners", form(Page(failed), answer="yes")).status == 409


@pytest.mark.parametrize("name", ["blood_thinners", "check-your-answers"])
def test_nobody_is_told_to_send_again_what_is_refused_because_cookies_are_gone(
    patient: Patient, app: Flask, name: str
) -> None:
    patient.fill_in(until=name)
    sent = form(patient.go(name), answer="yes")
    patient.client = app.test_client()  # none of them is left
    once = Page(patient.client.post(f"/{TREATMENT}/{name}", data=page_sent(patient.rule_set, name, sent)))
    assert once.status == 409
    assert drafts_kept(app) == 1
    assert "Yes" in once.text
    assert patient.go(patient.rule_set.questions[0].id).status == 200


def test_the_first_answer_can_be_given_again_from_the_page_before_it(patient: Patient) -> None:
    first = patient.go("for_whom")
    assert patient.post("for_whom", form(first, answer="someone_else")).name == "representative_name"
    assert patient.post("for_whom", form(first, answer="me")).name == "blood_thinners"
    assert patient.go("for_whom").checked == ["me"]


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_what_a_patient_types_is_in_no_log_no_address_no_title_and_nowhere_in_the_clear(
    make_app: MakeApp, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app(log_level="debug")
    patient = Patient(app)
    said = {"what_happened": CANARY, "name": CANARY, "anything_else": CANARY}
    patient.fill_in(said, until="name")
    with locked(app):
        patient.post("name", {"answer": CANARY})
    with missing_table(app, "drafts"):
        patient.client.post(f"/{TREATMENT}/name", data={"csrf_token": CANARY, "answer-name": CANARY})
    patient.post("birth_date", {"answer-day": CANARY, "answer-month": CANARY, "answer-year": CANARY})
    patient.client.get(f"/{TREATMENT}/{CANARY}")
    page = patient.fill_in(said)
    sent = patient.send()
    patient.go("your-copy")
    logged = capfd.readouterr()
    assert logged.err
    assert CANARY not in logged.err + logged.out
    assert all(json.loads(line) for line in logged.err.splitlines())
    assert CANARY not in page.title + sent.title + sent.path
    for file in (tmp_path / "instance").rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes(), file
