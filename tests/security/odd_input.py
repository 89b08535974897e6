"""Odd things to send to every route: fields, bodies, addresses, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flask import Flask

DEEP = 30_000
VALUES = (
    "", " ", "0", "-1", "1", "99999999999999999999999",
    "1e999", "nan", "true", "null", "[]", "{}", "\0", "a\0b",
    "\ud800", "‮", "ä" * 50, "x" * 5000, "9999-12-31", "0001-01-01", "2026-02-30", "31/12/9999",
    "0.9999-12-31T23:59:59+00:00.AAA-AAA-AAAA", "0.0001-01-01T00:00:00+14:00.AAA-AAA-AAAA",
    "9.9999-12-31T23:59:59.999999-14:00.x",
    "%", "%00", "%ff", "../../etc/passwd", "<script>", "{{7*7}}", "'--",
    "a\r\nb: c", "AAA-AAA-AAAA", "open", "all", "y", "2026-W01-1", "1.2026-01-01T00:00:00Z.x",
)  # fmt: skip
NAMES = (
    "after", "before", "since", "until", "since-day", "since-month", "since-year", "until-day", "until-month",
    "until-year", "who", "action", "reference", "status", "treatment", "owner", "list", "waiting", "overdue",
    "search", "sort", "format", "reason", "next", "change", "version", "seen", "name", "email", "roles",
    "code",
    "password", "credential", "done", "q", "day", "month", "year", "number", "shown", "draft", "under",
    "note", "voice",
    "question", "decision", "answer", "read", "next_step", "on", "at", "place", "what", "for",
)  # fmt: skip
HOSTS = (
    "localhost",
    "",
    "a b",
    "[::1",
    "[]",
    "x:99999999",
    "é",
    "%00",
    "a" * 300,
    "localhost:",
    "::",
    "@",
    "a/b",
    "a?b",
)
TYPES = (
    "application/x-www-form-urlencoded", "application/json", "multipart/form-data", "text/plain", "", "x",
    "multipart/form-data; boundary=b", "application/json; charset=nonsense", "application/csp-report",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Origin": ("null", "http://[", "http://localhost", "", "x", "http://localhost:99999999"),
    "Sec-Fetch-Site": ("same-origin", "none", "cross-site", "x", ""),
    "Cookie": ("form=x", "form=", "draft=" + "A" * 64, "draft=x", "form=.eJx;draft=;=;", "a" * 4000),
    "Accept-Language": ("*", "de;q=x", "x" * 500, "\xff"),
    "Accept": ("application/json", "x", ""),
    "Range": ("bytes=0-", "bytes=-1", "x", "bytes=9-1"),
    "If-None-Match": ("*", '"', "W/"),
    "If-Modified-Since": ("x", "Thu, 01 Jan 9999 00:00:00 GMT", "Thu, 01 Jan 0000 00:00:00 GMT"),
    "Content-Length": ("0",),
    "X-Forwarded-For": ("x", "1.2.3.4, x", "::"),
    "X-Forwarded-Proto": ("x",),
    "X-Requested-With": ("XMLHttpRequest",),
    "Referer": ("http://[", "x"),
}


@dataclass(frozen=True)
class OddRequest:
    """One thing to send, for `FlaskClient.open`."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "query_string": sendable(self.query),
            "data": self.body,
            "content_type": self.content_type or None,
            "headers": self.headers,
        }


def sendable(query: dict[str, str]) -> dict[str, str]:
    """Without half surrogate pairs, which no address can hold."""
    return {name: text.encode("utf-8", "replace").decode() for name, text in query.items()}


def bodies(random: Random, token: str) -> tuple[str, bytes]:
    """A content type and a body: JSON of every shape, forms with odd fields."""
    shapes: tuple[Any, ...] = (
        None, True, 0, 1e308, "", "x", [], [[]], {}, {"a": 1}, [None], {"csrf_token": 1},
        {"csrf_token": [token]},
        {"email": {"a": 1}, "password": []}, {"credential": {}}, {"credential": [1]},
        {"email": 1, "password": 2},
        {"code": {}}, {"code": None},
    )  # fmt: skip
    kind = random.randrange(6)
    if kind == 0:
        return "application/json", json.dumps(random.choice(shapes)).encode()
    if kind == 1:
        depth = random.choice((10, 1000, DEEP))
        opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
        inner = "" if opening == "[" else "1"
        return "application/json", (opening * depth + inner + closing * depth).encode()[:60_000]
    if kind == 2:
        return random.choice(TYPES), random.randbytes(random.randrange(200))
    fields = [("csrf_token", token)] * random.randrange(2)
    fields += [(random.choice(NAMES), random.choice(VALUES)) for _ in range(random.randrange(1, 8))]
    text = "&".join(f"{name}={_quoted(value)}" for name, value in fields)
    return "application/x-www-form-urlencoded", text.encode()


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogatepass"))


def paths(app: Flask, random: Random, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every route with each of its methods, once, its variables filled with known and odd values."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        values = {name: random.choice((*known, *VALUES[:12])) or "x" for name in rule.arguments}
        try:
            path = adapter.build(rule.endpoint, values, method=sorted(rule.methods or {"GET"})[0])
        except Exception:  # a value that its converter refuses
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, path


def odd(app: Flask, random: Random, token: str, known: tuple[str, ...]) -> Iterator[OddRequest]:
    """One odd request to each method of each route."""
    for method, path in paths(app, random, known):
        query = {random.choice(NAMES): random.choice(VALUES) for _ in range(random.randrange(4))}
        headers = {
            name: random.choice(HEADERS[name]) for name in random.sample(list(HEADERS), random.randrange(3))
        }
        if random.random() < 0.15:
            headers["Host"] = random.choice(HOSTS)
        content_type, body = bodies(random, token) if method not in ("GET",) else ("", b"")
        yield OddRequest(method, path, query, body, content_type, headers)
