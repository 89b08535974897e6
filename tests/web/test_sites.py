"""The pages of several clinics behind one service: which one an address is of, and who comes in where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screening.accounts.access import ANYBODY, OF_ONES_OWN, declared
from screening.cli.pages_first import takes_password
from screening.core.workflow import ROLES
from screening.desk import opened_request
from screening.storage import people, reading_events
from screening.storage.database import reading, writing
from screening.storage.sites import DEFAULT, at
from screening.storage.tables import drafts, metadata
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.conftest import MakeApp
from tests.desk.making import desk_of
from tests.sending import filled_in, sends
from tests.staff.actors import Staff
from tests.two_sites import NORTH, ONE, TWO, written
from tests.usual import TREATMENT, USUAL

AT_NORTH = f"/at/{NORTH}"
TOKEN = re.compile(r'(name="csrf_token" (?:type="hidden" )?value=")[^"]*')


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path) -> Flask:
    return make_app(sites=written(tmp_path))


@pytest.fixture
def somebody(app: Flask, clock: Clock) -> Staff:
    """With every role, signed in, of the default site alone."""
    made = Staff(app, clock, ROLES, email="everything@clinic.example")
    made.comes_in()
    return made


def works_at(app: Flask, who: Staff, *sites: str) -> None:
    with writing(service_of(app).engine) as connection:
        people.change(connection, who.id, {"sites": frozenset(sites)}, service_of(app).now())
    who.comes_in()


def routes(app: Flask, reference: str, person: str) -> Iterator[tuple[str, str, str]]:
    """Every page of the staff door but those of one's own account: endpoint, method, address."""
    given = {"reference": reference, "treatment": TREATMENT, "question": "pain_where", "flag": "allergies"}
    given |= {"person_id": person, "token": "unknown", "draft": "unknown", "other": reference, "name": "side"}
    given |= {"rule_set_id": TREATMENT, "action": "note"}
    for rule in app.url_map.iter_rules():
        allowed = declared(app, rule.endpoint)
        if not rule.rule.startswith("/staff") or not allowed or ANYBODY in allowed:
            continue
        if rule.endpoint not in OF_ONES_OWN:
            address = rule.build(given, append_unknown=False)
            assert address is not None, rule
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint, method, address[1]


def everything_kept(app: Flask) -> dict[str, list[object]]:
    aside = {"events", "event_requests", "event_head", "event_joins", "staff_sessions", "people"}
    with reading(service_of(app).engine) as connection:
        tables = (table for table in metadata.sorted_tables if table.name not in aside)
        return {table.name: [tuple(row) for row in connection.execute(table.select())] for table in tables}


def test_who_does_not_work_at_a_clinic_is_refused_each_of_its_pages(app: Flask, somebody: Staff) -> None:
    with at(NORTH):
        reference = sends(service_of(app))
    before, tried = everything_kept(app), list(routes(app, reference, somebody.id))
    token = somebody.token()
    assert len(tried) >= 60
    for endpoint, method, path in tried:
        typed = {"csrf_token": token} if method == "POST" else None
        answer = somebody.client.open(AT_NORTH + path, method=method, data=typed)
        assert answer.status_code == 403, (endpoint, method)
        assert reference not in answer.text.replace(path, "")
        assert USUAL["name"] not in answer.text
    assert everything_kept(app) == before
    with reading(service_of(app).engine) as connection:
        told = list(reading_events.since(connection, 0))
    refused = {event.details["tried"] for event in told if event.details.get("why") == "other_site"}
    assert refused >= {"inbox", "show", "review", "act", "people", "audit_log"}


def test_no_page_of_one_clinic_shows_a_patient_of_another(app: Flask, somebody: Staff) -> None:
    with at(NORTH):
        reference = sends(service_of(app))
        begun = filled_in(service_of(app), by=somebody.id)
    assert begun.draft is not None
    told = {"staff.audit_log", "staff.export_audit", "staff.verify_audit"}  # an auditor's are of all clinics
    for endpoint, method, path in routes(app, reference, somebody.id):
        if method == "GET" and endpoint not in told:
            answer = somebody.client.get(path, query_string={"q": USUAL["name"]})
            assert reference not in answer.text.replace(path, ""), endpoint
            assert USUAL["name"] not in answer.text.replace(f'value="{USUAL["name"]}"', ""), endpoint


