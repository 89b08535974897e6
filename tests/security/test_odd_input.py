"""Whatever a client sends: no answer says that it was our fault, and each carries our headers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from random import Random
from socket import create_connection
from threading import Thread
from time import monotonic

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screening.cli.server import listening
from screening.settings.environment import load_settings
from screening.web.headers import HEADERS
from tests import thorough
from tests.actors import Clock, Page, Patient
from tests.conftest import MakeApp
from tests.security.odd_input import DEEP, HOSTS, VALUES, odd, sendable
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives
from tests.thorough import usually
from tests.usual import TREATMENT

# To every route, as five people.
ROUNDS = int(os.environ.get("SCREENING_TEST_ODD_ROUNDS", usually(1, thorough=6)))
LEAVING = {"/staff/sign-out", "/staff/lock"}
ROLES = ("reception", "clinician", "manager", "auditor")


@pytest.fixture
def served(make_app: MakeApp, database_url: str) -> Flask:
    """On each database in turn."""
    return make_app(database_url=database_url)


def test_no_answer_is_our_fault_and_each_has_our_headers(served: Flask, clock: Clock) -> None:
    references = [arrives(served, **TWO_FLAGS), arrives(served, name="Anna Example")]
    members = [Staff(served, clock, (role,)) for role in ROLES]
    patient = Patient(served)
    patient.fill_in()
    for member in members:
        member.sign_in()
    random = Random(7)
    known = (*references, "lumbar-sympathetic-block", "pregnancy", "note", "book", members[0].id, "raise")
    sent, wrong = 0, []
    for _ in range(ROUNDS):
        for client in (patient.client, *(member.client for member in members)):
            for asked in odd(served, random, token_of(client), known):
                if asked.path in LEAVING:
                    continue
                answer = client.open(asked.path, **asked.options())
                sent += 1
                content = answer.get_data()
                answer.close()
                if answer.status_code >= 500 or any(
                    answer.headers.get(name) != value for name, value in HEADERS.items()
                ):
                    wrong.append((answer.status_code, asked, content[:80]))
    assert sent > 100 * ROUNDS
    assert wrong == []


def token_of(client: FlaskClient) -> str:
    """One that counts in this browser's session."""
    return Page(client.get("/lumbar-sympathetic-block/delete-my-answers")).token


ARGUMENTS = (
    "after",
    "before",
    "find",
    "trail",
    "status",
    "treatment",
    "owner",
    "list",
    "waiting",
    "who",
    "done",
)
DAYS = ("1-1-1", "31-12-9999", "1-1-10000", "0-0-0", "-1--1--1", "99999999999999999999-1-1")
FAR = (
    *VALUES[16:24],
    "9" * 30,
    "-" + "9" * 30,
    "1." + "9" * 30 + ".x",
    "9" * 25 + ".2026-01-01T00:00:00+00:00.x",
)


def queries() -> Iterator[dict[str, str]]:
    """Each argument with values that are far out: usually each with every third, each value with some."""
    step = usually(3, thorough=1)
    for number, name in enumerate(ARGUMENTS):
        yield from ({name: value} for value in FAR[number % step :: step])
    for day in DAYS:
        parts = dict(zip(("day", "month", "year"), day.rsplit("-", 2), strict=True))
        for name in ("since", "until"):
            yield {f"{name}-{part}": text for part, text in parts.items()}
            yield {name: day}


def test_addresses_with_figures_and_days_out_of_range_are_answered(served: Flask, clock: Clock) -> None:
    arrives(served)
    for role, path in (("reception", "requests"), ("clinician", "review"), ("auditor", "audit")):
        who = Staff(served, clock, (role,))
        who.sign_in()
        assert who.go(f"/staff/{path}").status == 200
        for query in queries():
            answer = who.client.get(f"/staff/{path}", query_string=sendable(query))
            assert answer.status_code < 500, query


def test_json_is_refused_however_deep(served: Flask, clock: Clock) -> None:
    reception = Staff(served, clock, ("reception",))
    reception.sign_in()
    bodies = ("[" * DEEP, '{"a":' * 10_000 + "1" + "}" * 10_000, "[]", "null", '{"email": 1}')
    for path in ("/staff/sign-in", "/staff/passkeys", "/lumbar-sympathetic-block/pain_where", "/staff"):
        for body in bodies:
            for client in (reception.client, served.test_client()):
                for method in ("GET", "POST"):
                    answer = client.open(path, method=method, data=body, content_type="application/json")
                    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("host", HOSTS[2:])
