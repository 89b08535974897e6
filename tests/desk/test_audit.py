"""Every view of health and every change is in the audit first, and the audit holds no health."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import ProgrammingError

from screening.cli import main
from screening.core.errors import Refused, Unavailable
from screening.desk import audit, clinician, opened_request, outgoing, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Person
from screening.service import audit_head
from screening.service.patient import Service
from screening.service.recording import record
from screening.storage import joins, tables
from screening.storage.database import reading, writing
from tests.actors import Clock

from .making import AUDREY, CLARA, MANU, RITA, ROB, TWO_FLAGS, WHY, clear, events, send

CANARY = "quince-canary-0042"


def test_each_view_of_health_is_in_the_audit(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    clinician.review(desk, CLARA, reference)
    outgoing.letter(desk, CLARA, reference)
    outgoing.export(desk, CLARA, "json", references=[reference], reason=WHY)
    opened_request.request(desk, RITA, reference)
    lines = [(one.actor_name, one.action, one.origin) for one in events(desk)]
    assert lines == [
        ("", "received", ""),
        ("Clara", "health_read", "192.0.2.7"),
        ("Clara", "letter_made", "192.0.2.7"),
        ("Clara", "exported", "192.0.2.7"),
        ("Rita", "contact_read", "192.0.2.7"),
    ]
    assert events(desk)[3].details["requests"] == [reference]


def test_what_cannot_be_written_down_is_not_shown(desk: Desk, service: Service, engine: Engine) -> None:
    reference = send(service)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE events"))
    with pytest.raises(ProgrammingError if engine.dialect.name == "postgresql" else Unavailable):
        clinician.review(desk, CLARA, reference)


def test_the_audit_holds_no_word_of_a_patient_and_no_flag(
    desk: Desk, service: Service, engine: Engine
) -> None:
    reference = send(service, **TWO_FLAGS, anything_else=CANARY, name=f"Sam {CANARY}")
    clear(desk, reference)
    queues.queue(desk, RITA, Filters(search=CANARY))
    with reading(engine) as connection:
        kept = repr(connection.execute(tables.events.select()).all()).lower()
    for secret in (CANARY, "pregnancy", "blood", "apixaban"):
        assert secret not in kept


def test_the_head_is_kept_elsewhere_after_each_change(desk: Desk, service: Service, engine: Engine) -> None:
    reference = send(service)
    reception.write_note(desk, RITA, reference, 1, "note")
    with reading(engine) as connection:
        assert audit_head.kept_heads(desk.settings).latest == joins.all_heads(connection)
    assert audit_head.findings(desk.settings, engine)[0] == []


def test_an_event_of_its_own(desk: Desk) -> None:
    record(desk.service, "sign_in_failed", account="digest")
    assert [one.action for one in events(desk)] == ["sign_in_failed"]


@pytest.mark.parametrize("person", [RITA, CLARA, MANU])
def test_only_auditors_read_the_audit(desk: Desk, person: Person) -> None:
    with pytest.raises(Refused):
        next(audit.events_before(desk, person))


@pytest.mark.both_engines
def test_the_command_line_verifies_and_exports(
    desk: Desk, service: Service, database_url: str, tmp_path: Path, engine: Engine
) -> None:
    reference = send(service)
    reception.write_note(desk, RITA, reference, 1, "note")
    where = {
        "SCREENING_DATABASE_URL": database_url,
        "SCREENING_AUDIT_HEAD": str(desk.settings.audit_head),
        "SCREENING_AUDIT_KEY": str(audit_head.audit_key_file(desk.settings)),
    }
    runner = CliRunner(env=where | {"SCREENING_INSTANCE": str(tmp_path)})
    assert runner.invoke(main, ["audit", "verify"]).exit_code == 0
    out = tmp_path / "events.jsonl"
    assert runner.invoke(main, ["audit", "export", str(out)]).exit_code == 0
    assert len(out.read_text().splitlines()) == 2
    assert out.stat().st_mode & 0o077 == 0  # it names who works here, and whom they read of
    with writing(engine) as connection:
        connection.execute(delete(tables.events))
    assert runner.invoke(main, ["audit", "verify"]).exit_code == 1


def told(desk: Desk, reference: str) -> list[tuple[str, str]]:
    """Who did what, as the page of that request says it."""
    return [(line.who, line.action) for line in audit.history(desk, AUDREY, reference)]


def test_each_way_to_read_a_person_is_on_that_persons_request(desk: Desk, service: Service) -> None:
    reference, other = send(service, name="Anna Example"), send(service, name="Bert Example")
    queues.queue(desk, RITA)
    queues.review_queue(desk, CLARA)
    queues.queue(desk, ROB, Filters(search="Anna"))
    opened_request.request(desk, RITA, reference)
    clinician.review(desk, CLARA, reference, "printed")
    outgoing.letter(desk, CLARA, reference)
    outgoing.export(desk, CLARA, "csv", references=[reference], reason=WHY)
    ways = [
        ("Rita", "queue_read"),
        ("Rob", "searched"),
        ("Rita", "contact_read"),
        ("Clara", "printed"),
        ("Clara", "letter_made"),
        ("Clara", "exported"),
    ]
    assert [line for line in told(desk, reference) if line[1] != "received"] == ways
    assert told(desk, other)[1:] == ways[:1]


def test_why_a_request_is_urgent_is_read_on_its_record(desk: Desk, service: Service) -> None:
    urgent, other = send(service, **TWO_FLAGS), send(service, **TWO_FLAGS)
    reception.mark_urgent(desk, RITA, urgent, 1, "The GP rang")
    queues.review_queue(desk, CLARA)
    assert ("Clara", "urgency_read") in told(desk, urgent)
    assert ("Clara", "urgency_read") not in told(desk, other)


def test_the_line_of_one_request_names_no_other(desk: Desk, service: Service) -> None:
    reference, other = send(service), send(service)
    queues.queue(desk, RITA)
    assert other not in repr(audit.history(desk, AUDREY, reference))


def test_rows_that_load_again_are_told_once_in_a_quarter_of_an_hour(
    desk: Desk, service: Service, clock: Clock
) -> None:
    first = send(service)
    for _ in range(5):
        queues.queue(desk, RITA)
        clock.forward(seconds=10)
    assert told(desk, first).count(("Rita", "queue_read")) == 1
    second = send(service)
    queues.queue(desk, RITA)  # one row more than before
    queues.queue(desk, ROB)  # somebody else
    assert told(desk, first).count(("Rita", "queue_read")) == 1
    assert told(desk, second)[-2:] == [("Rita", "queue_read"), ("Rob", "queue_read")]
    clock.forward(minutes=16)
    queues.queue(desk, RITA)
    assert told(desk, first).count(("Rita", "queue_read")) == 2


def test_what_was_read_while_the_clock_was_fast_keeps_no_later_reading_out_of_the_audit(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = send(service)
    clock.forward(days=3)
    for read in (1, 2):
        queues.queue(desk, RITA)
        assert told(desk, reference).count(("Rita", "queue_read")) == read
        clock.forward(days=-3)


def test_a_search_is_told_each_time(desk: Desk, service: Service) -> None:
    reference = send(service, name="Anna Example")
    for _ in range(2):
        queues.queue(desk, RITA, Filters(search="Anna"))
    assert told(desk, reference)[1:] == [("Rita", "searched")] * 2


def test_what_is_refused_is_on_the_request_with_what_was_tried(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    stale = 1
    reception.write_note(desk, RITA, reference, 1, "note")
    tries = (
        (lambda: clinician.review(desk, RITA, reference), "health_read", "other_roles"),
        (lambda: outgoing.letter(desk, RITA, reference), "letter_made", "other_roles"),
        (lambda: clinician.send_back(desk, RITA, reference, 2, "Book it."), "sent_back", "other_roles"),
        (lambda: reception.mark_urgent(desk, RITA, reference, stale, "pain"), "marked_urgent", "changed"),
        (lambda: opened_request.request(desk, MANU, reference), "contact_read", "other_roles"),
        (lambda: audit.history(desk, MANU, reference), "history_read", "other_roles"),
    )
    for attempt, _, _ in tries:
        with pytest.raises(Refused):
            attempt()
    lines = [line for line in audit.history(desk, AUDREY, reference) if line.action == "refused"]
    assert [(line.details["tried"], line.details["why"]) for line in lines] == [
        (tried, why) for _, tried, why in tries
    ]
    assert audit_head.findings(desk.settings, desk.service.engine)[0] == []
