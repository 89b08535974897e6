"""The manager's pages: what they are given of an account is no more than what they may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest
from flask import Flask, template_rendered

from screening.accounts import members
from screening.storage import people
from screening.storage.database import reading
from screening.web.door import service_of
from tests.staff.actors import Staff

OF_FLASK = {"g", "request", "session"}  # they are of this request, and not what a page is given


@pytest.fixture
def colleague(app: Flask, clinician: Staff) -> members.ShownAccount:
    """Somebody who has all there is to keep secret."""
    clinician.comes_in()
    clinician.post("/staff/recovery-codes", {"generate_new_codes": "1"})
    account = members.find(service_of(app), id=clinician.id)
    assert account is not None
    return account


def secrets_of(app: Flask) -> set[str]:
    """Every hash, secret and code of every account, as it is kept."""
    with reading(service_of(app).engine) as connection:
        found = people.everyone(connection)
    kept = {text for member in found for text in (member.password, member.uniquifier, member.passkey_handle)}
    codes = {code for member in found for code in member.recovery_codes}
    return kept | codes | {member.totp_secret for member in found if member.totp_secret}


def texts_in(value: object, seen: set[int]) -> Iterator[str]:
    """All text that a template could read from a value of its context."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
        return
    inner: list[object] = []
    if isinstance(value, Mapping):
        inner += value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inner += value
    elif is_dataclass(value):
        inner += [getattr(value, part.name) for part in fields(value)]
    elif type(value).__module__.startswith(("screening.", "werkzeug.local")):  # LocalProxy shows its own
        inner += vars(value).values()
    for part in inner:
        yield from texts_in(part, seen)


def test_no_page_of_the_team_is_given_a_secret_of_an_account(
    app: Flask, manager: Staff, colleague: members.ShownAccount
) -> None:
    manager.comes_in()
    hidden = secrets_of(app)
    given: list[set[str]] = []

    def look(_app: Flask, context: dict[str, object], **_: object) -> None:
        mine = {name: value for name, value in context.items() if name not in OF_FLASK}
        given.append(set(texts_in(mine, set())))

    of_one = f"/staff/people/{colleague.id}"
    with template_rendered.connected_to(look, app):
        for path in ("/staff/people", "/staff/people/add", of_one):
            assert manager.go(path).status == 200
        assert manager.post(f"{of_one}/reset").status == 200
    hidden |= secrets_of(app)  # the reset made others
    assert any(colleague.email in texts for texts in given)
    assert [texts & hidden for texts in given] == [set()] * len(given)


def test_the_list_knows_who_has_a_second_factor_still_to_set_up(
    app: Flask, colleague: members.ShownAccount
) -> None:
    made = members.reset(service_of(app), None, colleague)
    assert colleague.second_factor
    assert members.find(service_of(app), id=colleague.id) == made.member
    assert not made.member.second_factor
