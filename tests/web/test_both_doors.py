"""Patients and staff who fill in for them are asked by one controller: the same claims over both doors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from screening.core.journey import belongs_to
from screening.operating import forgetting
from screening.operating.job import JobDone, JobGround
from screening.service.patient import Service
from screening.storage import publications
from screening.storage.database import reading, writing
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.breaking import locked
from tests.kept import drafts_kept
from tests.sending import filled_in
from tests.staff.actors import Staff
from tests.staff.entering import answer, begin, hidden
from tests.usual import TREATMENT, USUAL, page_sent, rules_of

TYPED = "Fell off a ladder, 1999"
CHECK, SENT, WITHDRAWN = "check-your-answers", "request-sent", "questions-withdrawn"
FIRST, WORDS = "for_whom", "what_happened"  # the first question, and one that takes any words
SECOND = "blood_thinners"
RULES = rules_of(TREATMENT)


@dataclass
class Visitor:
    """Somebody at one of the doors, with one treatment's form before them."""

    app: Flask
    base: str
    start: str  # where somebody begins, and comes back to when nothing is kept
    again: str  # the page that deletes the answers
    client: FlaskClient
    staff: Staff | None = None
    draft: str = ""  # the one in the address, at the door whose addresses have one
    token: str = field(default="", repr=False)
    shown: str = ""  # what the check page showed of the form that is held

    def come_in(self) -> None:
        """To the first question; staff sign in before, begin, and say whose form it is."""
        if self.staff is not None and not self.staff.is_in:
            self.staff.comes_in()
        if self.staff is not None and not self.draft:
            self.is_at(begin(self.staff).path.split("/")[-2])
            for question in ("name", "birth_date"):
                answer(self.staff, self.go(question), USUAL[question])
        self.token = self.go(FIRST).token

    def is_at(self, draft: str) -> None:
        """Go on with this draft, where there are several."""
        self.draft, self.base = draft, f"{self.start}/{TREATMENT}/{draft}"

    def hold(self, **answers: Any) -> None:
        """A form with nothing left to answer, in this browser."""
        visit = filled_in(service_of(self.app), by=self.staff.id if self.staff is not None else "", **answers)
        token, self.shown = visit.token, visit.shown
        assert token is not None
        if self.staff is not None:
            self.is_at(token.public_id)  # all staff can open it: their browsers hold no key
        else:
            self.client.set_cookie("draft", token.encode(), path=self.start)

    @property
    def cookie(self) -> Any:
        """The cookie that holds the key, or None."""
        return self.client.get_cookie("draft", path=self.start)

    @property
    def drafts_in_cookies(self) -> list[str]:
        """Names of cookies that hold keys, at whichever address."""
        return [name for _domain, _path, name in self.client._cookies or {} if name.startswith("draft")]

    def go(self, name: str = "") -> Page:
        """Open a page of the form."""
        return Page(self.client.get(f"{self.base}/{name}".rstrip("/"), follow_redirects=True))

    def post(self, name: str, follow: bool = True, **typed: Any) -> Page:
        """Send a page of the form."""
        data: dict[str, Any] = {"csrf_token": self.token, "draft": self.draft}
        data |= {"shown": self.shown} if name in (CHECK, WITHDRAWN) else {}
        data |= page_sent(RULES, name, {part.replace("_", "-"): text for part, text in typed.items()})
        return Page(self.client.post(f"{self.base}/{name}", data=data, follow_redirects=follow))

    def press(self, page: Page) -> Page:
        """Send the form that a page shows, as it stands there."""
        return Page(self.client.post(page.path, data=hidden(page), follow_redirects=True))


@pytest.fixture(params=["patient", "staff"])
def visitor(request: pytest.FixtureRequest, app: Flask, clock: Clock) -> Visitor:
    """A patient, and reception filling in for one."""
    if request.param == "patient":
        client = Patient(app).client
        made = Visitor(app, f"/{TREATMENT}", f"/{TREATMENT}", "delete-my-answers", client)
    else:
        reception = Staff(app, clock, ("reception",))
        made = Visitor(app, "", "/staff/entry", "delete-the-answers", reception.client, reception)
    made.come_in()
    return made


