"""Getting in and out at a real browser: first sign-in, passkeys, the lock, the end of a session."""

from __future__ import annotations

import pytest
from flask import Flask
from passlib.totp import TOTP
from playwright.sync_api import Browser, Request

from screening.accounts import members
from screening.storage import standing
from screening.storage.database import reading, writing
from screening.storage.tables import passkeys
from screening.web.door import service_of
from tests.actors import Clock
from tests.browser.colleagues import Person, person
from tests.staff.actors import STEP, Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.thorough import usually

pytestmark = pytest.mark.browser

NEW = "seven-orange-kettles-sing"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def code_of(key: str, clock: Clock) -> str:
    """What an app shows to which the key was typed."""
    clock.forward(seconds=STEP)
    return str(TOTP(key=key, format="base32").generate(time=clock().timestamp()).token)


def fill_and_press(one: Person, **fields: str) -> None:
    for name, text in fields.items():
        one.page.fill(f"[name={name}]", text)
    one.press()


def press_on_top(one: Person, action: str) -> None:
    """A button beside the person's name."""
    one.page.locator(f'header form[action="{action}"] button').click()
    one.page.wait_for_load_state()


@pytest.mark.parametrize("scripts", usually([False], thorough=[True, False]))
def test_a_new_member_of_staff_gets_in_for_the_first_time_and_again(
    app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool
) -> None:
    made = members.add(
        service_of(app), None, email="new@clinic.example", name="New Person", roles=["reception"]
    )
    assert made is not None
    account = Staff(app, clock, ("reception",), email="another@clinic.example")
    one = Person(chromium, address, account, java_script_enabled=scripts)
    one.go("/staff")
    fill_and_press(one, email="new@clinic.example", password=made.password)
    one.press()
    assert one.page.locator("main svg").bounding_box() is not None
    key = one.page.locator("main .clinic-reference").inner_text()
    fill_and_press(one, code=code_of(key, clock))
    assert one.at() == "/staff/change-password"
    fill_and_press(one, password=made.password, new_password=NEW, new_password_confirm=NEW)
    assert one.at() == "/staff/account"
    one.go("/staff/recovery-codes")
    one.press()
    codes = one.page.locator("main .clinic-reference").all_inner_texts()
    assert len(set(codes)) == 10
    for path, code in (("second-factor", code_of(key, clock)), ("recovery-code", codes[0])):
        press_on_top(one, "/staff/sign-out")
        fill_and_press(one, email="new@clinic.example", password=NEW)
        one.go(f"/staff/{path}")
        fill_and_press(one, code=code)
        assert one.at() == "/staff/requests"
    press_on_top(one, "/staff/sign-out")
    fill_and_press(one, email="new@clinic.example", password=NEW)
    one.go("/staff/recovery-code")
    fill_and_press(one, code=codes[0])
    assert one.at() == "/staff/recovery-code"
    assert one.broken == []


def test_a_locked_screen_shows_nothing_until_the_password(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app)
    one = person(chromium, address, Staff(app, clock, ("reception",)))
    one.go(at(reference))
    press_on_top(one, "/staff/lock")
    assert not one.has(reference)
    one.page.go_back()
    assert not one.has(reference)
    fill_and_press(one, password=one.account.password)
    assert one.at() == at(reference)
    assert one.broken == []


# Passkeys


