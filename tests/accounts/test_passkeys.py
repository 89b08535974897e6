"""Passkeys against somebody who makes up what browsers send: each answer counts once, where it was asked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screening.storage.database import reading
from screening.storage.tables import events, passkeys
from screening.web.door import service_of
from tests.accounts.devices import PRESENT, VERIFIED, Device, answer, begin
from tests.actors import Clock
from tests.staff.actors import Staff

NEW, SIGN_IN = "/staff/passkeys", "/staff/passkey"


def names(app: Flask) -> list[str]:
    with reading(service_of(app).engine) as connection:
        return sorted(connection.scalars(passkeys.select().with_only_columns(passkeys.c.name)))


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/account").status_code == 200


@pytest.fixture
def device(reception: Staff, clock: Clock) -> Device:
    """Reception's, who is signed out again."""
    made = Device()
    reception.sign_in()
    asked = begin(reception.client, NEW, name="desk")
    answer(reception.client, asked, made.makes(asked.challenge))
    reception.sign_out()
    clock.forward(minutes=1)
    return made


def tries(app: Flask, device: Device, **how: Any) -> bool:
    """Whether this lets in a browser that asked."""
    client = app.test_client()
    asked = begin(client, SIGN_IN)
    answer(client, asked, device.signs(asked.challenge, **how))
    return is_in(client)


def test_a_device_that_is_known_lets_in(app: Flask, device: Device) -> None:
    assert tries(app, device)


@pytest.mark.parametrize(
    "how",
    [
        {"origin": "https://clinic.example"},
        {"host": "clinic.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"kind": "webauthn.create"},
        {"counts": 0},
        {"counts": -1},
    ],
)
def test_what_was_signed_elsewhere_otherwise_or_by_a_copy_lets_nobody_in(
    app: Flask, device: Device, clock: Clock, how: dict[str, Any]
) -> None:
    assert tries(app, device)
    clock.forward(minutes=1)
    assert not tries(app, device, **how)


def test_another_device_that_goes_by_its_name_lets_nobody_in(app: Flask, device: Device) -> None:
    assert not tries(app, Device(id=device.id, used=device.used))


def test_a_challenge_of_another_browser_lets_nobody_in(app: Flask, device: Device) -> None:
    """Whoever takes what somebody signed on its way has not asked for it."""
    asked = begin(app.test_client(), SIGN_IN)
    thief = app.test_client()
    token = begin(thief, SIGN_IN).token
    answer(thief, asked, device.signs(asked.challenge), token)
    assert not is_in(thief)


def test_whoever_gave_the_password_may_go_on_with_a_passkey(reception: Staff, device: Device) -> None:
    reception.give_password()
    asked = begin(reception.client, SIGN_IN)
    answer(reception.client, asked, device.signs(asked.challenge))
    assert reception.is_in


def test_a_clock_that_was_fast_locks_no_passkey_out_once_it_is_right(
    app: Flask, device: Device, clock: Clock
) -> None:
    clock.forward(hours=3)
    assert tries(app, device)
    clock.forward(hours=-2)
    assert tries(app, device)


def test_a_colleague_at_a_desk_that_was_left_adds_no_passkey_without_the_password(
    app: Flask, clock: Clock, reception: Staff
) -> None:
    """Nor with what their own browser was asked, or this one before."""
    colleague = Staff(app, clock, ("reception",), email="colleague@clinic.example")
    for one in (colleague, reception):
        one.sign_in()
    theirs, token = begin(colleague.client, NEW, name="theirs"), reception.token()
    answer(reception.client, theirs, Device().makes(theirs.challenge), token)
    begun = begin(reception.client, NEW, name="begun")
    answer(reception.client, begun, Device().makes(begun.challenge))
    answer(reception.client, begun, Device().makes(begun.challenge), token)
    assert names(app) == ["begun"]


def test_what_was_asked_for_signing_in_makes_no_passkey_nor_the_other_way(
    app: Flask, reception: Staff, device: Device
) -> None:
    reception.sign_in()
    begun = begin(reception.client, NEW, name="other")
    moved = begun.action.replace(NEW, SIGN_IN)
    reception.client.post(
        moved, data={"csrf_token": begun.token, "credential": device.signs(begun.challenge)}
    )
    asked = begin(app.test_client(), SIGN_IN)
    moved = asked.action.replace(SIGN_IN, NEW)
    sent = {"csrf_token": reception.token(), "credential": Device().makes(asked.challenge)}
    assert reception.client.post(moved, data=sent).status_code == 302
    assert names(app) == ["desk"]


@pytest.mark.parametrize("said", ["no JSON", '{"credProps": 1}', "[]", {"credProps": 1}, "x" * 100_000])
def test_whatever_a_browser_says_of_a_new_key_the_page_of_passkeys_opens(
    app: Flask, reception: Staff, said: object
) -> None:
    reception.sign_in()
    begun = begin(reception.client, NEW, name="odd")
    answer(reception.client, begun, Device().makes(begun.challenge, extensions=said))
    assert names(app) == ["odd"]
    assert reception.go(NEW).status == 200


@pytest.mark.parametrize("form", ["packed", "fido-u2f", "android-safetynet", "nonsense"])
def test_rubbish_where_a_device_says_who_made_it_makes_no_passkey_and_no_error(
    app: Flask, reception: Staff, form: str
) -> None:
    reception.sign_in()
    begun = begin(reception.client, NEW, name="odd")
    rubbish = {"ver": "1", "response": b"a.b.c", "alg": -7, "sig": b"x", "x5c": [b"x"]}
    made = Device().makes(begun.challenge, statement={"fmt": form, "attStmt": rubbish})
    assert answer(reception.client, begun, made).status == 302
    assert names(app) == []


def test_a_stranger_with_rubbish_writes_twenty_lines_into_the_audit_and_is_told_to_wait(app: Flask) -> None:
    answers, client = [], app.test_client()
    for _ in range(25):
        asked = begin(client, SIGN_IN)
        answers.append(answer(client, asked, Device().signs(asked.challenge)).status)
    assert answers == [302] * 20 + [429] * 5
    with reading(service_of(app).engine) as connection:
        actions = connection.scalars(events.select().with_only_columns(events.c.action)).all()
    assert actions.count("sign_in_failed") == 20
