"""Twelve hours end a sign-in, whatever gives its session another id meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.accounts.test_session_ends import end_by_password, end_by_second_factor
from tests.actors import Clock
from tests.staff.actors import Staff

pytestmark = pytest.mark.usefixtures("quick_hashes")


def lock_and_unlock(somebody: Staff) -> None:
    somebody.post("/staff/lock")
    somebody.post("/staff/locked", {"password": somebody.password})


@pytest.mark.parametrize("renews", [lock_and_unlock, end_by_password, end_by_second_factor])
def test_what_gives_a_session_another_id_does_not_put_off_the_end_of_the_sign_in(
    reception: Staff, clock: Clock, renews: Any
) -> None:
    reception.sign_in()
    began = clock()
    for _ in range(12 * 6 - 6):
        clock.forward(minutes=10)
        assert reception.is_in
    renews(reception)
    assert reception.is_in
    while clock() + timedelta(minutes=10) < began + timedelta(hours=12):
        clock.forward(minutes=10)
        assert reception.is_in
    clock.forward(minutes=10)
    assert not reception.is_in
