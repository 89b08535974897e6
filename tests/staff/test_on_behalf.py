"""Filling in for a patient: the patient's journey, marked with who did it; and the form on paper."""

from __future__ import annotations

from typing import Any

import pytest

from screening.core.answers import typed_of
from screening.core.conditions import leaves
from screening.desk import audit
from screening.staff.paper_form import sections
from screening.web.question_forms import part_name
from tests.actors import Clock, Page
from tests.desk.making import AUDREY
from tests.staff.actors import Staff
from tests.staff.desk import at, rows
from tests.usual import TREATMENT, USUAL, rules_of, said

ENTRY = f"/staff/entry/{TREATMENT}"
RULES = rules_of(TREATMENT)


@pytest.fixture
def desk(reception: Staff) -> Staff:
    """Reception, signed in."""
    reception.sign_in()
    return reception


def answer(who: Staff, page: Page, stored: Any) -> Page:
    """Answer the question of a page; the page that comes next."""
    typed = {part_name(part): list(texts) for part, texts in typed_of(RULES.by_id[page.name], stored).items()}
    data = {"csrf_token": page.elements("input", name="csrf_token")[-1]["value"]} | typed
    return Page(who.client.post(page.path, data=data, follow_redirects=True))


def fill_in(who: Staff, **answers: Any) -> Page:
    """Answer whatever is asked, up to the check page."""
    return fill_in_until(who, "check-your-answers", **answers)


def fill_in_until(who: Staff, until: str, **answers: Any) -> Page:
    """Answer whatever is asked, up to this page."""
    page = who.go(f"{ENTRY}/{RULES.questions[0].id}")
    for _ in RULES.questions:
        if page.name == until:
            break
        page = answer(who, page, said(RULES.by_id[page.name], USUAL | answers))
        assert page.status == 200, page.text
    return page


def send(who: Staff, page: Page) -> Page:
    """Press the button of the check page."""
    data = {name: page.elements("input", name=name)[-1]["value"] for name in ("csrf_token", "shown")}
    return Page(who.client.post(page.path, data=data, follow_redirects=True))


def test_an_answer_typed_in_a_lost_session_is_there_after_signing_in(desk: Staff, clock: Clock) -> None:
    page = fill_in_until(desk, "what_happened")
    token = page.elements("input", name="csrf_token")[-1]["value"]
    clock.forward(minutes=16)
    lost = Page(desk.client.post(page.path, data={"csrf_token": token, "answer": "Fell off a ladder"}))
    assert lost.status == 401
    desk.go("/staff/sign-in")
    desk.sign_in()
    assert "Fell off a ladder" in desk.go(page.path).text
    assert "Fell off a ladder" not in desk.go(page.path).text


def test_answers_are_not_shown_again_to_somebody_whose_session_ended(desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name="Paper Patient")
    still_in = Page(desk.client.post(check.path, data={"csrf_token": "wrong"}))
    clock.forward(minutes=16)
    ended = Page(desk.client.post(check.path, data={"csrf_token": "wrong"}))
    assert (still_in.status, ended.status) == (400, 400)
    assert "Paper Patient" in still_in.text
    assert "Paper Patient" not in ended.text


def test_reception_fills_in_the_same_questions_and_the_request_says_so(desk: Staff) -> None:
    check = fill_in(desk, name="Paper Patient")
    assert "Paper Patient" in check.text
    sent = send(desk, check)
    assert sent.name == "request-sent"
    (reference,) = rows(desk.go("/staff/requests"))
    assert reference in sent.text
    assert desk.name in desk.go(at(reference)).text


def test_the_next_patient_starts_with_nothing_filled_in(desk: Staff) -> None:
    sent = send(desk, fill_in(desk))
    desk.post(f"{ENTRY}/start-again")
    assert sent.name == "request-sent"
    assert desk.go(f"{ENTRY}/check-your-answers").path == ENTRY
    assert desk.go(f"{ENTRY}/{RULES.questions[0].id}").checked == []


def test_the_doors_do_not_share_a_draft(desk: Staff) -> None:
    fill_in(desk)
    assert desk.go(f"/{TREATMENT}/check-your-answers").path == f"/{TREATMENT}"


@pytest.mark.parametrize("path", ["/staff/entry/nonsense", f"{ENTRY}/nonsense", "/staff/paper/nonsense"])
def test_what_is_not_there_is_404(desk: Staff, path: str) -> None:
    assert desk.go(path).status == 404


def test_the_paper_has_every_question_and_every_answer(desk: Staff) -> None:
    text = desk.go(f"/staff/paper/{TREATMENT}").text
    for question in RULES.questions:
        assert question.ask in text
        assert all(answer.label in text for answer in question.answers)


def test_each_tick_on_paper_leads_to_the_questions_it_calls_for() -> None:
    printed = {one.question.id: one for section in sections(RULES) for one in section.questions}
    assert [one.number for one in printed.values()] == list(range(1, len(RULES.questions) + 1))
    for one in printed.values():
        assert (one.only_if is None) == (one.question.ask_when is None)
        for leaf in leaves(one.question.ask_when):
            boxes = dict(
                zip(printed[leaf.question].question.answers, printed[leaf.question].boxes, strict=True)
            )
            ticked = {answer.id for answer, box in boxes.items() if one.number in box.leads}
            assert ticked == set(leaf.answers)  # type: ignore[union-attr]  # these rules compare no numbers


def test_who_read_the_check_page_is_told_on_the_request_that_it_became(desk: Staff, auditor: Staff) -> None:
    check = fill_in(desk)
    desk.go(check.path)  # once more, as when one goes back
    send(desk, check)
    reference = rows(desk.go("/staff/requests"))[0]
    auditor.sign_in()
    lines = audit.history(desk.app.extensions["desk"], AUDREY, reference)
    assert [(line.who, line.action) for line in lines] == [
        (desk.name, "entry_read"),
        (desk.name, "received"),
        (desk.name, "queue_read"),
    ]
    assert auditor.go(at(reference, "history")).text.count(desk.name) == 3
