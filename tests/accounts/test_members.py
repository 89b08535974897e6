"""Accounts as pages and commands see them: nothing that lets anybody in."""

from __future__ import annotations

from dataclasses import fields

from flask import Flask

from screening.accounts import members
from screening.accounts.members import ShownAccount
from screening.storage import people
from screening.storage.database import reading
from screening.web.door import service_of
from tests.staff.actors import Staff


def test_pages_are_given_no_secret_of_an_account(app: Flask, manager: Staff) -> None:
    manager.sign_in()
    with reading(service_of(app).engine) as connection:
        kept = people.find(connection, id=manager.id)
    assert kept is not None
    shown = members.find(service_of(app), id=manager.id)
    for secret in (
        kept.password,
        kept.totp_secret,
        kept.uniquifier,
        kept.passkey_handle,
        *kept.recovery_codes,
    ):
        assert secret
        assert secret not in repr(shown)
        for page in ("people", f"people/{manager.id}", "account"):
            assert secret not in manager.go(f"/staff/{page}").response.get_data(as_text=True)
    assert {field.name for field in fields(ShownAccount)} & {"password", "totp_secret", "uniquifier"} == set()
    assert shown is not None
    assert shown.second_factor
