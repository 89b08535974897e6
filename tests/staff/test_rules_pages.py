"""A rule set is agreed to at the staff door, with the second factor of that moment; all else is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from screening.core.loading import load
from screening.storage import publications, tables
from screening.storage.database import reading, writing
from screening.storage.verifying import verify
from screening.tracing.trace import sign as fingerprint
from screening.tracing.trace import trace
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.publishing.making import (
    ID,
    PAGE_FILE,
    REASON,
    agreed_and_published,
    codes,
    publish_it,
    write_rules,
)
from tests.staff.actors import STEP, Staff
from tests.staff.desk import body

AT = f"/staff/rules/{ID}"
LIGHTER = ("Check the temperature again.", "Nothing to check.")
NEXT = ("version: 1.0.0", "version: 1.1.0")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one rule set that passes everything."""
    return write_rules(tmp_path / "rules").parent


@pytest.fixture
def app(make_app: Any, rules: Path) -> Flask:
    """A service on it."""
    made: Flask = make_app(rules=rules)
    return made


@pytest.fixture
def doctor(app: Flask, clock: Clock) -> Staff:
    """A clinician who is signed in."""
    return signed_in(app, clock, "clinician")


def test_a_file_that_breaks_meanwhile_is_told_by_its_line_whatever_it_is_called(
    doctor: Staff, rules: Path
) -> None:
    file = (rules / f"{ID}.yaml").rename(rules / "another-name.yaml")
    seen = doctor.go(AT)
    file.write_text(file.read_text().replace("type: choose_one", "type: chose_one", 1))
    page = sign(doctor, seen=seen, typed={"role": "Consultant"})
    assert page.status == 409
    listed = doctor.go("/staff/rules")
    for told in (page.text, listed.text):
        assert re.search(r"another-name\.yaml:\d+: ", told)
        assert str(rules) not in told
    assert "Nothing that was published" not in listed.text  # patients may have a version all the same


def signed_in(app: Flask, clock: Clock, role: str, name: str = "") -> Staff:
    who = Staff(app, clock, (role,), name=name, email=f"{name or role}@clinic.example".replace(" ", ""))
    who.sign_in()
    return who


def sign(
    who: Staff,
    step: str = "agree",
    seen: Page | None = None,
    typed: Mapping[str, str] = MappingProxyType({}),
    rule_set: str = ID,
) -> Page:
    """Fill in the form of the page as it was opened, with what the app shows now."""
    who.clock.forward(seconds=STEP)
    page = seen or who.go(f"/staff/rules/{rule_set}")
    hidden = page.elements("input", name="content")
    content = str(hidden[0]["value"]) if hidden else "none"
    sent = {"csrf_token": who.token(), "content": content, "role": "Consultant", "code": who.code()}
    return Page(
        who.client.post(f"/staff/rules/{rule_set}/{step}", data={**sent, **typed}, follow_redirects=True)
    )


def ticked(page: Page, reason: str = REASON) -> dict[str, str]:
    """Each thing that became quieter, ticked by itself, with a reason."""
    names = [str(box["name"]) for box in page.elements("input", type="checkbox")]
    return dict.fromkeys(names, "yes") | {name.replace("-tick", "-reason"): reason for name in names}


def kept(app: Flask) -> list[tuple[str, str]]:
    with reading(service_of(app).engine) as connection:
        rows = connection.execute(select(tables.sign_offs).order_by(tables.sign_offs.c.at))
        return [(row.part, row.by_name) for row in rows]


def changed_sign_offs(app: Flask) -> list[str]:
    """What the audit says of them; the accounts of tests have no events of their own."""
    with reading(service_of(app).engine) as connection:
        return [fault for fault in verify(connection, ()) if fault.startswith("sign_off")]


