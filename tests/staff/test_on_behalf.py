"""Filling in for a patient: the patient's journey, marked with who did it."""

from __future__ import annotations

import pytest
from flask import Flask

from screening.core.entries import SPOKEN
from screening.desk import audit, forms_begun, opened_request
from screening.staff import being_filled_in
from tests.actors import Clock, Page, Patient
from tests.desk.making import AUDREY, RITA, desk_of
from tests.kept import drafts_kept
from tests.staff.actors import Staff
from tests.staff.desk import at, body, rows
from tests.staff.entering import (
    ENTRY,
    RULES,
    answer,
    asked_on,
    begin,
    fill_in,
    form_of,
    go_on,
    hidden,
    opened,
    send,
)
from tests.usual import TREATMENT, USUAL, whole

ANNA, BERT = "Anna Ahorn", "Bert Birke"
RIGHT = next(one.label for one in RULES.by_id["side"].answers if one.id == "right")


def test_an_answer_typed_in_a_lost_session_is_there_after_signing_in(desk: Staff, clock: Clock) -> None:
    page = fill_in(desk, "what_happened")
    clock.forward(minutes=16)
    lost = Page(
        desk.client.post(page.path, data=hidden(page) | {"answer-what_happened": "Fell off a ladder"})
    )
    assert lost.status == 401
    desk.go("/staff/sign-in")
    desk.comes_in()
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


def test_what_does_not_apply_any_more_is_told_to_reception_too(desk: Staff) -> None:
    check = fill_in(desk, allergies="yes", allergy_words="Strawberries")
    assert "Strawberries" in check.text
    page = desk.go(next(href for href in check.to_change("allergies")))
    told = go_on(desk, page, allergies="no")
    assert told.name == check.name
    assert "Strawberries" in told.text
    assert told.elements("div", **{"data-not-sent": ""})


def test_reception_fills_in_the_same_questions_and_the_request_says_so(desk: Staff) -> None:
    check = fill_in(desk, name="Paper Patient")
    assert "Paper Patient" in check.text
    sent = send(desk, check)
    assert sent.name == "request-sent"
    (reference,) = rows(desk.go("/staff/requests"))
    assert reference in sent.text
    assert desk.name in desk.go(at(reference)).text


def test_the_doors_do_not_share_a_draft(desk: Staff) -> None:
    fill_in(desk)
    assert desk.go(f"/{TREATMENT}/check-your-answers").path == f"/{TREATMENT}"


# Several at once


@pytest.fixture
def two(desk: Staff) -> tuple[Page, Page]:
    """The question of the side, open for Anna in one tab and for Bert in another."""
    anna, bert = fill_in(desk, "side", name=ANNA), fill_in(desk, "side", name=BERT)
    return desk.go(at_page(anna, "side")), desk.go(at_page(bert, "side"))


def at_page(page: Page, name: str = "") -> str:
    """The address of another page of the same draft."""
    return page.path.rsplit("/", 1)[0] + (f"/{name}" if name else "")


def health_of(clinician: Staff, reference: str) -> str:
    """What a clinician reads of a request."""
    return body(clinician.go(at(reference, "review")))


def refused(page: Page) -> bool:
    """Whether the form was not kept, and the answer typed in it is shown."""
    return page.status == 409 and RIGHT in body(page)


def test_name_and_birth_date_are_asked_first_and_once(desk: Staff) -> None:
    pages, page = [], begin(desk)
    while page.name != "check-your-answers":
        pages.append(asked_on(page))
        page = go_on(desk, page)
    asked = [question for shown in pages for question in shown]
    assert pages[0] == ["for_whom"]
    assert pages[1][:5] == ["name", "birth_date", "reach_by", "phone", "reach_when"]
    assert len(pages) <= 6  # with the start and the check page: eight
    assert len(asked) == len(set(asked))
    assert set(asked) >= set(whole(RULES, USUAL))
    assert desk_order(desk, page) == [shown[0] for shown in pages]


