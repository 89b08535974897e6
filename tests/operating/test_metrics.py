"""What a monitor is told: what is so, on a port of its own, and nothing of a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from screening.operating import metrics
from screening.service.patient import Service
from screening.storage import outbox
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.breaking import missing_table
from tests.cli.test_serve import fetch
from tests.operating.test_deploy import DEPLOY
from tests.sending import sends
from tests.usual import TREATMENT

Told = dict[tuple[str, frozenset[str]], float]
CANARY = "Zyxwvut"


@pytest.fixture
def asks(app: Flask) -> Iterator[Callable[[], str]]:
    """A monitor of the service."""
    server, thread = metrics.listen(0, metrics.DatabaseFigures(service_of(app)))
    yield lambda: fetch(f"http://{metrics.HERE}:{server.server_port}/metrics")
    server.shutdown()
    server.server_close()
    thread.join()


def told(page: str) -> Told:
    """Each figure by its name and the values of its labels."""
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def alerts() -> list[str]:
    """What each asks for."""
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
    return [rule["expr"] for rule in rules]


def test_a_monitor_is_told_how_patients_get_on(app: Flask, asks: Callable[[], str]) -> None:
    before, service = told(asks()), service_of(app)
    fresh = service.fresh_visit(TREATMENT)
    assert fresh is not None
    first = fresh.next_question
    saved = service.save_answers(fresh, {str(first): fresh.rule_set.by_id[str(first)].answers[0].id})
    sends(service)
    app.test_client().get("/nowhere/at/all")
    after = told(asks())

    def more(name: str, *labels: str | None) -> float:
        key = name, frozenset(map(str, labels))
        return after[key] - before.get(key, 0)

    assert more("screening_drafts_begun_total", TREATMENT) == 1
    assert more("screening_requests_sent_total", TREATMENT) == 1
    assert more("screening_questions_passed_total", TREATMENT, first) == 1
    assert more("screening_questions_reached_total", TREATMENT, saved.next_question) == 1
    assert more("screening_answers_total", "none", "4xx") == 1


def test_a_monitor_is_told_what_waits_and_how_long(app: Flask, asks: Callable[[], str], clock: Clock) -> None:
    service = service_of(app)
    sends(service)
    with writing(service.engine) as connection:
        outbox.put(connection, "new_request", now=service.now(), address="a@example.org")
    clock.forward(hours=2)
    found = told(asks())
    assert found["screening_database_up", frozenset()] == 1
    assert sum(number for (name, _), number in found.items() if name == "screening_requests_open") == 1
    two_hours = timedelta(hours=2).total_seconds()
    assert found["screening_outbox_age_seconds", frozenset()] == two_hours
    assert two_hours in {
        number for (name, _), number in found.items() if name == "screening_oldest_request_age_seconds"
    }


def test_nothing_of_a_person_is_told(app: Flask, asks: Callable[[], str]) -> None:
    reference = sends(service_of(app), name=CANARY, what_happened=CANARY)
    app.test_client().get(f"/{CANARY}/{CANARY}?{CANARY}=1", headers={"User-Agent": CANARY})
    page = asks()
    assert reference not in page
    assert CANARY not in page


def test_a_database_that_does_not_answer_is_told_and_counted(app: Flask, asks: Callable[[], str]) -> None:
    before = told(asks())["screening_database_errors_total", frozenset()]
    with missing_table(app, "outbox"):
        found = told(asks())
    assert found["screening_database_up", frozenset()] == 0
    assert found["screening_database_errors_total", frozenset()] == before + 1


@pytest.mark.both_engines
def test_a_table_that_is_not_there_is_told_and_no_failure(engine: Engine, service: Service) -> None:
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO lies_elsewhere"))
    (up,) = metrics.DatabaseFigures(service).collect()
    assert [sample.value for sample in up.samples] == [0]


def test_every_alert_asks_for_figures_that_are_told(app: Flask, asks: Callable[[], str]) -> None:
    sends(service_of(app))
    page = asks()
    known = {name for name, _ in told(page)} | set(re.findall(r"(?m)^# TYPE (\S+)", page))
    asked = {name for asking in alerts() for name in re.findall(r"screening_\w+", asking)}
    assert asked
    assert asked - known == set()


def test_no_alert_waits_for_a_count_of_nought_which_is_not_told_before_the_first() -> None:
    assert [asking for asking in alerts() if re.search(r"_total\b[^=]*== 0", asking)] == []
