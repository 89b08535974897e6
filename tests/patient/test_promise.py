"""What patients are told is what happens: the day is the desk's clock, the sentence the table's setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, template_rendered

from screening.desk.opened_request import request as opened
from screening.service.sending import Promise
from screening.settings.clinic_time import day_of
from screening.web.door import service_of
from tests.actors import Patient
from tests.desk.making import RITA, desk_of


@contextmanager
def promises(app: Flask) -> Iterator[list[Promise]]:
    """The promises that pages were made of."""
    found: list[Promise] = []

    def note(_app: Flask, context: dict[str, Any], **_more: Any) -> None:
        if "promise" in context:
            found.append(context["promise"])

    with template_rendered.connected_to(note, app):
        yield found


def test_every_page_names_the_day_on_which_the_clocks_of_the_desk_run_out(
    app: Flask, patient: Patient
) -> None:
    desk = desk_of(app)
    with promises(app) as told:
        patient.go()
        patient.fill_in()
        reference = patient.reference(patient.send())
        for page in ("request-sent", "your-copy"):
            patient.go(page)
        patient.go("your-copy", save=1)
    due = opened(desk, RITA, reference).row.due_at
    assert due is not None
    assert len(told) >= 5
    assert {promise.by for promise in told} == {day_of(service_of(app).settings, due)}


@pytest.mark.parametrize(("chosen", "every"), [("all", True), ("anything", False)])
def test_who_reads_what_is_said_as_the_setting_in_force_has_it(
    app: Flask, patient: Patient, chosen: str, every: bool
) -> None:
    service = service_of(app)
    settings = service.settings.model_copy(update={"review_requests": chosen})
    object.__setattr__(service.arrival, "settings", settings)
    with promises(app) as told:
        patient.go()
        patient.fill_in()
        reference = patient.reference(patient.send())
    assert {promise.every_request_is_read for promise in told} == {every}
    desk = desk_of(app)
    unread = opened(desk, RITA, reference).row.figures.unread
    assert unread >= 1 if every else unread == 1  # the usual patient says what happened, in own words


def test_what_was_said_when_it_was_sent_stands_after_the_clinic_has_changed_its_days(
    app: Flask, patient: Patient
) -> None:
    service = service_of(app)
    with promises(app) as told:
        patient.go()
        patient.fill_in()
        patient.send()
        longer = service.settings.model_copy(update={"reply_days": 30})
        object.__setattr__(service.arrival, "settings", longer)
        patient.go("request-sent")
        patient.go("your-copy")
    assert len({promise.by for promise in told}) == 1