def test_a_clinician_agrees_a_second_person_stands_by_it_and_then_it_is_published(
    app: Flask, clock: Clock, doctor: Staff, rules: Path
) -> None:
    engine, file = service_of(app).engine, rules / f"{ID}.yaml"
    assert "Do you have a high temperature?" in body(doctor.go(AT))
    assert sign(doctor).status == 200
    assert kept(app) == [("agreed", doctor.name)]
    assert codes(publish_it(engine, file)) == {"not-seconded"}
    manager = signed_in(app, clock, "manager")
    assert sign(manager, "second").status == 200
    assert publish_it(engine, file).problems == ()
    assert doctor.name in body(manager.go("/staff/rules"))
    with reading(engine) as connection:
        actions = list(connection.scalars(select(tables.events.c.action)))
    assert {"rules_signed", "rules_seconded", "rules_published"} <= set(actions)
    assert changed_sign_offs(app) == []


@pytest.mark.parametrize("code", ["", "000000", "used", "none"])
def test_without_the_code_of_this_moment_nothing_is_signed(app: Flask, doctor: Staff, code: str) -> None:
    used = doctor.code()  # it was used to sign in
    if code == "none":
        with writing(service_of(app).engine) as connection:
            connection.execute(update(tables.people).values(totp_secret=None))
    refused = sign(doctor, typed={"code": used if code == "used" else code})
    assert refused.status == 422
    assert kept(app) == []


def test_what_was_typed_to_sign_comes_back_after_signing_in_without_its_code(
    clock: Clock, doctor: Staff
) -> None:
    page = doctor.go(AT)
    typed = {"csrf_token": page.token, "role": "Consultant in pain medicine", "code": "246810"}
    clock.forward(minutes=16)
    ended = Page(doctor.client.post(f"{AT}/agree", data=typed))
    assert ended.status == 401
    assert ended.elements("a", href=f"/staff/sign-in?next={AT}")
    doctor.comes_in()
    again = doctor.go(AT)
    assert again.value("role") == "Consultant in pain medicine"
    assert "246810" not in again.text


def test_one_code_signs_once(app: Flask, clock: Clock, doctor: Staff) -> None:
    code = {"code": doctor.code(1)}
    assert sign(doctor, typed={"role": "", **code}).status == 422  # a mistake elsewhere does not use it up
    clock.forward(seconds=-STEP)
    assert sign(doctor, typed=code).status == 200
    with writing(service_of(app).engine) as connection:
        connection.execute(delete(tables.sign_offs))
    clock.forward(seconds=-STEP)
    assert sign(doctor, typed=code).status == 422


def test_what_changed_a_second_ago_is_not_signed(app: Flask, doctor: Staff, rules: Path) -> None:
    for change in (
        lambda: write_rules(rules, ("Which thumb hurts?", "Which of your thumbs hurts?")),
        lambda: (rules / f"{ID}.cases.yaml").write_text(
            (rules / f"{ID}.cases.yaml").read_text().replace("The usual", "A usual")
        ),
    ):
        seen = doctor.go(AT)
        change()
        assert sign(doctor, seen=seen).status == 422
    assert kept(app) == []
    assert sign(doctor).status == 200


@pytest.mark.parametrize("role", ["reception", "auditor", "manager"])
def test_only_clinicians_agree(app: Flask, clock: Clock, doctor: Staff, role: str) -> None:
    other = signed_in(app, clock, role)
    assert sign(other, seen=doctor.go(AT)).status == 403
    assert kept(app) == []


def test_nobody_is_their_own_second_person(app: Flask, clock: Clock, doctor: Staff) -> None:
    other = signed_in(app, clock, "clinician", "Kim Other")
    seen = doctor.go(AT)
    assert sign(other, "second", seen).status == 422  # nobody has agreed
    sign(doctor)
    assert sign(doctor, "second", seen).status == 422
    assert sign(other, "agree", seen).status == 422  # agreed already
    assert kept(app) == [("agreed", doctor.name)]
    assert sign(other, "second").status == 200


def test_each_thing_that_became_quieter_is_ticked_by_itself_with_a_reason(
    app: Flask, doctor: Staff, rules: Path
) -> None:
    agreed_and_published(service_of(app).engine, rules / f"{ID}.yaml")
    write_rules(rules, NEXT, LIGHTER, ("Do you have a high temperature?", "Are you hot?"))
    page = doctor.go(AT)
    assert "“clinician: Check the temperature again.” → “clinician: Nothing to check.”" in body(page)
    boxes = ticked(page)
    assert len(boxes) == 4
    one_left_out = {name: text for name, text in boxes.items() if name != next(iter(boxes))}
    for typed in ({}, one_left_out, ticked(page, "."), ticked(page, "ok")):
        assert sign(doctor, typed=typed).status == 422
    before = len(kept(app))
    assert sign(doctor, typed=boxes).status == 200
    assert len(kept(app)) == before + 1