def test_an_odd_host_is_answered_by_us(served: Flask, host: str) -> None:
    answer = served.test_client().get("/", headers={"Host": host})
    assert (answer.status_code < 500, {*HEADERS.items()} <= {*answer.headers.items()}) == (True, True)


ORIGINS = {
    "http://localhost": True, "https://localhost": False, "http://localhost:8080": False, "null": False,
    "http://": False, "http://[": False, "ws://localhost": False, "http://localhost.evil.example": False,
}  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_only_the_very_same_origin_may_post(served: Flask, origin: str) -> None:
    patient = Patient(served)
    patient.go("urgent")
    status = patient.post("pain_where", follow=False, Origin=origin).status
    assert (status != 403) is ORIGINS[origin]


AT_ONCE = thorough.asked(10.0, 1.0)  # seconds; measured in make guarantees alone
RAW = {
    "too large": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
    "headers too long": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\r\n\r\n",
    "a bad length": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n",
    "bare line ends": b"GET / HTTP/1.1\nHost: localhost\r\nX : y\r\n\r\n",
    "a length of too many digits": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
    + b"9" * 5_000
    + b"\r\n\r\n",
    "an address that is none": b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "waits to be told to send what is too large": (
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"
    ),
    "waits to be told to send what has no length": (
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: x\r\n\r\n"
    ),
}


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """Where the service listens, as `screening serve` has it."""
    server = listening(app, load_settings(host="127.0.0.1", port=0))
    Thread(target=server.run, daemon=True).start()
    yield server.effective_port
    server.close()


def test_a_form_that_is_far_too_long_comes_back_on_a_page_of_ours(port: int) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", f"/{TREATMENT}/medicines", b"answer-medicines=" + b"x" * 3_000_000, form)
        with connection.getresponse() as answer:
            assert answer.status == 413
            assert b'href="#answer-medicines"' in answer.read()


ENDLESS = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
TOO_MUCH = {
    "10 GB declared": b"Content-Length: 10000000000\r\n\r\n" + b"a" * 1_000_000,
    "10 MB chunked": b"Transfer-Encoding: chunked\r\n\r\n" + (b"186a0\r\n" + b"a" * 100_000 + b"\r\n") * 100,
    "8,000 keys": b"Content-Length: 32000\r\n\r\n" + b"a=1&" * 8_000,
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_far_too_much_is_refused_at_once(
    port: int, name: str, record_property: Callable[[str, object], None]
) -> None:
    with create_connection(("127.0.0.1", port), timeout=10) as client:
        begun = monotonic()
        with suppress(OSError):  # it was refused before all was said
            client.sendall(ENDLESS + TOO_MUCH[name])
        status = client.recv(65536).split()[1].decode()
        took = monotonic() - begun
    record_property("reached", f"{name}: {status} after {took:.2f} s")
    assert status in ("400", "413")
    assert took < AT_ONCE


def test_what_the_server_refuses_before_the_app_carries_our_headers(port: int) -> None:
    for name, sent in RAW.items():
        with create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(sent)
            head = client.recv(65536).partition(b"\r\n\r\n")[0].decode()
        status, *lines = head.split("\r\n")
        found = dict(line.split(": ", 1) for line in lines)
        assert int(status.split()[1]) < 500, (name, status)
        assert {header for header, value in HEADERS.items() if found.get(header) != value} == set(), name


def test_who_waits_to_be_told_to_send_nothing_is_answered_before_the_next_request_is_read(port: int) -> None:
    with create_connection(("127.0.0.1", port), timeout=10) as client:
        for wants in (b"GET /health HTTP/1.1\r\nExpect: 100-continue\r\n", b"GET /no-such-page HTTP/1.1\r\n"):
            client.sendall(wants + b"Host: localhost\r\n\r\n")
            with HTTPResponse(client) as answer:
                answer.begin()
                assert answer.status == (200 if b"health" in wants else 404)
                answer.read()


def test_a_body_that_ends_in_two_places_is_refused(port: int) -> None:
    with create_connection(("127.0.0.1", port), timeout=10) as client:
        ends = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + ends)
        assert client.recv(65536).split()[1] == b"400"
