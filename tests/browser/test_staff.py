"""Three people, one request, a real browser: it arrives, must be reviewed, is reviewed, is booked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright
from werkzeug.serving import make_server

from screening.app import create_app
from screening.settings import load_settings
from tests.actors import Clock
from tests.staff.actors import STEP, Staff
from tests.staff.desk import TWO_FLAGS, arrives, at

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 800}


@pytest.fixture
def clock() -> Clock:
    """The service's time."""
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Flask:
    """A service on the embedded default."""
    return create_app(load_settings(instance=tmp_path / "instance", log_level="error"), clock)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where it listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Person:
    """Somebody at a screen of their own; `broken` collects what their browser complains of."""

    def __init__(self, browser: Browser, address: str, account: Staff, **options: Any) -> None:
        self.account, self.address = account, address
        self.context = browser.new_context(**({"viewport": WIDE} | options))
        self.page = self.context.new_page()
        self.broken: list[str] = []
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        self.page.on("console", lambda said: self._heard(said))

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and "status of" not in said.text:
            self.broken.append(said.text)

    def go(self, path: str) -> int:
        """Open a page; its status."""
        response = self.page.goto(self.address + path)
        assert response is not None
        return response.status

    def sign_in(self) -> None:
        """Password, then the code of the app."""
        self.go("/staff")
        self.page.fill("[name=email]", self.account.email)
        self.page.fill("[name=password]", self.account.password)
        self.press()
        self.account.clock.forward(seconds=STEP)
        self.page.fill("[name=code]", self.account.code())
        self.press()

    def press(self, within: str = "main") -> None:
        """The button of the form."""
        self.page.locator(f"{within} form button.govuk-button").first.click()
        self.page.wait_for_load_state()

    def has(self, words: str) -> bool:
        """Whether the words are to be read on the page."""
        return words in self.page.locator("main").inner_text()


def person(browser: Browser, address: str, account: Staff, **options: Any) -> Person:
    """Signed in."""
    one = Person(browser, address, account, **options)
    one.sign_in()
    return one


@pytest.mark.parametrize("scripts", [True, False])
def test_a_request_is_reviewed_and_then_booked(
    app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    accounts = Staff(app, clock, ("reception",)), Staff(app, clock, ("clinician",))
    desk, doctor = (person(chromium, address, one, java_script_enabled=scripts) for one in accounts)

    desk.go("/staff/requests")
    assert desk.has("(2)")
    desk.page.click(f"text={reference}")
    assert not desk.has("arfarin")
    assert desk.go(at(reference, "book")) == 409
    assert desk.go(at(reference, "review")) == 403
    desk.go(at(reference))
    desk.page.locator(f'form[action="{at(reference, "to-review")}"] button').click()

    doctor.go("/staff/review")
    doctor.page.click(f"text={reference}")
    assert doctor.has("arfarin")
    assert doctor.go(at(reference, "send-back")) == 409
    for flag in ("blood_thinners", "allergies"):
        doctor.go(at(reference, "review"))
        within = f"#flag-{flag}"
        doctor.page.locator(f"{within} input[value=proceed]").check()
        doctor.press(within)
    doctor.go(at(reference, "send-back"))
    doctor.page.fill("[name=next_step]", "Book half an hour")
    doctor.press()

    desk.go(at(reference))
    assert desk.has("Book half an hour")
    desk.go(at(reference, "book"))
    for part, text in {"day": "3", "month": "3", "year": "2027"}.items():
        desk.page.fill(f"[name=on-{part}]", text)
    desk.page.fill("[name=place]", "Room 7")
    desk.press()
    assert desk.has("Room 7")
    assert desk.broken + doctor.broken == []


def test_the_queue_is_worked_by_keys_which_can_be_turned_off(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    first = arrives(app)
    clock.forward(minutes=1)
    second = arrives(app)
    desk = person(chromium, address, Staff(app, clock, ("reception",)))
    desk.go("/staff/requests")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("k")
    assert desk.page.evaluate("document.activeElement.textContent") == first
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**{at(second)}")
    desk.go("/staff/requests")
    desk.page.fill("#search", "j")
    desk.page.focus("#search")
    desk.page.keyboard.press("j")
    assert desk.page.input_value("#search") in ("jj", "j")
    desk.page.click("[data-keys-switch]")
    desk.go("/staff/requests")
    desk.page.keyboard.press("j")
    assert desk.page.evaluate("document.activeElement.tagName") == "BODY"
    assert desk.broken == []


def test_no_page_is_wider_than_a_small_phone(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS, name="Wolfeschlegelsteinhausenbergerdorff", needs=["interpreter"])
    everyone = Staff(app, clock, ("reception", "clinician", "auditor"))
    one = person(chromium, address, everyone, viewport=NARROW)
    own = ["", "note", "call", "hand-over", "close", "book", "review", "print", "history"]
    pages = [at(reference, name) for name in own]
    pages += ["/staff/requests", "/staff/review", "/staff/entry", "/staff/exports", "/staff/audit"]
    pages += ["/staff/entry/lumbar-sympathetic-block", "/staff/paper/lumbar-sympathetic-block"]
    for path in pages:
        one.go(path)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
    assert one.broken == []
