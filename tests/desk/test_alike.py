"""One person under two spellings: pointed out to both sides, on record, and nothing else."""

from __future__ import annotations

import pytest

from screening.core.errors import Refused
from screening.desk import audit, opened_request
from screening.desk.alike import alike, same_after_all, tell_apart
from screening.desk.desk import Desk
from screening.service.patient import Service

from .making import AUDREY, MANU, RITA, ROB, send, version


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


def pointed_out(desk: Desk, reference: str) -> set[str]:
    return {line.row.reference for line in alike(desk, ROB, reference)}


def parted(desk: Desk, reference: str) -> set[str]:
    return {line.row.reference for line in alike(desk, ROB, reference, parted_too=True) if line.only}


@pytest.mark.parametrize("what", ["person", "matter"])
def test_what_only_looks_alike_is_not_pointed_out_any_more_from_either_side_until_that_is_taken_back(
    desk: Desk, service: Service, what: str
) -> None:
    ada, averi, third = (
        send(service, name=name, birth_date="1961-04-12") for name in ("Ada Avery", "Ada Averi", "Ada Averys")
    )
    tell_apart(desk, RITA, ada, 1, averi, what, "Rang both")
    assert pointed_out(desk, ada) == {third}
    assert pointed_out(desk, averi) == set()
    assert parted(desk, ada) == {averi}
    for reference in (ada, averi):
        found = opened_request.request(desk, RITA, reference)
        assert found.twins == ()  # nothing is merged, and nothing holds the other
        assert [line.entry.reason for line in found.entries] == ["Rang both"]  # type: ignore[attr-defined]
        lines = audit.history(desk, AUDREY, reference)
        assert (RITA.name, "said_unlike") in [(line.who, line.action) for line in lines]
    same_after_all(desk, ROB, averi, version(desk, averi), ada, "It was the married name")
    assert pointed_out(desk, ada) == {averi, third}
    assert pointed_out(desk, averi) == {ada}
    assert parted(desk, ada) == parted(desk, averi) == set()


def test_only_what_looks_alike_can_be_told_apart_and_that_only_once_and_with_a_reason(
    desk: Desk, service: Service
) -> None:
    ada, averi = (send(service, name=name, birth_date="1961-04-12") for name in ("Ada Avery", "Ada Averi"))
    same = send(service, name="Avery Ada", birth_date="1961-04-12")
    stranger = send(service, name="Somebody Else", birth_date="1930-04-12")
    for of, what, reason in (
        (same, "person", "x"), (stranger, "person", "x"), ("ABC-DEF-GHJK", "person", "x"),
        (averi, "animal", "x"), (averi, "person", " "), (ada, "person", "x"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            tell_apart(desk, RITA, ada, 1, of, what, reason)
    with pytest.raises(Refused):
        same_after_all(desk, RITA, ada, 1, averi, "x")
    now = tell_apart(desk, RITA, ada, 1, averi, "person", "x")
    with pytest.raises(Refused):
        tell_apart(desk, RITA, ada, now, averi, "person", "x")
    with pytest.raises(Refused):
        same_after_all(desk, MANU, ada, now, averi, "x")
