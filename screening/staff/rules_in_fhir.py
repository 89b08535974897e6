"""Flags and indicators as FHIR, for those who agree to them: they hold what clinicians are told."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from screening.accounts.access import CLINICIAN, MANAGER, staff, who_may
from screening.web.fhir_pages import plan_of


@staff.get("/fhir/PlanDefinition/<name>")
@who_may(CLINICIAN, MANAGER)
def rules_in_fhir(name: str) -> ResponseReturnValue:
    """The PlanDefinition of a live treatment."""
    return plan_of(name)
