"""The people of the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from werkzeug.test import TestResponse

from screening.core.rules import RuleSet
from tests.usual import TREATMENT, USUAL, page_sent, page_typed, rules_of, said, typed

_UTF_8 = HTMLParser(encoding="utf-8")


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Page:
    """What a patient sees."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return unescape(self.response.get_data(as_text=True))

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def name(self) -> str:
        """The last part of the address: a question's id, mostly."""
        return self.path.rsplit("/", 1)[1]

    @cached_property
    def _tree(self) -> HtmlElement:
        return document_fromstring(self.response.get_data() or b"<html></html>", parser=_UTF_8)

    @property
    def title(self) -> str:
        return str(self._tree.findtext(".//title", ""))

    def elements(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of each element of a name; those without a value are empty."""
        return [
            dict(found.attrib)
            for found in self._tree.iter(tag)
            if all(found.get(key) == value for key, value in attributes.items())
        ]

    def to_change(self, question: str) -> list[str]:
        """Where its links lead that change the answer to a question."""
        addresses = [link.get("href", "") for link in self.elements("a")]
        return [address for address in addresses if f"/{question}?change=1" in address]

    @property
    def token(self) -> str:
        return str(self.elements("input", name="csrf_token")[0]["value"])

    @property
    def checked(self) -> list[str]:
        return [field["value"] for field in self.elements("input") if "checked" in field]

    def value(self, name: str) -> str | None:
        return self.elements("input", name=name)[0].get("value")


@dataclass
class Patient:
    """Somebody with a browser and one set of cookies."""

    app: Flask
    treatment: str = TREATMENT
    client: FlaskClient = field(init=False)
    rule_set: RuleSet = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.rule_set = rules_of(self.treatment)

    def go(self, name: str = "", **query: Any) -> Page:
        """Open a page of the treatment."""
        path = f"/{self.treatment}/{name}" if name else f"/{self.treatment}"
        return Page(self.client.get(path, query_string=query, follow_redirects=True))

    def typed(self, question: str, stored: Any) -> dict[str, list[str]]:
        """The fields of a page for a stored answer."""
        return typed(self.rule_set, question, stored)

    def post(
        self, name: str, data: dict[str, Any] | None = None, *, follow: bool = True, **headers: str
    ) -> Page:
        """Send a form of the treatment, with the token that its page carries; as `page_sent` has it."""
        token = Page(self.client.get("/lumbar-sympathetic-block/delete-my-answers")).token
        sent = {"csrf_token": token} | page_sent(self.rule_set, name, data or {})
        response = self.client.post(
            f"/{self.treatment}/{name}", data=sent, headers=headers, follow_redirects=follow
        )
        return Page(response)

    def answer(self, question: str, stored: Any, **others: Any) -> Page:
        """Answer one question, and as usual what shares its page; the page that comes next."""
        return self.post(question, page_typed(self.rule_set, question, stored, others))

    def fill_in(self, answers: dict[str, Any] | None = None, until: str = "check-your-answers") -> Page:
        """Answer whatever is asked, one page after the other."""
        answers = USUAL | (answers or {})
        page = self.go(self.rule_set.questions[0].id)
        for _ in self.rule_set.questions:
            if page.name in (*self.rule_set.pages.get(until, (until,)), "check-your-answers"):
                break
            page = self.answer(page.name, said(self.rule_set.by_id[page.name], answers), **answers)
            assert page.status == 200, page.text
        return page

    def send(self) -> Page:
        """Press the button on the check page."""
        page = self.go("check-your-answers")
        shown = [field["value"] for field in page.elements("input", name="shown")]
        return self.post("check-your-answers", {"shown": shown})

    @property
    def cookies(self) -> str:
        """The header that a second tab of the same browser sends."""
        held = (self.client.get_cookie("form"), self.client.get_cookie("draft", path=f"/{self.treatment}"))
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in held if cookie is not None)

    def take_cookies(self, other: Patient) -> None:
        """Go on with somebody else's cookies."""
        for name, path in (("form", "/"), ("draft", f"/{self.treatment}")):
            cookie = other.client.get_cookie(name, path=path)
            if cookie is not None:
                self.client.set_cookie(name, cookie.value, path=path)

    def reference(self, page: Page) -> str:
        """The reference on a page."""
        found = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{4}", page.text)
        assert found is not None, page.text
        return found[0]
