"""Whoever guesses passwords, as many as they are, takes no thread from those who ask for pages."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from screening.cli.pages_first import FOR_PASSWORDS, PagesFirst, takes_password

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


def test_while_every_password_that_may_is_looked_at_and_more_wait_a_page_is_answered() -> None:
    go_on, guess, page = Event(), asked("POST", "/staff/sign-in"), asked("GET", "/")
    guesses = [Waiting([guess], Event(), go_on) for _ in range(2 * FOR_PASSWORDS)]
    asks = Waiting([page], Event(), go_on)
    line = PagesFirst(1)
    for one_guess in guesses:
        line.add_task(one_guess)
    assert all(one_guess.begun.wait(PATIENCE) for one_guess in guesses[:FOR_PASSWORDS])
    line.add_task(asks)
    assert asks.begun.wait(PATIENCE)
    assert not any(one_guess.begun.is_set() for one_guess in guesses[FOR_PASSWORDS:])
    go_on.set()
    line.shutdown()


def test_those_who_wait_for_their_turn_get_it() -> None:
    go_on, guess = Event(), asked("POST", "/staff/sign-in")
    guesses = [Waiting([guess], Event(), go_on) for _ in range(2 * FOR_PASSWORDS)]
    line = PagesFirst(1)
    for one_guess in guesses:
        line.add_task(one_guess)
    go_on.set()
    assert all(one_guess.begun.wait(PATIENCE) for one_guess in guesses)
    line.shutdown()