def test_what_cannot_be_published_cannot_be_signed(app: Flask, doctor: Staff, rules: Path) -> None:
    seen = doctor.go(AT)
    (rules / f"{ID}.generated.cases.yaml").write_text((rules / f"{ID}.cases.yaml").read_text())
    assert doctor.go(AT).elements("input", name="content") == []
    assert sign(doctor, seen=seen).status == 422
    (rules / f"{ID}.yaml").write_text("schema: [")
    assert doctor.go(AT).status == 409
    assert sign(doctor, seen=seen).status == 409
    assert doctor.go("/staff/rules").status == 200
    assert doctor.go("/staff/rules/nothing").status == 404
    assert kept(app) == []


def test_a_sign_off_that_was_put_into_the_database_is_found(app: Flask, doctor: Staff) -> None:
    sign(doctor)
    with writing(service_of(app).engine) as connection:
        connection.execute(update(tables.sign_offs).values(by_name="Somebody Else"))
    assert len(changed_sign_offs(app)) == 1
    assert "Somebody Else" not in body(doctor.go(AT))


def test_the_trace_stands_there_statement_by_statement(doctor: Staff, rules: Path) -> None:
    aside = "sections: {who: Who this treatment helps, safety: Safety note}"
    entry = "{section: About us, because: It only says who the clinic is.}"
    page = rules / PAGE_FILE
    file = write_rules(rules, (aside, f"{aside}\n  set_aside: [{entry}]"))
    page.write_text(page.read_text() + "\nAbout us\n\nWe are small. We are kind.\n")
    rule_set = load(file)
    fingerprint(file, rule_set, trace(file, rule_set, page))
    cells = [
        unescape(cell).strip() for cell in re.findall("<td[^>]*>(.*?)</td>", doctor.go(AT).text, re.DOTALL)
    ]
    rows = dict(zip(cells[::2], cells[1::2], strict=True))
    assert "May have an infection in the hand" in rows["“infection”"]
    assert "Thumb pain that wakes the patient" in rows["“wakes you”"]
    (reason,) = (said for at, said in rows.items() if "About us" in at and "2" in at)
    assert "It only says who the clinic is." in reason


def waits(page: Page) -> bool:
    """Whether the page says that somebody else does the next thing."""
    return "govuk-inset-text" in page.text


def test_who_cannot_sign_now_is_told_whom_it_waits_for(
    app: Flask, clock: Clock, doctor: Staff, rules: Path
) -> None:
    manager = signed_in(app, clock, "manager")
    assert waits(manager.go(AT))
    assert not waits(doctor.go(AT))
    sign(doctor)
    assert waits(doctor.go(AT))
    assert not waits(manager.go(AT))
    sign(manager, "second")
    assert waits(doctor.go(AT))
    publish_it(service_of(app).engine, rules / f"{ID}.yaml")
    assert not waits(doctor.go(AT))


@pytest.mark.parametrize(("field", "typed"), [("role", {"role": ""}), ("code", {"code": "000000"})])
def test_what_is_wrong_stands_at_the_field_too(doctor: Staff, field: str, typed: dict[str, str]) -> None:
    (wrong,) = sign(doctor, typed=typed).elements("input", name=field)
    assert f"{field}-error" in str(wrong.get("aria-describedby"))


def test_what_was_recalled_is_not_told_as_what_patients_have(app: Flask, doctor: Staff, rules: Path) -> None:
    agreed_and_published(service_of(app).engine, rules / f"{ID}.yaml")
    write_rules(rules, ("version: 1.0.0", "version: 1.1.0"))
    assert "1.0.0" in body(doctor.go("/staff/rules"))
    with writing(service_of(app).engine) as connection:
        publications.recall(connection, ID, "1.0.0", by="Robin", because="Unsafe.", now=doctor.clock())
    assert "1.0.0" not in body(doctor.go("/staff/rules"))
