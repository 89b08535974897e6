"""What a patient types and does not go on with is there again, and counts for nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml.html import fromstring
from sqlalchemy import text

from screening.operating import forgetting
from screening.operating.job import JobDone, JobGround
from screening.service.witness import is_believed, running
from screening.storage.database import reading, writing
from screening.web.door import service_of
from screening.web.headers import MAX_BODY
from tests.actors import Clock, Page, Patient
from tests.usual import page_typed

WORDS = "Canary 日本, not finished"
PAGE = "medicines"


def fields(page: Page, **changed: str) -> dict[str, object]:
    """What the script sends of a page: all that is on it."""
    named = ("draft", "under", "opened")
    carried: dict[str, object] = {name: page.value(name) for name in named}
    return carried | {"asked": [field["value"] for field in page.elements("input", name="asked")]} | changed


def writes(patient: Patient, page: Page, **changed: str) -> Page:
    """The script keeps what stands on a page."""
    return patient.post("keep-my-words", fields(page, **changed))


@pytest.fixture
def page(patient: Patient) -> Page:
    """Two boxes that a patient may write into."""
    patient.fill_in(until=PAGE)
    return patient.go(PAGE)


def test_words_of_an_unfinished_page_are_there_again(patient: Patient, page: Page) -> None:
    kept = writes(patient, page, **{"answer-medicines": WORDS}).response.get_json()
    assert kept["expires_in"] > 0
    again = patient.go(PAGE)
    assert again.elements("form", **{"data-words-url": f"/{patient.treatment}/keep-my-words"})
    assert WORDS in again.text
    assert again.elements("div", **{"class": "govuk-inset-text"})


@pytest.mark.usefixtures("page")
def test_who_comes_back_while_the_clock_is_wrong_finds_their_answers_once_it_is_right(
    patient: Patient, app: Flask, clock: Clock
) -> None:
    clock.forward(days=1)
    assert patient.go().status == 200
    clock.forward(days=-1)
    assert patient.go(PAGE).name == PAGE
    clock.forward(days=1)
    forgetting.forget(JobGround(service_of(app)), JobDone(0))  # as its clock was believed
    assert patient.client.get_cookie("draft", path=f"/{patient.treatment}") is not None
    patient.go()
    assert patient.client.get_cookie("draft", path=f"/{patient.treatment}") is None


@pytest.mark.parametrize("hours", [2, 50, -2])
def test_who_is_filling_in_while_the_clock_is_put_right_goes_on_and_keeps_every_answer(
    patient: Patient, app: Flask, clock: Clock, page: Page, hours: int
) -> None:
    service = service_of(app)
    with writing(service.engine) as connection:
        is_believed(connection, clock(), running())
    clock.forward(hours=hours)
    assert writes(patient, page, **{"answer-medicines": WORDS}).response.get_json()["expires_in"] > 0
    again = patient.go(PAGE)
    assert again.name == PAGE  # all that comes before it is answered
    assert WORDS in again.text


def test_they_lie_sealed_and_count_for_nothing(patient: Patient, app: Flask) -> None:
    patient.fill_in()
    writes(patient, patient.go(PAGE, change=1), **{"answer-medicines": WORDS})
    check = patient.go("check-your-answers")
    assert check.name == "check-your-answers"
    assert WORDS not in check.text
    assert check.to_change(PAGE)
    assert len(check.elements("div", **{"class": "govuk-inset-text"})) == 2  # above all, and where it is sent
    with reading(service_of(app).engine) as connection:
        sealed = connection.execute(text("SELECT sealed FROM drafts")).scalar_one()
    assert WORDS.encode() not in sealed
    patient.send()
    assert WORDS not in patient.go("your-copy").text


def not_sent(page: Page) -> list[str]:
    """What a check page says is no part of the request any more."""
    found = fromstring(page.text).xpath("//*[@data-not-sent]")
    return [" ".join(item.text_content().split()) for block in found for item in block.xpath(".//li | .//a")]


def test_what_does_not_apply_any_more_is_told_where_it_is_sent_with_the_answer_that_decides_it(
    patient: Patient,
) -> None:
    thinned = {"blood_thinners": "yes", "which_blood_thinner": ["warfarin"], "blood_thinner_why": ["stent"]}
    assert not_sent(patient.fill_in(thinned)) == []
    told = not_sent(patient.answer("blood_thinners", "no"))
    decides, which = (patient.rule_set.by_id[name].ask for name in ("blood_thinners", "which_blood_thinner"))
    assert told[0] == f"{which}Warfarin"
    assert decides in told
    assert not_sent(patient.answer("blood_thinners", "yes", **thinned)) == []  # it is part of it again


def test_words_at_a_question_that_does_not_apply_any_more_are_told_too(patient: Patient) -> None:
    patient.fill_in({"blood_thinners": "yes"}, until="which_blood_thinner")
    assert patient.post("which_blood_thinner", {"answer-which_blood_thinner": "none of these"}).status == 422
    patient.answer("blood_thinners", "no")
    assert patient.rule_set.by_id["which_blood_thinner"].ask in not_sent(patient.fill_in())


def test_going_on_takes_their_place(patient: Patient, page: Page) -> None:
    writes(patient, page, **{"answer-medicines": WORDS})
    patient.post(PAGE, page_typed(patient.rule_set, PAGE, "Aspirin", {}))
    again = patient.go(PAGE, change=1)
    assert WORDS not in again.text
    assert "Aspirin" in again.text


def test_words_that_come_late_do_not_cover_the_answer_given_since(patient: Patient, page: Page) -> None:
    patient.post(PAGE, page_typed(patient.rule_set, PAGE, "Aspirin", {}))
    writes(patient, page, **{"answer-medicines": WORDS})
    assert WORDS not in patient.go(PAGE, change=1).text


def test_a_mistake_is_kept_too(patient: Patient) -> None:
    patient.fill_in(until="phone")
    assert patient.post("phone", {"answer": "no number"}).status == 422
    assert patient.go("phone").value("answer-phone") == "no number"


FIRST = "for_whom"  # before it is answered there is no draft


@pytest.mark.parametrize("sent", [True, False], ids=["a mistake", "by the script"])
def test_what_stands_on_the_very_first_page_is_there_again(patient: Patient, sent: bool) -> None:
    page = patient.go(FIRST)
    mistaken = {"answer": "me\n"}
    assert (
        patient.post(FIRST, mistaken).status == 422
        if sent
        else writes(patient, page, **mistaken).status == 200
    )
    assert patient.go(FIRST).elements("div", **{"class": "govuk-inset-text"})
    patient.post(FIRST, fields(page, answer="me"))  # and the page that was open goes on with it
    assert patient.fill_in().name == "check-your-answers"


def test_a_first_page_with_nothing_on_it_begins_no_draft(patient: Patient, app: Flask) -> None:
    writes(patient, patient.go(FIRST))
    patient.post(FIRST, {"answer": ""})
    with reading(service_of(app).engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM drafts")).scalar_one() == 0


def test_a_name_for_somebody_else_is_not_offered_again(patient: Patient) -> None:
    patient.fill_in(until="name")
    writes(patient, patient.go("name"), **{"answer-name": WORDS})
    patient.answer("for_whom", "someone_else")
    patient.fill_in({"for_whom": "someone_else"}, until="name")
    assert WORDS not in patient.go("name").text


@pytest.mark.parametrize(
    "typed", ["x" * 70_000, "😀" * 6_000, "好" * 10_000], ids=["64 KiB", "emoji", "Chinese"]
)
def test_a_text_that_is_far_too_long_comes_back_beside_its_field(
    patient: Patient, page: Page, typed: str
) -> None:
    del page
    again = patient.post(PAGE, {"answer": typed})
    assert again.status == 422
    assert typed in again.text
    assert again.elements("a", href="#answer-medicines")


def test_the_summary_says_which_of_two_boxes_is_too_full(patient: Patient, page: Page) -> None:
    boxes = [str(field["value"]) for field in page.elements("input", name="asked")]
    assert len(boxes) > 1
    sent = fields(page, csrf_token=page.token, **{f"answer-{box}": "x" * 4001 for box in boxes})
    again = Page(patient.client.post(page.path, data=sent))
    told = fromstring(again.text).xpath("//*[contains(@class, 'error-summary')]//a")
    for link, box in zip(told, boxes, strict=True):
        assert link.get("href") == f"#answer-{box}"
        assert patient.rule_set.by_id[box].ask in link.text_content()


@pytest.mark.parametrize("letter", ["x", "好"], ids=["a letter", "Chinese"])
def test_what_is_longer_than_is_read_comes_back_as_it_began(
    patient: Patient, page: Page, letter: str
) -> None:
    again = patient.post(PAGE, fields(page, **{"answer-medicines": letter * 1_500_000}))
    assert again.status == 413
    assert again.elements("a", href="#answer-medicines")
    assert letter * (MAX_BODY // 10) in again.text
    assert letter * 99 not in patient.go(PAGE).text  # and nothing of it is kept


def time_left(patient: Patient) -> int:
    told = patient.go("keep-my-answers").response.get_json()
    assert set(told) == {"expires_in", "words"}
    return int(told["expires_in"])


def test_the_time_that_is_left_is_told_without_putting_it_off(
    patient: Patient, page: Page, clock: Clock
) -> None:
    del page
    clock.forward(minutes=50)
    for _ in range(2):
        assert time_left(patient) == 600
    clock.forward(minutes=11)
    assert time_left(patient) == 0


def test_a_browser_without_cookies_is_told_on_the_page_after_the_first(app: Flask) -> None:
    without, usual, urgent = app.test_client(use_cookies=False), app.test_client(), set()
    for client, told in ((without, True), (usual, False)):
        start = Page(client.get("/lumbar-sympathetic-block"))
        (button,) = (link for link in start.elements("a") if "get-help-now" in str(link.get("href")))
        page = Page(client.get(str(button["href"])))
        onward = page.elements("a", **{"class": "govuk-button", "href": "/lumbar-sympathetic-block/for_whom"})
        assert bool(onward) != told
        urgent.add(page.text.count("care-card__heading"))
    assert len(urgent) == 1  # both are told as much of when to get help now
    assert urgent != {0}