def test_wherever_it_is_asked_for_whom_it_is_staff_are_told_that_they_are_not_meant(desk: Staff) -> None:
    first = begin(desk)
    other = go_on(desk, first)
    told = [bool(page.elements("div", **{"data-never-you": ""})) for page in (desk.go(ENTRY), first, other)]
    assert told == [True, True, False]


def test_whom_it_is_for_may_be_said_with_the_start_and_how_it_was_told_stands_on_the_request(
    desk: Staff,
) -> None:
    start = desk.go(ENTRY)
    assert Page(desk.client.post(ENTRY, data=hidden(start))).status == 422  # how is not said
    data = hidden(start) | {"how": "phone", "answer": "me"}
    page = Page(desk.client.post(ENTRY, data=data, follow_redirects=True))
    assert page.name == "name"
    reference = Patient(desk.app).reference(send(desk, fill_in(desk, page=page)))
    (written,) = opened_request.request(desk_of(desk.app), RITA, reference).entries
    assert written.entry == SPOKEN
    assert written.by_name == desk.name


def test_what_is_told_on_paper_goes_on_with_what_stands_on_it(desk: Staff) -> None:
    data = hidden(desk.go(ENTRY)) | {"how": "paper"}
    assert Page(desk.client.post(ENTRY, data=data, follow_redirects=True)).name == "from-paper"


def test_what_hangs_on_an_answer_of_the_same_page_is_taken_with_it_and_never_without(desk: Staff) -> None:
    page = fill_in(desk, "blood_thinners")
    assert "which_blood_thinner" in asked_on(page)
    sent = form_of(page) | {"answer-which_blood_thinner": ["warfarin"]}
    refused = Page(desk.client.post(page.path, data=sent))
    assert refused.status == 422  # nobody said that they take one
    assert refused.elements("a", href="#answer-which_blood_thinner")
    assert "warfarin" not in refused.checked
    sent = form_of(page, blood_thinners="yes")
    which = sent.pop("answer-which_blood_thinner")
    missing = Page(desk.client.post(page.path, data=sent))
    assert missing.status == 422  # now it is asked
    assert missing.elements("a", href="#answer-which_blood_thinner")
    sent |= {"answer-which_blood_thinner": which}
    assert Page(desk.client.post(page.path, data=sent, follow_redirects=True)).name == "immunity"
    assert set(which) < set(desk.go(page.path).checked)


def test_a_form_is_put_aside_with_half_of_it_typed_and_is_there_when_it_is_taken_up(desk: Staff) -> None:
    page = fill_in(desk, "pain_where", name=ANNA)
    typed = hidden(page) | opened(page) | {"answer-side": "right", "then": "park"}
    aside = Page(desk.client.post(page.path, data=typed, follow_redirects=True))
    assert aside.path == "/staff/entry"
    assert ANNA in body(aside)
    (on,) = [link for link in aside.elements("a") if link.get("href") == page.path]
    assert desk.go(str(on["href"])).checked == ["right"]
    assert Page(desk.client.get(at_page(page, "check-your-answers"))).status == 303  # it counts for nothing


def desk_order(desk: Staff, page: Page) -> list[str]:
    """The questions, by the way back from the check page to the list."""
    found: list[str] = []
    while page.path != "/staff/entry":
        (back,) = page.elements("a", **{"class": "govuk-back-link"})
        page = desk.go(str(back["href"]))
        found.insert(0, page.name)
    return found[1:]


def test_each_of_two_patients_gets_their_own_answer(
    desk: Staff, clinician: Staff, two: tuple[Page, Page]
) -> None:
    anna, bert = two
    after_anna = answer(desk, anna, "right")
    after_bert = answer(desk, bert, "left")
    references = {
        name: Patient(desk.app).reference(send(desk, fill_in(desk, page=page, side=side)))
        for name, page, side in ((ANNA, after_anna, "right"), (BERT, after_bert, "left"))
    }
    clinician.comes_in()
    assert RIGHT in health_of(clinician, references[ANNA])
    assert RIGHT not in health_of(clinician, references[BERT])
    assert ANNA in body(desk.go(at(references[ANNA])))
    assert BERT in body(desk.go(at(references[BERT])))


