"""What work costs: clicks, keys and pages of each task, beside what it cost before; what a screen shows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ViewportSize

from tests.actors import Clock
from tests.browser.colleagues import Person, person
from tests.browser.people import Patient
from tests.browser.serving import Server
from tests.browser.test_staff_pages import is_usable
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.usual import TREATMENT, USUAL, said, whole

pytestmark = pytest.mark.browser

SCREEN, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=700)
ROWS_SEEN = """() => [...document.querySelectorAll('[data-row]')]
  .filter(row => row.closest('tr').getBoundingClientRect().bottom <= innerHeight).length"""
ENTRY = "/staff/entry"
NEEDED = ".desk-flag, .desk-flag *, #to-read, .desk-queue, .desk-facts"  # for a decision
LOWEST = """needed => Math.max(...[...document.querySelectorAll(needed)]
  .map(part => part.getBoundingClientRect().bottom + scrollY))"""


@dataclass
class Task:
    """What one task took; `before` is what the issue measured, in the same order."""

    name: str
    before: str
    clicks: int = 0
    keys: int = 0
    pages: int = 0

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.clicks} clicks, {self.keys} keys, {self.pages} pages (before: {self.before})"
        )


class Counting:
    """A person whose clicks, keys and pages are counted."""

    def __init__(self, who: Person, task: Task) -> None:
        self.page, self.task = who.page, task

    def click(self, what: str) -> None:
        self.task.clicks += 1
        self.page.locator(what).first.click()

    def opens(self, what: str) -> None:
        """A click that leads to another page."""
        with self.page.expect_navigation():
            self.click(what)
        self.task.pages += 1

    def types(self, *words: str) -> None:
        """Words, field by field, with Tab between them."""
        for number, text in enumerate(words):
            if number:
                self.page.keyboard.press("Tab")
            self.page.keyboard.type(text)
            self.task.keys += len(text) + bool(number)


def tell(*lines: object) -> None:
    """For whoever runs it with `-s`, and beside a failure."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


@pytest.fixture
def worker(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    """Somebody who is reception and clinician, signed in, with a day's requests before them."""
    for number in range(14):
        clock.forward(seconds=1)
        arrives(app, name=f"Flagged {'ABCDEFGHIJKLMN'[number]}", **TWO_FLAGS)
    return person(chromium, address, Staff(app, clock, ("reception", "clinician")), viewport=SCREEN)


def test_work_costs_no_more_than_it_should(app: Flask, clock: Clock, worker: Person) -> None:
    clean = arrives(app, name="Clean Person")

    worker.go("/staff/requests")
    seen = [worker.page.evaluate(ROWS_SEEN)]
    worker.page.set_viewport_size(PHONE)
    seen.append(worker.page.evaluate(ROWS_SEEN))
    worker.page.set_viewport_size(SCREEN)
    tell(f"Rows on the first screen: {seen[0]} (before: 2), on a phone: {seen[1]} (before: 0)")

    booking = Task("A clean request, from its list to booked", "10 clicks, 6 pages")
    desk, day = Counting(worker, booking), clock.now.date() + timedelta(days=9)
    worker.go("/staff/requests?list=to_book")
    desk.opens("[data-row]")
    desk.opens("[data-next-step]")
    desk.click("[name=on-day]")
    desk.types(str(day.day), str(day.month), str(day.year), "10:30", "Room 7")
    desk.click("[name=what][value=consultation]")
    desk.click("[name=known]")
    desk.click("[name=side]")
    desk.opens("main form button.govuk-button")
    assert worker.at() == at(clean)
    assert worker.has("Room 7")

    review = Task("Two flags, from open to sent back with the next one open", "8 clicks, 5 pages")
    doctor = Counting(worker, review)
    worker.go("/staff/review")
    first, second = worker.rows()[:2]
    worker.go(at(first, "review"))
    lowest, save = worker.page.evaluate(LOWEST, NEEDED), worker.page.locator(".desk-save").bounding_box()
    assert lowest <= 2 * SCREEN["height"]
    assert save is not None
    assert save["y"] + save["height"] <= SCREEN["height"]  # in view wherever the page is
    for flag, decision in (("blood_thinners", "proceed"), ("kidney_liver", "discuss")):
        doctor.click(f"[name={flag}-decision][value={decision}]")
    doctor.click("[name=next_step]")
    doctor.types("Book half an hour")
    doctor.opens("button[name=then]")
    assert worker.at() == at(second, "review")
    worker.go(at(first))
    assert worker.has("Book half an hour")

    tell(booking, review)
    assert seen[0] >= 12
    assert seen[1] >= 4
    assert (booking.clicks, booking.pages) <= (7, 3)  # the last one confirms the side
    assert (review.clicks, review.pages) <= (5, 1)
    assert worker.broken == []


CLICKS = """addEventListener('click', event => {
  if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0)
}, true)"""


def test_filling_in_for_a_caller_costs_no_more_than_it_should(worker: Person) -> None:
    entry = Task("Filling in for a caller, from the list to sent", "68 clicks, 37 pages")
    desk = Counting(worker, entry)
    worker.page.add_init_script(CLICKS)
    worker.go("/staff/requests")
    desk.opens(f"a[href='{ENTRY}']")
    desk.opens(f"a[href='{ENTRY}/{TREATMENT}']")
    form = Patient(worker.page, Server(worker.address, Path()), TREATMENT)
    worker.page.check("[name=how][value=phone]")
    worker.page.check("[name=answer][value=me]")
    desk.opens("main form button")
    asked: list[str] = []
    while form.name != "check-your-answers":
        is_usable(worker, SCREEN["width"])
        while still := [question for question in form.asked if question.id not in asked]:
            asked.append(still[0].id)
            form.fill(said(still[0], USUAL), still[0])
            if still[0].type in ("text", "date"):  # into its box, which is not clicked here
                entry.clicks, entry.keys = (
                    entry.clicks + 1,
                    entry.keys + len(str(said(still[0], USUAL) or "")),
                )
        left = form.name
        desk.opens("main form button")
        assert form.name != left
    desk.opens("main form button")
    assert form.name == "request-sent"
    entry.clicks += int(worker.page.evaluate("sessionStorage.clicks")) - entry.pages  # counted twice
    tell(entry)
    assert set(asked) == set(whole(form.rule_set, USUAL)) - {"for_whom"}
    assert entry.pages <= 9  # the form itself, from its start to the check page: seven
    assert entry.clicks <= 68
    assert worker.broken == []
