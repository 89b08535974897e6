"""Hashes of passwords: one of nobody costs as much to look at as one of somebody."""

from __future__ import annotations

import argon2

from screening.accounts import passwords


def test_a_hash_of_nobody_is_made_at_no_cost_and_costs_as_much_to_verify_as_any() -> None:
    of_somebody = argon2.extract_parameters(passwords.hash_password("plain-lantern-ferry-42"))
    assert argon2.extract_parameters(passwords._nobody) == of_somebody


def test_no_password_belongs_to_nobody() -> None:
    assert not passwords.is_right("plain-lantern-ferry-42", None)
    assert not passwords.is_right("", None)
