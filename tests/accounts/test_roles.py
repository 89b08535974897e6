"""Nobody gives themselves a role; one that opens health answers needs a reason, and auditors are told."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import select

from screening.accounts import members
from screening.accounts.members import ShownAccount
from screening.core.errors import Refused
from screening.desk import outgoing
from screening.desk.desk import Desk
from screening.service.delivery import Delivery
from screening.service.patient import Service
from screening.storage import tables
from screening.storage.database import reading
from screening.storage.outbox import Notice
from screening.web.door import service_of
from tests.desk.making import CLARA, WHY, events
from tests.sending import sends
from tests.staff.actors import Staff

MANAGER = ("m1", "Manu")


def added(service: Service, name: str, *roles: str, reason: str = "") -> ShownAccount:
    made = members.add(
        service, MANAGER, email=f"{name}@clinic.example", name=name, roles=roles, reason=reason
    )
    assert made is not None
    return made.member


def mails(service: Service, kind: str) -> list[str]:
    """Who gets such a mail."""
    with reading(service.engine) as connection:
        of_kind = tables.outbox.c.kind == kind
        return sorted(connection.scalars(select(tables.outbox.c.address).where(of_kind)))


@pytest.fixture
def auditors(service: Service) -> list[str]:
    """The addresses of two; a third may not sign in any more."""
    found = [added(service, name, "auditor") for name in ("ann", "bob", "gone")]
    members.set_active(service, MANAGER, found[-1], active=False)
    return [member.email for member in found[:-1]]


@pytest.mark.parametrize("more", [("clinician",), ("auditor",), ("reception", "clinician")])
def test_nobody_gives_themselves_a_role(service: Service, desk: Desk, more: Collection[str]) -> None:
    manager = added(service, "manu", "manager")
    with pytest.raises(Refused, match="own_role"):
        members.set_roles(service, (manager.id, "Manu"), manager, ("manager", *more), "I want to see")
    assert members.find(service, id=manager.id) == manager
    event = events(desk)[-1]
    assert (event.action, event.actor, event.details["tried"]) == ("refused", manager.id, "roles_changed")


def test_a_new_clinician_needs_a_reason_which_the_audit_keeps(service: Service, desk: Desk) -> None:
    member = added(service, "cleo", "reception")
    for reason in ("", "  ", "x" * (members.LONGEST_REASON + 1)):
        with pytest.raises(Refused):
            members.set_roles(service, MANAGER, member, ("clinician",), reason)
        with pytest.raises(Refused):
            added(service, "new", "clinician", reason=reason)
    members.set_roles(service, MANAGER, member, ("clinician",), "Joined as a nurse")
    event = events(desk)[-1]
    assert (event.action, event.details["reason"]) == ("roles_changed", "Joined as a nurse")
    clinician = members.find(service, id=member.id)
    assert clinician is not None
    members.set_roles(
        service, MANAGER, clinician, ("clinician", "reception")
    )  # nothing more to see: no reason


def test_auditors_are_told_of_a_new_clinician_and_of_an_export_without_a_name(
    service: Service, desk: Desk, auditors: list[str]
) -> None:
    added(service, "cleo", "reception")
    assert mails(service, "role_given") == []
    added(service, "cara", "clinician", reason="Joined as a nurse")
    reference = sends(service)
    outgoing.export(desk, CLARA, "csv", reason=WHY)
    for kind in ("role_given", "export_made"):
        assert mails(service, kind) == auditors
        notice = Notice(f"{1:032x}", kind, None, auditors[0], service.now(), 1)
        text = str(Delivery(service, None).message(notice, {"reference": None}))
        for word in ("cara", "Clara", "Manu", "nurse", WHY, reference):
            assert word not in text


def test_auditors_are_told_when_somebody_else_may_get_into_a_clinicians_account(
    service: Service, auditors: list[str]
) -> None:
    cara = added(service, "cara", "clinician", reason="Joined as a nurse")
    rita = added(service, "rita", "reception")
    members.reset(service, MANAGER, rita)
    members.set_active(service, MANAGER, cara, active=False)
    assert mails(service, "account_opened") == []
    (away,) = [member for member in members.everyone(service) if member.id == cara.id]
    for opens in (
        lambda: members.set_active(service, MANAGER, away, active=True),
        lambda: members.reset(service, MANAGER, cara),
        lambda: members.reset_second_factor(service, MANAGER, cara),
    ):
        before = mails(service, "account_opened")
        opens()
        assert mails(service, "account_opened") == sorted(before + auditors)
    text = str(
        Delivery(service, None).message(
            Notice(f"{1:032x}", "account_opened", None, "a@b.example", service.now(), 1), {"reference": None}
        )
    )
    assert "cara" not in text


def test_a_manager_gives_a_role_with_a_reason_on_the_page_and_none_to_themselves(manager: Staff) -> None:
    manager.sign_in()
    other = Staff(manager.app, manager.clock, ("reception",))
    page, reason = f"/staff/people/{other.id}", {"reason": "Joined as a nurse"}
    assert manager.post(page, {"roles": ["clinician"]}).status == 422
    assert manager.post(page, {"roles": ["clinician"]} | reason).status == 200
    own = {"roles": ["manager", "clinician"]} | reason
    assert manager.post(f"/staff/people/{manager.id}", own).status == 422
    new = {"name": "N", "email": "n@clinic.example", "roles": ["clinician"]}
    assert manager.post("/staff/people/add", new).status == 422
    assert manager.post("/staff/people/add", new | reason).status == 200
    roles = {member.name: member.roles for member in members.everyone(service_of(manager.app))}
    assert roles == {other.name: ("clinician",), "N": ("clinician",), manager.name: ("manager",)}
