"""Filling in for a patient: steps that the tests of both doors and of the staff's share."""

from __future__ import annotations

from typing import Any

from tests.actors import Page
from tests.staff.actors import Staff
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said

ENTRY = f"/staff/entry/{TREATMENT}"
RULES = rules_of(TREATMENT)
CARRIED = ("csrf_token", "draft", "patient", "shown")


def hidden(page: Page) -> dict[str, str]:
    """What the page's form says besides what is typed into it."""
    found = {name: page.elements("input", name=name) for name in CARRIED}
    return {name: str(fields[-1]["value"]) for name, fields in found.items() if fields}


def typed(question: str, stored: Any) -> dict[str, list[str]]:
    """The fields of a page for a stored answer, and for what usually stands beside it."""
    return page_typed(RULES, question, stored)


def begin(who: Staff, treatment: str = TREATMENT) -> Page:
    """Press the button of the start page; the first question."""
    page = who.go(f"/staff/entry/{treatment}")
    return Page(who.client.post(page.path, data=hidden(page), follow_redirects=True))


def answer(who: Staff, page: Page, stored: Any, at: str = "", **others: Any) -> Page:
    """Answer the question of a page as it was opened; the page that comes next. `at` posts it elsewhere."""
    data = hidden(page) | page_typed(RULES, page.name, stored, others)
    return Page(who.client.post(at or page.path, data=data, follow_redirects=True))


def fill_in(who: Staff, until: str = "check-your-answers", page: Page | None = None, **answers: Any) -> Page:
    """Answer whatever is asked, up to this page: of a new form, or on from a page."""
    page = page or begin(who)
    for _ in RULES.questions:
        if page.name in RULES.pages.get(until, (until,)):
            break
        page = answer(who, page, said(RULES.by_id[page.name], USUAL | answers), **answers)
        assert page.status == 200, page.text
    return page


def send(who: Staff, page: Page) -> Page:
    """Press the button of the check page."""
    return Page(who.client.post(page.path, data=hidden(page), follow_redirects=True))
