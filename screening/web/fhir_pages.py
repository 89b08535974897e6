"""The live rule sets for systems that speak FHIR R4: read, and found by address. Nothing about a patient.

What writes them (`rules_in_fhir`) is loaded when somebody asks.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from screening import __version__
from screening.core.outlines import Outline
from screening.core.serialising import Plain
from screening.web import failures
from screening.web.door import service

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")

MEDIA_TYPE = "application/fhir+json"


@fhir.get("/Questionnaire/<name>")
def read_questionnaire(name: str) -> Response:
    """What a live treatment asks."""
    return _read(name, with_rules=False)


@fhir.get("/PlanDefinition/<name>")
def read_plan(name: str) -> Response:
    """The flags and indicators of a live treatment, where the clinic publishes them."""
    return plan_of(name) if _rules_are_public() else nothing_else()


def plan_of(name: str) -> Response:
    """The PlanDefinition, for whoever may see it: it holds what clinicians and reception are told."""
    return _read(name, with_rules=True)


@fhir.get("/Questionnaire")
def search() -> Response:
    """Those of an address, and of a version: `?url=...&version=...`; all without."""
    from screening.web.rules_in_fhir import address, base, form, written

    url, _, pinned = request.args.get("url", "").partition("|")
    version = request.args.get("version", pinned)
    wanted = [
        each
        for each in service().treatments()
        if url in ("", address(each, "Questionnaire", base())) and version in ("", each.version)
    ]
    entries = [
        {"fullUrl": address(each, "Questionnaire", base()), "resource": found}
        for each in wanted
        if (found := written(each, form)) is not None
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return _answer({**bundle, **({"entry": entries} if entries else {})})


@fhir.get("/metadata")
def metadata() -> Response:
    """What can be asked for here."""
    from screening.web.rules_in_fhir import base

    by_url = [{"name": "url", "type": "uri"}, {"name": "version", "type": "token"}]
    asked = {"type": "Questionnaire", "interaction": [{"code": "read"}, {"code": "search-type"}]}
    resources = [{**asked, "searchParam": by_url}]
    if _rules_are_public():
        resources.append({"type": "PlanDefinition", "interaction": [{"code": "read"}]})
    return _answer(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": service().today().isoformat(),
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "format": [MEDIA_TYPE],
            "software": {"name": "screening", "version": __version__},
            "implementation": {"description": service().settings.clinic_name, "url": base()},
            "rest": [{"mode": "server", "resource": resources}],
        }
    )


@fhir.get("")
@fhir.get("/")
@fhir.get("/<path:_rest>")
def nothing_else(_rest: str = "") -> Response:
    """No requests, and nothing about patients."""
    what = "Questionnaires and PlanDefinitions" if _rules_are_public() else "Questionnaires"
    return _outcome("not-supported", f"Live {what} are read here, and nothing else.")


def _failed(status: int) -> Response:
    """Whatever is asked in another way than above: nothing is written here, so there is nothing else."""
    if status == 429 or status >= 500:
        return _outcome("transient", "Try again later.", status)
    return nothing_else()


failures.machines["/fhir"] = _failed


def _rules_are_public() -> bool:
    return service().settings.fhir_rules == "public"


def _read(name: str, *, with_rules: bool) -> Response:
    from screening.web.rules_in_fhir import both, form, resource_id, written

    live = service().treatments()
    rule_set = next((each for each in live if name in (each.id, resource_id(each.id))), None)
    if rule_set is None:
        return _outcome("not-found", "No live treatment has this id.")
    if rule_set.digest in request.if_none_match:
        return _tagged(Response(status=304), rule_set)
    found = written(rule_set, both if with_rules else form)
    if found is None:
        return _outcome("not-supported", "This treatment has no place in FHIR.")
    return _tagged(_answer(found), rule_set)


def _tagged(response: Response, rule_set: Outline) -> Response:
    response.set_etag(rule_set.digest)
    response.headers["Cache-Control"] = "no-cache"  # kept, and asked again each time
    return response


def _outcome(code: str, words: str, status: int = 404) -> Response:
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return _answer({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def _answer(found: Plain, status: int = 200) -> Response:
    from screening.web.rules_in_fhir import as_json

    return Response(as_json(found), status, content_type=f"{MEDIA_TYPE}; charset=utf-8")
