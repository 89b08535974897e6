"""Filling in for a patient: steps that the tests of both doors and of the staff's share."""

from __future__ import annotations

from typing import Any

from screening.core.answers import typed_of
from screening.web.question_forms import name_of, part_name
from tests.actors import Page
from tests.staff.actors import Staff
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said, whole

ENTRY = f"/staff/entry/{TREATMENT}"
RULES = rules_of(TREATMENT)
CARRIED = ("csrf_token", "draft", "patient", "shown", "told", "anew")


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
    data = hidden(page) | {"how": "phone"}
    return Page(who.client.post(page.path, data=data, follow_redirects=True))


def answer(who: Staff, page: Page, stored: Any, at: str = "", **others: Any) -> Page:
    """Answer the question of a page as it was opened; the page that comes next. `at` posts it elsewhere."""
    data = hidden(page) | page_typed(RULES, page.name, stored, others)
    return Page(who.client.post(at or page.path, data=data, follow_redirects=True))


def asked_on(page: Page) -> list[str]:
    """The questions on a page, those that hang on another answer of it too."""
    return [str(field["value"]) for field in page.elements("input", name="asked")]


def opened(page: Page) -> dict[str, Any]:
    """What the form says of its questions."""
    return {"asked": asked_on(page), "opened": page.value("opened"), "under": page.value("under")}


def form_of(page: Page, **answers: Any) -> dict[str, Any]:
    """What a browser sends of a page that is filled in as usual but for these answers, and nothing else."""
    given, shown = whole(RULES, USUAL | answers), asked_on(page)
    sent: dict[str, Any] = hidden(page) | opened(page)
    for asked in (RULES.by_id[question] for question in shown if question in given):
        name = name_of(RULES, asked, alone=shown == [asked.id])
        parts = typed_of(asked, given[asked.id]).items()
        sent |= {part_name(part, name): list(texts) for part, texts in parts}
    return sent


def go_on(who: Staff, page: Page, **answers: Any) -> Page:
    """Fill in the whole page, and press the button."""
    return Page(who.client.post(page.path, data=form_of(page, **answers), follow_redirects=True))


def fill_in(who: Staff, until: str = "check-your-answers", page: Page | None = None, **answers: Any) -> Page:
    """Answer whatever is asked, up to this question: of a new form, or on from a page."""
    page = page or begin(who)
    for _ in RULES.questions:
        if page.name in RULES.pages.get(until, (until,)):
            break
        here = until in asked_on(page)  # what stands above it on its page, and no more
        one = said(RULES.by_id[page.name], USUAL | answers) if here else None
        page = answer(who, page, one, **answers) if here else go_on(who, page, **answers)
        assert page.status == 200, page.text
    return page


def send(who: Staff, page: Page) -> Page:
    """Press the button of the check page."""
    return Page(who.client.post(page.path, data=hidden(page), follow_redirects=True))
