"""Few bytes over the line, and no length that tells a secret."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from flask import Flask

from tests.actors import Page, Patient

SMALL: dict[str, Any] = {"Accept-Encoding": "gzip, br"}
FIRST_VISIT, LATER = 30_000, 4_000  # bytes
CANARY = "canary91827"
PAGES = ("", "get-help-now", "for_whom", "medicines", "check-your-answers", "delete-my-answers")


def bytes_of(patient: Patient, path: str) -> int:
    with patient.client.get(path, headers=SMALL) as response:
        return len(response.get_data())


def test_a_first_visit_and_later_pages_are_small(patient: Patient) -> None:
    start = Page(patient.client.get(f"/{patient.treatment}"))
    linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', start.text)
    assert len(linked) == 3
    assert sum(bytes_of(patient, path) for path in (f"/{patient.treatment}", *linked)) < FIRST_VISIT
    patient.fill_in(until="medicines")
    for question in patient.rule_set.questions:
        if patient.go(question.id).name == question.id:
            assert bytes_of(patient, f"/{patient.treatment}/{question.id}") < LATER, question.id
    assert patient.fill_in().name == "check-your-answers"
    assert bytes_of(patient, f"/{patient.treatment}/check-your-answers") < LATER


@pytest.mark.parametrize(("encoding", "opened"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_what_is_compressed_is_the_same_page(
    patient: Patient, encoding: str, opened: Callable[[bytes], bytes]
) -> None:
    small = patient.client.get(f"/{patient.treatment}/get-help-now", headers={"Accept-Encoding": encoding})
    assert small.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in small.headers["Vary"]
    plain = patient.client.get(f"/{patient.treatment}/get-help-now")
    assert opened(small.get_data()) == plain.get_data()


@pytest.mark.parametrize("page", PAGES)
def test_nothing_that_a_stranger_can_send_is_written_into_a_page_that_is_compressed(
    patient: Patient, page: str
) -> None:
    patient.fill_in()
    for query in ("notice", "change", "begin", "save", "draft", CANARY):
        shown = patient.client.get(
            f"/{patient.treatment}/{page}".rstrip("/"),
            query_string={query: CANARY},
            headers={"Referer": f"http://localhost/{CANARY}", "User-Agent": CANARY},
        )
        assert CANARY not in shown.get_data(as_text=True)


def test_answers_to_forms_and_pages_of_staff_are_not_compressed(app: Flask, patient: Patient) -> None:
    patient.fill_in(until="medicines")
    again = patient.post("phone", {"answer": "no"}, follow=True, **SMALL)
    staff = app.test_client().get("/staff/sign-in", headers=SMALL, follow_redirects=True)
    assert "Content-Encoding" not in again.response.headers
    assert "Content-Encoding" not in staff.headers