@pytest.fixture
def keyholder(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    """Reception, signed out again after adding a passkey."""
    one = Person(chromium, address, Staff(app, clock, ("reception",)))
    session = one.context.new_cdp_session(one.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    one.sign_in()
    one.go("/staff/passkeys")
    one.page.fill("[name=name]", "Key on my desk")
    with one.page.expect_response(lambda answer: "/staff/passkeys/" in answer.url):
        one.press()
    one.page.locator('main form[action="/staff/forget-passkey"]').wait_for()
    press_on_top(one, "/staff/sign-out")
    clock.forward(minutes=1)
    return one


def use_passkey(one: Person) -> Request:
    """Sign in with the passkey; what the browser sent."""
    one.go("/staff/passkey")
    with one.page.expect_request(lambda sent: "/staff/passkey/" in sent.url) as sent:
        one.press()
    one.page.locator(".staff-nav, .govuk-error-summary").first.wait_for()
    return sent.value


def test_a_passkey_lets_in_without_a_password(keyholder: Person, clock: Clock) -> None:
    for _ in range(2):
        use_passkey(keyholder)
        assert keyholder.at() == "/staff/requests"
        press_on_top(keyholder, "/staff/sign-out")
        clock.forward(minutes=1)
    assert keyholder.broken == []


def test_a_disabled_account_has_no_use_for_its_passkey(keyholder: Person, app: Flask) -> None:
    member = members.find(service_of(app), id=keyholder.account.id)
    assert member is not None
    members.set_active(service_of(app), None, member, active=False)
    use_passkey(keyholder)
    assert keyholder.at() == "/staff/passkey"
    keyholder.go("/staff")
    assert keyholder.at() == "/staff/sign-in"


def test_a_removed_passkey_opens_nothing(keyholder: Person) -> None:
    use_passkey(keyholder)
    keyholder.go("/staff/passkeys")
    keyholder.page.locator('main form[action="/staff/forget-passkey"] button').click()
    press_on_top(keyholder, "/staff/sign-out")
    use_passkey(keyholder)
    assert keyholder.at() == "/staff/passkey"


def test_what_a_passkey_signed_once_lets_nobody_in_again(keyholder: Person, app: Flask) -> None:
    """Also where the key does not count its uses, as those of phones do not."""
    sent = use_passkey(keyholder)
    assert keyholder.at() == "/staff/requests"
    path = sent.url.removeprefix(keyholder.address)
    credential = dict(sent.post_data_json or {})["credential"]
    _forget_counts(app)
    thief = app.test_client()
    base = {"base_url": keyholder.address}
    page = thief.get("/staff/passkey", **base)
    token = _token(page.get_data(as_text=True))
    thief.post(path, data={"csrf_token": token, "credential": credential}, **base)
    assert thief.get("/staff/requests", **base).status_code == 303


def _forget_counts(app: Flask) -> None:
    with writing(service_of(app).engine) as connection:
        connection.execute(passkeys.update().values(sign_count=0))


def _token(text: str) -> str:
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


# The end of a session


def test_the_warning_comes_two_minutes_before_and_staying_puts_the_end_off(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app)
    one = person(chromium, address, Staff(app, clock, ("reception",)))
    one.page.clock.install()
    one.go(at(reference))
    warning = one.page.locator("[data-expiry]")
    pass_time(one, minutes=12)
    assert not warning.is_visible()
    pass_time(one, minutes=1, seconds=30)
    assert warning.is_visible()
    warning.locator("button").click()
    warning.wait_for(state="hidden")
    pass_time(one, minutes=12)
    assert one.has(reference)
    assert not warning.is_visible()
    assert one.broken == []


def pass_time(one: Person, **by: int) -> None:
    """For the service and the browser alike."""
    one.account.clock.forward(**by)
    one.page.clock.fast_forward((by.get("minutes", 0) * 60 + by.get("seconds", 0)) * 1000)


def test_when_the_time_is_over_nothing_of_the_patient_stays_on_the_screen(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    one = person(chromium, address, Staff(app, clock, ("clinician",)))
    one.page.clock.install()
    one.go(at(reference, "review"))
    pass_time(one, minutes=14)
    pass_time(one, minutes=1, seconds=5)
    one.page.wait_for_url("**/staff/ended**")
    assert not one.has("arfarin")
    assert one.broken == []


WRITTEN = {  # each kind of form that staff write in: the field for words, and what is chosen beside it
    "note": ("note", ""),
    "call": ("note", "[name=outcome][value=no_answer]"),
    "raise": ("told", ""),
    "identity": ("how", "[name=checked][value=yes]"),
    "urgent": ("reason", ""),
    "ask-to-close": ("reason", ""),
    "hand-over": ("note", ""),
    "duplicate": ("reference", ""),
    "review": ("kidney_liver-note", "[name=kidney_liver-decision][value=proceed]"),
}


@pytest.mark.parametrize("page", usually(["note", "identity", "ask-to-close", "review"], thorough=[*WRITTEN]))
def test_a_timer_saves_nothing_and_what_was_typed_is_there_after_signing_in(
    app: Flask, clock: Clock, address: str, chromium: Browser, page: str
) -> None:
    """Ready to be sent, and not sent: only its writer may do that."""
    reference, (name, choice) = arrives(app, **TWO_FLAGS), WRITTEN[page]
    roles = ("reception",) if page == "ask-to-close" else ("clinician",)
    one = person(chromium, address, Staff(app, clock, roles))
    one.page.clock.install()
    one.go(at(reference, page))
    one.page.fill(f"[name={name}]", "Half a thought")
    if choice:
        one.page.locator(choice).check()
    clock.forward(minutes=14, seconds=59)  # the session still counts when the page leaves
    one.page.clock.fast_forward(15 * 60 * 1000)
    clock.forward(seconds=2)
    one.page.clock.fast_forward(5 * 1000)
    one.page.wait_for_url("**/staff/ended**")
    assert "Half a thought" not in one.page.content()
    assert version_of(app, reference) == 1
    one.page.locator("main a.govuk-button").click()
    one.page.fill("[name=email]", one.account.email)
    one.page.fill("[name=password]", one.account.password)
    one.press()
    fill_and_press(one, code=next_code(one))
    assert one.at() == at(reference, page)
    assert one.page.input_value(f"[name={name}]") == "Half a thought"
    if choice:
        assert one.page.locator(choice).is_checked()
    assert version_of(app, reference) == 1


def test_words_that_cannot_be_kept_yet_are_tried_again_before_the_page_goes(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app)
    one = person(chromium, address, Staff(app, clock, ("reception",)))
    one.page.clock.install()
    one.go(at(reference, "note"))
    one.page.fill("[name=note]", "Half a thought")
    one.page.route("**/staff/keep-words", lambda route: route.fulfill(status=503), times=1)
    clock.forward(minutes=15, seconds=5)
    with one.page.expect_response(lambda answer: answer.status == 503):
        one.page.clock.fast_forward((15 * 60 + 5) * 1000)
    one.page.clock.run_for(60_000)  # until it asks again
    one.page.wait_for_url("**/staff/ended**")
    one.comes_in()
    one.go(at(reference, "note"))
    assert one.page.input_value("[name=note]") == "Half a thought"


def version_of(app: Flask, reference: str) -> int:
    with reading(service_of(app).engine) as connection:
        found = standing.load(connection, reference)
    assert found is not None
    return found.version


def test_somebody_else_at_the_same_screen_never_sees_the_words_of_the_one_before(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    one = person(chromium, address, Staff(app, clock, ("clinician",)))
    other = Staff(app, clock, ("clinician",), name="Other Doctor", email="other@clinic.example")
    other.comes_in()
    one.page.clock.install()
    one.go(at(reference, "review"))
    one.page.fill("[name=kidney_liver-note]", "Half a thought")
    pass_time(one, minutes=15, seconds=5)
    one.page.wait_for_url("**/staff/ended**")
    clock.forward(seconds=STEP)
    one.page.goto(address + "/staff/sign-in")
    one.page.fill("[name=email]", other.email)
    one.page.fill("[name=password]", other.password)
    one.press()
    fill_and_press(one, code=other.code())
    one.go(at(reference, "review"))
    assert "Half a thought" not in one.page.content()
    assert one.page.input_value("[name=kidney_liver-note]") == ""


def next_code(one: Person) -> str:
    one.account.clock.forward(seconds=STEP)
    return one.account.code()


def test_a_page_whose_session_another_page_kept_alive_stays(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app)
    one = person(chromium, address, Staff(app, clock, ("reception",)))
    one.page.clock.install()
    one.go(at(reference, "note"))
    one.page.fill("[name=note]", "Not sent")
    clock.forward(minutes=10)
    other = one.context.new_page()
    other.goto(address + "/staff/requests")
    clock.forward(minutes=6)
    one.page.clock.fast_forward(15 * 60 * 1000 + 5000)
    one.page.locator("[name=note]").wait_for(state="visible")
    assert one.page.input_value("[name=note]") == "Not sent"
    assert one.broken == []


def test_without_a_script_the_page_leaves_by_itself(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    one = person(chromium, address, Staff(app, clock, ("clinician",)), java_script_enabled=False)
    one.go(at(reference, "review"))
    assert one.page.locator('meta[http-equiv="refresh"]').count() == 0  # a decision may be half typed
    one.go("/staff/review")
    said = one.page.locator('meta[http-equiv="refresh"]').get_attribute("content") or ""
    seconds, _, onward = said.partition("; url=")
    assert 0 < int(seconds) <= 15 * 60 + 1
    assert onward.startswith("/staff/ended")
    assert one.go(onward) == 200