def test_a_member_of_staff_signs_in_once_and_goes_to_each_clinic_where_they_work(
    app: Flask, somebody: Staff
) -> None:
    own = somebody.go("/staff/requests")
    assert own.status == 200
    assert not own.elements("a", href=f"{AT_NORTH}/staff")
    works_at(app, somebody, DEFAULT, NORTH)
    for path in ("/staff/requests", f"{AT_NORTH}/staff/requests"):
        page = somebody.go(path)
        assert page.status == 200
        assert page.elements("a", href=f"{AT_NORTH}/staff")
        assert page.elements("a", href="/at/main/staff") or page.elements("a", href="/staff")
    works_at(app, somebody, NORTH)
    refused = somebody.go("/staff/requests")
    assert refused.status == 403
    assert refused.elements("a", href=f"{AT_NORTH}/staff")


def test_what_staff_do_at_a_clinic_stays_below_its_address(app: Flask, somebody: Staff) -> None:
    works_at(app, somebody, NORTH)
    with at(NORTH):
        reference = sends(service_of(app))
    page = somebody.go(f"{AT_NORTH}/staff")
    assert page.path.startswith(AT_NORTH)
    links = [link["href"] for link in page.elements("a") if link["href"].startswith("/")]
    assert all(link.startswith((AT_NORTH, "/at/main")) for link in links)
    noted = somebody.client.post(
        f"{AT_NORTH}/staff/requests/{reference}/note",
        data={"csrf_token": page.token, "version": "1", "note": "Rang"},
    )
    assert (noted.status_code, noted.location) == (303, f"{AT_NORTH}/staff/requests/{reference}?done=note")
    locked = somebody.client.post(f"{AT_NORTH}/staff/lock", data={"csrf_token": page.token})
    assert locked.location.startswith(f"{AT_NORTH}/staff/locked")


def test_typed_words_come_back_at_the_clinic_where_they_were_typed(app: Flask, somebody: Staff) -> None:
    works_at(app, somebody, NORTH)
    with at(NORTH):
        reference = sends(service_of(app))
    path = f"{AT_NORTH}/staff/requests/{reference}/note"
    page = somebody.go(path)
    typed = {"csrf_token": page.token, "version": "1", "note": "Half a sentence", "kept_for": path}
    assert somebody.client.post(f"{AT_NORTH}/staff/keep-words", data=typed).status_code == 204
    assert "Half a sentence" in somebody.go(path).text


def test_a_manager_manages_people_of_their_own_clinics_alone(
    app: Flask, clock: Clock, somebody: Staff
) -> None:
    far = Staff(app, clock, ("reception",), email="far@clinic.example", name="Far Away")
    both = Staff(app, clock, ("reception",), email="both@clinic.example", name="Both Places")
    near = Staff(app, clock, ("reception",), email="near@clinic.example", name="Near By")
    works_at(app, far, NORTH)
    works_at(app, both, DEFAULT, NORTH)
    listed = somebody.go("/staff/people").text
    assert ("Far Away" in listed, "Both Places" in listed, "Near By" in listed) == (False, True, True)
    found = {who.id: somebody.go(f"/staff/people/{who.id}").status for who in (far, both, near)}
    assert found == {far.id: 404, both.id: 404, near.id: 200}
    somebody.post(f"/staff/people/{near.id}/clinics", {"clinics": NORTH})
    assert sites_of(app, near) == {DEFAULT}
    works_at(app, somebody, DEFAULT, NORTH)
    somebody.post(f"/staff/people/{near.id}/clinics", {"clinics": NORTH})
    assert sites_of(app, near) == {NORTH}
    somebody.post(f"/staff/people/{somebody.id}/clinics", {"clinics": "main"})
    assert sites_of(app, somebody) == {DEFAULT, NORTH}


