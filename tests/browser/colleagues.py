"""Staff at browsers of their own, and what their browsers must not complain of."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

from screening.core.grouping import groups
from screening.desk import forms_begun
from screening.web.door import service_of
from tests.browser.people import Patient
from tests.browser.serving import Server
from tests.desk.making import RITA, desk_of
from tests.staff.actors import STEP, Staff
from tests.usual import TREATMENT, USUAL, whole

NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 800}


class Person:
    """Somebody at a screen of their own; `broken` collects what their browser complains of."""

    def __init__(self, browser: Browser, address: str, account: Staff, **options: Any) -> None:
        self.account, self.address = account, address
        self.context = browser.new_context(**({"viewport": WIDE} | options))
        self.page = self.context.new_page()
        self.broken: list[str] = []
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", self._asked)

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and "status of" not in said.text:
            self.broken.append(said.text)

    def _asked(self, dialog: Dialog) -> None:
        self.broken.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def go(self, path: str) -> int:
        """Open a page; its status."""
        response = self.page.goto(self.address + path)
        assert response is not None
        return response.status

    def sign_in(self) -> None:
        """Password, then the code of the app."""
        self.gives_password()
        self.account.clock.forward(seconds=STEP)
        self.page.fill("[name=code]", self.account.code())
        self.press()

    def gives_password(self) -> None:
        """The first page of a sign-in."""
        self.go("/staff")
        self.page.fill("[name=email]", self.account.email)
        self.page.fill("[name=password]", self.account.password)
        self.press()

    def comes_in(self) -> None:
        """Signed in without the pages of it."""
        self.account.comes_in()
        self.context.add_cookies([{"name": "form", "value": self.account.cookie, "url": self.address}])

    def press(self, within: str = "main") -> None:
        """The button of the form."""
        self.page.locator(f"{within} form button.govuk-button").first.click()
        self.page.wait_for_load_state()

    def at(self) -> str:
        """The path of the page that is open."""
        return urlsplit(self.page.url).path

    def rows(self) -> list[str]:
        """The references in the list that is open, in its order."""
        links = self.page.locator("[data-row]").all()
        return [str(link.get_attribute("href")).split("/")[3] for link in links]

    def has(self, words: str) -> bool:
        """Whether the words are to be read on the page."""
        return words in self.page.locator("main").inner_text()


def begins(one: Person, tab: Page | None = None, treatment: str = TREATMENT) -> Patient:
    """Start to fill in for a patient, in a tab of its own: the questions are answered as patients do."""
    form = Patient(tab or one.context.new_page(), Server(one.address, Path()), treatment)
    form.page.goto(f"{one.address}/staff/entry/{treatment}")
    form.page.check("[name=how][value=phone]")
    form.press("Start")
    return form


def person(browser: Browser, address: str, account: Staff, **options: Any) -> Person:
    """Signed in."""
    one = Person(browser, address, account, **options)
    one.comes_in()
    return one


def reaches(app: Flask, tab: Patient, question: str, **said: str) -> None:
    """Go on where everything above a question, or above the check page, is answered as usual."""
    draft = urlsplit(tab.page.url).path.split("/")[-2]
    token = forms_begun.key_of(desk_of(app), RITA, draft)
    assert token is not None
    (visit,) = service_of(app).visits([token])
    order, pages = [asked for group in groups(tab.rule_set) for asked in group], tab.rule_set.pages
    above = order[: order.index(pages[question][0])] if question in pages else order
    usual = whole(tab.rule_set, USUAL)
    due = {asked: usual[asked] for asked in above if asked in usual and asked not in visit.answers}
    service_of(app).save_answers(visit, due | said)
    tab.turn_to(question)
