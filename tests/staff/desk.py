"""Steps that the tests of the desk share: a request arrives, somebody fills in a form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import Flask

from screening.web.door import service_of
from tests.actors import Page
from tests.sending import sends
from tests.staff.actors import Staff

TWO_FLAGS = {"blood_thinners": "yes", "which_blood_thinner": ["warfarin"], "kidney_liver": "not_sure"}


def arrives(app: Flask, **answers: Any) -> str:
    """A patient has sent a request; its reference."""
    return sends(service_of(app), **answers)


def at(reference: str, page: str = "") -> str:
    """The address of a request's page."""
    return f"/staff/requests/{reference}" + (f"/{page}" if page else "")


def fill(who: Staff, path: str, **typed: Any) -> Page:
    """Open a page with one form, type into it, and send it."""
    return send(who, path, who.go(path), **typed)


def send(who: Staff, path: str, seen: Page, **typed: Any) -> Page:
    """Send a form as it was opened, maybe long ago."""
    token = seen.elements("input", name="csrf_token")[-1]["value"]
    version = seen.elements("input", name="version")[-1]["value"]
    fields = {name.replace("__", "-"): text for name, text in typed.items()}
    sent = {"csrf_token": token, "version": version} | fields
    return Page(who.client.post(path, data=sent, follow_redirects=True))


def decide(who: Staff, reference: str, flag: str, decision: str, **words: str) -> Page:
    """A clinician deals with one item of the review page."""
    path = at(reference, "review")
    typed = {f"{flag}-decision": decision} | {f"{flag}-{name}": text for name, text in words.items()}
    return send(who, path, who.go(path), **typed)


def identify(who: Staff, reference: str) -> Page:
    """Somebody checks who the patient is."""
    return fill(who, at(reference, "identity"), checked="yes", how="name, date of birth, address")


def rows(page: Page) -> list[str]:
    """The references in a queue, in its order."""
    links = [one for one in page.elements("a") if "data-row" in one]
    return [str(link["href"]).split("/")[3] for link in links]


def body(page: Page) -> str:
    """What a person reads: no tags, single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def books(who: Staff, reference: str, day: date) -> Page:
    """Reception books, and checks who it is on the same page."""
    parts = {f"on__{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    path = at(reference, "book")
    return fill(who, path, **parts, place="Room 7", what="consultation", known="y", side="y")