def sites_of(app: Flask, who: Staff) -> frozenset[str]:
    with reading(service_of(app).engine) as connection:
        found = people.find(connection, id=who.id)
    assert found is not None
    return found.sites


def test_nobody_is_handed_a_request_of_a_clinic_where_they_do_not_work(
    app: Flask, clock: Clock, somebody: Staff
) -> None:
    Staff(app, clock, ("reception",), name="Main Person")
    works_at(app, somebody, NORTH)
    with at(NORTH):
        reference = sends(service_of(app))
    assert "Main Person" not in somebody.go(f"{AT_NORTH}/staff/requests/{reference}/hand-over").text


def test_where_the_staff_have_a_process_of_their_own_its_cookie_is_for_their_pages_alone(
    make_app: MakeApp, clock: Clock, tmp_path: Path
) -> None:
    app = make_app(sites=written(tmp_path), doors="staff")
    who = Staff(app, clock, ("reception",))
    works_at(app, who, DEFAULT, NORTH)
    given = who.client.get("/staff/sign-in").headers.getlist("Set-Cookie")
    paths = [re.findall("Path=([^;]*)", cookie)[0] for cookie in given if cookie.startswith("desk=")]
    assert sorted(paths) == sorted(["/staff", "/at/main/staff", f"{AT_NORTH}/staff"])
    who.give_password()
    who.give_code()
    assert who.go(f"{AT_NORTH}/staff/requests").status == 200
    assert who.go("/at/main/staff/requests").status == 200


def test_a_file_that_is_made_while_it_is_sent_holds_what_its_clinic_has(app: Flask, somebody: Staff) -> None:
    works_at(app, somebody, DEFAULT, NORTH)
    with at(NORTH):
        theirs = sends(service_of(app))
    ours = sends(service_of(app))
    asked = {"csrf_token": somebody.token(), "format": "json", "status": "open", "reason": "For the team"}
    for under, here, elsewhere in (("", ours, theirs), (AT_NORTH, theirs, ours)):
        made = somebody.client.post(f"{under}/staff/exports", data=asked)
        assert (here in made.text, elsewhere in made.text) == (True, False)


# Patients


def drafts_at(app: Flask) -> list[str]:
    with reading(service_of(app).engine) as connection:
        return sorted(row.site for row in connection.execute(drafts.select()))


def test_two_tabs_at_two_clinics_keep_two_drafts(app: Flask) -> None:
    browser = Patient(app).client
    first = Patient(app).rule_set.questions[0].id
    for under in ("", AT_NORTH):
        page = Page(browser.get(f"{under}/{TREATMENT}/{first}"))
        typed = Patient(app).typed(first, USUAL[first])
        carried = {field["name"]: field.get("value", "") for field in page.elements("input", type="hidden")}
        answer = browser.post(f"{under}/{TREATMENT}/{first}", data=carried | typed)
        assert answer.status_code == 303
        assert answer.location.startswith(f"{under}/{TREATMENT}/")
    assert drafts_at(app) == [DEFAULT, NORTH]
    browser.post(f"{AT_NORTH}/{TREATMENT}/delete-my-answers", data={"csrf_token": page.token})
    assert drafts_at(app) == [DEFAULT]


def test_a_bare_address_lets_patients_choose_and_an_unknown_one_is_no_page(app: Flask) -> None:
    browser = app.test_client()
    chosen = Page(browser.get("/"))
    assert [link["href"] for link in chosen.elements("a") if "/at/" in link["href"]] == [
        "/at/main/",
        f"{AT_NORTH}/",
    ]
    assert Page(browser.get(f"{AT_NORTH}/")).elements("a", href=f"{AT_NORTH}/{TREATMENT}")
    for path in ("/at/nowhere/", "/at/nowhere/staff", f"/at/nowhere/{TREATMENT}", "/at/"):
        assert browser.get(path).status_code == 404


