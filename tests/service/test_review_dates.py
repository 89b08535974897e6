"""Managers and clinicians are told that a rule set is to be reviewed: before its day, and after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from screening.service.delivery import Delivery
from screening.service.library import Library
from screening.service.patient import Service
from screening.storage import publications
from screening.storage.database import writing
from tests.actors import Clock
from tests.publishing.making import ID, NOW, write_rules

from .conftest import Inbox

MANAGER, CLINICIANS = "manager@example.org", "clinicians@example.org"


def told(inbox: Inbox, address: str) -> int:
    """How many notices of review dates it got."""
    return sum("rule set" in mail.get_content() for mail in inbox.to(address))


def reviewed_by(delivery: Any, serve: Any, tmp_path: Path, day: str) -> Delivery:
    """Sends for a service with one rule set to be reviewed by this day."""
    write_rules(tmp_path / "own-rules", ("status: live", f"status: live\nreview_by: {day}"))
    made: Delivery = delivery(serve(), mail_managers=MANAGER)
    made.service.library = Library(tmp_path / "own-rules", made.service.engine)
    made.service.library.load(NOW)
    return made


def test_each_address_is_told_before_the_day_after_it_and_each_month_from_then_on(
    serve: Any, delivery: Any, inbox: Inbox, clock: Clock, tmp_path: Path
) -> None:
    clock.now = datetime(2026, 10, 1, 11, tzinfo=UTC)
    to_send = reviewed_by(delivery, serve, tmp_path, "2026-11-30")
    days: list[int] = []
    for _day in range(100):
        before = told(inbox, MANAGER)
        to_send.run()
        to_send.run()
        if told(inbox, MANAGER) > before:
            days.append((clock.now - datetime(2026, 11, 30, 11, tzinfo=UTC)) // timedelta(days=1))
        assert told(inbox, MANAGER) - before in (0, 1)
        clock.forward(days=1)
    assert days == [-28, -7, 1, 31]  # 30 days before it is a Saturday
    assert told(inbox, CLINICIANS) == 4


def test_nobody_is_told_at_night(
    serve: Any, delivery: Any, inbox: Inbox, clock: Clock, tmp_path: Path
) -> None:
    to_send = reviewed_by(delivery, serve, tmp_path, "2026-11-30")
    clock.now = datetime(2026, 10, 31, 0, 1, tzinfo=UTC)  # a Saturday
    while told(inbox, MANAGER) == 0:
        to_send.run()
        clock.forward(hours=1)
    assert clock.now - timedelta(hours=1) == datetime(2026, 11, 2, 9, 1, tzinfo=UTC)


def test_nobody_is_told_of_a_version_that_was_taken_back(
    serve: Any, delivery: Any, inbox: Inbox, clock: Clock, service: Service, tmp_path: Path
) -> None:
    clock.now = datetime(2026, 12, 24, 11, tzinfo=UTC)
    to_send = reviewed_by(delivery, serve, tmp_path, "2026-11-30")
    with writing(service.engine) as connection:
        publications.recall(connection, ID, "1.0.0", by="Robin", because="Unsafe", now=NOW)
    to_send.service.library.load(NOW)
    to_send.run()
    assert told(inbox, MANAGER) == 0
