"""A patient at a browser: finds things by their labels and roles, as a person does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Locator, Page, expect

from screening.core.answers import SCALE, typed_of
from screening.core.rules import Question, RuleSet
from screening.core.voices import VOICES
from tests.browser.serving import Server
from tests.usual import TREATMENT, USUAL, said, whole

REFERENCE = re.compile(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{4}")
A_WHILE = timedelta(minutes=60)


@dataclass
class Patient:
    """Somebody with one browser, one set of cookies and one page open."""

    page: Page
    server: Server
    treatment: str = TREATMENT

    @property
    def rule_set(self) -> RuleSet:
        return self.server.rule_set(self.treatment)

    @property
    def name(self) -> str:
        """The last part of the address: a question's id, mostly."""
        return urlsplit(self.page.url).path.rsplit("/", 1)[1]

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def asked(self) -> list[Question]:
        """The questions of the page: the one that its heading asks, or those that stand below it."""
        words = self.heading.inner_text().removesuffix(" (optional)")
        for spoken in map(self.rule_set.speaking, VOICES):
            alone = [one for one in spoken.questions if one.ask == words]
            below = [one for one in spoken.questions if one.page == words]
            if found := alone or [one for one in below if asks(self.page, one).count()]:
                return found
        given = self.page.locator("main [name=asked]")  # a group of staff, with what is hidden on it
        found = [self.rule_set.by_id[str(one.get_attribute("value"))] for one in given.all()]
        assert found, f'no question heads its page with "{words}"'
        usual = whole(self.rule_set, USUAL)
        return [
            one
            for one in found
            if self.page.locator(f"[data-asks={one.id}]").is_visible()
            and (one.id in usual or not self.page.locator(f"[data-asks={one.id}][data-asked-when]").count())
        ]

    @property
    def question(self) -> Question:
        """The one in the address, else the first of the page."""
        asked = self.asked
        return next((one for one in asked if one.id == self.name), asked[0])

    @property
    def box(self) -> Locator:
        """Where the question of the address is answered."""
        return asks(self.page, self.question)

    @property
    def reference(self) -> str:
        """The reference on the page."""
        found = REFERENCE.search(self.page.get_by_role("main").inner_text())
        assert found is not None
        return found[0]

    # Going about

    def go(self, name: str = "", **query: str) -> None:
        """Open a page of the treatment."""
        path = f"/{self.treatment}/{name}".rstrip("/")
        search = "?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else ""
        self.page.goto(self.server.address + path + search)

    def turn_to(self, question: str) -> None:
        """Open another question of the same form."""
        self.page.goto(urljoin(self.page.url, question))

    def link(self, words: str) -> Locator:
        return self.page.get_by_role("link", name=words, exact=True)

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=words, exact=True)

    def follow(self, words: str) -> None:
        """Click a link and see where it leads."""
        with self.page.expect_navigation():
            self.link(words).click()

    def press(self, words: str) -> None:
        """Click a button and see the page that comes next."""
        with self.page.expect_navigation():
            self.button(words).click()

    def change(self, question: str) -> None:
        """The link beside an answer on the check page."""
        self.follow("Change " + self.rule_set.by_id[question].ask)

    def another_tab(self) -> Patient:
        return Patient(self.page.context.new_page(), self.server, self.treatment)

    # Answering

    def fill(self, stored: Any, question: Question | None = None) -> None:
        """Put an answer into the page, without going on."""
        question = question or self.question
        _FILLING[question.type](self.page, question, stored)

    def put(self, stored: Any) -> None:
        """Answer the question of the address, and what stands beside it as usual, without going on."""
        mine = self.question
        for question in self.asked:
            self.fill(stored if question == mine else said(question, USUAL), question)

    def answer(self, stored: Any) -> None:
        """The same, and go on."""
        self.put(stored)
        self.press("Continue")

    def fill_in(self, answers: Mapping[str, Any] | None = None, until: str = "check-your-answers") -> None:
        """Answer what is asked, page by page."""
        given = USUAL | dict(answers or {})
        while self.name not in (*self.rule_set.pages.get(until, (until,)), "check-your-answers"):
            for question in self.asked:
                self.fill(said(question, given), question)
            self.press("Continue")

    # Starting in the middle

    def has_answered(self, until: str = "", lives: timedelta = A_WHILE, **changed: Any) -> None:
        """Give this browser the draft of somebody who came as far as `until`; everything without it."""
        ids = [question.id for question in self.rule_set.questions]
        reached = ids[: ids.index(self.rule_set.pages[until][0])] if until else ids
        given: dict[str, Any] = dict.fromkeys(ids) | USUAL | whole(self.rule_set, USUAL | changed) | changed
        self._use_draft({name: given[name] for name in reached}, lives)

    def _use_draft(self, answers: Mapping[str, Any], lives: timedelta) -> None:
        cookie = self.server.keep_draft(self.treatment, answers, lives)
        url = f"{self.server.address}/{self.treatment}"
        self.page.context.add_cookies(
            [{"name": "draft", "value": cookie, "url": url, "httpOnly": True, "sameSite": "Lax"}]
        )

    def is_too_late(self) -> None:
        """The draft of this browser expires."""
        (cookie,) = (one for one in self.page.context.cookies() if one.get("name") == "draft")
        self.server.expire_draft(cookie["value"])

    def deletes_in_another_tab(self) -> Patient:
        """Somebody else at this device; the tab in which they did."""
        other = self.another_tab()
        other.go("delete-my-answers")
        other.press("Yes, delete my answers")
        return other

    def is_at(self, until: str, **changed: Any) -> None:
        """Open a question of a draft that came this far."""
        self.has_answered(until, **changed)
        self.go(until)

    def is_checking(self, **changed: Any) -> None:
        """Open the check page with everything answered."""
        self.has_answered(**changed)
        self.go("check-your-answers")

    def has_sent(self, **changed: Any) -> None:
        """Open the page after sending."""
        self.is_checking(**changed)
        self.press("Send my request")
        expect(self.heading).to_have_text("We have your request")


