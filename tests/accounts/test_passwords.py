"""Hashes of passwords: one of nobody costs as much to look at as one of somebody."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Semaphore, Thread

import argon2
import pytest

from screening.accounts import passwords
from screening.core.errors import Unavailable


def test_a_hash_of_nobody_is_made_at_no_cost_and_costs_as_much_to_verify_as_any() -> None:
    of_somebody = argon2.extract_parameters(passwords.hash_password("plain-lantern-ferry-42"))
    assert argon2.extract_parameters(passwords._nobody) == of_somebody


def test_no_password_belongs_to_nobody() -> None:
    assert not passwords.is_right("plain-lantern-ferry-42", None)
    assert not passwords.is_right("", None)


def test_of_many_at_once_one_is_looked_at_few_wait_and_the_rest_are_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else they would take every thread that answers pages, every core, and 64 MB each."""
    here, most, go_on = Lock(), Semaphore(1), Event()

    class Slow:
        def verify(self, _kept: str, _password: str) -> bool:
            assert most.acquire(blocking=False)
            go_on.wait(20)
            go_on.set()  # where it came to nothing, once is enough
            most.release()
            return True

    told: list[object] = []

    def guess() -> None:
        try:
            with passwords.turn():
                said: object = passwords.is_right("guess", "kept")
        except Unavailable:
            said = Unavailable
        with here:
            told.append(said)
            if told.count(Unavailable) == 13:
                go_on.set()

    monkeypatch.setattr(passwords, "_hasher", Slow())
    guessers = [Thread(target=guess) for _ in range(16)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    assert (told.count(True), told.count(Unavailable)) == (3, 13)


def test_passwords_are_looked_at_where_no_thread_may_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_given: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuses)
    monkeypatch.setattr(
        passwords, "_looking", ThreadPoolExecutor(1, initializer=passwords._looking._initializer)
    )
    assert passwords.is_right("a password", passwords.hash_password("a password"))
    passwords._looking.shutdown()
