"""A clinician reads a rule set and agrees to it at a real browser; what nobody ticked is not signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from screening.web.door import service_of
from tests.actors import Clock
from tests.browser.colleagues import NARROW, Person
from tests.browser.test_every_page import SIDEWAYS, violations
from tests.publishing.making import ID, REASON, agreed_and_published, write_rules
from tests.staff.actors import STEP, Staff
from tests.staff.test_rules_pages import LIGHTER, NEXT, kept

pytestmark = pytest.mark.browser


@pytest.fixture
def app(make_app: Any, tmp_path: Path) -> Flask:
    """A service whose next version is lighter than the one that patients have."""
    made: Flask = make_app(rules=write_rules(tmp_path / "rules").parent)
    agreed_and_published(service_of(made).engine, tmp_path / "rules" / f"{ID}.yaml")
    write_rules(tmp_path / "rules", NEXT, LIGHTER)
    return made


def test_nothing_is_signed_before_each_quieter_thing_is_ticked_and_the_code_is_right(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    doctor = Person(chromium, address, Staff(app, clock, ("clinician",)), viewport=NARROW)
    doctor.sign_in()
    before = kept(app)
    assert doctor.go(f"/staff/rules/{ID}") == 200
    assert violations(doctor.page) == []
    assert doctor.page.evaluate(SIDEWAYS) <= 0
    clock.forward(seconds=STEP)
    doctor.page.fill("[name=role]", "Consultant")
    doctor.page.fill("[name=code]", doctor.account.code())
    doctor.press()
    assert doctor.page.locator(".govuk-error-summary").count() == 1
    assert kept(app) == before
    doctor.page.check("main input[type=checkbox]")
    doctor.page.fill("main input[name$=-reason]", REASON)
    doctor.page.fill("[name=code]", "000000")
    doctor.press()
    assert kept(app) == before
    assert doctor.page.input_value("main input[name$=-reason]") == REASON
    doctor.page.fill("[name=code]", doctor.account.code())
    doctor.press()
    assert doctor.page.locator(".govuk-error-summary").count() == 0
    assert sorted(kept(app)) == sorted([*before, ("agreed", doctor.account.name)])
    assert doctor.broken == []
