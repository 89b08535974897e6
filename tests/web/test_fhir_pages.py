"""Live rule sets are read by other systems; nothing else is, and nobody is followed."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screening.core.errors import Unavailable
from screening.core.loading import load
from screening.exports.fhir.importing import take_in
from screening.exports.fhir.names import HOME
from screening.web.door import service_of
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.core.making import RULES, SHIPPED, refused
from tests.exports.test_fhir_shapes import holds
from tests.staff.actors import Staff
from tests.usual import TREATMENT

FORM, RULES_OF_IT = f"/fhir/Questionnaire/{TREATMENT}", f"/fhir/PlanDefinition/{TREATMENT}"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Of a clinic that publishes its flags too."""
    return make_app(fhir_rules="public")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Another system."""
    return app.test_client()


def test_unless_the_clinic_says_so_the_public_reads_no_words_for_clinicians(
    make_app: MakeApp, clock: Clock
) -> None:
    closed = make_app()
    other = closed.test_client()
    assert [other.get(path).status_code for path in (RULES_OF_IT, f"/staff{RULES_OF_IT}")] == [404, 303]
    found: Any = other.get("/fhir/metadata").json
    assert [each["type"] for each in found["rest"][0]["resource"]] == ["Questionnaire"]
    clinician = Staff(closed, clock, ("clinician",))
    clinician.sign_in()
    rules = clinician.client.get(f"/staff{RULES_OF_IT}")
    assert take_in(other.get(FORM).data, rules.data).rule_set is not None


def test_another_system_reads_the_form_and_its_rules_and_has_the_same_content(client: FlaskClient) -> None:
    form, rules = client.get(FORM), client.get(RULES_OF_IT)
    assert {form.mimetype, rules.mimetype} == {"application/fhir+json"}
    found = take_in(form.data, rules.data)
    assert found.rule_set is not None
    assert found.rule_set.digest == load(SHIPPED).digest


def test_who_has_it_already_is_told_so(client: FlaskClient) -> None:
    for path in (FORM, RULES_OF_IT):
        first = client.get(path)
        assert first.get_etag() == (load(SHIPPED).digest, False)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_form_is_found_by_its_address_and_version(client: FlaskClient) -> None:
    url = client.get(FORM).json["url"]  # type: ignore[index]  # it is a Questionnaire
    version = load(SHIPPED).version
    for query, many in (
        ({"url": url}, 1), ({"url": url, "version": version}, 1), ({"url": f"{url}|{version}"}, 1),
        ({"url": url, "version": "9.9.9"}, 0), ({"url": "https://other.example"}, 0),
    ):  # fmt: skip
        found: Any = client.get("/fhir/Questionnaire", query_string=query).json
        assert (found["type"], found["total"], len(found.get("entry", ()))) == ("searchset", many, many)
        holds(found)


def test_addresses_are_of_this_service_where_the_operator_named_it(make_app: MakeApp) -> None:
    client = make_app(public_address="https://forms.example.org/").test_client()
    form: Any = client.get(FORM).json
    assert form["url"] == f"https://forms.example.org{FORM}"
    assert client.get("/fhir/Questionnaire", query_string={"url": form["url"]}).json["total"] == 1  # type: ignore[index]


def test_what_can_be_asked_for_is_said(client: FlaskClient) -> None:
    found: Any = client.get("/fhir/metadata").json
    holds(found)
    kinds = {
        each["type"]: [code["code"] for code in each["interaction"]] for each in found["rest"][0]["resource"]
    }
    assert kinds == {"Questionnaire": ["read", "search-type"], "PlanDefinition": ["read"]}


@pytest.mark.parametrize(
    "rest", ["Questionnaire/nothing", "PlanDefinition/nothing", "Patient", "Task/1", "", "x/y/z"]
)
def test_nothing_else_is_there_and_that_is_said_in_fhir(client: FlaskClient, rest: str) -> None:
    response = client.get(f"/fhir/{rest}")
    assert (response.status_code, response.mimetype) == (404, "application/fhir+json")
    found: Any = response.json
    assert found["resourceType"] == "OperationOutcome"
    holds(found)


def test_nothing_is_written_here_and_that_is_said_in_fhir(client: FlaskClient) -> None:
    for path in (FORM, "/fhir", "/fhir/QuestionnaireResponse", "/fhir/Questionnaire"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            response = client.open(path, method=method, json={"resourceType": "Questionnaire"})
            assert (response.status_code, response.mimetype) == (404, "application/fhir+json")


def test_what_fails_is_said_in_fhir(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_today: object) -> NoReturn:
        raise Unavailable

    monkeypatch.setattr(service_of(app).library, "live", away)
    response = client.get(FORM)
    assert (response.status_code, response.mimetype) == (503, "application/fhir+json")
    holds(response.json or {})


def test_what_patients_cannot_start_is_not_read(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_of(app).library, "live", lambda _today: [])
    assert client.get(FORM).status_code == client.get(RULES_OF_IT).status_code == 404
    assert client.get("/fhir/Questionnaire").json["total"] == 0  # type: ignore[index]


def test_no_cookie_is_set(client: FlaskClient) -> None:
    for path in (FORM, RULES_OF_IT, "/fhir/Questionnaire", "/fhir/metadata", "/fhir/none"):
        assert "Set-Cookie" not in client.get(path).headers


def test_fhir_is_no_address_of_a_treatment() -> None:
    text = (RULES / "example-knee-injection.yaml").read_text().split("\nuses:")[0]
    problems = refused(text.replace("id: example-knee-injection", "id: fhir", 1))
    assert [problem for problem in problems if '"fhir"' in problem.message]


def test_without_a_name_addresses_answer_nowhere(client: FlaskClient) -> None:
    form: Any = client.get(FORM).json
    assert form["url"].startswith(HOME)