def asks(page: Page, question: Question) -> Locator:
    """What is filled in for a question, by the words that ask it: a group, or a box."""
    words = re.compile(re.escape(question.ask) + r"( \(optional\))?$")
    typed = question.type in ("text", "number")
    return page.get_by_role("textbox" if typed else "group", name=words)


def option(page: Page, question: Question, answer: str) -> Locator:
    """A radio or a checkbox, by the words beside it."""
    role: Any = "radio" if question.type == "choose_one" else "checkbox"
    label = next(one.label for one in question.answers if one.id == answer)
    return asks(page, question).get_by_role(role, name=label, exact=True)


def point(page: Page, question: Question, number: int) -> Locator:
    """One of the eleven points of a scale."""
    words = {SCALE[0]: question.low, SCALE[-1]: question.high}.get(number)
    name = f"{number} – {words}" if words else str(number)
    return asks(page, question).get_by_role("radio", name=name, exact=True)


def _fill_one(page: Page, question: Question, stored: Any) -> None:
    option(page, question, stored).check()


def _fill_many(page: Page, question: Question, stored: Any) -> None:
    for answer in question.answers:
        if answer.id not in stored:
            option(page, question, answer.id).uncheck()
    for chosen in stored:
        option(page, question, chosen).check()


def _fill_scale(page: Page, question: Question, stored: Any) -> None:
    point(page, question, stored).check()


def _fill_date(page: Page, question: Question, stored: Any) -> None:
    for part, texts in typed_of(question, stored).items():
        asks(page, question).get_by_label(part.title(), exact=True).fill(texts[0])


def _fill_text(page: Page, question: Question, stored: Any) -> None:
    asks(page, question).fill("" if stored is None else str(stored))


_FILLING: dict[str, Callable[[Page, Question, Any], None]] = {
    "choose_one": _fill_one,
    "choose_many": _fill_many,
    "scale": _fill_scale,
    "date": _fill_date,
    "number": _fill_text,
    "text": _fill_text,
}