def test_the_list_says_who_it_is_for_and_by_whom_and_leads_on(desk: Staff, two: tuple[Page, Page]) -> None:
    page = desk.go("/staff/entry")
    assert all(words in body(page) for words in (ANNA, BERT, "31 March 1950", desk.name))
    for form in two:
        assert page.elements("a", href=at_page(form, RULES.pages["side"][0]))
        assert page.elements("a", href=at_page(form, "delete-the-answers"))


def test_who_read_the_list_is_told_on_the_request_that_it_became(desk: Staff, two: tuple[Page, Page]) -> None:
    desk.go("/staff/entry")
    reference = Patient(desk.app).reference(send(desk, fill_in(desk, page=two[0])))
    lines = audit.history(desk_of(desk.app), AUDREY, reference)
    assert (desk.name, "entry_list_read") in [(line.who, line.action) for line in lines]


def test_the_key_is_in_no_browser_and_the_id_in_the_address_is_no_part_of_it(
    desk: Staff, two: tuple[Page, Page]
) -> None:
    draft = two[0].path.split("/")[-2]
    assert not [name for _domain, _path, name in desk.client._cookies or {} if name.startswith("draft")]
    key = forms_begun.key_of(desk_of(desk.app), RITA, draft)
    assert key is not None
    assert draft not in key.row_id
    assert draft not in (key.id + key.key).hex()


def test_a_form_of_another_draft_is_refused_and_can_be_put_where_it_belongs(
    desk: Staff, two: tuple[Page, Page]
) -> None:
    anna, bert = two
    page = answer(desk, anna, "right", at=bert.path)
    assert refused(page)
    assert ANNA in body(page)
    assert BERT in body(page)
    assert desk.go(bert.path).checked == []
    fields = {str(one["name"]): str(one["value"]) for one in page.elements("input", type="hidden")}
    (form,) = page.elements("form", action=at_page(anna, RULES.pages["side"][0]))
    desk.client.post(str(form["action"]), data=fields)
    assert desk.go(anna.path).checked == ["foot", "right"]
    assert desk.go(bert.path).checked == []


def test_a_form_of_a_draft_that_has_become_another_patients_is_refused(
    desk: Staff, two: tuple[Page, Page]
) -> None:
    anna, _bert = two
    answer(desk, desk.go(at_page(anna, "name")), "Carl Example")
    page = answer(desk, anna, "right")
    assert refused(page)
    assert ANNA in body(page)
    assert "Carl Example" in body(page)
    assert desk.go(anna.path).checked == []


def test_a_form_of_a_deleted_draft_is_refused_with_its_words_and_its_patient(
    desk: Staff, two: tuple[Page, Page]
) -> None:
    anna, bert = two
    asked = desk.go(at_page(anna, "delete-the-answers"))
    assert asked.status == 200
    deleted = Page(desk.client.post(asked.path, data=hidden(asked), follow_redirects=True))
    assert deleted.path == "/staff/entry"
    assert ANNA not in deleted.text
    page = answer(desk, anna, "right")
    assert refused(page)
    assert ANNA in body(page)
    assert desk.go(bert.path).checked == []


def test_a_form_of_an_expired_draft_is_refused_with_its_words_and_its_patient(
    app: Flask, desk: Staff, clock: Clock, two: tuple[Page, Page]
) -> None:
    anna, _bert = two
    clock.forward(minutes=61)
    desk.comes_in()
    page = answer(desk, answer(desk, anna, "right"), "right")  # a form of the session before is shown again
    assert refused(page)
    assert ANNA in body(page)
    assert drafts_kept(app) == 2  # nothing was begun in its place


def test_a_form_of_a_sent_draft_is_refused_and_the_request_stays_as_it_is(
    desk: Staff, clinician: Staff
) -> None:
    check = fill_in(desk, name=ANNA)
    stale = desk.go(at_page(check, "side"))
    reference = Patient(desk.app).reference(send(desk, check))
    page = answer(desk, stale, "right")
    assert refused(page)
    assert reference in page.text
    clinician.comes_in()
    assert RIGHT not in health_of(clinician, reference)


