"""Whoever guesses passwords, or sends, as many as they are, takes no thread from those who ask for pages."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from flask import Flask

from screening.cli.pages_first import LINES, SENDING, PagesFirst, sends, takes_password

PATIENCE = 20  # seconds until a wait is a failure


def asked(command: str, path: str) -> SimpleNamespace:
    return SimpleNamespace(command=command, path=path, error=None)


class Waiting(NamedTuple):
    """A connection whose answer takes until somebody says so."""

    requests: list[SimpleNamespace]
    begun: Event
    go_on: Event

    def service(self) -> None:
        self.begun.set()
        self.go_on.wait(PATIENCE)

    def cancel(self) -> None:
        """Never answered: the server ends."""


@pytest.mark.parametrize("path", ["/staff/sign-in", "/staff/confirm-password", "/staff/change-password"])
def test_what_takes_a_password_is_known_before_a_thread_is_spent_on_it(path: str) -> None:
    assert takes_password(asked("POST", path))
    assert not takes_password(asked("GET", path))
    assert not takes_password(SimpleNamespace(error="no HTTP"))  # waitress sets nothing else then


@pytest.mark.parametrize("door", ["", "/staff/entry", "/at/north", "/at/north/staff/entry"])
def test_what_sends_is_known_too(door: str) -> None:
    assert sends(asked("POST", f"{door}/block/check-your-answers"))
    assert not sends(asked("GET", f"{door}/block/check-your-answers"))
    assert not sends(asked("POST", f"{door}/block/name"))
    assert not sends(SimpleNamespace(error="no HTTP"))


def test_every_address_that_sends_is_told_from_those_that_save(app: Flask) -> None:
    ends = {str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.endswith(".check")}
    assert ends
    assert all(rule.endswith(SENDING) for rule in ends)


@pytest.mark.parametrize(
    ("path", "threads"), [("/staff/sign-in", LINES[takes_password]), (SENDING, LINES[sends])]
)
def test_while_all_are_answered_that_may_and_more_wait_a_page_is_answered(path: str, threads: int) -> None:
    go_on, slow, page = Event(), asked("POST", path), asked("GET", "/")
    many = [Waiting([slow], Event(), go_on) for _ in range(2 * threads)]
    asks = Waiting([page], Event(), go_on)
    line = PagesFirst(1)
    for one in many:
        line.add_task(one)
    assert all(one.begun.wait(PATIENCE) for one in many[:threads])
    line.add_task(asks)
    assert asks.begun.wait(PATIENCE)
    assert not any(one.begun.is_set() for one in many[threads:])
    go_on.set()
    line.shutdown()


@pytest.mark.parametrize("path", ["/staff/sign-in", SENDING])
def test_those_who_wait_for_their_turn_get_it(path: str) -> None:
    go_on, slow = Event(), asked("POST", path)
    many = [Waiting([slow], Event(), go_on) for _ in range(6)]
    line = PagesFirst(1)
    for one in many:
        line.add_task(one)
    go_on.set()
    assert all(one.begun.wait(PATIENCE) for one in many)
    line.shutdown()