def test_the_default_clinic_has_the_bare_address_where_the_file_says_so(
    make_app: MakeApp, tmp_path: Path
) -> None:
    browser = make_app(sites=written(tmp_path, f"choose: false\n{TWO}")).test_client()
    assert Page(browser.get("/")).elements("a", href=f"/{TREATMENT}")


def test_a_closed_clinic_begins_nothing_and_loses_nothing(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(sites=written(tmp_path))
    service = service_of(app)
    with at(NORTH):
        reference, draft = sends(service), filled_in(service)
    closed = make_app(sites=written(tmp_path, f"{TWO}    closed: We have moved.\n"))
    browser, again = closed.test_client(), service_of(closed)
    for path in ("/", f"/{TREATMENT}", f"/{TREATMENT}/get-help-now"):
        page = Page(browser.get(AT_NORTH + path))
        assert "We have moved." in page.text
        assert page.elements("a", href="/at/main/")
    assert not Page(browser.get("/")).elements("a", href=f"{AT_NORTH}/")
    token = Page(browser.get(f"/at/main/{TREATMENT}/delete-my-answers")).token
    late = {"csrf_token": token, "answer-what_happened": "Fell off a ladder"}
    assert "Fell off a ladder" in Page(browser.post(f"{AT_NORTH}/{TREATMENT}/side", data=late)).text
    with at(NORTH):
        visit = again.visit(TREATMENT, draft.token)
        assert visit is not None
        assert again.send(visit, "en").reference is not None
        desk = desk_of(closed)
        assert opened_request.request(desk, Desker(), reference).row.reference == reference


class Desker:
    """Somebody at the desk."""

    id, name, roles = "p-desk", "Desk", frozenset({"reception"})


def test_one_clinic_in_a_file_changes_no_page(make_app: MakeApp, clock: Clock, tmp_path: Path) -> None:
    without, with_file = make_app(), make_app(sites=written(tmp_path, ONE))
    reference = sends(service_of(without))
    who = Staff(without, clock, ROLES, email="everything@clinic.example")
    pages = (
        "/",
        f"/{TREATMENT}",
        f"/{TREATMENT}/get-help-now",
        "/privacy",
        "/nothing-here",
        "/staff/sign-in",
    )
    first = Patient(without).rule_set.questions[0].id
    for path in (*pages, f"/{TREATMENT}/{first}"):
        assert told(without, path) == told(with_file, path)
    staff = (
        "/staff/requests",
        "/staff/review",
        f"/staff/requests/{reference}",
        "/staff/people",
        "/staff/away",
    )
    seen: dict[str, list[str]] = {path: [] for path in staff}
    for app in (without, with_file):
        who.app, who.client = app, app.test_client()
        who.comes_in()
        for path in staff:
            seen[path].append(TOKEN.sub(r"\1", who.go(path).text))
    assert all(one == other for one, other in seen.values())


def told(app: Flask, path: str) -> tuple[str, list[tuple[str, str]]]:
    """A page of a browser that was never here, without its tokens."""
    answer = app.test_client().get(path)
    headers = [(name, text) for name, text in answer.headers if name not in ("Set-Cookie", "Content-Length")]
    return TOKEN.sub(r"\1", answer.text), headers


class Posted:
    """As waitress knows a request by its first line."""

    error, command = None, "POST"

    def __init__(self, path: str) -> None:
        self.path = path


def test_passwords_wait_in_their_own_line_at_every_clinic() -> None:
    assert takes_password(Posted(f"{AT_NORTH}/staff/sign-in"))
    assert not takes_password(Posted(f"{AT_NORTH}/staff/requests"))


def test_what_a_monitor_asks_is_at_one_address_which_a_proxy_can_keep_from_strangers(app: Flask) -> None:
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/ready", "/health")] == [200, 200]
    for site in ("main", NORTH):
        assert [client.get(f"/at/{site}{path}").status_code for path in ("/ready", "/health")] == [404, 404]
