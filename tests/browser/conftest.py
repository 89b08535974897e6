"""One service and one browser for the session; cookies of their own for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Response, sync_playwright
from werkzeug.serving import make_server

from tests.browser.people import Patient
from tests.browser.serving import Server, serving

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",
    "--no-zygote",
    "--in-process-gpu",
]

CHROMIUM = os.environ.get("SCREENING_TEST_CHROMIUM", "")
MakePatient = Callable[..., Patient]


def pytest_runtest_setup() -> None:
    """Skips from here and not from a fixture, which would say so once for each test."""
    if not CHROMIUM:
        pytest.skip("set SCREENING_TEST_CHROMIUM=/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that SCREENING_TEST_CHROMIUM names."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _leave(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever sat at a browser leaves after the test: pages that stay open go on asking for the time."""
    yield
    if "chromium" in request.fixturenames:
        for context in request.getfixturevalue("chromium").contexts:
            context.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service on the shipped rules; drafts belong to cookies, so that tests share it."""
    with serving(tmp_path_factory.mktemp("instance")) as running:
        yield running


class Watch:
    """What must not happen on any page: errors, refused content, dialogs, words to strangers."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        context.on("request", lambda request: self._foreign(request.url))
        context.on("response", self._response)
        context.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        # A page that comes back with 4xx is told of here too; `_response` knows which were meant.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _foreign(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"foreign request: {url}")

    def _response(self, response: Response) -> None:
        asked_for = response.request.resource_type == "document"
        if response.status >= 400 and not asked_for:
            self.complaints.append(f"{response.status} for {response.url}")

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """Asks at the end of a test whether anything went wrong unseen."""
    watching = Watch(server.address)
    yield watching
    assert watching.complaints == []


@pytest.fixture
def make_patient(chromium: Browser, watch: Watch, server: Server) -> Iterator[MakePatient]:
    """Seats patients, each at a fresh browser; `javascript=False` and Playwright's options by keyword."""
    contexts: list[BrowserContext] = []

    def make(*, javascript: bool = True, **options: Any) -> Patient:
        context = chromium.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(10_000)
        watch.over(context)
        contexts.append(context)
        return Patient(context.new_page(), server)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def patient(make_patient: MakePatient) -> Patient:
    """A patient at a usual desktop browser."""
    return make_patient()


# For staff: the service of each test, in this process, so that its clock can be moved.


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where it listens; by name, because passkeys belong to names and not to numbers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