def test_a_check_page_of_another_draft_sends_nothing(desk: Staff) -> None:
    anna, bert = fill_in(desk, name=ANNA), fill_in(desk, name=BERT)
    page = Page(desk.client.post(bert.path, data=hidden(anna), follow_redirects=True))
    assert page.status == 409
    assert rows(desk.go("/staff/requests")) == []


def test_a_delete_page_of_another_draft_deletes_nothing(desk: Staff, two: tuple[Page, Page]) -> None:
    anna, bert = two
    page = desk.go(at_page(anna, "delete-the-answers"))
    assert desk.client.post(at_page(bert, "delete-the-answers"), data=hidden(page)).status_code == 409
    assert ANNA in desk.go("/staff/entry").text
    assert BERT in desk.go("/staff/entry").text


def test_a_form_without_a_draft_is_refused_with_its_words(desk: Staff, two: tuple[Page, Page]) -> None:
    fields = hidden(two[0]) | {"answer-side": "right"}
    del fields["draft"]
    assert refused(Page(desk.client.post(two[0].path, data=fields)))
    assert refused(Page(desk.client.post(f"{ENTRY}/side", data=fields)))


def test_what_was_typed_for_one_is_not_given_to_another_after_signing_in(
    desk: Staff, clock: Clock, two: tuple[Page, Page]
) -> None:
    anna, bert = two
    clock.forward(minutes=16)
    assert answer(desk, anna, "right", at=bert.path).status == 401
    desk.comes_in()
    assert refused(desk.go(bert.path))
    assert desk.go(bert.path).checked == []


def test_what_was_typed_is_shown_after_signing_in_when_the_draft_is_gone(
    desk: Staff, clock: Clock, two: tuple[Page, Page]
) -> None:
    clock.forward(minutes=50)
    assert answer(desk, two[0], "right").status == 401
    clock.forward(minutes=11)
    desk.comes_in()
    assert refused(desk.go(two[0].path))


def test_what_is_typed_behind_the_lock_is_there_afterwards(desk: Staff, two: tuple[Page, Page]) -> None:
    desk.post("/staff/lock")
    assert answer(desk, two[0], "right").status == 401
    desk.post("/staff/locked", {"password": desk.password})
    assert desk.go(two[0].path).checked == ["foot", "right"]
    assert desk.go(two[1].path).checked == []


@pytest.mark.parametrize("name", [RULES.questions[0].id, "check-your-answers", "request-sent", "start-again"])
def test_an_address_without_a_draft_leads_to_the_list(desk: Staff, name: str) -> None:
    assert desk.go(f"{ENTRY}/{name}").path == "/staff/entry"


def test_an_address_without_a_question_leads_on(desk: Staff, two: tuple[Page, Page]) -> None:
    assert desk.go(at_page(two[0])).name == RULES.pages["side"][0]


def test_the_list_is_bounded_and_says_so(desk: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(being_filled_in, "MOST", 2)
    assert [begin(desk).status for _ in range(3)] == [200, 200, 409]


@pytest.mark.parametrize("path", ["/staff/entry/nonsense", f"{ENTRY}/nonsense"])
def test_what_is_not_there_is_404(desk: Staff, path: str) -> None:
    assert desk.go(path).status == 404


def test_who_read_the_check_page_is_told_on_the_request_that_it_became(desk: Staff, auditor: Staff) -> None:
    check = fill_in(desk)
    desk.go(check.path)  # once more, as when one goes back
    send(desk, check)
    reference = rows(desk.go("/staff/requests"))[0]
    auditor.comes_in()
    lines = audit.history(desk_of(desk.app), AUDREY, reference)
    assert [(line.who, line.action) for line in lines] == [
        (desk.name, "entry_read"),
        (desk.name, "received"),
        (desk.name, "queue_read"),
    ]
    assert auditor.go(at(reference, "history")).text.count(desk.name) == 3
