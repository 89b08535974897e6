"""The design system's summary list, row by row: what was asked is kept here, and no answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from flask import Flask
from markupsafe import Markup, escape

from screening.web.components import MEMO_SIZE, component

_ANSWER, _ADDRESS = (f"{name}{secrets.token_hex(8)}" for name in ("answer", "address"))
_INDENTED = re.compile(r"\s*\n\s*")


class SummaryRow(NamedTuple):
    """`link` is what stands on the link at its end, and what is read out after it; None without one."""

    key: str
    value: Markup
    link: tuple[str, str] | None = None
    href: str = ""


class RowsUnder(Protocol):
    """The rows of a list and what stands above it; nothing where it is empty."""

    @property
    def heading(self) -> str: ...

    @property
    def rows(self) -> Sequence[Markup]: ...


def init_app(app: Flask) -> None:
    """Every template may call them."""
    app.jinja_env.globals.update(filled_in=filled_in, summary_list=summary_list, summary_row=summary_row)


def filled_in(sections: Iterable[RowsUnder], level: int = 2) -> Markup:
    """What was filled in, under its headings, which are of this level."""
    lists = [f"{_headed(under.heading, level)}{summary_list(under.rows)}\n" for under in sections]
    return Markup("".join(lists))  # noqa: S704  # each row is markup


@lru_cache(maxsize=MEMO_SIZE)
def _headed(heading: str, level: int) -> str:
    return f'<h{level} class="govuk-heading-m">{escape(heading)}</h{level}>\n' if heading else ""


def summary_list(rows: Sequence[Markup], classes: str = "") -> Markup:
    """The same as `component("summary-list", ...)`, not indented: all rows have a link, or none has."""
    begin, end = _close_around(classes)
    return Markup("".join([begin, *rows, end]))  # noqa: S704  # each row is markup


def summary_row(key: str, value: str) -> Markup:
    """A row without a link; a text is escaped, markup is not."""
    return drawn(SummaryRow(key, escape(value)))


def drawn(row: SummaryRow) -> Markup:
    """A row of such a list."""
    before, between, after = _pieces(escape(row.key), row.link)
    value = str(row.value).strip()
    address = escape(row.href) if row.link is not None else ""
    return Markup(f"{before}{value}{between}{address}{after}")  # noqa: S704  # each of them is


@lru_cache(maxsize=8)
def _around(classes: str = "") -> tuple[str, str]:
    begin, end, _ = str(component("summary-list", {"rows": [], "classes": classes or None})).partition(
        "</dl>"
    )
    return begin, end


@lru_cache(maxsize=8)
def _close_around(classes: str) -> tuple[str, str]:
    begin, end = _around(classes)
    return begin.strip(), end.strip()


@lru_cache(maxsize=MEMO_SIZE)
def _pieces(key: Markup, link: tuple[str, str] | None) -> tuple[str, str, str]:
    row: dict[str, object] = {"key": {"text": key}, "value": {"html": escape(_ANSWER)}}
    if link is not None:
        item = {"href": _ADDRESS, "text": link[0], "visuallyHiddenText": link[1]}
        row["actions"] = {"items": [item]}
    begin, end = _around()
    text = str(component("summary-list", {"rows": [row]}))
    rows = text[len(begin) : len(text) - len(end)].strip()
    drawn = _INDENTED.sub("", rows)  # no words stand beside a line's end
    before, _, rest = drawn.partition(_ANSWER)
    between, _, after = rest.partition(_ADDRESS)
    return before, between, after
