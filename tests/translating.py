"""Finds words of the interface that do not pass through gettext."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask_babel import get_translations

from screening.web.components import _rendered
from screening.web.door import service_of
from screening.web.words import _plain_html, _said
from tests.actors import Page

EVERYWHERE = ("The clinic", "01632 960 000", "!")


@contextmanager
def marking(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Puts a mark around what passes through gettext, until the end of the block."""
    with app.test_request_context("/"):
        kind = type(get_translations())
    with monkeypatch.context() as patched:
        for name in ("gettext", "ugettext"):
            patched.setattr(kind, name, lambda _self, message: f"⟦{message}⟧", raising=False)
        for name in ("ngettext", "ungettext"):
            patched.setattr(
                kind, name, lambda _self, one, many, n: f"⟦{one if n == 1 else many}⟧", raising=False
            )
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    for memo in (_rendered, _said, _plain_html):
        memo.cache_clear()


def unmarked(page: Page) -> list[str]:
    """What stands between tags and marks and has letters in it."""
    shown = re.sub(r"(?s)<(style|script|title|noscript).*?</\1>|<[^>]*>", "\0", page.text)
    shown = re.sub(r"(?s)⟦[^⟦⟧]*⟧", "\0", re.sub(r"(?s)⟦[^⟦⟧]*⟧", "\0", shown))
    shown = re.sub(r"\d{1,2} [A-Z][a-z]+( \d{4})?", "\0", shown)  # the locale's own words
    return [
        words for part in re.split("[\0;,]", shown) if re.search("[A-Za-z]{2}", words := part.strip(" :\n"))
    ]


def foreign_words(app: Flask, page: Page, known: Collection[str] = ()) -> list[str]:
    """Unmarked words that come neither from a rule set nor from the settings, nor are `known`."""
    service = service_of(app)
    whole = (service.fresh_visit(each.id) for each in service.treatments())
    treatments = [visit.base for visit in whole if visit is not None]
    rules = "".join(one.document + one.title + one.category for one in treatments).replace('\\"', '"')
    allowed = {*EVERYWHERE, *known}
    return [words for words in unmarked(page) if words not in rules and words not in allowed]