def requests_kept(app: Flask) -> int:
    with reading(service_of(app).engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM requests")).scalar_one())


def shows_all_answers(page: Page) -> bool:
    """Whether the answers stand on the page, with a button below."""
    return all(str(USUAL[told]) in page.text for told in (WORDS, "name")) and bool(page.elements("button"))


def asks_again(page: Page) -> bool:
    """Whether what was typed stands in its field, with a button below."""
    return (
        bool(page.elements("textarea", name=f"answer-{WORDS}") and page.elements("button"))
        and TYPED in page.text
    )


def test_a_mistake_is_asked_again_with_what_was_typed(visitor: Visitor) -> None:
    visitor.hold()
    page = visitor.post("birth_date", answer_day="77", answer_month="3", answer_year="1950")
    assert page.status == 422
    assert page.value("answer-birth_date-day") == "77"
    assert page.elements("a", href="#answer-birth_date-day")
    assert visitor.go("birth_date").value("answer-birth_date-day") == "77"


def test_a_question_out_of_reach_leads_to_what_is_due(visitor: Visitor) -> None:
    assert visitor.go("severity").name != "severity"
    visitor.post(FIRST, answer="me")
    if visitor.staff is not None:  # who ask for all of who it is first
        visitor.post("name", answer="Sam Example")
        visitor.post("phone", answer=USUAL["phone"])
    assert visitor.go("severity").name == SECOND
    assert visitor.go("severity").name == SECOND
    assert visitor.go(CHECK).name == SECOND
    assert visitor.post(CHECK).name == SECOND
    assert visitor.go(SENT).name == SECOND


def test_back_leads_from_the_first_question_to_a_page_before_the_questions(visitor: Visitor) -> None:
    (back,) = visitor.go(FIRST).elements("a", **{"class": "govuk-back-link"})
    before = Page(visitor.client.get(str(back["href"])))
    assert before.status == 200
    assert before.elements("a", href=f"{visitor.base}/{FIRST}")


def test_a_changed_answer_leads_back_to_the_check_page(visitor: Visitor) -> None:
    visitor.hold()
    (change,) = visitor.go(CHECK).to_change(WORDS)
    assert Page(visitor.client.get(change)).elements("a", href=f"{visitor.base}/{CHECK}")
    page = visitor.post(WORDS, answer=TYPED)
    assert page.name == CHECK
    assert TYPED in page.text


@pytest.mark.usefixtures("impatient")
def test_a_locked_database_gives_a_question_back_with_what_was_typed(visitor: Visitor, app: Flask) -> None:
    visitor.hold()
    with locked(app):
        page = visitor.post(WORDS, answer=TYPED)
    assert page.status == 503
    assert "Retry-After" in page.response.headers
    assert asks_again(page)
    assert TYPED in visitor.post(WORDS, answer=TYPED).text


@pytest.mark.usefixtures("impatient")
def test_a_locked_database_while_sending_gives_the_check_page_back_and_it_can_be_sent(
    visitor: Visitor, app: Flask
) -> None:
    visitor.hold()
    with locked(app):
        page = visitor.post(CHECK)
    assert page.status == 503
    assert "Retry-After" in page.response.headers
    assert shows_all_answers(page)
    assert requests_kept(app) == 0
    assert visitor.press(page).name == SENT
    assert requests_kept(app) == 1


def test_our_own_fault_gives_both_pages_back(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    visitor.hold()
    with monkeypatch.context() as planted:
        planted.setattr(Service, "save_answers", broken)
        planted.setattr(Service, "send", broken)
        question, check = visitor.post(WORDS, answer=TYPED), visitor.post(CHECK)
    assert (question.status, check.status) == (500, 500)
    assert asks_again(question)
    assert shows_all_answers(check)
    assert visitor.press(check).name == SENT


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_form_without_a_valid_token_gives_both_pages_back_and_keeps_nothing(
    visitor: Visitor, app: Flask, token: str
) -> None:
    visitor.hold()
    visitor.token = token
    question, check = visitor.post(WORDS, answer=TYPED), visitor.post(CHECK)
    assert (question.status, check.status) == (400, 400)
    assert asks_again(question)
    assert TYPED not in visitor.go(WORDS).text
    assert requests_kept(app) == 0
    assert shows_all_answers(check)
    assert visitor.press(check).name == SENT


def test_answers_changed_in_another_tab_are_shown_before_they_are_sent(visitor: Visitor, app: Flask) -> None:
    visitor.hold()
    opened = visitor.go(CHECK)
    visitor.post(WORDS, answer="Said in another tab")
    page = visitor.press(opened)
    assert (page.status, page.name, requests_kept(app)) == (409, CHECK, 0)
    assert "Said in another tab" in page.text
    assert visitor.press(page).name == SENT
    assert requests_kept(app) == 1


def test_another_person_is_asked_for_their_own_name_and_date_of_birth(visitor: Visitor) -> None:
    visitor.hold()
    page = visitor.post("for_whom", answer="someone_else")
    page = visitor.post(page.name, answer="Somebody Who Cares")
    assert page.name == "name"
    assert {page.value(f"answer-{field}") for field in ("name", "birth_date-day")} <= {None, ""}
    assert visitor.post("name", answer="The Patient").name == CHECK
    assert visitor.post("for_whom", answer="someone_else").name == CHECK  # the same again: the name stays


def test_who_turns_to_another_person_is_told_that_the_answers_stay(visitor: Visitor) -> None:
    for whom in ("me", "someone_else"):
        assert not told_that_answers_stay(visitor.post("for_whom", answer=whom))  # nothing of health is there
    visitor.hold()
    for whom, told in (("someone_else", True), ("someone_else", False), ("me", True)):
        assert told_that_answers_stay(visitor.post("for_whom", answer=whom)) == told


def told_that_answers_stay(page: Page) -> bool:
    """Whether a page says that what was answered is still there, and was of another person."""
    return bool(page.elements("div", **{"data-turned": ""}))


def test_a_name_counts_only_for_whom_its_page_was_opened_for(app: Flask) -> None:
    service = service_of(app)
    opened = filled_in(service)
    under = belongs_to(opened.rule_set, ("name",), opened.answers)
    turned = service.save_answers(opened, {"for_whom": "someone_else"}, under="")
    assert {turned.answers[question] for question in ("name", "birth_date")} == {None}
    late = service.save_answers(opened, {"name": "Somebody Who Cares"}, under=under)
    assert late.turned
    assert late.answers == turned.answers
    other_answer = service.save_answers(opened, {WORDS: TYPED}, under="")
    assert (other_answer.turned, other_answer.answers[WORDS]) == (False, TYPED)


def test_a_name_saved_while_another_tab_turns_to_somebody_else_does_not_stay(app: Flask) -> None:
    service = service_of(app)
    opened = filled_in(service)
    service.save_answers(opened, {"name": None})
    service.save_answers(opened, {"name": "Somebody Who Cares"})
    turned = service.save_answers(opened, {"for_whom": "someone_else"})  # as it was when no name was known
    assert turned.answers["name"] is None


def test_answers_under_questions_that_were_taken_back_are_shown_and_cannot_be_sent(
    visitor: Visitor, app: Flask, clock: Clock
) -> None:
    visitor.hold()
    service = service_of(app)
    version = next(found.version for found in service.treatments() if found.id == TREATMENT)
    with writing(service.engine) as connection:
        publications.recall(connection, TREATMENT, version, by="Robin", because="Unsafe", now=clock())
    service.library.load(clock())
    late = visitor.post(WORDS, answer=TYPED)
    assert late.name == WITHDRAWN
    assert TYPED in late.text
    for name in (FIRST, WORDS, CHECK, ""):
        page = visitor.go(name)
        assert page.name == WITHDRAWN or name == ""
    assert visitor.post(CHECK).name == WITHDRAWN
    assert requests_kept(app) == 0
    assert visitor.post(WITHDRAWN).name == WITHDRAWN  # there are no others to go on with yet
    assert TYPED in visitor.go(WITHDRAWN).text


def test_sent_twice_is_one_request_and_one_reference(visitor: Visitor, app: Flask) -> None:
    visitor.hold()
    first, second = visitor.post(CHECK), visitor.post(CHECK)
    assert first.name == second.name == SENT
    reference = Patient(app).reference(first)
    assert reference in second.text
    assert reference in visitor.go(SENT).text
    assert requests_kept(app) == 1


def test_after_sending_every_page_leads_to_the_reference(visitor: Visitor) -> None:
    visitor.hold()
    visitor.post(CHECK)
    assert {visitor.go(name).name for name in (FIRST, WORDS, CHECK)} == {SENT}
    assert visitor.post(WORDS, answer=USUAL[WORDS]).name == SENT


def test_what_is_typed_after_sending_is_not_kept_but_shown(visitor: Visitor) -> None:
    visitor.hold()
    visitor.post(CHECK)
    page = visitor.post(WORDS, answer=TYPED)
    assert page.status == 409
    assert TYPED in page.text


@pytest.mark.parametrize("page", [CHECK, WITHDRAWN])
def test_a_draft_that_expired_is_told_and_what_a_page_of_its_answers_showed_is_shown(
    visitor: Visitor, clock: Clock, page: str
) -> None:
    visitor.hold()
    assert visitor.go(page).name == CHECK  # nothing was taken back
    clock.forward(hours=2)
    visitor.come_in()
    refused = visitor.post(page)
    assert refused.status == 409
    assert all(str(USUAL[told]) in refused.text for told in (WORDS, "name"))
    forgetting.forget(JobGround(service_of(visitor.app)), JobDone(0))
    gone = visitor.go(page)
    assert gone.path == visitor.start
    assert gone.elements("div", **{"class": "govuk-notification-banner"})
    assert visitor.cookie is None


def test_where_the_draft_goes_in_the_very_moment_what_was_typed_or_shown_stands_on_the_page(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.hold()
    for acts in ("save_answers", "send"):  # as if another tab had deleted the answers just before
        monkeypatch.setattr(Service, acts, lambda _self, visit, *_, **__: replace(visit, draft=None))
    typed, sent = visitor.post(WORDS, answer=TYPED), visitor.post(CHECK)
    assert (typed.status, sent.status) == (409, 409)
    assert TYPED in typed.text
    assert all(str(USUAL[told]) in sent.text for told in (WORDS, "name"))


def test_starting_again_forgets_the_answers_and_their_key(visitor: Visitor, app: Flask) -> None:
    visitor.hold()
    kept = drafts_kept(app)
    assert visitor.post(visitor.again).path == visitor.start
    assert visitor.cookie is None
    assert visitor.go(CHECK).path == visitor.start
    assert drafts_kept(app) == kept - 1


def test_the_key_is_for_this_door_alone_and_staffs_is_in_no_browser(visitor: Visitor) -> None:
    visitor.post(FIRST, answer="me")
    cookie = visitor.cookie
    assert len(visitor.drafts_in_cookies) == (visitor.staff is None)
    if visitor.staff is not None:
        return
    assert cookie is not None
    assert cookie.path == visitor.start
    assert cookie.http_only
    assert cookie.same_site == "Lax"


@pytest.mark.parametrize("name", ["nonsense", "../nonsense", f"../nonsense/{FIRST}", f"{FIRST}/more"])
def test_a_foreign_address_is_not_found(visitor: Visitor, name: str) -> None:
    assert Page(visitor.client.get(f"{visitor.base}/{name}")).status == 404


OF_BEFORE = "60b9ca414cdabb7dK5o3cH8X-KwMsjov"  # as an older program carried what its check page showed


def test_who_had_the_check_page_open_amid_an_upgrade_is_not_sent_to_look_for_marks(visitor: Visitor) -> None:
    visitor.hold()
    shown, visitor.shown = visitor.shown, OF_BEFORE
    of_before = visitor.post(CHECK)
    visitor.shown = shown
    visitor.post("side", answer="right")
    changed = visitor.post(CHECK)
    assert (of_before.status, changed.status) == (409, 409)
    assert told(of_before) != told(changed)
    assert visitor.press(changed).name == "request-sent"


def told(page: Page) -> list[str]:
    return re.findall(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', page.text, re.DOTALL)
