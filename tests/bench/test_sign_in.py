"""How long a sign-in takes tells nobody whether there is such an account."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from flask import Flask

from screening.accounts import passwords
from tests.actors import Clock, Page
from tests.staff.actors import PASSWORD, Staff
from tests.thorough import asked

pytestmark = pytest.mark.bench
# Chance alone is outside LEAST to 1 - LEAST once in two or three thousand runs.
PAIRS, LEAST = asked((8, 0.02), (200, 0.40))


def test_known_and_unknown_accounts_take_the_same_time(
    app: Flask, clock: Clock, record_property: Callable[[str, object], None]
) -> None:
    """The area under the curve of telling them apart by time: 0.5 is chance."""
    reception = Staff(app, clock, ("reception",), hashed=passwords.hash_password(PASSWORD))
    took: dict[str, list[float]] = {reception.email: [], "nobody@clinic.example": []}
    for number in range(PAIRS):
        for email, times in sorted(took.items(), reverse=bool(number % 2)):  # neither is always the first
            clock.forward(minutes=16)
            client = reception.app.test_client()
            token = Page(client.get("/staff/sign-in")).token
            data = {"csrf_token": token, "email": email, "password": "not the password"}
            started = time.perf_counter()
            client.post("/staff/sign-in", data=data)
            times.append(time.perf_counter() - started)
    known, unknown = took.values()
    slower = [(a > b) + (a == b) / 2 for a in known for b in unknown]
    record_property("reached", f"area under the curve {statistics.mean(slower):.2f} of {PAIRS} pairs")
    assert LEAST <= statistics.mean(slower) <= 1 - LEAST  # an early return gives 1.00
