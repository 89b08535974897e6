"""The secret that signs cookies is changed: who is signed in stays so, and second factors go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from screening.accounts import members
from screening.cli import main
from screening.core.errors import NotReady
from screening.operating import other_keys
from screening.service.held_keys import SECRET_BEFORE, SECRET_FILE
from screening.service.patient import Service
from screening.storage import people
from screening.storage.database import reading
from screening.storage.files import write_once
from screening.storage.sealing.keys import fresh_secret
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.conftest import MakeApp
from tests.staff.actors import Staff
from tests.staff.desk import body


@pytest.fixture
def reception(app: Flask, clock: Clock) -> Staff:
    member = Staff(app, clock, ("reception",))
    member.sign_in()
    return member


def with_the_cookies_of(browser: FlaskClient, app: Flask) -> FlaskClient:
    """The same browser after the service was started again."""
    after = app.test_client()
    for cookie in (browser._cookies or {}).values():
        after.set_cookie(cookie.key, cookie.value, path=cookie.path)
    return after


def encrypted(service: Service) -> set[str | None]:
    with reading(service.engine) as connection:
        return {member.totp_secret for member in people.everyone(connection)}


def test_open_pages_go_on_and_the_second_factor_works_under_either_secret_and_after(
    reception: Staff, make_app: MakeApp
) -> None:
    service, before = service_of(reception.app), encrypted(service_of(reception.app))
    opened = Page(reception.client.get("/staff/account"))
    other_keys.rotate_secret(service)
    app = make_app()
    assert encrypted(service) != before
    browser = with_the_cookies_of(reception.client, app)
    assert browser.get("/staff/account").status_code == 200
    assert browser.post("/staff/lock", data={"csrf_token": opened.token}).status_code == 303
    signs_in_again(reception, app)
    assert other_keys.finish_secret(service)
    app = make_app()
    old = with_the_cookies_of(browser, app)
    assert old.get("/staff/account").status_code != 200  # it was signed with the one of before alone
    signs_in_again(reception, app)


def signs_in_again(member: Staff, app: Flask) -> None:
    member.app, member.client = app, app.test_client()
    member.clock.forward(minutes=2)
    with reading(service_of(app).engine) as connection:
        kept = people.find(connection, email=member.email)
    assert kept is not None
    member.secret = str(kept.totp_secret)  # as their app has it: encrypted with the key of now
    member.sign_in()
    assert member.is_in


def test_cut_off_after_any_step_it_starts_and_goes_on(reception: Staff, make_app: MakeApp) -> None:
    service, folder = service_of(reception.app), service_of(reception.app).settings.instance
    write_once(folder / SECRET_BEFORE, (folder / SECRET_FILE).read_bytes())  # the first step alone
    signs_in_again(reception, make_app())
    (folder / SECRET_FILE).write_text(fresh_secret())  # the second one too
    signs_in_again(reception, make_app())
    assert other_keys.finish_secret(service)
    signs_in_again(reception, make_app())


def test_finished_before_the_service_was_started_again_the_second_factor_still_works(
    reception: Staff, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = service_of(reception.app).settings
    monkeypatch.setenv("SCREENING_INSTANCE", str(settings.instance))
    monkeypatch.setenv("SCREENING_DATABASE_URL", settings.database)
    for line in (["rotate", "--of", "secret"], ["rotate", "--of", "secret", "--finish"]):
        result = CliRunner().invoke(main, ["keys", *line])
        assert result.exit_code == 0, result.output
    signs_in_again(reception, make_app())


def test_who_set_an_app_up_under_a_secret_that_is_gone_is_told_and_comes_in_after_a_reset(
    reception: Staff, make_app: MakeApp
) -> None:
    service = service_of(reception.app)
    other_keys.rotate_secret(service)
    make_app()
    assert other_keys.finish_secret(service)
    app = make_app()
    late = Staff(reception.app, reception.clock, ("manager",))  # at a server that was not started again
    late.app, late.client = app, app.test_client()
    late.give_password()
    told = late.give_code("123456")
    signs_in_again(reception, app)
    reception.sign_out()
    reception.give_password()
    wrong = reception.give_code("000000")
    assert told.status == wrong.status == 422
    assert body(told) != body(wrong)
    assert not late.is_in
    found = members.find(service_of(app), email=late.email)
    assert found is not None
    members.reset_second_factor(service_of(app), None, found)
    assert late.give_password().path == "/staff/set-up-second-factor"


def test_by_setting_both_are_named_and_a_third_one_is_refused(make_app: MakeApp, tmp_path: Path) -> None:
    first, second, third = (
        f"{word}-0123456789-abcdefghijklmnopqrstuvwxyz" for word in ("un", "deux", "trois")
    )
    make_app(secret_key=first)
    make_app(secret_key=second, secret_key_before=first)
    make_app(secret_key=second)
    with pytest.raises(NotReady):
        make_app(secret_key=third, secret_key_before=first)
    with pytest.raises(NotReady):
        make_app(secret_key=first)
    assert not (tmp_path / "instance" / SECRET_FILE).exists()
