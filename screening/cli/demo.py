"""A service to try out: one account of each role, and a day of what patients and staff might have done."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from flask_security import Totp
from sqlalchemy import select

from screening.accounts import passwords
from screening.accounts.access import StaffPerson
from screening.accounts.second_factors import totp_secrets
from screening.accounts.security import issuer
from screening.cli.demo_work import DemoStaff, do_the_work, service_at
from screening.core.errors import NotReady
from screening.core.journey import walk
from screening.core.rules import Question
from screening.core.stored import Stored
from screening.core.workflow import ROLES
from screening.service.patient import Service
from screening.service.recording import recording
from screening.settings import PREFIX, Settings
from screening.storage import people
from screening.storage.database import reading
from screening.storage.files import PRIVATE, write_whole
from screening.storage.tables import requests
from screening.web.door import service_of

INSTANCE = Path("instance-demo")
PLACES, USUAL_TIMES = "Room 7; Room 2", "09:00, 09:40, 10:20, 11:00, 11:40, 13:30, 14:10, 14:50, 15:30"
ACCOUNTS = "demo-accounts.json"  # in the instance folder: a second start tells the same passwords
DOMAIN = "demo.example"
NO_TRIAL = (
    "Made-up requests are for a trial alone, and SCREENING_TRIAL=false: "
    "set it to true, and SCREENING_INSTANCE and SCREENING_DATABASE_URL to a place for trying out."
)
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
NAMES = {
    "reception": "Robin Reed",
    "clinician": "Dr Casey Lane",
    "manager": "Morgan Hale",
    "auditor": "Alex Frost",
}


class DemoAccount(NamedTuple):
    """Whom somebody may sign in as; `totp_secret` is in base32, as people type it."""

    role: str
    email: str
    password: str
    totp_secret: str


def given() -> dict[str, str | Path]:
    """What a demo sets where whoever starts it does not: its folder, and what is offered when booking."""
    usual: dict[str, str | Path] = {"instance": INSTANCE, "places": PLACES, "usual_times": USUAL_TIMES}
    return {name: value for name, value in usual.items() if not os.environ.get(f"{PREFIX}{name.upper()}")}


def check(settings: Settings) -> None:
    """Everybody who reaches a demo may sign in to it. Raises NotReady."""
    if settings.host not in LOCAL:
        raise NotReady("A demo tells its passwords, so it is for this machine alone: use --host 127.0.0.1.")
    if settings.proxies or settings.public_address:
        raise NotReady(
            "A demo tells its passwords, so it is for this machine alone, not behind a proxy: "
            "unset SCREENING_PROXIES and SCREENING_PUBLIC_ADDRESS."
        )
    if settings.database_url:
        raise NotReady("A demo keeps a database of its own: unset SCREENING_DATABASE_URL.")
    if not settings.trial:
        raise NotReady(NO_TRIAL)


def prepare(app: Flask, copy_to: Path | None = None, *, day: bool = True) -> list[DemoAccount]:
    """Make what is missing; the accounts, of which `copy_to` gets a copy. Raises NotReady, Unavailable.

    `day`: with a day's work of other requests, too.
    """
    service, accounts = service_of(app), accounts_of(app)
    if not _has_requests(service):
        if day:
            do_the_work(app.extensions["desk"], demo_staff(service), send, USUAL)
        _send_all(service)
    if copy_to is not None:
        _write(copy_to, accounts)
    return accounts


def accounts_of(app: Flask) -> list[DemoAccount]:
    """One of each role, made where there is none yet. Raises NotReady, Unavailable."""
    service = service_of(app)
    file = service.settings.instance / ACCOUNTS
    kept = json.loads(file.read_text()) if file.exists() else []
    accounts = [DemoAccount(**account) for account in kept]
    if not accounts:
        refuse_real_requests(service)
        accounts = [_account(service, str(app.secret_key), role) for role in ROLES]
        _write(file, accounts)
    return accounts


def refuse_real_requests(service: Service) -> None:
    """Requests count as made up where the only people are the demo's. Raises NotReady."""
    with reading(service.engine) as connection:
        staff = people.everyone(connection)
    if (not staff and _has_requests(service)) or not all(
        member.email.endswith(f"@{DOMAIN}") for member in staff
    ):
        raise NotReady(
            "People work in this database, or sent requests to it: nothing made up goes among them. "
            "Set SCREENING_INSTANCE, and SCREENING_DATABASE_URL where you use it, to another place."
        )


def _account(service: Service, key: str, role: str) -> DemoAccount:
    factory = Totp(totp_secrets(key), issuer(service.settings.clinic_name))
    secret, password = factory.generate_totp_secret(), passwords.draw()
    email, hashed = f"{role}@{DOMAIN}", passwords.hash_password(password)
    with recording(service) as recorder:
        connection = recorder.connection
        made = people.add(
            connection,
            email=email,
            name=NAMES[role],
            roles=(role,),
            password=hashed,
            now=service.now(),
            totp_secret=secret,
        )
        found = people.find(connection, email=email)
        if made is None and found is not None:  # from a start that was cut short
            people.change(connection, found.id, {"password": hashed, "totp_secret": secret}, service.now())
        recorder.note("account_added", roles=[role])
    bare = factory.get_totp_b32_key(secret)
    return DemoAccount(role, email, password, bare)


