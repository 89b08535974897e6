"""Every address that a browser opens, by endpoint: what axe-core and the Nu checker are shown.

A page that is in none of these tables fails `tests/web/test_every_page.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask

from screening.core.entries import SPOKEN
from screening.desk import opened_request
from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service_of
from tests.desk.making import CLARA, decide, desk_of
from tests.sending import filled_in, sends
from tests.usual import TREATMENT

FLAGGED = {"blood_thinners": "yes", "which_blood_thinner": ["warfarin"], "kidney_liver": "not_sure"}
BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org"}

# Of the staff door, with a request, another one that looks alike, a question at it, and whoever is signed in.
STAFF: Mapping[str, tuple[str, ...]] = {
    "staff.inbox": ("requests", "requests?status=closed", "requests?after=nothing"),
    "staff.reviews": ("review",),
    "staff.show": ("requests/{reference}",),
    "staff.review": ("requests/{reference}/review",),
    "staff.print_page": ("requests/{reference}/print",),
    "staff.whole_person": ("requests/{reference}/person",),
    "staff.beside": ("requests/{reference}/beside/{other}",),
    "staff.history": ("requests/{reference}/history",),
    "staff.answer": ("requests/{reference}/questions/{question}",),
    "staff.send_question": ("requests/{reference}/questions/{question}/send",),
    "staff.act": (
        *(
            f"requests/{{reference}}/{action}"
            for action in (
                *("note", "message", "call", "hand-over", "identity", "urgent", "duplicate", "close"),
                *("withdraw", "book", "send-back"),  # the last two are refused
            )
        ),
        "requests/{reference}/unlike?of={other}",
    ),
    "staff.appointments": ("appointments",),
    "staff.away_page": ("away",),
    "staff.undelivered": ("undelivered",),
    "staff.exports": ("exports",),
    "staff.entry": ("entry",),
    "staff.entry_start": ("entry/{treatment}",),
    "staff.entry_from_paper": ("entry/{treatment}/from-paper",),
    "staff.people": ("people",),
    "staff.add_person": ("people/add",),
    "staff.person_page": ("people/{person}",),
    "staff.confirm_person": ("people/{person}/confirm/reset-second-factor",),
    "staff.audit_log": ("audit",),
    "staff.rule_sets": ("rules",),
    "staff.rule_set": ("rules/{treatment}",),
    "staff.message_list": ("messages",),
    "staff.message_template": ("messages/new", "messages/question"),
    "staff.ended": ("ended",),
    "staff.account": ("account",),
    "security.change_password": ("change-password",),
    "security.wan_register": ("passkeys",),
    "security.mf_recovery_codes": ("recovery-codes",),
    "security.two_factor_setup": ("set-up-second-factor",),
    "security.verify": ("confirm-password",),
    "": ("nothing",),
}
SIGNING_IN: Mapping[str, tuple[str, ...]] = {
    "security.login": ("sign-in",),
    "security.wan_signin": ("passkey",),
}
HALFWAY: Mapping[str, tuple[str, ...]] = {  # the password was given, the second factor not yet
    "security.two_factor_token_validation": ("second-factor",),
    "security.mf_recovery": ("recovery-code",),
}
LOCKED: Mapping[str, tuple[str, ...]] = {"staff.locked": ("locked",)}
FORM: Mapping[str, tuple[str, ...]] = {  # that is filled in for a patient
    "staff.entry_question": tuple(
        f"entry/{{treatment}}/{{draft}}/{question}" for question in ("name", "pain_where", "blood_thinners")
    ),
    "staff.entry_check": ("entry/{treatment}/{draft}/check-your-answers",),
    "staff.entry_delete": ("entry/{treatment}/{draft}/delete-the-answers",),
    "staff.entry_hand_over": ("entry/{treatment}/{draft}/hand-over",),
    "staff.entry_held": ("entry/{treatment}/{draft}/who-has-it",),
}
PATIENT: Mapping[str, tuple[str, ...]] = {  # kinds of `tests/browser/kinds.py`
    "patient.index": ("index",),
    "patient.privacy": ("privacy",),
    "patient.accessibility": ("accessibility",),
    "patient.start": ("start", "start, coming back", "start, after sending"),
    "patient.urgent": ("get help now",),
    "patient.question": ("radios", "checkboxes", "scale", "text", "long text", "date", "number"),
    "patient.ring_us": ("for who is too young",),
    "patient.check": ("check",),
    "patient.sent": ("sent",),
    "patient.copy": ("copy",),
    "patient.delete": ("delete",),
}
ELSEWHERE: Mapping[str, str] = {  # pages that something must have led to: who shows them to axe-core
    "patient.answer": "tests/browser/test_answering.py",
    "patient.withdrawn": "tests/browser/test_nothing_slips.py",
    "staff.entry_withdrawn": "tests/browser/test_nothing_slips.py",
    "staff.entry_sent": "tests/browser/test_staff_pages.py",
    "staff.many_again": "tests/browser/test_staff_pages.py",
}
NO_PAGE: Mapping[str, str] = {
    "static": "files",
    "staff.home": "leads on",
    "staff.entry_old": "leads on",
    "security.tf_select": "not there",
    "security.two_factor_rescue": "not there",
    "security.wan_delete": "takes what is sent",
    "patient.form": "PDF",
    "staff.letter": "PDF",
    "staff.label": "PDF",
    "staff.appointment": "a calendar's file",
    **dict.fromkeys(("monitoring.health", "monitoring.ready"), "for monitors"),
    **dict.fromkeys(
        ("patient.keep", "staff.time_left", "staff.changed", "staff.looking", "staff.looking_at_rows",
         "staff.entry_looking"), "for the script",
    ),
    **dict.fromkeys(
        ("fhir.nothing_else", "fhir.read_plan", "fhir.search", "fhir.read_questionnaire", "fhir.metadata",
         "staff.rules_in_fhir"), "FHIR",
    ),
}  # fmt: skip
TABLES = (STAFF, SIGNING_IN, HALFWAY, LOCKED, FORM, PATIENT, ELSEWHERE, NO_PAGE)


@dataclass(frozen=True)
class Stage:
    """What has to be there for every page to have something on it."""

    reference: str
    other: str
    question: str
    draft: str
    person: str

    def addresses(self, *tables: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Of the staff door, in the order of the tables."""
        parts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for table in tables:
            for found in table.values():
                yield from (f"/staff/{path.format(treatment=TREATMENT, **parts)}" for path in found)


def stage(app: Flask, person: str, name: str = "Ada Avery", other: str = "Ada Averi") -> Stage:
    """Two requests that look alike, a question that was not put yet, and a form that this person fills in."""
    desk = desk_of(app)
    service = service_of(app)
    reference = sends(service, **FLAGGED, **BY_MAIL, name=name)
    decide(desk, CLARA, reference, 1, "blood_thinners", "ask_patient", question="Which dose?")
    (asked,) = opened_request.request(desk, CLARA, reference).questions
    form = filled_in(service, SPOKEN, by=person, name=name)
    assert isinstance(form.token, DraftToken)
    alike = sends(service, name=other)
    return Stage(reference, alike, asked.id, form.token.public_id, person)
