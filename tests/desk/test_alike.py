"""One person under two spellings: pointed out to both sides, on record, and nothing else."""

from __future__ import annotations

import pytest

from screening.core.errors import Refused
from screening.desk import audit, opened_request
from screening.desk.alike import alike
from screening.desk.desk import Desk
from screening.service.patient import Service

from .making import AUDREY, MANU, RITA, ROB, send


def test_requests_of_nearly_the_same_person_are_pointed_out_and_whose_they_are_is_on_record(
    desk: Desk, service: Service
) -> None:
    first = send(service, name="Ada Avery", birth_date="1961-04-12")
    titled = send(service, name="Mrs Ada Avery", birth_date="1961-04-12")
    misspelt = send(service, name="Ada Averi", birth_date="1961-04-12")
    misborn = send(service, name="Ada Avery", birth_date="1961-04-13")
    same = send(service, name="AVERY ADA", birth_date="1961-04-12")
    send(service, name="Somebody Else", birth_date="1961-04-12")
    found = {line.row.reference: line.apart for line in alike(desk, RITA, first)}
    assert found == {titled: "title", misspelt: "letter", misborn: "digit"}
    assert {line.row.reference for line in alike(desk, RITA, titled)} == {first, same, misspelt, misborn}
    assert [twin.reference for twin in opened_request.request(desk, RITA, first).twins] == [same]
    alike(desk, ROB, first)
    lines = audit.history(desk, AUDREY, misspelt)
    assert (ROB.name, "queue_read") in [(line.who, line.action) for line in lines]
    with pytest.raises(Refused):
        alike(desk, MANU, first)