def _write(file: Path, accounts: list[DemoAccount]) -> None:
    """For its owner alone, whatever was there before."""
    content = json.dumps([account._asdict() for account in accounts], indent=2)
    try:
        write_whole(file, f"{content}\n".encode(), PRIVATE)
    except OSError as error:
        raise NotReady(f"{file}: cannot be written ({error.strerror}).") from None


def _has_requests(service: Service) -> bool:
    with reading(service.engine) as connection:
        return connection.execute(select(requests.c.reference).limit(1)).first() is not None


# Requests. What is not named here is answered with "no", "none" or the first answer.

USUAL: Stored = {
    "pregnancy": "does_not_apply",
    "someone_home": "yes",
    "pain_where": ["foot"],
    "side": "left",
    "how_long": "years_1_to_5",
    "severity": 6,
    "burning": "yes",
    "sensitivity": ["touch"],
    "tried": ["painkillers"],
    "helped": "a_little",
    "limits": ["walking"],
    "for_whom": "me",
    "reach_by": ["phone"],
    "leave_message": "yes",
}
# Hours ago, and what was said. The numbers are from the range kept for fiction.
_PATIENTS: tuple[tuple[int, Stored], ...] = (
    (
        50,
        {
            "name": "Jordan Avery",
            "birth_date": "1961-04-12",
            "phone": "020 7946 0101",
            "reach_when": ["morning"],
        },
    ),
    (
        29,
        {
            "name": "Priya Nair",
            "birth_date": "1974-09-30",
            "phone": "020 7946 0102",
            "blood_thinners": "yes",
            "which_blood_thinner": ["apixaban"],
            "diabetes": "yes",
            "diabetes_treatment": ["tablets"],
            "anything_else": "The pain is worst at night.",
        },
    ),
    (
        26,
        {
            "name": "Tomasz Zielinski",
            "birth_date": "1958-01-07",
            "phone": "020 7946 0103",
            "allergies": "yes",
            "allergy_kinds": ["latex"],
            "allergy_words": "Rash from gloves",
            "needs": ["interpreter"],
        },
    ),
    (
        20,
        {
            "name": "Grace Oduya",
            "birth_date": "1989-11-23",
            "phone": "020 7946 0104",
            "pregnancy": "not_sure",
            "infection": "not_sure",
            "reach_when": ["evening"],
        },
    ),
    (
        5,
        {
            "name": "Elin Hughes",
            "birth_date": "1946-06-15",
            "phone": "020 7946 0105",
            "for_whom": "someone_else",
            "representative_name": "Dylan Hughes",
            "representative_relationship": "Son",
            "blood_thinners": "not_sure",
            "needs": ["step_free", "hearing"],
            "someone_home": "no",
        },
    ),
    (1, {"name": "Sam Whitlock", "birth_date": "1983-02-28", "phone": "020 7946 0106", "severity": 8}),
)


def demo_staff(service: Service) -> DemoStaff:
    found = {}
    with reading(service.engine) as connection:
        for role in ("reception", "clinician"):
            member = people.find(connection, email=f"{role}@{DOMAIN}")
            if member is None:
                raise NotReady("The demo's accounts are gone: delete its folder.")
            found[role] = StaffPerson(member.id, member.name, member.email, frozenset(member.roles))
    return DemoStaff(found["reception"], found["clinician"])


def _send_all(service: Service) -> None:
    offered = service.treatments()
    for number, (hours, said) in enumerate(_PATIENTS):
        then = service.now() - timedelta(hours=hours)
        send(service_at(service, then), offered[-1 - number % len(offered)].id, {**USUAL, **said})


def send(at: Service, treatment: str, said: Stored) -> str:
    """What a patient answers on their way, kept at once and sent. Raises NotReady."""
    visit, answers = at.fresh_visit(treatment), dict[str, Any]()
    if visit is None:
        raise NotReady(f"The demo finds no treatment {treatment}.")
    while due := walk(visit.rule_set, answers).due:
        asked = visit.rule_set.by_id[due[0]]
        answers[asked.id] = _taken(asked, said)
    sent = at.send(at.save_answers(visit, answers), at.settings.language)
    if sent.reference is None:
        raise NotReady(f"The demo's answers are not enough for {treatment}.")
    return sent.reference


def _taken(question: Question, said: Stored) -> Any:
    """What is said, where the question takes it: rules of somebody else's may ask another by the same id."""
    given = said.get(question.id)
    return given if question.read(given) is not None else _harmless(question)


def _harmless(question: Question) -> Any:
    """An answer that the question takes; where none is needed, words are left out. Raises NotReady."""
    if not question.required and not question.answers:
        return None
    example = question.kind.example(question)
    if question.read(example) is None:
        raise NotReady(f'{question.place}: the demo finds no answer that "{question.id}" takes.')
    return example
