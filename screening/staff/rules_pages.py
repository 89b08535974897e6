"""Where a rule set is agreed to: what it does, what became quieter, and who stands for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from screening.accounts.access import CLINICIAN, MANAGER, person, staff, who_may
from screening.accounts.forms import has_app, own_code_is_right
from screening.core.errors import Refused, RuleSetError
from screening.core.findings import Problem
from screening.desk import signing
from screening.desk.signing import Agreement, SigningPage
from screening.staff import refusals
from screening.staff.after_sign_in import taken_up
from screening.staff.showing import desk, page
from screening.web.fhir_pages import plan_of
from screening.web.redirects import see_other
from screening.web.words import gettext as _

# Which part of the form a refusal is about.
FIELDS = {"role_missing": "role", "second_factor": "code", "reasons_missing": "things"}


@staff.get("/rules")
@who_may(CLINICIAN, MANAGER)
def rule_sets() -> ResponseReturnValue:
    """All of the folder, and how far each has come."""
    return page("rule_sets", lines=signing.rule_sets_of(desk(), person()), said=_said)


@staff.get("/rules/<rule_set_id>")
@who_may(CLINICIAN, MANAGER)
def rule_set(rule_set_id: str) -> ResponseReturnValue:
    """One rule set as it is now, to read, and to agree to."""
    return _shown(rule_set_id, None)


@staff.post("/rules/<rule_set_id>/agree")
@who_may(CLINICIAN)
def agree_to_rules(rule_set_id: str) -> ResponseReturnValue:
    """A clinician agrees, with the code of their app."""
    return _signed(rule_set_id, signing.agree)


@staff.post("/rules/<rule_set_id>/second")
@who_may(CLINICIAN, MANAGER)
def second_rules(rule_set_id: str) -> ResponseReturnValue:
    """A second person stands by it, with the code of theirs."""
    return _signed(rule_set_id, signing.second)


@staff.get("/fhir/PlanDefinition/<name>")
@who_may(CLINICIAN, MANAGER)
def rules_in_fhir(name: str) -> ResponseReturnValue:
    """Flags and indicators as FHIR, for those who agree to them: they hold what clinicians are told."""
    return plan_of(name)


def _signed(rule_set_id: str, sign: Callable[..., None]) -> ResponseReturnValue:
    typed = request.form
    ticked = {name.removesuffix("-tick") for name in typed if name.endswith("-tick")}
    reasons = {key: typed.get(f"{key}-reason", "").strip() for key in ticked}
    given = Agreement(typed.get("content", ""), typed.get("role", "").strip(), reasons)
    try:
        sign(desk(), person(), rule_set_id, given, partial(own_code_is_right, typed.get("code", "")))
    except Refused as refusal:
        return _shown(rule_set_id, refusal)
    except RuleSetError as error:
        return _broken(error)
    return see_other(url_for("staff.rule_set", rule_set_id=rule_set_id))


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Why it was refused, and which part of the form that is about; empty for the whole page."""

    words: str
    field: str

    @property
    def summary(self) -> list[Mapping[str, str]]:
        """For the box above the page."""
        return [{"text": self.words, **({"href": f"#{self.field}"} if self.field else {})}]


class ThingToTick(NamedTuple):
    """Something that became quieter, what was typed for it, and whether it was ticked."""

    key: str
    about: str
    what: str
    patient: str
    reason: str
    ticked: bool


def _shown(rule_set_id: str, refusal: Refused | None) -> ResponseReturnValue:
    try:
        found = signing.to_sign(desk(), person(), rule_set_id)
    except RuleSetError as error:
        return _broken(error)
    typed = taken_up() or request.form
    mistake = Mistaken(refusals.words(refusal), FIELDS.get(refusal.code, "")) if refusal is not None else None
    shown = page(
        "rule_set",
        found=found,
        rule_set=found.dossier.rule_set,
        things=_things(found, typed),
        step=_step(found),
        waits_for=_waits_for(found),
        mistake=mistake,
        role=typed.get("role", ""),
        has_app=has_app(),
        untraced=signing.untraced(found.dossier.rule_set),
    )
    return shown, 422 if refusal is not None else 200


def _things(found: SigningPage, typed: MultiDict[str, str]) -> list[ThingToTick]:
    return [
        ThingToTick(
            thing.key,
            thing.about,
            thing.what,
            ", ".join(f"{name}: {answer}" for name, answer in (thing.problem.witness or {}).items()),
            typed.get(f"{thing.key}-reason", ""),
            f"{thing.key}-tick" in typed,
        )
        for thing in found.things
    ]


def _step(found: SigningPage) -> str:
    """What this person may do now: agree, second, or nothing; the desk decides again."""
    who, agreed = person(), found.agreed
    if not found.ready or not has_app():
        return ""
    if agreed is None:
        return "agree" if who.has(CLINICIAN) else ""
    return "second" if found.found.seconded is None and agreed.by_id != who.id else ""


def _waits_for(found: SigningPage) -> str:
    """Who does the next thing, in words; empty where this person does, or the author first."""
    if not found.ready or not has_app() or _step(found):
        return ""
    if found.agreed is None:
        return _("A clinician agrees to it first, here. Then a second person stands by it.")
    if found.found.seconded is None:
        return _("You have agreed. Now another clinician, or a manager, stands by it, on this page.")
    if found.published:
        return ""
    return _("Both have signed. Patients have it once it is published: screening rules publish")


def _said(problem: Problem) -> str:
    """As commands tell it, without the folders of the server."""
    place = problem.place
    return f"{Path(place.file).name}:{place.line}: {problem.message} {problem.remedy}"


def _broken(error: RuleSetError) -> ResponseReturnValue:
    why = _("The files of this rule set cannot be used: %(why)s", why=" ".join(map(_said, error.problems)))
    return page("refused", why=why, allowed=[]), 409
