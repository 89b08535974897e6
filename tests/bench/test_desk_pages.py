"""A page of the desk asks the database few things, and no more of them for a longer list."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from screening.desk import reception
from screening.service import library
from screening.web.door import service_of
from tests.conftest import MakeApp
from tests.desk.making import RITA, desk_of
from tests.sending import filled_in
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at

pytestmark = pytest.mark.bench
MOST = 10  # statements of a page
ROWS = 6  # more than a few, for each request costs the test
ADA: dict[str, Any] = {"name": "Ada Avery", "birth_date": "1961-04-12", "phone": "07700 900461"}
SEARCHES = ("Ada Avery", "Ada", "Ada Averie", "12.4.1961", "07700 900461", "0461", "Zzyzx")


@pytest.fixture
def app(make_app: MakeApp, database_url: str) -> Flask:
    """On the engine that the test is for."""
    return make_app(database_url=database_url)


@pytest.fixture
def asked(app: Flask, clinician: Staff, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """How many statements a page takes, once it was opened before, or as it is opened for the first time.

    Without the look at what was published, which one page takes for all of them now and then.
    """
    monkeypatch.setattr(library, "FRESH", inf)
    clinician.comes_in()
    statements: list[str] = []
    event.listen(
        service_of(app).engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_more: statements.append(statement),
    )

    def count(path: str, opened: int = 2) -> int:
        for _time in range(opened):
            statements.clear()
            assert clinician.go(path, follow=False).status == 200
        return sum(not statement.startswith("BEGIN") for statement in statements)

    return count


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/requests?overdue=y", "/staff/review"])
def test_a_list_asks_as_much_for_many_rows_as_for_one(
    app: Flask, asked: Callable[[str], int], path: str
) -> None:
    def marked_urgent() -> None:
        reception.mark_urgent(desk_of(app), RITA, arrives(app, **TWO_FLAGS), 1, "the GP rang")

    marked_urgent()
    few = asked(path)
    for _number in range(ROWS - 1):
        marked_urgent()
    assert asked(path) == few <= MOST


@pytest.mark.parametrize(("page", "most"), [("print", MOST), ("person", 16)])
def test_a_request_is_opened_once_for_its_page(
    app: Flask, asked: Callable[[str], int], page: str, most: int
) -> None:
    assert asked(at(arrives(app, **TWO_FLAGS), page)) <= most


@pytest.mark.both_engines
def test_no_page_of_the_desk_asks_more_than_ten_statements_however_it_was_opened_before(
    app: Flask, clinician: Staff, asked: Callable[..., int]
) -> None:
    first = arrives(app, **TWO_FLAGS, **ADA)
    arrives(app, **ADA)
    arrives(app, **ADA | {"birth_date": "1961-04-13"})  # looks alike
    filled_in(service_of(app), by=clinician.id, **ADA)  # is not sent yet
    reception.mark_urgent(desk_of(app), RITA, first, 1, "the GP rang")
    found = [clinician.post("/staff/requests/find", {"search": words}, follow=False) for words in SEARCHES]
    pages = ["/staff/requests", "/staff/requests?status=all&sort=newest", "/staff/review", at(first)]
    pages += [at(first, "review"), *(page.response.headers["Location"] for page in found)]
    most = {page: max(asked(page, 1), asked(page, 1)) for page in pages}
    assert {page: number for page, number in most.items() if number > MOST} == {}
