"""Who may, said a second time, as docs/desk.md says it: a page that is for one role more is noticed.

That each page keeps to what it declares, `test_access.py` tries; of other clinics, `tests/web/test_sites.py`.
"""

from __future__ import annotations

import pytest
from flask import Flask

from screening.accounts import access
from screening.accounts.access import ANYBODY, AUDITOR, CLINICIAN, HALFWAY, MANAGER, RECEPTION
from screening.core.workflow import BY_NAME
from screening.staff.actions import ACTIONS
from tests.accounts.test_access import staff_rules
from tests.desk.making import desk_of, review_flags, version
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, decide

MEMBERS = (RECEPTION, CLINICIAN, MANAGER, AUDITOR)
MAY: dict[tuple[str, ...], str] = {  # roles -> endpoints
    (ANYBODY,): "ended security.login security.logout security.wan_signin security.wan_signin_response",
    (HALFWAY,): "security.mf_recovery",
    (HALFWAY, *MEMBERS): "security.two_factor_setup security.two_factor_token_validation",
    MEMBERS: """
        account home keep_words lock locked stay time_left security.change_password security.mf_recovery_codes
        security.verify security.wan_delete security.wan_register security.wan_register_response""",
    (RECEPTION, CLINICIAN): """
        act answer appointment appointments away_page back beside changed do_many entry entry_check
        entry_delete entry_from_paper entry_hand_over entry_held entry_left entry_looking entry_old
        entry_question entry_sent entry_start entry_withdrawn find inbox label labels left looking
        looking_at_rows many_again send_question show undelivered whole_person""",
    (RECEPTION, CLINICIAN, AUDITOR): "history",
    (RECEPTION, CLINICIAN, MANAGER): "exports",  # each format says for itself who may have it
    (CLINICIAN,): "agree_to_rules letter print_page review reviews",
    (CLINICIAN, MANAGER): "rule_set rule_sets rules_in_fhir second_rules",
    (MANAGER,): """
        add_person confirm_person disable_person enable_person message_list message_template people
        person_page reset_person reset_second_factor set_clinics set_team""",
    (AUDITOR,): "audit_log export_audit verify_audit",
    (): "security.tf_select security.two_factor_rescue security.two_factor_setup_validate",
}
OF_CLINICIANS = {"send-back", "back-to-review"}  # actions; to decide is a page of its own


def test_each_page_of_the_door_is_for_whom_this_table_says(app: Flask) -> None:
    said = {name: frozenset(roles) for roles, names in MAY.items() for name in names.split()}
    endpoints = {rule.endpoint for rule in staff_rules(app)}
    declared = {name.removeprefix("staff."): access.declared(app, name) for name in endpoints}
    assert declared == said


def test_each_action_is_for_whom_this_table_says() -> None:
    alone = {name for name, one in ACTIONS.items() if all(RECEPTION not in BY_NAME[m].who for m in one.moves)}
    assert alone == OF_CLINICIANS


@pytest.mark.parametrize("action", sorted(OF_CLINICIANS))
def test_what_clinicians_do_is_not_done_by_a_form_that_reception_made(
    app: Flask, reception: Staff, clinician: Staff, action: str
) -> None:
    for who in (reception, clinician):
        who.comes_in()
    reference = arrives(app, **TWO_FLAGS)
    for flag in review_flags(desk_of(app), reference):
        decide(clinician, reference, flag, "proceed")
    if action == "back-to-review":
        assert clinician.post(at(reference, "send-back"), _form(app, reference)).status == 200
    sent = _form(app, reference)
    assert reception.post(at(reference, action), sent).status == 409
    assert _form(app, reference) == sent
    assert clinician.post(at(reference, action), sent).status == 200
    assert _form(app, reference) != sent


def _form(app: Flask, reference: str) -> dict[str, str]:
    return {"version": str(version(desk_of(app), reference)), "next_step": "Book it"}
